package gitops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/filelock"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/source"
)

// Where a project keeps the links that its people share.
const (
	SharedFolder = ".northflank"
	SharedName   = "sync.json"
)

// Syncer keeps templates and files in repositories one. It may be used by several
// processes at once.
type Syncer struct {
	// Dir is the folder of links and caches, below the state folder.
	Dir string
	Git *git.Program
	// Sealer encrypts addresses that hold a password or a token.
	Sealer seal.Sealer
	// Rewritten goes on where the history of a branch was rewritten, with what is there.
	Rewritten bool
	// Owe is asked which run a change of its file owes to a link, and where it runs; the file
	// has the text then. Without an id none is owed, as without Owe.
	Owe func(l Link, text string) (run, target string)
	// Now is the clock; nil for the machine's.
	Now func() time.Time
}

// stored is the private file of links and of what they have come to.
type stored struct {
	Version int                   `json:"version"`
	Links   []linkText            `json:"links"`
	Places  map[string]*placeText `json:"places"`
}

// placeText is what is known of a file and its other half.
type placeText struct {
	// Base is the blob that both had when they last agreed, Commit the one that it was in.
	Base   git.Hash  `json:"base,omitempty"`
	Commit git.Hash  `json:"commit,omitempty"`
	At     time.Time `json:"at,omitzero"`
	// Conflict is set while somebody has to settle one: it is with this blob.
	Conflict git.Hash `json:"conflict,omitempty"`
	// Runs are those that were started because the file has changed, the newest first.
	Runs []StartedRun `json:"runs,omitempty"`
	// Owed are those that nobody has started yet.
	Owed []OwedRun `json:"owed,omitempty"`
}

// StartedRun is a run that a change of the file has started.
type StartedRun struct {
	Run    string    `json:"run"`
	Link   string    `json:"link"`
	Commit git.Hash  `json:"commit"`
	At     time.Time `json:"at"`
}

const (
	storedVersion = 1
	keptRuns      = 50
)

func (s *Syncer) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Syncer) path() string { return filepath.Join(s.Dir, "links.json") }

func (s *Syncer) load() (*stored, error) {
	f := stored{Version: storedVersion}
	if err := readPrivate(s.path(), &f, &f.Version); err != nil {
		return nil, err
	}
	if f.Places == nil {
		f.Places = map[string]*placeText{}
	}
	return &f, nil
}

// change reads, changes and replaces the private file, under its lock.
func (s *Syncer) change(ctx context.Context, change func(*stored) error) error {
	unlock, err := s.lock(ctx, "links")
	if err != nil {
		return err
	}
	defer unlock()
	f, err := s.load()
	if err != nil {
		return err
	}
	if err := change(f); err != nil {
		return err
	}
	return writePrivate(s.path(), f)
}

// readPrivate reads a file of our own, which has a version; one that is not there changes
// nothing.
func readPrivate(path string, into any, version *int) error {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("the links cannot be read: %w", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s is damaged: %w", path, err)
	}
	if *version > storedVersion {
		return fmt.Errorf("%s was written by a newer nf-run: use that one", path)
	}
	return nil
}

// writePrivate replaces such a file, for its user alone.
func writePrivate(path string, content any) error {
	text, err := json.MarshalIndent(content, "", "  ")
	if err != nil {
		return err
	}
	if err := source.Write(path, string(text)+"\n"); err != nil {
		return err
	}
	return os.Chmod(path, 0o600)
}

// lock takes a lock among processes, and waits for it.
func (s *Syncer) lock(ctx context.Context, name string) (unlock func(), err error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of links cannot be made: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(s.Dir, name+".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the lock of %s cannot be opened: %w", name, err)
	}
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 200*time.Millisecond) {
		ok, err := filelock.Try(f, filelock.Exclusive)
		if err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("the lock of %s cannot be taken: %w", name, err)
		}
		if ok {
			return func() { _ = f.Close() }, nil
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// Links returns the private links, and those that the project around a folder shares.
func (s *Syncer) Links(near string) ([]Link, error) {
	f, err := s.load()
	if err != nil {
		return nil, err
	}
	var links []Link
	names := map[string]bool{}
	for _, t := range f.Links {
		address := t.Repository
		if len(t.Sealed) > 0 {
			plain, err := s.Sealer.Open(t.Sealed)
			if err != nil {
				return nil, fmt.Errorf("the address of the link %s cannot be opened: %w", t.Name, err)
			}
			address = string(plain)
		}
		l, err := t.read("", address)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.path(), err)
		}
		links = append(links, l)
		names[l.Name] = true
	}
	root, shared, err := readShared(near)
	if err != nil {
		return nil, err
	}
	for _, t := range shared {
		l, err := t.read(root, t.Repository)
		if err == nil && l.URL.Secret() {
			err = fmt.Errorf("the address of the link %s holds a secret, in a file that is shared: take it out and renew it", l.Name)
		}
		if err == nil {
			l, err = l.within(root)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(root, SharedFolder, SharedName), err)
		}
		l.Shared = true
		if !names[l.Name] { // a private link stands over a shared one of the same name
			links = append(links, l)
		}
	}
	return links, nil
}

