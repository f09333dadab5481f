package carrier_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/carrier"
)

// A lingering target has a run that does not end. It does nothing for a call whose
// context has ended, and notes what it did.
type lingering struct {
	at   string // the operation during which the caller's time is up
	up   context.CancelFunc
	done []string
}

func (*lingering) Name() string { return "lingering" }

func (l *lingering) Do(ctx context.Context, op string, _ platform.Params, _ json.RawMessage) (platform.Response, error) {
	if err := ctx.Err(); err != nil {
		return platform.Response{}, err
	}
	if op == platform.OpDeleteTemplate {
		if _, bounded := ctx.Deadline(); !bounded {
			return platform.Response{}, errors.New("the removal may take for ever")
		}
	}
	if op == l.at {
		l.up()
		if op == platform.OpAbortTemplateRun { // the answer is lost with the time
			return platform.Response{}, ctx.Err()
		}
	}
	l.done = append(l.done, op)
	return platform.Response{Status: 200, Body: json.RawMessage(`{"data":{"id":"r","status":"running","spec":{}}}`)}, nil
}

// A run on the platform may outlast the time that an abort has. Its template goes all the
// same, and what goes wrong before that is told.
func TestAnAbortThatRunsOutOfTimeRemovesItsTemplate(t *testing.T) {
	for _, tt := range []struct {
		name, at string
		stopped  bool
		done     []string
	}{
		{"while the run is waited for", platform.OpGetTemplateRun, true,
			[]string{platform.OpAbortTemplateRun, platform.OpGetTemplateRun, platform.OpDeleteTemplate}},
		{"while the run is asked to end", platform.OpAbortTemplateRun, false, []string{platform.OpDeleteTemplate}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			target := &lingering{at: tt.at, up: cancel}
			stopped, err := carrier.New(platform.NewDriver(target)).Abort(ctx, platform.Wait{
				Op: platform.OpGetTemplateRun, Path: map[string]string{"templateId": "t", "templateRunId": "r"},
				Carried: &platform.Carried{Kind: "Pipeline"},
			})
			if stopped != tt.stopped || (err != nil) == tt.stopped {
				t.Errorf("stopped is %t, the error %v", stopped, err)
			}
			if !slices.Equal(target.done, tt.done) {
				t.Errorf("it did %q, want %q", target.done, tt.done)
			}
		})
	}
}
