package engine

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

// A Process executes a run.
type Process struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
	// HeardOf is when it has last shown that it is alive.
	HeardOf time.Time `json:"heardOf"`
	// Silent says that this is longer ago than with a process that does its work: it is
	// stopped, or its machine stands still. It keeps the run all the same, since it
	// may go on at any time.
	Silent bool `json:"silent,omitempty"`
}

// String names the process.
func (p *Process) String() string { return fmt.Sprintf("process %d on %s", p.PID, p.Host) }

// Silence says since when a silent process was not heard of and what can be done;
// empty for others.
func (p *Process) Silence() string {
	if !p.Silent {
		return ""
	}
	on, end := "let it go on", "end it"
	if runtime.GOOS != "windows" {
		on += fmt.Sprintf(" ('kill -CONT %d')", p.PID)
		end += fmt.Sprintf(" ('kill -KILL %d')", p.PID)
	}
	return fmt.Sprintf("it has not been heard of since %s and may be stopped: %s, or %s, which loses nothing: the run is then gone on with",
		p.HeardOf.Local().Format(time.DateTime), on, end)
}

// An OwnedError says that a run is being executed by a process, so that no other can
// go on with it.
type OwnedError struct {
	Run     string
	Process *Process
}

// Error implements error.
func (e *OwnedError) Error() string {
	text := fmt.Sprintf("run %s is being executed by %s: follow it with 'nf-run show %[1]s --follow'", e.Run, e.Process)
	if silence := e.Process.Silence(); silence != "" {
		text += "; " + silence
	}
	return text
}

// Unwrap makes it a [journal.ErrOwned].
func (e *OwnedError) Unwrap() error { return journal.ErrOwned }

// processOf is who executes the run of a journal; nil for nobody.
func processOf(ctx context.Context, r *journal.Reader) (*Process, error) {
	h, ok, err := r.Holder(ctx)
	if err != nil || !ok {
		return nil, err
	}
	return &Process{PID: h.PID, Host: h.Host, Since: h.Since, HeardOf: h.Heard, Silent: h.Silent(time.Now())}, nil
}

// ProcessOf is who executes a run; nil for nobody, or where that cannot be told.
func ProcessOf(ctx context.Context, store *history.Store, id string) *Process {
	run, err := FindRun(ctx, store, id)
	if err != nil || run.Concluded() {
		return nil
	}
	return holder(ctx, store.RunDir(run.ID))
}

// holder is who executes the run of the journal in dir; nil for nobody, or where the
// journal does not say.
func holder(ctx context.Context, dir string) *Process {
	r, err := journal.Open(ctx, dir)
	if err != nil {
		return nil
	}
	defer func() { _ = r.Close() }()
	p, err := processOf(ctx, r)
	if err != nil {
		return nil
	}
	return p
}
