package gitops

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// inCopy is a clone whose file lies in a working copy of the repository.
func inCopy(t *testing.T) (c *clone, bare, root string) {
	t.Helper()
	bare = origin(t)
	first := newClone(t, bare, shop)
	first.push()
	root = filepath.Join(t.TempDir(), "copy")
	sh(t, "", "clone", "-q", bare, root)
	c = newClone(t, bare, "")
	if err := c.s.Unlink(t.Context(), []Link{c.link}); err != nil {
		t.Fatal(err)
	}
	c.link.File = filepath.Join(root, "infra", "shop.json")
	if _, err := c.s.Link(t.Context(), c.link); err != nil {
		t.Fatal(err)
	}
	return c, bare, root
}

func hook(t *testing.T, root, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(root, ".git", "hooks", name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestTheHooksOfTheWorkingCopyRun(t *testing.T) {
	c, bare, root := inCopy(t)
	// Something else is staged, and something is not: a commit of one file has neither.
	for name, text := range map[string]string{"other": "staged", "more": "not staged"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sh(t, root, "add", "other")
	status := sh(t, root, "status", "--porcelain", "--", "other", "more")
	log := filepath.Join(t.TempDir(), "log")
	hook(t, root, "pre-commit", "git diff --cached --name-only -- '*.json' >"+log+"\ngit show :infra/shop.json | grep -q large\n")
	hook(t, root, "prepare-commit-msg", "[ $2 = message ] && sed -i 's/^/NF-12: /' \"$1\"\n")
	hook(t, root, "commit-msg", "grep -q ^NF- \"$1\"\n")
	c.write(replacePlan(shop, "large"))
	c.push()
	if got := sh(t, bare, "log", "-1", "--format=%s", "main"); got != "NF-12: Change cache in shop.json" {
		t.Errorf("the message is %q", got)
	}
	if text, err := os.ReadFile(log); err != nil || string(text) != "infra/shop.json\n" {
		t.Errorf("pre-commit has seen %q, %v", text, err)
	}
	if now := sh(t, root, "status", "--porcelain", "--", "other", "more"); now != status {
		t.Errorf("the status of the working copy was\n%s\nand is\n%s", status, now)
	}
}

func TestAHookOfTheWorkingCopyThatRefuses(t *testing.T) {
	for _, tt := range []struct{ name, hook, script, want string }{
		{"pre-commit says no", "pre-commit", "echo 'plans are for the others' >&2\nexit 1\n", "plans are for the others"},
		{"pre-commit formats the file", "pre-commit", "echo '{}' >infra/shop.json && git add infra/shop.json\n", "has changed infra/shop.json"},
		{"commit-msg says no", "commit-msg", "echo 'a message names its ticket'\nexit 3\n", "a message names its ticket"},
		{"commit-msg leaves no message", "commit-msg", ": >\"$1\"\n", "no message"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, bare, root := inCopy(t)
			before := sh(t, bare, "rev-parse", "main")
			hook(t, root, tt.hook, tt.script)
			c.write(replacePlan(shop, "large"))
			_, err := c.s.Push(t.Context(), c.link, PushOptions{})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !ForPeople(err) {
				t.Fatalf("the push ended with %v", err)
			}
			if sh(t, bare, "rev-parse", "main") != before {
				t.Error("something was pushed")
			}
			c.write(replacePlan(shop, "large"))
			if d, err := c.s.Push(t.Context(), c.link, PushOptions{NoVerify: true}); err != nil || d.Outcome != Pushed {
				t.Errorf("without hooks: %+v, %v", d, err)
			}
		})
	}
}

func TestOnlyHooksOfTheUserRun(t *testing.T) {
	c, _, root := inCopy(t)
	// A folder of hooks that somebody has committed is nobody's choice here.
	if err := os.MkdirAll(filepath.Join(root, "hooks"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "hooks", "pre-commit"), []byte("#!/bin/sh\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, ".git", "hooks", "pre-commit"), []byte("#!/bin/sh\nexit 1\n"), 0o600); err != nil {
		t.Fatal(err) // git runs none that cannot be executed
	}
	c.write(replacePlan(shop, "large"))
	c.push()
	// In a working copy of another repository its hooks have no say.
	hook(t, root, "pre-commit", "exit 1\n")
	sh(t, root, "remote", "set-url", "origin", "https://example.com/other.git")
	c.write(replacePlan(shop, "huge"))
	c.push()
	// Where the user has set another folder, it counts.
	sh(t, root, "remote", "set-url", "origin", c.link.URL.Raw())
	if err := os.Remove(filepath.Join(root, ".git", "hooks", "pre-commit")); err != nil {
		t.Fatal(err)
	}
	sh(t, root, "config", "core.hooksPath", "hooks")
	c.write(replacePlan(shop, "small"))
	if _, err := c.s.Push(t.Context(), c.link, PushOptions{}); err == nil {
		t.Error("the hook that the user has set was not run")
	}
}

// A commit is signed where the user signs, with the key that the user has.
func TestCommitsAreSigned(t *testing.T) {
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("there is no ssh-keygen")
	}
	c, bare, root := inCopy(t)
	key := filepath.Join(t.TempDir(), "key")
	if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ada@example.com", "-f", key).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	public, err := os.ReadFile(key + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	signers := filepath.Join(t.TempDir(), "signers")
	if err := os.WriteFile(signers, []byte("ada@example.com "+string(public)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, set := range [][2]string{{"commit.gpgSign", "true"}, {"gpg.format", "ssh"}, {"user.signingKey", key + ".pub"}} {
		sh(t, root, "config", set[0], set[1])
	}
	c.write(replacePlan(shop, "large"))
	c.push()
	if out := sh(t, bare, "-c", "gpg.ssh.allowedSignersFile="+signers, "log", "-1", "--format=%G? %GS", "main"); out != "G ada@example.com" {
		t.Errorf("the signature is %q", out)
	}
	// Its program counts as well, as at the prompt there.
	signer := filepath.Join(t.TempDir(), "signer")
	if err := os.WriteFile(signer, []byte("#!/bin/sh\necho >>'"+signer+".ran'\nexec ssh-keygen \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	sh(t, root, "config", "gpg.ssh.program", signer)
	c.write(replacePlan(shop, "medium"))
	c.push()
	if _, err := os.Stat(signer + ".ran"); err != nil {
		t.Error("the program that is set in the working copy has not signed")
	}
	// A key that is not there stops the push.
	sh(t, root, "config", "user.signingKey", key+".gone")
	c.write(replacePlan(shop, "huge"))
	_, err = c.s.Push(t.Context(), c.link, PushOptions{})
	var failed *git.Error
	if !errors.As(err, &failed) || failed.Reason != git.NoSignature || sh(t, bare, "rev-list", "--count", "main") != "3" {
		t.Errorf("it was pushed without a signature: %v", err)
	}
}
