package local

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestReads(t *testing.T) {
	p := New(Options{Dir: t.TempDir()})
	s, err := p.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	count := func(t *tx) error {
		var n int
		return t.tx.QueryRowContext(t.ctx, "SELECT count(*) FROM resources").Scan(&n)
	}
	t.Run("go on after some that failed and some that panicked", func(t *testing.T) {
		failure := errors.New("no")
		for range 3 * maxReaders {
			if err := s.read(t.Context(), func(*tx) error { return failure }); !errors.Is(err, failure) {
				t.Errorf("got %v", err)
			}
			func() {
				defer func() { _ = recover() }()
				_ = s.read(t.Context(), func(*tx) error { panic("no") })
			}()
		}
		if err := s.read(t.Context(), count); err != nil {
			t.Error(err)
		}
	})
	t.Run("of many callers wait for one another", func(t *testing.T) {
		var all sync.WaitGroup
		for range 10 * maxReaders {
			all.Go(func() {
				if err := s.read(context.Background(), count); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
	t.Run("see one state of things, whatever is written meanwhile", func(t *testing.T) {
		err := s.read(t.Context(), func(r *tx) error {
			var before, after int
			if err := r.tx.QueryRowContext(r.ctx, "SELECT count(*) FROM effects").Scan(&before); err != nil {
				return err
			}
			if err := s.write(t.Context(), func(w *tx) error { return w.log(s.now(p.clock), "op", "thing", Created, "") }); err != nil {
				return err
			}
			if err := r.tx.QueryRowContext(r.ctx, "SELECT count(*) FROM effects").Scan(&after); err != nil {
				return err
			}
			if before != after {
				t.Errorf("there were %d effects, and then %d", before, after)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	t.Run("that come too late are refused", func(t *testing.T) {
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.read(t.Context(), count); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}