// For returns the links of a file; with a name, that one alone.
func (s *Syncer) For(file, name string) ([]Link, error) {
	all, err := s.Links(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	var links []Link
	for _, l := range all {
		if sameFile(l.File, file) && (name == "" || l.Name == name) {
			links = append(links, l)
		}
	}
	if len(links) == 0 {
		if name != "" {
			return nil, fmt.Errorf("%s has no link with the name %q", file, name)
		}
		return nil, fmt.Errorf("%s is not linked: link it with 'nf-run sync link %s --repo URL --branch B --path /P'", file, filepath.Base(file))
	}
	return links, nil
}

func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

type sharedFile struct {
	Version int        `json:"version"`
	Links   []linkText `json:"links"`
}

// readShared finds the nearest shared file in a folder or above it, up to the root of the
// repository around it.
func readShared(near string) (root string, links []linkText, err error) {
	stop, in := source.Repository(near)
	for dir := near; ; dir = filepath.Dir(dir) {
		path := filepath.Join(dir, SharedFolder, SharedName)
		text, err := os.ReadFile(path)
		if err == nil {
			var f sharedFile
			d := json.NewDecoder(strings.NewReader(string(text)))
			d.DisallowUnknownFields()
			if err := d.Decode(&f); err != nil {
				return "", nil, fmt.Errorf("%s cannot be read: %w", path, err)
			}
			if f.Version > storedVersion {
				return "", nil, fmt.Errorf("%s is of version %d, and this nf-run knows %d", path, f.Version, storedVersion)
			}
			return dir, f.Links, nil
		}
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return "", nil, err
		}
		if !in || dir == stop || dir == filepath.Dir(dir) {
			return near, nil, nil
		}
	}
}

// add stores a link.
func (s *Syncer) add(ctx context.Context, l Link) error {
	t := linkText{Name: l.Name, File: l.File, Repository: l.URL.Raw(), Branch: l.Branch.String(), Path: "/" + l.Path.String(), Autorun: l.Autorun}
	if l.Shared {
		return addShared(l, t)
	}
	if l.URL.Secret() {
		sealed, err := s.Sealer.Seal([]byte(l.URL.Raw()))
		if err != nil {
			return fmt.Errorf("the address of the repository cannot be sealed: %w", err)
		}
		t.Repository, t.Sealed = l.URL.String(), sealed
	}
	return s.change(ctx, func(f *stored) error {
		i := slices.IndexFunc(f.Links, func(o linkText) bool { return o.Name == l.Name })
		if i >= 0 {
			f.Links[i] = t
		} else {
			f.Links = append(f.Links, t)
		}
		return nil
	})
}

func addShared(l Link, t linkText) error {
	if l.URL.Secret() {
		return errors.New("the address of a shared link may hold no password or token: everybody who has the repository reads it; use a credential helper")
	}
	folder := filepath.Dir(l.File)
	root, links, err := readShared(folder)
	if err != nil {
		return err
	}
	if len(links) == 0 {
		if repository, ok := source.Repository(folder); ok {
			root = repository
		}
	}
	rel, err := filepath.Rel(root, l.File)
	if err != nil || !filepath.IsLocal(rel) {
		return fmt.Errorf("%s does not lie in %s, so the project there cannot share its link", l.File, root)
	}
	t.File = filepath.ToSlash(rel)
	links = slices.DeleteFunc(links, func(o linkText) bool { return o.Name == l.Name })
	return writeShared(root, append(links, t))
}

func writeShared(root string, links []linkText) error {
	text, err := json.MarshalIndent(sharedFile{Version: storedVersion, Links: links}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(root, SharedFolder), 0o755); err != nil {
		return err
	}
	return source.Write(filepath.Join(root, SharedFolder, SharedName), string(text)+"\n")
}

// Unlink forgets links. The files stay, here and in the repository, and so do backups.
func (s *Syncer) Unlink(ctx context.Context, links []Link) error {
	for _, l := range links {
		if l.Shared {
			root, shared, err := readShared(filepath.Dir(l.File))
			if err != nil {
				return err
			}
			if err := writeShared(root, slices.DeleteFunc(shared, func(o linkText) bool { return o.Name == l.Name })); err != nil {
				return err
			}
		}
	}
	return s.change(ctx, func(f *stored) error {
		for _, l := range links {
			f.Links = slices.DeleteFunc(f.Links, func(o linkText) bool { return !l.Shared && o.Name == l.Name })
			left := false
			for _, o := range f.Links {
				left = left || o.File == l.File && o.Path == "/"+l.Path.String() && o.Branch == l.Branch.String() && o.Repository == l.URL.String()
			}
			if !left {
				delete(f.Places, l.place())
			}
		}
		return nil
	})
}

func (f *stored) place(l Link) *placeText {
	p := f.Places[l.place()]
	if p == nil {
		p = &placeText{}
		f.Places[l.place()] = p
	}
	return p
}

// NamesOf returns the names of the links of a file, private and shared. It opens no sealed
// address. What cannot be read has none: the commands of links say why.
func NamesOf(dir, file string) []string {
	var names []string
	add := func(name, path string) {
		if sameFile(path, file) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if f, err := (&Syncer{Dir: dir}).load(); err == nil {
		for _, t := range f.Links {
			add(t.Name, t.File)
		}
	}
	if root, shared, err := readShared(filepath.Dir(file)); err == nil {
		for _, t := range shared {
			if l, err := t.read(root, t.Repository); err == nil {
				if l, err = l.within(root); err == nil {
					add(l.Name, l.File)
				}
			}
		}
	}
	return names
}
