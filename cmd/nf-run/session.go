package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/runner"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/carrier"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// session is an open state folder with the engine on one target.
type session struct {
	store  *history.Store
	engine *engine.Engine
	target platform.Target
	// front is what stands in front of the target's driver; see [command.front].
	front func(platform.NodeDriver) platform.NodeDriver
	// runs runs the documents of the local platform; nil where nobody does.
	runs  *runner.Runner
	close func()
}

// hasState tells whether there is a state folder already.
func (c *command) hasState() bool {
	dir, err := c.stateFolder()
	return err == nil && history.Exists(dir)
}

// start opens the state folder, makes it if needed, and puts the engine on the
// target. A rehearsal, which may be nil, sets the times of the local platform.
func (c *command) start(ctx context.Context, target string, rehearsal *engine.Rehearsal) (*session, error) {
	return c.session(ctx, target, rehearsal, true)
}

// startFor is start for a run of the history, on the target that it began on.
// again gets what the run has to put up with and returns what it has to put up
// with from now on. Where there is no such run, no state folder is made.
func (c *command) startFor(ctx context.Context, id string, again func(run history.Run, before *engine.Rehearsal) (*engine.Rehearsal, error)) (*session, history.Run, error) {
	store, err := c.openHistory(ctx, id)
	if err != nil {
		return nil, history.Run{}, err
	}
	run, err := findRun(ctx, store, id)
	var before *engine.Rehearsal
	if err == nil {
		before, err = engine.RehearsalOf(ctx, store, run.ID)
	}
	_ = store.Close()
	if err != nil {
		return nil, run, exitWith(exitFailed, runError(id, err))
	}
	rehearsal, err := again(run, before)
	if err != nil {
		return nil, run, err
	}
	s, err := c.start(ctx, run.Target, rehearsal)
	if err == nil && rehearsal == nil {
		if err = s.runDocuments(ctx); err != nil {
			s.close()
			return nil, run, exitWith(exitFailed, err)
		}
	}
	return s, run, err
}

// openHistory opens the state folder to look for a run.
func (c *command) openHistory(ctx context.Context, id string) (*history.Store, error) {
	dir, err := c.stateFolder()
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	if !history.Exists(dir) {
		return nil, exitWith(exitFailed, fmt.Errorf("there is no run %s: nothing has run in %s yet", id, dir))
	}
	store, err := history.OpenWith(ctx, dir, history.Options{Keyring: c.keyring})
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	return store, nil
}

// look is start without making anything: where there is no state folder yet,
// the session has no store.
func (c *command) look(ctx context.Context, target string) (*session, error) {
	return c.session(ctx, target, nil, false)
}

func (c *command) session(ctx context.Context, target string, rehearsal *engine.Rehearsal, make bool) (*session, error) {
	name, err := readTarget(target)
	if err != nil {
		return nil, err
	}
	collectLate(little)
	dir, err := c.stateFolder()
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	keep, err := retention("", "")
	if err != nil {
		return nil, err
	}
	var store *history.Store
	if make || history.Exists(dir) {
		if store, err = history.OpenWith(ctx, dir, history.Options{Keyring: c.keyring}); err != nil {
			return nil, exitWith(exitFailed, err)
		}
	}
	closeStore := func() {
		switch {
		case store == nil:
		case c.ends:
			store.Leave()
		default:
			_ = store.Close()
		}
	}
	place, err := c.place(ctx, name, dir, store, rehearsal)
	if err != nil {
		closeStore()
		return nil, err
	}
	front, err := c.front(place.target, dir, store, rehearsal, false)
	if err != nil {
		place.close()
		closeStore()
		return nil, err
	}
	secrets := engine.NewPlatformSecrets(place.target, engine.StoredSecrets{Store: store})
	return &session{
		store: store, target: place.target, front: front,
		engine: &engine.Engine{
			Store: store, Secrets: secrets, Target: place.name,
			Platform: engine.Inheriting{Platform: front(carrier.New(platform.NewDriver(place.target))), Secrets: secrets},
			Checker:  engine.CatalogChecker{Assert: assert.Node, Prepare: assert.Prepare}, Clock: place.clock, Retention: &keep,
			Remotes: remotes(place.target),
		},
		close: func() { place.close(); closeStore() },
	}, nil
}

// A place is a target that is ready, with the time that goes by there.
type place struct {
	name   string
	target platform.Target
	clock  engine.Clock // nil for the time outside
	// session is what the place is part of; nil for one that is only looked at.
	session *session
	close   func()
}

// place makes a target ready. The store may be nil.
func (c *command) place(ctx context.Context, name targetName, dir string, store *history.Store, rehearsal *engine.Rehearsal) (place, error) {
	if name.hosted {
		target, full, err := c.connect(name)
		if err != nil {
			return place{}, err
		}
		return place{name: full, target: target, close: func() { _ = target.Close() }}, nil
	}
	resources, drop := filepath.Join(dir, "local"), func() {}
	if store == nil {
		// Nothing has run yet, so the platform is empty: an empty one that is
		// thrown away answers as it would, and leaves no folder behind.
		var err error
		if resources, err = os.MkdirTemp("", "nf-run-"); err != nil {
			return place{}, exitWith(exitFailed, err)
		}
		drop = func() { _ = os.RemoveAll(resources) }
	}
	options := local.Options{Dir: resources}
	if store != nil {
		options.Boxer = boxer(store.Sealer())
	}
	clock := pace(rehearsal, &options)
	embedded := local.New(options)
	end := func() { _ = embedded.Close(); drop() }
	if err := embedded.Newer(); err != nil {
		end()
		return place{}, exitWith(exitFailed, err)
	}
	if options.Virtual {
		if err := embedded.Open(ctx); err != nil {
			end()
			return place{}, exitWith(exitFailed, err)
		}
	}
	return place{name: embedded.Name(), target: embedded, clock: clock, close: end}, nil
}

// readied opens the database of the local platform beside what else there is to do until
// the first node of a program asks for it. What keeps it from being opened that node is
// told.
func (s *session) readied(ctx context.Context, p *engine.Program) func() {
	embedded, ok := s.target.(*local.Platform)
	if !ok || !slices.ContainsFunc(p.Nodes, func(n engine.Node) bool { return n.Flow == "" }) {
		return nil
	}
	return func() { go func() { _ = embedded.Open(ctx) }() }
}

// boxer seals what the local platform stores with the key of the state folder:
// what templates give to resources are secrets there as elsewhere.
func boxer(sealer seal.Sealer) local.Boxer {
	return func(sealedKey []byte) (local.Box, []byte, error) {
		if sealedKey == nil {
			box, key, err := seal.NewBox(sealer)
			return box, key, err
		}
		box, err := seal.OpenBox(sealer, sealedKey)
		if err != nil {
			return nil, nil, err
		}
		return box, nil, nil
	}
}

// latest may stand for the id of the newest run.
const latest = "latest"

// findRun finds the run that a user means: by its id, the beginning of one, or
// as the latest.
func findRun(ctx context.Context, store *history.Store, id string) (history.Run, error) {
	if id != latest {
		return engine.FindRun(ctx, store, id)
	}
	runs, err := store.List(ctx, history.Filter{Limit: 1}, engine.Describe)
	if err != nil {
		return history.Run{}, err
	}
	if len(runs) == 0 {
		return history.Run{}, fmt.Errorf("there is no run yet in %s", store.Dir())
	}
	return runs[0], nil
}
