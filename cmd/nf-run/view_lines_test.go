package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// writings count how often is written to it, and how much at once.
type writings struct {
	strings.Builder
	writes, most int
}

// Write implements io.Writer.
func (w *writings) Write(text []byte) (int, error) {
	w.writes++
	w.most = max(w.most, len(text))
	return w.Builder.Write(text)
}

func TestWhatHappensTogetherIsWrittenAtOnce(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	events := func(n int) (list []engine.Event) {
		list = append(list, engine.Event{At: at, Run: "r", Payload: &engine.RunCreated{Template: "t"}})
		for i := range n {
			list = append(list, engine.Event{Seq: int64(i), At: at, Run: "r", Payload: &engine.Log{Level: "info", Message: fmt.Sprintf("remark %d", i)}})
		}
		return list
	}
	for name, view := range map[string]func(*writings) engine.BatchObserver{
		"lines":                 func(w *writings) engine.BatchObserver { return newLinesView(w, "") },
		"events":                func(w *writings) engine.BatchObserver { return &eventsView{out: &lines{to: w}} },
		"lines beside a report": func(w *writings) engine.BatchObserver { return &reporting{view: newLinesView(w, "")} },
	} {
		t.Run(name, func(t *testing.T) {
			var one, all writings
			single, together := view(&one), view(&all)
			for _, e := range events(5) {
				single.Event(e)
			}
			if one.writes < 5 {
				t.Errorf("what happens by itself waits: %d writes", one.writes)
			}
			if together.Events(events(5)); all.writes != 1 || all.String() != one.String() {
				t.Errorf("%d writes of\n%s\nwant one of\n%s", all.writes, all.String(), one.String())
			}
			if together.Event(events(1)[1]); all.writes != 2 {
				t.Errorf("what comes after that waits: %d writes", all.writes)
			}
			all = writings{}
			if together.Events(events(5000)); all.most > 2*mostHeld || all.writes > 50 || strings.Count(all.String(), "remark 4999") != 1 {
				t.Errorf("%d writes of at most %d bytes", all.writes, all.most)
			}
		})
	}
}
