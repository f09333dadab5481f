package git

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Head is a file as the last commit of its working copy has it.
type Head struct {
	// Commit is the last commit; empty where there is none yet.
	Commit Hash
	// There is false where that has no such file.
	There bool
	Text  string
	// Watch are the files that Git writes whenever HEAD comes to mean another commit. Some
	// may not be there yet.
	Watch []string
}

// Head reads a file at HEAD. It changes nothing and takes no lock.
func (c *Copy) Head(ctx context.Context, file string) (Head, error) {
	// The log of HEAD tells of every move. Where it is not kept, the others do.
	out, err := c.program.run(ctx, &call{dir: c.root, args: []string{
		"rev-parse", "--path-format=absolute", "--git-path", "logs/HEAD", "--git-path", "HEAD", "--git-path", "packed-refs", "--git-path", "refs/heads",
	}})
	if err != nil {
		return Head{}, err
	}
	var h Head
	for line := range strings.Lines(string(out)) {
		h.Watch = append(h.Watch, filepath.FromSlash(strings.TrimRight(line, "\r\n")))
	}
	if len(h.Watch) != 4 {
		return Head{}, fmt.Errorf("git rev-parse in %s names %d files, not 4", c.root, len(h.Watch))
	}
	branches := h.Watch[3]
	h.Watch = h.Watch[:3]
	branch, err := c.program.run(ctx, &call{dir: c.root, quiet: true, args: []string{"symbolic-ref", "--quiet", "HEAD"}})
	if name, ok := strings.CutPrefix(strings.TrimSpace(string(branch)), "refs/heads/"); err == nil && ok {
		h.Watch = append(h.Watch, filepath.Join(branches, filepath.FromSlash(name)))
	}
	var failed *Error
	if err != nil && (ctx.Err() != nil || errors.As(err, &failed)) {
		return Head{}, err
	}
	commit, path, err := c.find(ctx, "HEAD", file)
	if err != nil || commit == "" {
		return h, err
	}
	h.Commit = commit
	h.Text, h.There, err = c.read(ctx, commit, path)
	return h, err
}
