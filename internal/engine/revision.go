package engine

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine/history"
)

// A Revision says which version of a document a run is of, as far as that is known.
type Revision struct {
	// Source is the hash of the document's text (see [Source]).
	Source string `json:"source,omitempty"`
	// Commit is the commit of the Git repository that the file belongs to, in full.
	// Modified says that the text is not the one that the commit has.
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	// Version is the number of the version of a document that a platform stores.
	Version int `json:"version,omitempty"`
}

// RevisionOf is that of a run in the index; nil where nothing is known, as of runs that
// were recorded by an earlier version of this program.
func RevisionOf(r history.Run) *Revision {
	v := Revision{r.Source, r.Commit, r.Modified, r.Version}
	if v == (Revision{}) {
		return nil
	}
	return &v
}

// shownDigits is how many digits of a hash are told to people.
const shownDigits = 10

// String tells people the version: the number of a stored document's, else the commit,
// else the text's hash.
func (r *Revision) String() string {
	switch {
	case r == nil:
		return ""
	case r.Version > 0:
		return fmt.Sprintf("version %d", r.Version)
	case r.Commit != "" && r.Modified:
		return "commit " + brief(r.Commit) + ", changed"
	case r.Commit != "":
		return "commit " + brief(r.Commit)
	case r.Source != "":
		return "text " + brief(r.Source)
	}
	return ""
}

func brief(hash string) string { return hash[:min(len(hash), shownDigits)] }

// ParseCommit reads a commit as processes hand it on: its hash, with a plus where the
// text is not the one that it has.
func ParseCommit(s string) Revision {
	commit, modified := strings.CutSuffix(s, "+")
	return Revision{Commit: commit, Modified: modified}
}
