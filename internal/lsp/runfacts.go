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

// runFactsAge is how long facts are taken for true before nf-run is asked again.
const runFactsAge = 5 * time.Second

// look returns the facts that are there and has them brought up to date beside.
func (s *Server) lookAtRuns(v *View, d *Document) *analysis.RunFacts {
	facts := &d.env.runs
	now := time.Now().UnixNano()
	if last := facts.asked.Load(); now-last > int64(runFactsAge) && facts.asked.CompareAndSwap(last, now) {
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
	facts := decodeRunFacts(answer)
	before := d.env.runs.known.Swap(facts)
	if facts != nil && (before == nil || before.Run != facts.Run || before.State != facts.State) && s.client.refreshLenses {
		s.refresh(protocol.MethodWorkspaceCodeLensRefresh)
	}
	return nil
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
			Kind      string    `json:"kind"`
			Ref       string    `json:"ref"`
			Status    string    `json:"status"`
			StartedAt time.Time `json:"startedAt"`
			EndedAt   time.Time `json:"endedAt"`
			Error     *struct {
				Message string `json:"message"`
			} `json:"error"`
			Attempts []struct {
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
			if answer := n.Attempts[len(n.Attempts)-1].Response; len(answer) > 0 {
				_ = json.Unmarshal(answer, &f.Output) // what cannot be read is not shown
			}
		}
		facts.Nodes[n.Path] = f
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
