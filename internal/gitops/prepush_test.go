package gitops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The hook sees what it would see at the prompt: the remote, the names, and the commit in
// the working copy, also where others have pushed what was never fetched there.
func TestPrePushOfTheWorkingCopyRuns(t *testing.T) {
	c, bare, root := inCopy(t)
	log := filepath.Join(t.TempDir(), "log")
	hook(t, root, "pre-push", `exec >>'`+log+`' 2>&1
echo "$1 $2 $(pwd)"
while read local sha ref old; do
	echo "$ref $old"
	git log --format=%s $old..$sha
	git diff --name-only $old $sha
	git show $sha:infra/shop.json | grep -o large
done
`)
	other := newClone(t, bare, "")
	other.write(strings.Replace(shop, `"Shop"`, `"Their shop"`, 1))
	other.push()
	other.write(strings.Replace(shop, `"Shop"`, `"Our shop"`, 1))
	other.push()
	before := sh(t, bare, "rev-parse", "main")
	head, refs := sh(t, root, "rev-parse", "HEAD"), sh(t, root, "for-each-ref")
	c.write(replacePlan(c.read(), "large"))
	c.push()
	got, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		t.Fatal(err)
	}
	want := "origin " + bare + " " + real + "\nrefs/heads/main " + before + "\nChange cache in shop.json\ninfra/shop.json\nlarge\n"
	if string(got) != want {
		t.Errorf("the hook has seen\n%s\nwant\n%s", got, want)
	}
	if sh(t, root, "rev-parse", "HEAD") != head || sh(t, root, "for-each-ref") != refs {
		t.Error("the branches of the working copy have moved")
	}
	sh(t, root, "fsck", "--connectivity-only")
	sh(t, root, "checkout", "-q", "--", ".")
	sh(t, root, "pull", "-q", "--ff-only")
	sh(t, root, "fsck")
}

func TestPrePushThatRefuses(t *testing.T) {
	c, bare, root := inCopy(t)
	before := sh(t, bare, "rev-parse", "main")
	hook(t, root, "pre-push", "echo 'not on Fridays' >&2\nexit 1\n")
	c.write(replacePlan(shop, "large"))
	_, err := c.s.Push(t.Context(), c.link, PushOptions{})
	if err == nil || !strings.Contains(err.Error(), "not on Fridays") || !ForPeople(err) {
		t.Fatalf("the push ended with %v", err)
	}
	if sh(t, bare, "rev-parse", "main") != before {
		t.Error("something was pushed")
	}
	if d, err := c.s.Push(t.Context(), c.link, PushOptions{NoVerify: true}); err != nil || d.Outcome != Pushed {
		t.Errorf("without hooks: %+v, %v", d, err)
	}
}

// Hooks that the user has set for all repositories run once, wherever the file lies.
func TestPrePushOfAllRepositories(t *testing.T) {
	hooks := t.TempDir()
	log := filepath.Join(hooks, "log")
	c, _, root := inCopy(t)
	outside := newClone(t, c.link.URL.Raw(), "")
	if err := os.WriteFile(filepath.Join(hooks, "pre-push"), []byte("#!/bin/sh\necho ran >>'"+log+"'\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "core.hooksPath")
	t.Setenv("GIT_CONFIG_VALUE_0", hooks)
	ran := func() int {
		text, _ := os.ReadFile(log)
		return strings.Count(string(text), "ran")
	}
	c.write(replacePlan(shop, "large"))
	c.push()
	if ran() != 1 {
		t.Errorf("it has run %d times for a file in the working copy %s", ran(), root)
	}
	outside.pull()
	outside.write(replacePlan(outside.read(), "huge"))
	outside.push()
	if ran() != 2 {
		t.Errorf("it has run %d times for both", ran())
	}
}
