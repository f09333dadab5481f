package gitops

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// rig is a watch in a time of its own: between two questions a step of the test is made.
func rig(t *testing.T, c *clone, steps ...func()) (w *Watch, moved, failed *[]string, waits *[]time.Duration) {
	t.Helper()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c.s.Now = func() time.Time { return now }
	moved, failed, waits = new([]string), new([]string), new([]time.Duration)
	return &Watch{
		Syncer: c.s,
		Links:  func() ([]Link, error) { return c.s.Links(filepath.Dir(c.link.File)) },
		Every:  time.Minute,
		Moved: func(ctx context.Context, links []Link) error {
			d, err := c.s.Pull(ctx, links[0], merge.Options{})
			*moved = append(*moved, string(d.Outcome))
			return err
		},
		Failed: func(_ []Link, err error, _ time.Duration) { *failed = append(*failed, err.Error()) },
		Sleep: func(_ context.Context, d time.Duration) error {
			*waits = append(*waits, d)
			now = now.Add(d)
			if len(steps) == 0 {
				return context.Canceled
			}
			steps[0]()
			steps = steps[1:]
			return nil
		},
	}, moved, failed, waits
}

func nothing() {}

func TestAWatchBringsWhatOthersPush(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	b := newClone(t, bare, "")
	change := func(plan string) func() {
		return func() {
			b.write(replacePlan(b.read(), plan))
			b.push()
		}
	}
	w, moved, failed, waits := rig(t, a, nothing, change("large"), nothing, func() {
		// What we push ourselves is no news.
		a.write(strings.Replace(a.read(), `"Shop"`, `"Our shop"`, 1))
		if d := a.push(); d.Outcome != Pushed {
			t.Errorf("%+v", d)
		}
		b.pull()
	}, nothing, func() {
		a.write(replacePlan(a.read(), "ours"))
		change("theirs")()
	}, nothing, nothing, change("again"))
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := strings.Join(*moved, " "); got != "updated conflict conflict" {
		t.Errorf("it has brought %q", got)
	}
	if len(*failed) != 2 || !strings.Contains((*failed)[0], "do not go together") { // once for each commit
		t.Errorf("it has told %q", *failed)
	}
	for _, d := range (*waits)[:5] {
		if d < time.Minute || d > 72*time.Second {
			t.Errorf("it has waited %v", d)
		}
	}
}

func TestAWatchAsksLessOftenWhereNothingAnswers(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	away := bare + ".away"
	steps := []func(){func() {
		if err := os.Rename(bare, away); err != nil {
			t.Fatal(err)
		}
	}}
	for range 8 {
		steps = append(steps, nothing)
	}
	steps = append(steps, func() {
		if err := os.Rename(away, bare); err != nil {
			t.Fatal(err)
		}
	}, nothing)
	log := counted(t, a)
	w, moved, failed, waits := rig(t, a, steps...)
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(*failed) != 1 || !strings.Contains((*failed)[0], "there is no repository at") || len(*moved) != 0 {
		t.Errorf("it has told %q, and moved %q", *failed, *moved)
	}
	calls, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(calls), "ls-remote"); n < 3 || n > len(*waits)*2/3 {
		t.Errorf("it has asked %d times in %d rounds: %v", n, len(*waits), *waits)
	}
}

// counted lets a clone run git by a program that writes down how it is called.
func counted(t *testing.T, c *clone) (log string) {
	t.Helper()
	log = filepath.Join(t.TempDir(), "log")
	counting := filepath.Join(t.TempDir(), "git")
	if err := os.WriteFile(counting, []byte("#!/bin/sh\necho \"$*\" >>'"+log+"'\nexec git \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.s.Git = &git.Program{Path: counting}
	return log
}

func TestAWatchAsksOnceForManyLinks(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	log := counted(t, a)
	w, moved, _, _ := rig(t, a)
	w.Links = func() ([]Link, error) {
		var links []Link
		for i := range 100 {
			l := a.link
			l.Name = string(rune('a' + i))
			links = append(links, l)
		}
		return links, nil
	}
	if err := w.Run(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	calls, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(calls), "\n"); n != 1 || len(*moved) != 0 {
		t.Errorf("a round without news has started git %d times:\n%s", n, calls)
	}
}
