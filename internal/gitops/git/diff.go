package git

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// diffArgs are those of a diff for machines: unified, without context, and untouched by the
// settings of people.
func diffArgs(more ...string) []string {
	return append([]string{"diff", "-U0", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-prefix", "--text"}, more...)
}

// Diff is a unified diff without context between two contents; empty where they are one.
func (r *Repository) Diff(ctx context.Context, older, newer Hash) ([]byte, error) {
	for _, h := range []Hash{older, newer} {
		if _, ok := parseHash(string(h)); !ok {
			return nil, fmt.Errorf("%q names no object of a repository", h)
		}
	}
	return r.program.run(ctx, &call{gitDir: r.dir, url: r.url, network: true, args: diffArgs(string(older), string(newer), "--")})
}

// DiffFile is a unified diff without context from a text to a file on disk, of which no
// repository gets a copy. Line ends of a system are no difference.
func (p *Program) DiffFile(ctx context.Context, older, file string) ([]byte, error) {
	// Git compares a symbolic link, and not what it leads to.
	file, err := filepath.EvalSymlinks(file)
	if err != nil {
		return nil, err
	}
	out, err := p.run(ctx, &call{dir: filepath.Dir(file), quiet: true, in: strings.NewReader(older), args: diffArgs("--no-index", "--ignore-cr-at-eol", "--", "-", file)})
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return out, nil // they differ
	}
	return out, err
}
