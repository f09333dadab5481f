package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A disk knows what a loss of power leaves of the platform's folder: what was there when
// it was last brought to the disk, and nothing that was written since.
type disk struct {
	engine.Platform
	t      testing.TB
	folder string
	begun  chan struct{} // closed by the first start
	first  sync.Once

	mu       sync.Mutex
	taken    int               // pictures of the folder that were begun
	newest   int               // the number of the one that is durable
	platform map[string][]byte // that one: files by name
}

// Start implements engine.Platform.
func (d *disk) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	d.first.Do(func() { close(d.begun) })
	r, err := d.Platform.Start(ctx, req)
	if err != nil {
		return r, err
	}
	inner := r.Durable
	r.Durable = func() error {
		d.mu.Lock()
		d.taken++
		number := d.taken
		d.mu.Unlock()
		before := files(d.t, d.folder)
		if inner != nil {
			if err := inner(); err != nil {
				return err
			}
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if number > d.newest {
			d.newest, d.platform = number, before
		}
		return nil
	}
	return r, nil
}

// lose writes to another folder what a loss of power leaves: of the platform what is
// durable, of all else everything, which the operating system may have written by itself.
func (d *disk) lose(state, to string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for folder, content := range map[string]map[string][]byte{"platform": d.platform, "state": files(d.t, state)} {
		for name, text := range content {
			path := filepath.Join(to, folder, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600)); err != nil {
				d.t.Fatal(err)
			}
		}
	}
}

// files are those of a folder, without what SQLite makes anew after a loss of power.
func files(t testing.TB, folder string) map[string][]byte {
	out := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "-shm") {
			return err
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		name, relErr := filepath.Rel(folder, path)
		out[name] = text
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Error(err)
	}
	return out
}

// TestFaultsTheLossOfPower takes the power away at any moment of a run, after which the
// journal may know more than was synced of it, and the platform knows no more than was.
// What the journal says to be done is done all the same, and the run goes on to its end.
func TestFaultsTheLossOfPower(t *testing.T) {
	for what, source := range map[string]string{
		"a chain": groups(60, "sequential", true),
		"a fan":   groups(60, "parallel", false),
	} {
		p := program(t, source, engine.Options{})
		seed := engine.Seed(t)
		for i := range engine.Cases(4, 200) {
			rng := engine.Case(seed, i)
			after := time.Duration(rng.IntN(60)) * time.Millisecond
			t.Run(fmt.Sprintf("%s, after %s", what, after), func(t *testing.T) {
				b := newBench(t, t.TempDir())
				d := &disk{Platform: b.engine.Platform, t: t, folder: filepath.Join(b.dir, "platform"), begun: make(chan struct{})}
				b.engine.Platform = d
				ended := make(chan error, 1)
				go func() {
					_, err := b.engine.Run(context.Background(), p, engine.RunOptions{ID: "r"})
					ended <- err
				}()
				<-d.begun // files are read one after the other, and only the journal's change from here on
				time.Sleep(after)
				left := t.TempDir()
				d.lose(filepath.Join(b.dir, "state"), left)
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				afterTheLoss(t, newBench(t, left))
			})
		}
	}
}

func afterTheLoss(t *testing.T, b *bench) {
	t.Helper()
	if _, err := b.store.Find(t.Context(), "r"); errors.Is(err, history.ErrNoRun) {
		return // it was lost before it had begun
	}
	there := map[string]bool{}
	for _, e := range b.effects() {
		there[e] = true
	}
	v, err := engine.View(t.Context(), b.store, "r")
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, n := range v.Nodes {
		if n.Kind != "SecretGroup" || n.State != engine.StateSuccess {
			continue
		}
		done++
		if effect := "create projects/bench/secrets/node-" + strings.TrimPrefix(n.Ref, "n"); !there[effect] {
			t.Errorf("%s is done, and lost", n.Ref)
		}
	}
	t.Logf("%d nodes were done", done)
	if !v.Concluded {
		r, err := b.engine.Resume(t.Context(), "r", engine.RunOptions{})
		// On a bad connection a node of many that go on at once may fail three times.
		for tries := 0; overBadConnection() && err == nil && r.State == engine.StateFailure && tries < 3; tries++ {
			r, err = b.engine.Retry(t.Context(), "r", engine.RunOptions{})
		}
		if err != nil || r.State != engine.StateSuccess {
			t.Fatalf("resumed: %+v, %+v, %v", r, r.Error, err)
		}
	}
	count := map[string]int{}
	for _, e := range b.effects() {
		count[e]++
	}
	for i := range 60 {
		if effect := fmt.Sprintf("create projects/bench/secrets/node-%d", i); count[effect] != 1 {
			t.Errorf("%s: %d times", effect, count[effect])
		}
	}
}
