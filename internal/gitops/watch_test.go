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
		if d < 48*time.Second || d > 72*time.Second {
			t.Errorf("it has waited %v", d)
		}
	}
}

// Between two questions are the time that was said, give or take a fifth.
func TestAWatchWaitsGiveOrTakeAFifth(t *testing.T) {
	c := &clone{t: t, s: &Syncer{Dir: t.TempDir(), Git: &git.Program{}}}
	w, _, _, _ := rig(t, c)
	less, more := 0, 0
	for range 200 {
		r := &watched{said: map[string]string{}}
		w.heed(t.Context(), answer{of: r}, nil)
		switch d := r.due.Sub(c.s.now()); {
		case d < 48*time.Second || d > 72*time.Second:
			t.Fatalf("it waits %v", d)
		case d < time.Minute:
			less++
		default:
			more++
		}
	}
	if less == 0 || more == 0 { // one time in 2^199
		t.Errorf("it waits less %d times, and more %d times", less, more)
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

// A history that was rewritten is told once, and not pulled.
func TestAWatchLeavesARewrittenHistory(t *testing.T) {
	bare, a, b := twoClones(t)
	a.pull()
	w, moved, failed, _ := rig(t, a, func() {
		sh(t, bare, "update-ref", "refs/heads/main", "main~1")
		c := newClone(t, bare, "")
		c.write(strings.Replace(shop, `"Shop"`, `"Another shop"`, 1))
		c.push()
	}, nothing, nothing, func() { a.s.Rewritten = true }, nothing)
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if len(*failed) != 1 || !strings.Contains((*failed)[0], "was rewritten") || a.read() != b.read() {
		t.Errorf("moved %q, told %q", *moved, *failed)
	}
}

// What a Git host tells is asked for at once, and again a moment later where the server does
// not know of it yet; nothing else is.
func TestAWatchThatIsToldAsksAtOnce(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	b := newClone(t, bare, "")
	log := counted(t, a)
	asked := func() int {
		calls, _ := os.ReadFile(log)
		return strings.Count(string(calls), "ls-remote")
	}
	all := func(Link) bool { return true }
	var w *Watch
	steps := []func(){
		func() { w.Tell(func(Link) bool { return false }) },
		func() {
			if asked() != 0 {
				t.Errorf("it has asked %d times unasked", asked())
			}
			w.Tell(all) // before the server knows
		},
		func() {
			b.write(replacePlan(b.read(), "large"))
			b.push()
		},
		nothing, nothing,
		func() {
			if asked() != 2 {
				t.Errorf("it has asked %d times", asked())
			}
			for range 100 { // a burst
				w.Tell(all)
			}
		},
	}
	w, moved, failed, waits := rig(t, a, steps...)
	w.Every = 0
	now, sleep := a.s.now(), w.Sleep
	a.s.Now = func() time.Time { return now }
	w.Sleep = func(ctx context.Context, d time.Duration) error { // told, it wakes up before
		now = now.Add(min(d, 10*time.Second))
		return sleep(ctx, 0)
	}
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if strings.Join(*moved, " ") != "updated" || len(*failed) != 0 || asked() > 6 {
		t.Errorf("moved %q, failed %q, asked %d times, waited %v", *moved, *failed, asked(), *waits)
	}
}

func TestAWatchSaysWhatIsSaved(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	var saved []string
	var w *Watch
	note := func(err error) func(context.Context, []Link) error {
		return func(context.Context, []Link) error {
			saved = append(saved, a.read())
			return err
		}
	}
	count := 0
	steps := []func(){}
	// Events of the file system come when they come: each step has rounds to settle in.
	step := func(do func()) {
		steps = append(steps, do, nothing, nothing, nothing, nothing, nothing)
	}
	called := func(n int) {
		if len(saved) != n {
			t.Errorf("it was called %d times, want %d", len(saved), n)
		}
	}
	step(func() { // the first look is at the start
		called(1)
		a.write(replacePlan(shop, "large"))
	})
	step(func() {
		called(2)
		a.write(replacePlan(shop, "large")) // written again as it was
	})
	step(func() {
		called(2)
		w.Saved = note(errors.New("nobody answers"))
		a.write(replacePlan(shop, "huge"))
	})
	step(func() { // tried again
		if len(saved) < 4 {
			t.Errorf("it was called %d times", len(saved))
		}
		w.Saved = note(&PersonError{errors.New("it has errors")})
	})
	for range 4 {
		step(nothing) // what is tried less and less often comes once more
	}
	step(func() { count = len(saved) })
	step(func() { called(count) }) // and not again before it is saved
	w, _, failed, waits := rig(t, a, steps...)
	w.Quiet = time.Second
	w.Saved = note(nil)
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := strings.Join(*failed, ", "); got != "nobody answers, it has errors" {
		t.Errorf("it has told %q, and waited %v", got, *waits)
	}
}

// The file system says when a file was saved, also by a rename over it as editors do.
func TestASaveIsSeenBeforeTheNextPoll(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	saved := make(chan string, 10)
	w := &Watch{
		Syncer: a.s, Every: time.Hour, Quiet: 10 * time.Millisecond, Links: func() ([]Link, error) { return []Link{a.link}, nil },
		Moved:  func(context.Context, []Link) error { return nil },
		Saved:  func(context.Context, []Link) error { saved <- a.read(); return nil },
		Failed: func(_ []Link, err error, _ time.Duration) { t.Error(err) },
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx, false) }()
	wait := func(want string) {
		t.Helper()
		for end := time.After(time.Minute); ; {
			select {
			case got := <-saved:
				if got == want {
					return
				}
			case <-end:
				t.Fatal("it was never seen")
			}
		}
	}
	wait(shop)
	a.write(replacePlan(shop, "large"))
	wait(replacePlan(shop, "large"))
	beside := a.link.File + ".new"
	if err := os.WriteFile(beside, []byte(replacePlan(shop, "huge")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(beside, a.link.File); err != nil {
		t.Fatal(err)
	}
	wait(replacePlan(shop, "huge"))
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestHooksKeepTheirSecrets(t *testing.T) {
	s := &Syncer{Dir: t.TempDir(), Git: &git.Program{}, Sealer: folderSealer{}}
	for _, h := range []Hook{{Name: "b", Host: "github", Secret: "hunter2"}, {Name: "a", Host: "gitlab", Secret: "x"}, {Name: "b", Host: "github", Repository: "https://example.com/x", Secret: "hunter3"}} {
		if err := s.SetHook(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(s.hooksPath())
	if err != nil || strings.Contains(string(text), "hunter") {
		t.Fatalf("%v\n%s", err, text)
	}
	h, ok, err := s.Hook("b")
	if err != nil || !ok || h.Secret != "hunter3" || h.Repository != "https://example.com/x" {
		t.Errorf("%+v, %v, %v", h, ok, err)
	}
	if all, err := s.Hooks(); err != nil || len(all) != 2 || all[0].Name != "a" || all[1].Secret != "" {
		t.Errorf("%+v, %v", all, err)
	}
	if found, err := s.RemoveHook(t.Context(), "b"); err != nil || !found {
		t.Error(found, err)
	}
	if _, ok, err := s.Hook("b"); ok || err != nil {
		t.Error("it is still there", err)
	}
	if found, err := s.RemoveHook(t.Context(), "b"); err != nil || found {
		t.Error(found, err)
	}
}
