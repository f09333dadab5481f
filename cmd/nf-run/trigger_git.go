package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// mostCommits is how many commits of a push are looked at.
const mostCommits = 500

// A workingCopy is a Git repository on this machine, which need not be one: then it
// knows nothing.
type workingCopy struct {
	ctx context.Context
	dir string
}

func repositoryIn(ctx context.Context, dir string) workingCopy { return workingCopy{ctx, dir} }

// git runs Git for machines: people's settings of its output do not matter.
func (w workingCopy) git(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(w.ctx, "git", append([]string{"-c", "core.quotePath=false", "-C", w.dir}, args...)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil && said.Len() > 0 {
		err = fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(said.String()))
	}
	return out, err
}

// line is the only line that Git answers; empty where it fails.
func (w workingCopy) line(args ...string) string {
	out, err := w.git(args...)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

func (w workingCopy) origin() string { return w.line("remote", "get-url", "origin") }
func (w workingCopy) branch() string { return w.line("symbolic-ref", "--quiet", "--short", "HEAD") }

func (w workingCopy) commit(rev string) string {
	return w.line("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
}

// changes are the commits between two, the newest last, and the files in which the two
// differ.
func (w workingCopy) changes(before, after string) ([]trigger.Commit, []string, error) {
	for _, rev := range []*string{&before, &after} {
		sha := w.commit(*rev)
		if sha == "" {
			return nil, nil, fmt.Errorf("there is no commit %q here", *rev)
		}
		*rev = sha
	}
	commits, err := w.log(before + ".." + after)
	if err != nil {
		return nil, nil, err
	}
	out, err := w.git("diff", "--name-only", "-z", "--no-renames", "--no-color", "--no-ext-diff", "--no-textconv", before, after, "--")
	if err != nil {
		return nil, nil, err
	}
	paths := []string{}
	for path := range strings.SplitSeq(string(out), "\x00") {
		if path != "" {
			paths = append(paths, path)
		}
	}
	return commits, paths, nil
}

// newest is the newest commit; none where Git does not tell.
func (w workingCopy) newest(sha string) []trigger.Commit {
	commits, err := w.log(sha, "--max-count=1")
	if err != nil {
		return nil
	}
	return commits
}

func (w workingCopy) log(args ...string) ([]trigger.Commit, error) {
	out, err := w.git(append([]string{"log", "-z", "--no-color", "--no-show-signature", fmt.Sprintf("--max-count=%d", mostCommits), "--format=%H%n%B"}, append(args, "--")...)...)
	if err != nil {
		return nil, err
	}
	var commits []trigger.Commit
	for entry := range strings.SplitSeq(string(out), "\x00") {
		if sha, message, ok := strings.Cut(entry, "\n"); ok {
			commits = append([]trigger.Commit{{SHA: sha, Message: strings.TrimSpace(message)}}, commits...)
		}
	}
	return commits, nil
}
