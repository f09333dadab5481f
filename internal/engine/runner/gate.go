package runner

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A Target is what runs are executed on.
type Target interface {
	platform.Target
	platform.Recoverer
	platform.Pacer
}

// A gate is a target that can be shut: calls that come later never end by
// themselves. An error would be taken for one of the platform, and the run would
// record a failure that there was not.
type gate struct {
	target Target
	mu     sync.RWMutex // held for reading by what is on its way
	shut   bool
}

// close returns when nothing is on its way any more.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
}

// pass carries a call out, unless the gate is shut.
func (g *gate) pass(ctx context.Context, call func() error) error {
	g.mu.RLock()
	if g.shut {
		g.mu.RUnlock()
		<-ctx.Done()
		return ctx.Err()
	}
	defer g.mu.RUnlock()
	return call()
}

// Name implements [platform.Target].
func (g *gate) Name() string { return g.target.Name() }

// Do implements [platform.Target].
func (g *gate) Do(ctx context.Context, op string, params platform.Params, body json.RawMessage) (response platform.Response, err error) {
	err = g.pass(ctx, func() error {
		response, err = g.target.Do(ctx, op, params, body)
		return err
	})
	return response, err
}

// DoAndRead implements [platform.Prompt]. Of a target that is none nothing is read.
func (g *gate) DoAndRead(ctx context.Context, op string, params platform.Params, body json.RawMessage, read string, readParams platform.Params) (done, seen platform.Response, durable func() error, err error) {
	err = g.pass(ctx, func() error {
		if prompt, ok := g.target.(platform.Prompt); ok {
			done, seen, durable, err = prompt.DoAndRead(ctx, op, params, body, read, readParams)
		} else {
			done, err = g.target.Do(ctx, op, params, body)
		}
		return err
	})
	return done, seen, durable, err
}

// Recover implements [platform.Recoverer].
func (g *gate) Recover(ctx context.Context, op string, params platform.Params) (response platform.Response, found bool, err error) {
	err = g.pass(ctx, func() error {
		response, found, err = g.target.Recover(ctx, op, params)
		return err
	})
	return response, found, err
}

// PollAfter implements [platform.Pacer].
func (g *gate) PollAfter(polls int) time.Duration { return g.target.PollAfter(polls) }
