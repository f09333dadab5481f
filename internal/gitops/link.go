package gitops

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
)

// Link ties a template to a file in a repository.
type Link struct {
	// Name is the identity of the template: queue, overrides, kept secrets and history go by
	// it. It is unique.
	Name string
	// File is the absolute path on this machine.
	File   string
	URL    git.URL
	Branch git.Branch
	Path   git.Path
	// Autorun says whether the template runs when the file changes; nil leaves that to the
	// file's options.autorun.
	Autorun *bool
	// Shared links stand in the .northflank/sync.json of a project.
	Shared bool
}

// place is the same for all links of one file on this machine to one file elsewhere.
func (l Link) place() string {
	return digest(l.File, l.URL.Key(), l.Branch.String(), l.Path.String())
}

// cache is the same for all links to one repository.
func (l Link) cache() string { return digest(l.URL.Key()) }

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:10])
}

// linkText is a link as it is stored.
type linkText struct {
	Name string `json:"name"`
	// File is absolute, or in a shared link relative to the folder that holds .northflank.
	File       string `json:"file"`
	Repository string `json:"repository"`
	Branch     string `json:"branch"`
	Path       string `json:"path"`
	Autorun    *bool  `json:"autorun,omitempty"`
	// Sealed is the address with its secrets, encrypted; private links only.
	Sealed []byte `json:"sealed,omitempty"`
}

// read checks a stored link as if somebody had just typed it.
func (t linkText) read(root string, address string) (Link, error) {
	l := Link{Name: t.Name, File: filepath.FromSlash(t.File), Autorun: t.Autorun}
	var err error
	if l.URL, err = git.ParseURL(address, root); err != nil {
		return l, err
	}
	if l.Branch, err = git.ParseBranch(t.Branch); err != nil {
		return l, err
	}
	if l.Path, err = git.ParsePath(t.Path); err != nil {
		return l, err
	}
	switch {
	case strings.TrimSpace(l.Name) == "":
		return l, errors.New("a link has no name")
	case l.File == "":
		return l, fmt.Errorf("the link %s has no file", l.Name)
	}
	return l, nil
}

// within makes the file of a shared link absolute. It is somebody else who has written the
// link, so that the file has to lie in the project, also where folders in it are links.
func (l Link) within(root string) (Link, error) {
	if !filepath.IsLocal(l.File) {
		return l, fmt.Errorf("the link %s leads out of the project, to %s", l.Name, l.File)
	}
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return l, err
	}
	path := filepath.Join(real, l.File)
	for at := path; ; at = filepath.Dir(at) { // the nearest that is there
		target, err := filepath.EvalSymlinks(at)
		if err != nil && at != filepath.Dir(at) {
			continue
		}
		if rel, err := filepath.Rel(real, target); err != nil || !filepath.IsLocal(rel) {
			return l, fmt.Errorf("the link %s leads out of the project, by a symbolic link at %s", l.Name, at)
		}
		break
	}
	l.File = path
	return l, nil
}
