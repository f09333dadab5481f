package main

import (
	"fmt"
	"os"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/telemetry"
)

// traces are what OpenTelemetry is told of a run; nothing where the environment
// asks for none.
type traces struct {
	tracer *telemetry.Tracer
	parent string // the span in which the process was started
}

// traces reads the environment. What is wrong in it keeps no run from starting.
func (c *command) traces() traces {
	out := besideView{c}
	warn := func(text string) { fmt.Fprintf(out, "%s: %s\n", painterFor(c.errOut).yellow("warning"), text) }
	s, err := telemetry.Read(os.Getenv)
	if err != nil {
		warn("no traces: " + err.Error())
	}
	if s == nil {
		return traces{}
	}
	return traces{telemetry.New(s, out, warn), s.Parent}
}

// beside are the observers of a run: a view, and the tracer.
func (t traces) beside(v view) []engine.Observer {
	if t.tracer == nil {
		return []engine.Observer{v}
	}
	return []engine.Observer{v, t.tracer}
}

// close sends the rest. The result of the run has been said by then.
func (t traces) close() {
	if t.tracer != nil {
		t.tracer.Close()
	}
}
