package gitops

import (
	"path/filepath"

	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/source"
)

// Watched returns the files that are written when the links of a file, or what they have
// come to, change: the private links, and those that the project shares. They may not be
// there yet.
func (s *Syncer) Watched(file string) []string {
	root, ok := source.Repository(filepath.Dir(file))
	if !ok {
		root = filepath.Dir(file)
	}
	return []string{s.path(), filepath.Join(root, SharedFolder, SharedName)}
}

// Fetched returns the file that is written when a fetch has found the branch of a link
// moved. It may not be there yet.
func (s *Syncer) Fetched(l Link) string {
	return git.NotedIn(filepath.Join(s.Dir, l.cache()+".git"), l.Branch)
}
