package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// session is an open state folder with the engine on one target.
type session struct {
	store  *history.Store
	engine *engine.Engine
	close  func()
}

// start opens the state folder, makes it if needed, and puts the engine on the
// target. delay is how long life cycles of the local platform take; 0 is its default.
func (c *command) start(ctx context.Context, target string, delay time.Duration) (*session, error) {
	return c.session(ctx, target, delay, true)
}

// look is start without making anything: where there is no state folder yet,
// the session has no store.
func (c *command) look(ctx context.Context, target string) (*session, error) {
	return c.session(ctx, target, 0, false)
}

func (c *command) session(ctx context.Context, target string, delay time.Duration, make bool) (*session, error) {
	if target != "local" {
		return nil, fmt.Errorf("--target takes local, not %q", target)
	}
	dir, err := c.stateFolder()
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	var store *history.Store
	if make || history.Exists(dir) {
		if store, err = history.Open(ctx, dir); err != nil {
			return nil, exitWith(exitFailed, err)
		}
	}
	resources := filepath.Join(dir, "local")
	drop := func() {}
	if store == nil {
		// Nothing has run yet, so the platform is empty: an empty one that is
		// thrown away answers as it would, and leaves no folder behind.
		if resources, err = os.MkdirTemp("", "nf-run-"); err != nil {
			return nil, exitWith(exitFailed, err)
		}
		drop = func() { _ = os.RemoveAll(resources) }
	}
	options := local.Options{Dir: resources}
	if delay > 0 {
		options.Delays = &local.Delays{
			Queue: delay, Build: delay, Deploy: delay, Provision: delay,
			Upgrade: delay, Run: delay, Backup: delay, Restore: delay,
		}
	}
	embedded := local.New(options)
	return &session{
		store: store,
		engine: &engine.Engine{
			Store: store, Platform: platform.NewDriver(embedded), Target: embedded.Name(),
			Checker: engine.CatalogChecker{Assert: assert.Node},
		},
		close: func() {
			_ = embedded.Close()
			drop()
			if store != nil {
				_ = store.Close()
			}
		},
	}, nil
}

// latest may stand for the id of the newest run.
const latest = "latest"

// runID turns what a user wrote into the id of a run.
func runID(ctx context.Context, store *history.Store, id string) (string, error) {
	if id != latest {
		return id, nil
	}
	runs, err := store.List(ctx, history.Filter{Limit: 1}, engine.Describe)
	if err != nil {
		return "", err
	}
	if len(runs) == 0 {
		return "", fmt.Errorf("there is no run yet in %s", store.Dir())
	}
	return runs[0].ID, nil
}
