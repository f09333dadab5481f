package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Repository is a bare repository on this machine: a cache of another one, its origin.
// Several processes may use it if they agree on a lock among themselves.
type Repository struct {
	program *Program
	dir     string
	url     URL
}

// Hash names an object of a repository, in hexadecimal digits.
type Hash string

// Short is the beginning of the name that people read.
func (h Hash) Short() string { return string(h[:min(len(h), 10)]) }

// parseHash takes SHA-1 and SHA-256 names.
func parseHash(s string) (Hash, bool) {
	if len(s) != 40 && len(s) != 64 {
		return "", false
	}
	return Hash(s), strings.Trim(s, "0123456789abcdef") == ""
}

// Open returns the cache of a repository in a folder, which is made where it is not
// there yet. Nothing is fetched. What only a cut-short git leaves behind is taken away,
// so the caller has to hold the lock of the folder.
func (p *Program) Open(ctx context.Context, dir string, url URL) (*Repository, error) {
	r := &Repository{program: p, dir: dir, url: url}
	_, err := os.Stat(filepath.Join(dir, "HEAD"))
	if err == nil {
		r.dropStaleLocks(time.Now().Add(-staleAfter))
		if err := os.Chmod(dir, 0o700); err != nil {
			return nil, fmt.Errorf("the cache of %s cannot be kept from others: %w", url, err)
		}
		return r, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the cache of %s cannot be read: %w", url, err)
	}
	// Made beside its place and renamed: half a repository is none.
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, fmt.Errorf("the cache of %s cannot be made: %w", url, err)
	}
	half, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*")
	if err != nil {
		return nil, fmt.Errorf("the cache of %s cannot be made: %w", url, err)
	}
	defer func() { _ = os.RemoveAll(half) }()
	// No template folder: its hooks are for working copies. Backups are in it: what git makes
	// there nobody else may read, whatever the umask.
	if _, err := p.run(ctx, &call{args: []string{"init", "--quiet", "--bare", "--shared=0600", "--template=", "--", half}}); err != nil {
		return nil, err
	}
	for _, set := range [][2]string{
		{"core.repositoryFormatVersion", "1"},
		{"extensions.partialClone", "origin"},
		{"remote.origin.promisor", "true"},
		{"remote.origin.partialCloneFilter", "blob:none"},
		{"core.logAllRefUpdates", "false"},
	} {
		if _, err := p.run(ctx, &call{gitDir: half, args: []string{"config", set[0], set[1]}}); err != nil {
			return nil, err
		}
	}
	if err := os.RemoveAll(dir); err != nil { // what is there has no HEAD: it is no repository
		return nil, fmt.Errorf("the cache of %s cannot be made: %w", url, err)
	}
	if err := os.Rename(half, dir); err != nil {
		return nil, fmt.Errorf("the cache of %s cannot be made: %w", url, err)
	}
	return r, nil
}

// staleAfter is longer than any command of ours takes.
const staleAfter = 30 * time.Minute

func (r *Repository) dropStaleLocks(before time.Time) {
	drop := func(path string, info os.FileInfo) {
		if strings.HasSuffix(path, ".lock") && info.ModTime().Before(before) {
			_ = os.Remove(path)
		}
	}
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			drop(filepath.Join(r.dir, e.Name()), info)
		}
	}
	_ = filepath.Walk(filepath.Join(r.dir, "refs"), func(path string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			drop(path, info)
		}
		return nil
	})
}

// Dir returns the folder of the repository.
func (r *Repository) Dir() string { return r.dir }

// URL returns the address of the origin.
func (r *Repository) URL() URL { return r.url }

func (r *Repository) git(ctx context.Context, args ...string) ([]byte, error) {
	return r.patiently(ctx, &call{gitDir: r.dir, url: r.url, args: args})
}

// patience is how long a git of a process that was killed is waited for: it goes on by
// itself, and the locks of this process say nothing about it.
const patience = 10 * time.Second

// patiently runs a command without input, again where another git is at work.
func (r *Repository) patiently(ctx context.Context, c *call) ([]byte, error) {
	for wait, until := 20*time.Millisecond, time.Now().Add(patience); ; wait = min(2*wait, time.Second) {
		out, err := r.program.run(ctx, c)
		var failed *Error
		if !errors.As(err, &failed) || failed.Reason != Locked || time.Now().After(until) {
			return out, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// Resolve returns the commit that a branch had when it was last fetched; "" where it
// was not, or is gone.
func (r *Repository) Resolve(ctx context.Context, b Branch) (Hash, error) {
	return r.ref(ctx, b.tracking())
}

func (r *Repository) ref(ctx context.Context, name string) (Hash, error) {
	out, err := r.program.run(ctx, &call{gitDir: r.dir, quiet: true, args: []string{"rev-parse", "--verify", "--quiet", "--end-of-options", name}})
	if h, ok := parseHash(strings.TrimSpace(string(out))); ok && err == nil {
		return h, nil
	}
	// Only this says that there is none: who takes any failure for it fetches anew, and
	// forgets the history that it had.
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", nil
	}
	return "", err
}

// Blob returns the content of a file by its name, fetching it where it is missing.
func (r *Repository) Blob(ctx context.Context, h Hash) ([]byte, error) {
	if _, ok := parseHash(string(h)); !ok {
		return nil, fmt.Errorf("%q names no object of a repository", h)
	}
	return r.program.run(ctx, &call{gitDir: r.dir, url: r.url, network: true, args: []string{"cat-file", "blob", string(h)}})
}

// Save stores a content and returns its name. Nothing refers to it yet.
func (r *Repository) Save(ctx context.Context, content []byte) (Hash, error) {
	out, err := r.program.run(ctx, &call{gitDir: r.dir, in: bytes.NewReader(content), args: []string{"hash-object", "-w", "--stdin", "--no-filters"}})
	if err != nil {
		return "", err
	}
	h, ok := parseHash(strings.TrimSpace(string(out)))
	if !ok {
		return "", errors.New("git hash-object answered with no name of an object")
	}
	return h, nil
}

// Keep lets a name below refs/nf/ refer to an object, so that it stays. The name must be
// new: what another name refers to is never let go.
func (r *Repository) Keep(ctx context.Context, name string, h Hash) error {
	ref := "refs/nf/" + name
	if _, err := ParseBranch("x/" + name); err != nil {
		return err
	}
	_, err := r.git(ctx, "update-ref", "--no-deref", ref, string(h), strings.Repeat("0", len(h)))
	return err
}

// Kept is an object that Keep has kept.
type Kept struct {
	Name string // without refs/nf/
	Hash Hash
}

// List returns what is kept below a prefix, such as "backup/", in the order of names.
func (r *Repository) List(ctx context.Context, prefix string) ([]Kept, error) {
	out, err := r.git(ctx, "for-each-ref", "--format=%(objectname) %(refname)", "--sort=refname", "--", "refs/nf/"+prefix)
	if err != nil {
		return nil, err
	}
	var kept []Kept
	for line := range strings.Lines(string(out)) {
		h, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if hash, ok := parseHash(h); ok {
			kept = append(kept, Kept{strings.TrimPrefix(name, "refs/nf/"), hash})
		}
	}
	return kept, nil
}

// Point lets a name below refs/nf/ refer to an object, whatever it has referred to.
func (r *Repository) Point(ctx context.Context, name string, h Hash) error {
	if _, err := ParseBranch("x/" + name); err != nil {
		return err
	}
	_, err := r.git(ctx, "update-ref", "--no-deref", "refs/nf/"+name, string(h))
	return err
}
