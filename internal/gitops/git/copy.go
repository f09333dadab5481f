package git

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Copy is a working copy on this machine: of a user, whose it stays. It is only read.
type Copy struct {
	program *Program
	root    string
}

// Copy finds the working copy that a folder lies in.
func (p *Program) Copy(ctx context.Context, folder string) (*Copy, error) {
	out, err := p.run(ctx, &call{dir: folder, args: []string{"rev-parse", "--show-toplevel"}})
	if err != nil {
		var failed *Error
		if errors.As(err, &failed) && failed.Reason == Failed {
			return nil, &Error{Reason: NotFound, Message: fmt.Sprintf("%s lies in no working copy of a Git repository", folder), Err: err}
		}
		return nil, err
	}
	return &Copy{p, filepath.FromSlash(strings.TrimRight(string(out), "\r\n"))}, nil
}

// Standing is the commit that a working copy has checked out, for one of its files.
type Standing struct {
	Commit Hash
	// Modified says that a text is not the one that the commit has for the file.
	Modified bool
}

// Standing tells of which commit a text is that stands in a file; false where that is not
// known: the file lies in no working copy, or the commit does not have it.
func (p *Program) Standing(ctx context.Context, file, text string) (Standing, bool) {
	folder, name := filepath.Split(file)
	out, err := p.run(ctx, &call{dir: folder, args: []string{"rev-parse", "HEAD^{commit}", "HEAD:./" + name}})
	head, kept, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	commit, ok := parseHash(strings.TrimSpace(head))
	if err != nil || !ok {
		return Standing{}, false
	}
	// By the file's name, for its line ends may be others in the repository.
	is, err := p.run(ctx, &call{dir: folder, in: strings.NewReader(text), args: []string{"hash-object", "--stdin", "--path=" + name}})
	return Standing{commit, err != nil || strings.TrimSpace(string(is)) != strings.TrimSpace(kept)}, true
}

// Revision is a file as a revision has it, and how the file on disk differs from it.
type Revision struct {
	Commit Hash
	// There is false where the revision has no such file.
	There bool
	Text  string
	// Diff is a unified diff from Text to the file without context; empty where the two
	// are the same for git.
	Diff []byte
}

// Since compares a file of the working copy with a revision, in any spelling of git: a
// commit, a branch, a tag, HEAD~3.
func (c *Copy) Since(ctx context.Context, revision, file string) (Revision, error) {
	commit, path, err := c.find(ctx, revision, file)
	if err != nil {
		return Revision{}, err
	}
	if commit == "" {
		return Revision{}, fmt.Errorf("%q is no revision of the repository at %s: name a commit, a branch, a tag or HEAD~1; in a shallow clone, fetch its history first", revision, c.root)
	}
	r := Revision{Commit: commit}
	if r.Text, r.There, err = c.read(ctx, commit, path); err != nil || !r.There {
		return r, err
	}
	r.Diff, err = c.program.run(ctx, &call{dir: c.root, network: true, args: diffArgs("--ignore-submodules", string(commit), "--", path.String())})
	return r, err
}

// find returns the commit that a revision means, empty where it means none, and the path of
// a file in it.
func (c *Copy) find(ctx context.Context, revision, file string) (Hash, Path, error) {
	root, err := filepath.EvalSymlinks(c.root)
	if err != nil {
		return "", Path{}, err
	}
	if file, err = filepath.EvalSymlinks(file); err != nil {
		return "", Path{}, err
	}
	rel, err := filepath.Rel(root, file)
	if err != nil {
		return "", Path{}, err
	}
	path, err := ParsePath(filepath.ToSlash(rel))
	if err != nil {
		return "", Path{}, fmt.Errorf("%s does not lie in the working copy at %s: %w", file, root, err)
	}
	out, err := c.program.run(ctx, &call{dir: c.root, quiet: true, args: []string{"rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}"}})
	var failed *Error
	if ctx.Err() != nil || errors.As(err, &failed) {
		return "", Path{}, err
	}
	commit, _ := parseHash(strings.TrimSpace(string(out))) // of what is no revision it is empty
	return commit, path, nil
}

// read reads a file of a commit; there is false where it has none.
func (c *Copy) read(ctx context.Context, commit Hash, path Path) (text string, there bool, err error) {
	// Partial clones fetch what is missing.
	listed, err := c.program.run(ctx, &call{dir: c.root, network: true, args: []string{"ls-tree", "-z", "--full-tree", string(commit), "--", path.String()}})
	if err != nil {
		return "", false, err
	}
	fields := strings.Fields(string(listed))
	if len(fields) < 3 {
		return "", false, nil
	}
	if fields[1] != "blob" || fields[0] == modeLink {
		return "", false, &Error{Reason: NotAFile, Message: fmt.Sprintf("in %s, %s is no file", commit.Short(), path)}
	}
	blob, err := c.program.run(ctx, &call{dir: c.root, network: true, args: []string{"cat-file", "blob", fields[2]}})
	return string(blob), err == nil, err
}
