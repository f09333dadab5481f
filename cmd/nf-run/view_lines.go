package main

import (
	"fmt"
	"io"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
)

// linesView writes a line for each change of a node's state: for logs, and for
// terminals that cannot move the cursor.
type linesView struct {
	out  io.Writer
	only string // the path of the one node that is told of; empty for all
	run  engine.RunView
	last map[string]string // what was said of each node, by its path
}

func newLinesView(out io.Writer, only string) *linesView {
	return &linesView{out: out, only: only, last: map[string]string{}}
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
