package gitops

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// Where there is no room for a backup or for what is fetched, the file stays as it is; when
// there is room again, the next pull goes on.
func TestADiskThatIsFull(t *testing.T) {
	bare := origin(t)
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=2m,mode=0700"); err != nil {
		t.Skipf("a small disk cannot be mounted: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	b := newClone(t, bare, shop)
	b.push()
	a := &clone{t: t, s: &Syncer{Dir: filepath.Join(disk, "sync"), Git: &git.Program{}}, link: b.link}
	a.link.File = filepath.Join(disk, "shop.json")
	if _, err := a.s.Link(t.Context(), a.link); err != nil {
		t.Fatal(err)
	}
	b.write(replacePlan(shop, "large"))
	b.push()
	mine := strings.Replace(shop, `"Shop"`, `"Our shop"`, 1)
	a.write(mine)

	ballast := filepath.Join(disk, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	for { // to the last byte
		if _, err := f.Write(make([]byte, 1024)); err != nil {
			break
		}
	}
	_ = f.Close()
	for what, do := range map[string]func() error{
		"pull": func() error { _, err := a.s.Pull(t.Context(), a.link, merge.Options{}); return err },
		"push": func() error { _, err := a.s.Push(t.Context(), a.link, PushOptions{}); return err },
	} {
		err := do()
		var failed *git.Error
		if err == nil || !(errors.As(err, &failed) && failed.Reason == git.DiskFull || errors.Is(err, syscall.ENOSPC)) {
			t.Errorf("a %s ended with %v", what, err)
		}
		if a.read() != mine {
			t.Fatalf("a %s has left\n%s", what, a.read())
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	a.push()
	want := replacePlan(mine, "large")
	if got := sh(t, bare, "show", "main:infra/shop.json") + "\n"; got != want || a.read() != want {
		t.Errorf("the repository has\n%s\nthe file\n%s", got, a.read())
	}
	sh(t, filepath.Join(a.s.Dir, a.link.cache()+".git"), "fsck", "--no-dangling")
}
