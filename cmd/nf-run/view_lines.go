package main

import (
	"fmt"
	"io"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// linesView writes a line for each change of a node's state: for logs, and for
// terminals that cannot move the cursor.
type linesView struct {
	out io.Writer
	run engine.RunView
	// index finds nodes by their path, last is what was said of each.
	index map[string]int
	last  map[string]string
}

func newLinesView(out io.Writer) *linesView {
	return &linesView{out: out, index: map[string]int{}, last: map[string]string{}}
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
	case *engine.RunCreated:
		for i, n := range p.Nodes {
			v.index[n.Path] = i
		}
	case *engine.RunState:
		v.line(at, p.State, "run "+e.Run, p.Reason)
	case *engine.Log:
		fmt.Fprintf(v.out, "%8s  %-9s  %s\n", duration(at), p.Level, p.Message)
	}
	if e.Node == nil {
		return
	}
	i, ok := v.index[e.Node.Path]
	if !ok {
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
	fmt.Fprintf(v.out, "%8s  %-9s  %s%s\n", duration(at), s, what, remark)
}

// close ends the view.
func (v *linesView) close() {}
