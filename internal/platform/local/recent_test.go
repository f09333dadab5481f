package local

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// TestWhatIsKeptOfRowsIsWhatIsStored has two platforms on one folder put, change and
// delete the same few resources, with writes in between that fail half-way, and looks
// after each whether what the one that writes would take for stored is.
func TestWhatIsKeptOfRowsIsWhatIsStored(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	both := []*Platform{New(Options{Dir: dir}), New(Options{Dir: dir})}
	stores := make([]*store, len(both))
	for i, p := range both {
		defer func() { _ = p.Close() }()
		var err error
		if stores[i], err = p.open(ctx); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	half := errors.New("half-way")
	do := func(p *Platform, op, body string, path ...string) {
		at := map[string]string{"projectId": "home"}
		for i := 0; i < len(path); i += 2 {
			at[path[i]] = path[i+1]
		}
		if _, err := p.Do(ctx, op, platform.Params{Path: at}, []byte(body)); err != nil && platform.StatusOf(err) == 0 {
			t.Fatalf("%s: %v", op, err)
		}
	}
	keys := []string{"projects/home"}
	for n := range 4 {
		keys = append(keys, fmt.Sprintf("projects/home/secrets/group-%d", n))
	}
	kept := 0
	for step := range 400 {
		i := rng.IntN(2)
		p, s := both[i], stores[i]
		name := fmt.Sprintf("group-%d", rng.IntN(4))
		what := rng.IntN(12)
		switch what {
		case 0:
			do(p, platform.OpCreateOrUpdateProject, fmt.Sprintf(`{"name": "home", "region": "europe-west", "description": "%d"}`, step))
		case 1:
			do(p, platform.OpDeleteProjectSecret, "", "secretId", name)
		case 2:
			do(p, platform.OpDeleteProject, "")
		case 3, 4: // a write that fails when it has changed a row
			err := s.write(ctx, func(t *tx) error { return errors.Join(spoil(t, keys[rng.IntN(len(keys))]), half) })
			if !errors.Is(err, half) {
				t.Fatal(err)
			}
		case 5: // a part of a write that is undone
			err := s.write(ctx, func(t *tx) error {
				err := t.attempt(func() error { return errors.Join(spoil(t, keys[rng.IntN(len(keys))]), half) })
				if errors.Is(err, half) {
					return nil
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		default:
			do(p, platform.OpPutProjectSecret, fmt.Sprintf(`{"name": %q, "secretType": "environment", "priority": 1, "secrets": {"variables": {"N": "%d"}}}`, name, rng.IntN(3)))
		}
		for k, s := range stores {
			err := s.write(ctx, func(tx *tx) error {
				kept += len(tx.recent.rows)
				if tx.home != nil {
					stored, err := tx.stored(tx.home.key)
					if err != nil {
						return err
					}
					if diff := cmp.Diff(stored, tx.home, cmp.AllowUnexported(record{})); diff != "" {
						t.Errorf("the project of platform %d (-stored +kept):\n%s", k, diff)
					}
				}
				for _, key := range keys {
					stored, err := tx.stored(key)
					if err != nil {
						return err
					}
					found, err := tx.load(key)
					if diff := cmp.Diff(stored, found, cmp.AllowUnexported(record{})); err != nil || diff != "" {
						t.Errorf("%s of platform %d: %v (-stored +kept):\n%s", key, k, err, diff)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if t.Failed() {
			t.Fatalf("after step %d (%d), drawn from %d", step, what, seed)
		}
	}
	if kept < 400 {
		t.Errorf("only %d rows were kept", kept)
	}
}

// spoil changes a row in a way that must not last.
func spoil(t *tx, key string) error {
	r, err := t.load(key)
	if err != nil {
		return err
	}
	if r == nil {
		return t.create(&record{key: key, parent: "nowhere", typ: "spoilt", spec: map[string]any{"spoilt": true}}, nil)
	}
	r.spec["spoilt"] = true
	return t.save(r, nil, time.Now())
}

// stored reads a record from the database.
func (t *tx) stored(key string) (*record, error) {
	plain := *t
	plain.recent = nil
	return plain.load(key)
}

func TestWhatIsKeptOfRowsIsBounded(t *testing.T) {
	r := &recent{rows: map[string]row{}}
	for n := range 3 * maxRecent / maxRow {
		r.keep(fmt.Sprint(n), row{spec: make([]byte, maxRow-1000)})
		r.keep(fmt.Sprint(n), row{spec: make([]byte, maxRow/2)}) // the same again
		r.keep(fmt.Sprint(n), row{spec: make([]byte, maxRow-1000)})
		if r.size > maxRecent || len(r.rows)*maxRow > maxRecent+2*maxRow {
			t.Fatalf("%d rows of %d bytes are kept", len(r.rows), r.size)
		}
	}
	r.keep("0", row{spec: []byte("{}")})
	r.keep("0", row{spec: make([]byte, 2*maxRow)})
	if _, ok := r.rows["0"]; ok {
		t.Error("of a row that is too large, what it was before is kept")
	}
	r.drop()
	if r.size != 0 || len(r.rows) != 0 {
		t.Errorf("%d bytes are kept of nothing", r.size)
	}
}
