package main

import (
	"fmt"
	"io"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
)

// lines are written at once, or many together while they are held.
type lines struct {
	to   io.Writer
	held bool
	text []byte
}

// mostHeld is how much text is held at most, in bytes.
const mostHeld = 64 << 10

// Write implements io.Writer.
func (l *lines) Write(text []byte) (int, error) {
	if !l.held {
		return l.to.Write(text)
	}
	if l.text = append(l.text, text...); len(l.text) > mostHeld {
		l.flush()
	}
	return len(text), nil
}

func (l *lines) hold() { l.held = true }

func (l *lines) release() {
	l.held = false
	l.flush()
}

// flush writes what is held. Nobody may read it any more: a run goes on all the same.
func (l *lines) flush() {
	if len(l.text) > 0 {
		_, _ = l.to.Write(l.text)
		l.text = l.text[:0]
	}
}

// linesView writes a line for each change of a node's state: for logs, and for
// terminals that cannot move the cursor.
type linesView struct {
	out  *lines
	only string // the path of the one node that is told of; empty for all
	run  engine.RunView
	last map[string]string // what was said of each node, by its path
}

func newLinesView(out io.Writer, only string) *linesView {
	return &linesView{out: &lines{to: out}, only: only, last: map[string]string{}}
}

// Events implements engine.BatchObserver.
func (v *linesView) Events(batch []engine.Event) {
	v.out.hold()
	defer v.out.release()
	for _, e := range batch {
		v.Event(e)
	}
}

// Event implements engine.Observer.
func (v *linesView) Event(e engine.Event) {
	v.run.Apply(e)
	at := e.At.Sub(v.run.CreatedAt)
	if e.Run != v.run.ID { // one in front of it in a queue, that this process goes on with
		if p, ok := e.Payload.(*engine.RunState); ok {
			v.line(at, p.State, "run "+e.Run, p.Reason)
		}
		return
	}
	switch p := e.Payload.(type) {
	case *engine.RunState:
		v.line(at, p.State, "run "+e.Run, p.Reason)
	case *engine.Log:
		fmt.Fprintf(v.out, "%8s  %-9s  %s\n", duration(at), p.Level, terminal.Printable(p.Message))
	}
	if e.Node == nil || v.only != "" && e.Node.Path != v.only {
		return
	}
	i := v.run.Position(e.Node.Path)
	if i < 0 {
		return
	}
	n := &v.run.Nodes[i]
	remark := nodeRemark(&v.run, n, e.At)
	if said := string(n.State) + remark; v.last[n.Path] != said {
		v.last[n.Path] = said
		v.line(at, n.State, nodeTitle(n), remark)
	}
}

func (v *linesView) line(at time.Duration, s engine.State, what, remark string) {
	if remark != "" {
		remark = "  (" + remark + ")"
	}
	fmt.Fprintf(v.out, "%8s  %-9s  %s\n", duration(at), s, terminal.Printable(what+remark))
}

// close ends the view.
func (v *linesView) close() {}
