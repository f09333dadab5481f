package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Approve runs the hooks of the working copy that "git commit --only" would run for a
// commit of one file: pre-commit, with an index of its own in which that file alone differs
// from HEAD, prepare-commit-msg and commit-msg. It returns the message as they have left it;
// the error has the reason Refused where one of them says no, or has changed the file. The
// index and the branches of the working copy are left alone.
//
// They are the user's: those of the folder that the user's git goes by, never of what was fetched.
func (c *Copy) Approve(ctx context.Context, p Path, content []byte, message string) (string, error) {
	dir, err := os.MkdirTemp("", "nf-commit-*")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	index := "GIT_INDEX_FILE=" + filepath.Join(dir, "index")

	if c.hasHook(ctx, "pre-commit") {
		if err := c.approveFile(ctx, index, p, content); err != nil {
			return "", err
		}
	}
	asked := false
	file := filepath.Join(dir, "COMMIT_EDITMSG")
	for _, hook := range [][]string{{"prepare-commit-msg", file, "message"}, {"commit-msg", file}} {
		if !c.hasHook(ctx, hook[0]) {
			continue
		}
		if !asked {
			if err := os.WriteFile(file, []byte(strings.TrimRight(message, "\n")+"\n"), 0o600); err != nil {
				return "", err
			}
			asked = true
		}
		if err := c.runHook(ctx, index, hook[0], hook[1:]...); err != nil {
			return "", err
		}
	}
	if !asked {
		return message, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", &Error{Reason: Refused, Message: "a hook of the working copy has left no message for the commit; nothing was pushed"}
	}
	return string(text), nil
}

func (c *Copy) approveFile(ctx context.Context, index string, p Path, content []byte) error {
	git := func(in string, args ...string) (string, error) {
		out, err := c.program.run(ctx, &call{dir: c.root, env: []string{index}, in: strings.NewReader(in), args: args})
		return strings.TrimSpace(string(out)), err
	}
	tree := []string{"read-tree", "HEAD"}
	if _, err := c.program.run(ctx, &call{dir: c.root, quiet: true, args: []string{"rev-parse", "--verify", "--quiet", "HEAD^{commit}"}}); err != nil {
		tree = []string{"read-tree", "--empty"} // nothing was committed yet
	}
	if _, err := git("", tree...); err != nil {
		return err
	}
	blob, err := git(string(content), "hash-object", "-w", "--stdin", "--no-filters")
	if err != nil {
		return err
	}
	staged := func() (string, error) { return git("", "ls-files", "--stage", "--", p.String()) }
	mode := modeFile
	before, err := staged()
	if err != nil {
		return err
	}
	if fields := strings.Fields(before); len(fields) > 0 && fields[0] != modeLink {
		mode = fields[0]
	}
	if _, err := git(mode+" "+blob+"\t"+p.String()+"\n", "update-index", "--add", "--index-info"); err != nil {
		return err
	}
	if err := c.runHook(ctx, index, "pre-commit"); err != nil {
		return err
	}
	after, err := staged()
	if err != nil {
		return err
	}
	if fields := strings.Fields(after); len(fields) < 2 || fields[1] != blob {
		return &Error{Reason: Refused, Message: fmt.Sprintf("the hook pre-commit of the working copy has changed %s: look at it and push again; nothing was pushed", p)}
	}
	return nil
}

// hasHook tells whether there is a hook that git would run.
func (c *Copy) hasHook(ctx context.Context, name string) bool { return c.hookPath(ctx, name) != "" }

// hookPath is where a hook stands that git would run; empty where there is none.
func (c *Copy) hookPath(ctx context.Context, name string) string {
	out, err := c.program.run(ctx, &call{dir: c.root, quiet: true, args: []string{"rev-parse", "--git-path", "hooks/" + name}})
	path := filepath.FromSlash(strings.TrimRight(string(out), "\r\n"))
	if err != nil || path == "" {
		return ""
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(c.root, path)
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
		return ""
	}
	return path
}

func (c *Copy) runHook(ctx context.Context, index, name string, args ...string) error {
	_, err := c.program.run(ctx, &call{
		dir: c.root, network: true, hook: true, env: []string{index, "GIT_EDITOR=:"}, // nobody edits a message here
		args: append([]string{"hook", "run", name, "--"}, args...),
	})
	var failed *Error
	switch {
	case !errors.As(err, &failed):
		return err
	case strings.Contains(failed.Output, "'hook' is not a git command"):
		return &Error{Reason: Failed, Message: fmt.Sprintf("the working copy has the hook %s, which needs git 2.36 or newer to be run: update git, or push with --no-verify", name), Err: err}
	case failed.Reason == NotInstalled || failed.Reason == TimedOut:
		return err
	}
	return &Error{Reason: Refused, Message: fmt.Sprintf("the hook %s of the working copy refused the commit; nothing was pushed", name), Output: failed.Output, Err: err}
}
