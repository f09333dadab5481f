package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// ownMounts is set in the process that may mount small disks.
const ownMounts = "NF_TEST_OWN_MOUNTS"

// withSmallDisks runs the test in a process that can mount disks which nobody else
// sees, and which are gone with it. It tells whether this is that process.
func withSmallDisks(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownMounts) != "" {
		return true
	}
	seed := engine.Seed(t)
	args := append(engine.SameCases(seed), "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=30m")
	for _, flags := range []uintptr{syscall.CLONE_NEWNS, syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER} {
		c := exec.Command(os.Args[0], args...)
		c.Env = append(os.Environ(), ownMounts+"=1")
		c.SysProcAttr = &syscall.SysProcAttr{}
		if flags&syscall.CLONE_NEWUSER == 0 {
			c.SysProcAttr.Unshareflags = flags
		} else {
			c.SysProcAttr.Cloneflags = flags
			c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
			c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		}
		out, err := c.CombinedOutput()
		if err != nil && c.ProcessState == nil || strings.Contains(string(out), noMounts) {
			continue // this system lets nobody do that
		}
		if err != nil {
			t.Errorf("%v\n%s", err, out)
		} else if testing.Verbose() {
			t.Logf("%s", out)
		}
		return false
	}
	t.Skip("this process can mount no disks")
	return false
}

const noMounts = "no disk can be mounted here"

// A smallDisk is a disk that a test can fill.
type smallDisk struct {
	t    testing.TB
	path string
}

func mountSmallDisk(t testing.TB, path string) *smallDisk {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "size=8m,mode=0700"); err != nil {
		t.Skip(noMounts)
	}
	t.Cleanup(func() { _ = syscall.Unmount(path, syscall.MNT_DETACH) })
	return &smallDisk{t, path}
}

// fill leaves so many bytes.
func (d *smallDisk) fill(left int64) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.path, &s); err != nil {
		d.t.Error(err)
		return
	}
	free := int64(s.Bavail) * s.Bsize
	if free > left {
		err := os.WriteFile(filepath.Join(d.path, "ballast"), make([]byte, free-left), 0o600)
		if err != nil && !errors.Is(err, syscall.ENOSPC) { // somebody else has taken some in the meantime
			d.t.Error(err)
		}
	}
}

// clear makes room.
func (d *smallDisk) clear() { _ = os.Remove(filepath.Join(d.path, "ballast")) }

// counted is a platform that counts the calls that start something.
type counted struct {
	engine.Platform
	before func(call int64)
	calls  atomic.Int64
}

// Start implements engine.Platform.
func (c *counted) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	c.before(c.calls.Add(1))
	return c.Platform.Start(ctx, req)
}

// saysFull checks that an error tells which disk is full.
func saysFull(t *testing.T, what, message, dir string) {
	t.Helper()
	if !strings.Contains(message, "the disk is full") || !strings.Contains(message, dir) {
		t.Errorf("%s: %s", what, message)
	}
}

// TestFaultsADiskThatFills fills a disk at any moment of a run. The error says
// that, and which; when there is room again the run goes on, and what was finished
// is not repeated.
func TestFaultsADiskThatFills(t *testing.T) {
	t.Parallel()
	if !withSmallDisks(t) {
		return
	}
	for _, disk := range []struct{ what, folder string }{{"the disk of the history", "state"}, {"the disk of the platform", "platform"}, {"the disk of both", "."}} {
		t.Run(disk.what, func(t *testing.T) {
			seed := engine.Seed(t)
			for i := range engine.Cases(2, 100) {
				rng := engine.Case(seed, i)
				left, at := int64(rng.IntN(200))<<10, int64(rng.IntN(7)) // 0 is before it begins
				t.Run(fmt.Sprintf("%d KiB are left from call %d on", left>>10, at), func(t *testing.T) {
					dir := t.TempDir()
					fillInTheMiddle(t, dir, mountSmallDisk(t, filepath.Join(dir, disk.folder)), left, at)
				})
			}
		})
	}
}

func fillInTheMiddle(t *testing.T, dir string, disk *smallDisk, left, at int64) {
	b := newBench(t, dir)
	if at == 0 {
		disk.fill(left)
	}
	b.engine.Platform = &counted{Platform: b.engine.Platform, before: func(call int64) {
		if call == at {
			disk.fill(left)
		}
	}}
	p := program(t, read(t, "testdata/release.json"), engine.Options{})
	r, err := b.engine.Run(t.Context(), p, engine.RunOptions{ID: "r"})
	switch {
	case err != nil:
		saysFull(t, "the run", err.Error(), disk.path)
	case r.State != engine.StateSuccess:
		saysFull(t, "the run", r.Error.Message, disk.path)
	}
	_ = b.platform.Close()
	_ = b.store.Close()

	disk.clear()
	b = newBench(t, dir)
	if err := b.store.Adopt(t.Context(), engine.Describe); err != nil {
		t.Fatal(err)
	}
	again, err := b.store.Find(t.Context(), "r")
	switch {
	case errors.Is(err, history.ErrNoRun):
		r, err = b.run(p), nil
	case err != nil:
		t.Fatal(err)
	case again.Interrupted || again.Status == string(engine.StateUnknown):
		r, err = b.engine.Resume(t.Context(), "r", engine.RunOptions{})
	default:
		r.State = engine.State(again.Status)
	}
	if err == nil && r.State == engine.StateFailure {
		// The platform had no room either, and the journal could still say so.
		r, err = b.engine.Retry(t.Context(), "r", engine.RunOptions{})
	}
	if err != nil || r.State != engine.StateSuccess {
		t.Fatalf("with room again: %+v, %+v, %v", r, r.Error, err)
	}
	b.doneOnce("create projects/release", "create projects/release/services/builder", "create projects/release/jobs/migrate",
		"create projects/release/secrets/settings", "run projects/release/services/builder", "run projects/release/jobs/migrate")
	b.nothingRepeated(r.ID)
}

func TestOpeningAHistoryOnAFullDiskSaysSo(t *testing.T) {
	if !withSmallDisks(t) {
		return
	}
	for kib := int64(0); kib < 64; kib += 4 {
		disk := mountSmallDisk(t, filepath.Join(t.TempDir(), "state"))
		disk.fill(kib << 10)
		store, err := history.Open(t.Context(), disk.path)
		if err != nil {
			saysFull(t, fmt.Sprintf("opening the history with %d KiB", kib), err.Error(), disk.path)
		} else {
			_ = store.Close()
		}
		if err == nil && kib == 0 {
			t.Error("the disk was not full")
		}
		disk.clear()
		if store, err = history.Open(t.Context(), disk.path); err != nil {
			t.Errorf("with room again, after %d KiB: %v", kib, err)
		} else {
			_ = store.Close()
		}
	}
}
