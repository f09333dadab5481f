package lsp

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

// runFacts is what is known of the newest run of an open document. It is read
// from the history through nf-run: when somebody looks at the document for the
// first time, when a run has ended that was started from here, and again when
// somebody looks after a while, for runs that were started elsewhere.
type runFacts struct {
	known atomic.Pointer[analysis.RunFacts]
	// asked is when nf-run was asked last, in nanoseconds of Unix time.
	asked atomic.Int64
}

// look returns the facts that are there and has them brought up to date beside.
func (s *Server) lookAtRuns(v *View, d *Document) *analysis.RunFacts {
	facts := &d.env.runs
	now := time.Now().UnixNano()
	if last := facts.asked.Load(); now-last > int64(s.opts.RunFactsAge) && facts.asked.CompareAndSwap(last, now) {
		s.background("facts of the last run", func(ctx context.Context) error { return s.readRunFacts(ctx, v.settings, d) })
	}
	return facts.known.Load()
}

// readRunFacts asks nf-run for the newest run of a document. Where there is no
// nf-run, no history, no run, there is nothing to say.
func (s *Server) readRunFacts(ctx context.Context, settings *settings, d *Document) error {
	u, err := uri.Parse(d.URI)
	if err != nil || !u.IsFile() || !d.Analysis().IsTemplate() {
		return nil
	}
	// One process at a time, however many documents are open.
	select {
	case s.asking <- struct{}{}:
		defer func() { <-s.asking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	answer, err := settings.output(ctx, "show", "latest", "--of", u.FsPath(), "--json")
	if err != nil {
		s.log.Debug("no facts of a run", "document", d.URI, "error", err)
		return nil
	}
	before := d.env.runs.known.Load()
	facts := d.Analysis().Meet(decodeRunFacts(answer), before)
	d.env.runs.known.Store(facts)
	if facts != nil && (before == nil || before.Run != facts.Run || before.State != facts.State) && s.client.refreshLenses {
		s.refresh(protocol.MethodWorkspaceCodeLensRefresh)
	}
	if len(d.Analysis().Failures(before)) > 0 || len(d.Analysis().Failures(facts)) > 0 {
		s.runErrorsChanged(d)
	}
	return nil
}

// runErrorSource is shown beside what a run has failed with.
const runErrorSource = "nf-run"

// runErrorsChanged has the findings of a document put together and asked for
// again, if they are others by now: what a run has failed with is one of them.
func (s *Server) runErrorsChanged(d *Document) {
	key, changed := keyOf(d.URI), false
	s.update(func(v *View) {
		if open := v.docs[key]; open != nil && open.env == d.env {
			next := open.with(v.configuration)
			if changed = next.report().id != open.report().id; changed {
				v.docs[key] = next
			}
		}
	})
	switch {
	case !changed:
	case !s.client.pullsDiagnostics:
		s.push.now(key)
	case s.client.refreshDiagnostics:
		s.refresh(protocol.MethodWorkspaceDiagnosticRefresh)
	}
}

// runErrors are what the newest run has failed with, as far as it is known.
func (d *Document) runErrors() []protocol.Diagnostic {
	if d.config == nil || d.config.settings.in(keyOf(d.URI)).hidesRunErrors {
		return nil
	}
	var out []protocol.Diagnostic
	for _, f := range d.Analysis().Failures(d.env.runs.known.Load()) {
		out = append(out, protocol.Diagnostic{
			Range:    d.span(f.Range),
			Severity: protocol.DiagnosticSeverityError,
			Source:   protocol.NewOptional(runErrorSource),
			Message:  protocol.String(f.Message),
		})
	}
	return out
}

// decodeRunFacts reads what `nf-run show --json` prints; nil where it is no run.
func decodeRunFacts(text json.RawMessage) *analysis.RunFacts {
	var run struct {
		ID          string    `json:"id"`
		Status      string    `json:"status"`
		CreatedAt   time.Time `json:"createdAt"`
		ConcludedAt time.Time `json:"concludedAt"`
		Nodes       []struct {
			Path      string    `json:"path"`
			Declared  string    `json:"declared"`
			Kind      string    `json:"kind"`
			Ref       string    `json:"ref"`
			Status    string    `json:"status"`
			StartedAt time.Time `json:"startedAt"`
			EndedAt   time.Time `json:"endedAt"`
			Error     *struct {
				Message string `json:"message"`
			} `json:"error"`
			Attempts []struct {
				Input    json.RawMessage `json:"input"`
				Response json.RawMessage `json:"response"`
			} `json:"attempts"`
		} `json:"nodes"`
	}
	if json.Unmarshal(text, &run) != nil || run.ID == "" {
		return nil
	}
	facts := &analysis.RunFacts{Run: run.ID, State: run.Status, At: run.ConcludedAt, Nodes: make(map[string]analysis.NodeFacts, len(run.Nodes))}
	if facts.At.IsZero() {
		facts.At = run.CreatedAt
	}
	for _, n := range run.Nodes {
		f := analysis.NodeFacts{Kind: n.Kind, Ref: n.Ref, State: n.Status}
		if !n.StartedAt.IsZero() && n.EndedAt.After(n.StartedAt) {
			f.Took = n.EndedAt.Sub(n.StartedAt)
		}
		if n.Error != nil {
			f.Error = n.Error.Message
		}
		if len(n.Attempts) > 0 {
			last := n.Attempts[len(n.Attempts)-1]
			for from, to := range map[*json.RawMessage]*any{&last.Response: &f.Output, &last.Input: &f.Input} {
				if len(*from) > 0 {
					_ = json.Unmarshal(*from, to) // what cannot be read is not shown
				}
			}
		}
		facts.Nodes[n.Path] = f
		// A step of a loop shows what became of it in the iteration that has come to it
		// last.
		if n.Declared != "" && n.Kind != "Iteration" && n.Status != "pending" {
			facts.Nodes[n.Declared] = f
		}
	}
	return facts
}

// runEnded has the facts of a document read again, if it is open.
func (s *Server) runEnded(document string) {
	v := s.view.Load()
	if d := v.docs[keyOf(document)]; d != nil {
		d.env.runs.asked.Store(0)
		s.lookAtRuns(v, d)
	}
}
