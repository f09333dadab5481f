package engine

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// text is the payload as JSON, as encoding/json writes it by the tags of its fields.
// There are two of them for each node of a run, and encoding/json would read all of
// the input and the output once more, which have just been written.
func (p *NodeAttempt) text() (json.RawMessage, error) {
	w := members{to: make([]byte, 0, 256+len(p.Input)+len(p.Output))}
	w.text("phase", string(p.Phase))
	w.text("state", string(p.State))
	w.number("attempt", p.Attempt)
	if p.MaxAttempts != 0 {
		w.number("maxAttempts", p.MaxAttempts)
	}
	w.raw("input", p.Input)
	w.textIfAny("hash", p.Hash)
	if p.Again {
		w.raw("again", json.RawMessage("true"))
	}
	if p.Lookup != 0 {
		w.number("lookup", p.Lookup)
	}
	w.textIfAny("answer", p.Answer)
	w.textIfAny("action", string(p.Action))
	w.raw("output", p.Output)
	w.textIfAny("subject", p.Subject)
	w.textIfAny("detail", p.Detail)
	w.time("deadline", p.Deadline)
	if p.Error != nil {
		w.value("error", p.Error)
	}
	w.time("nextAttempt", p.NextAttempt)
	if p.Approval != nil {
		w.value("approval", p.Approval)
	}
	return append(w.to, '}'), w.err
}

// members writes the members of an object.
type members struct {
	to  []byte
	err error // the first
}

func (w *members) name(name string) {
	before := byte(',')
	if len(w.to) == 0 {
		before = '{'
	}
	w.to = append(append(append(w.to, before, '"'), name...), '"', ':')
}

func (w *members) value(name string, v any) {
	w.name(name)
	to, err := jsonvalue.Append(w.to, v)
	if err != nil {
		if w.err == nil {
			w.err = err
		}
		return
	}
	w.to = to
}

func (w *members) text(name, text string) { w.value(name, text) }

func (w *members) textIfAny(name, text string) {
	if text != "" {
		w.text(name, text)
	}
}

func (w *members) number(name string, n int) {
	w.name(name)
	w.to = strconv.AppendInt(w.to, int64(n), 10)
}

// raw writes what is JSON already, and nothing where that is empty.
func (w *members) raw(name string, text json.RawMessage) {
	if len(text) > 0 {
		w.name(name)
		w.to = append(w.to, text...)
	}
}

func (w *members) time(name string, t time.Time) {
	if !t.IsZero() {
		w.value(name, t)
	}
}
