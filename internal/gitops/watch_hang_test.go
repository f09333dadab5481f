package gitops

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// hanging is the address of a host that takes connections and says nothing.
func hanging(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "git://" + l.Addr().String() + "/x.git"
}

// behind is a clone whose repository has a larger plan from another one.
func behind(t *testing.T) *clone {
	t.Helper()
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	b := newClone(t, bare, "")
	b.write(replacePlan(shop, "large"))
	b.push()
	return a
}

// What is pushed elsewhere comes while a host hangs, which stands first; that is given up.
func TestAHostThatHangsStopsNoOtherRepository(t *testing.T) {
	a := behind(t)
	hangs := a.link
	hangs.Name, hangs.File, hangs.URL = "Hangs", a.link.File+".other", must(git.ParseURL(hanging(t), "/"))
	too := hangs
	too.Name, too.File, too.URL = "Hangs too", a.link.File+".third", must(git.ParseURL(hanging(t), "/"))
	w, moved, failed, _ := rig(t, a)
	w.Links = func() ([]Link, error) { return []Link{hangs, a.link, too}, nil }
	ctx, cancel := context.WithCancel(t.Context())
	pull := w.Moved
	w.Moved = func(ctx context.Context, links []Link) error {
		if len(*failed) > 0 {
			t.Errorf("others were waited for: %q", *failed)
		}
		defer cancel() // only now do the other questions end
		return pull(ctx, links)
	}
	if err := w.Run(ctx, true); !errors.Is(err, context.Canceled) || strings.Join(*moved, " ") != "updated" {
		t.Errorf("it has brought %q, and ended with %v", *moved, err)
	}

	w, _, failed, _ = rig(t, a)
	w.Links = func() ([]Link, error) { return []Link{hangs}, nil }
	a.s.Git = &git.Program{Network: 200 * time.Millisecond}
	if err := w.Run(t.Context(), true); err != nil || len(*failed) != 1 || !strings.Contains((*failed)[0], "took longer than") {
		t.Errorf("it has told %q, and ended with %v", *failed, err)
	}
	// Before a push it is asked whether it answers, and the one that does not is named.
	err := a.s.Reach(t.Context(), hangs)
	var timed *git.Error
	if !errors.As(err, &timed) || timed.Reason != git.TimedOut || !strings.Contains(err.Error(), hangs.URL.String()) {
		t.Errorf("it ended with %v", err)
	}
	if err := a.s.Within(time.Minute).Reach(t.Context(), a.link); err != nil {
		t.Errorf("one that answers: %v", err)
	}
}

// Links that cannot be read for a while are said once, and those that were there are watched on.
func TestAWatchGoesOnWithTheLinksThatItHas(t *testing.T) {
	bare := origin(t)
	a := newClone(t, bare, shop)
	a.push()
	b := newClone(t, bare, "")
	broken := false
	w, moved, failed, _ := rig(t, a, func() { broken = true }, func() {
		b.write(replacePlan(shop, "large"))
		b.push()
	}, func() { broken = false }, func() { broken = true })
	links := w.Links
	w.Links = func() ([]Link, error) {
		if broken {
			return nil, errors.New("links.json is damaged")
		}
		return links()
	}
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if strings.Join(*moved, " ") != "updated" || strings.Join(*failed, ", ") != "links.json is damaged, links.json is damaged" {
		t.Errorf("moved %q, told %q", *moved, *failed)
	}
}

// What fails of each file of a repository is told with its links, and once.
func TestAWatchTellsWhatFailsOfEachFile(t *testing.T) {
	a := behind(t)
	w, _, _, _ := rig(t, a, nothing, nothing, nothing)
	w.Links = func() ([]Link, error) {
		var links []Link
		for i := range 3 {
			l := a.link
			l.Name, l.File = fmt.Sprint(i), a.link.File+fmt.Sprint(i)
			links = append(links, l)
		}
		return links, nil
	}
	w.Moved = func(_ context.Context, links []Link) error {
		if links[0].Name == "1" {
			return nil
		}
		return fmt.Errorf("%s fails", links[0].Name)
	}
	var told []string
	w.Failed = func(links []Link, err error, _ time.Duration) {
		told = append(told, links[0].Name+": "+err.Error())
	}
	if err := w.Run(t.Context(), false); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	slices.Sort(told)
	if got := strings.Join(told, ", "); got != "0: 0 fails, 2: 2 fails" {
		t.Errorf("it has told %q", got)
	}
}
