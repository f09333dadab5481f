package lsp

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
)

// gitMarks are what a version of a document has changed.
type gitMarks struct {
	versions *gitVersions
	state    string
	// ours is what the document has changed since both sides last agreed, theirs what the
	// repository has, head what the document has changed since HEAD.
	ours, head []changes.Mark
	theirs     []changes.Change
}

// gitMarks works out what this version has changed; nil where nothing is known to compare
// it with. Only what was edited is looked at closely, and the result is kept.
func (d *Document) gitMarks() *gitMarks {
	snapshot := d.Analysis()
	g := &d.env.git
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known == nil {
		return nil
	}
	if g.of == d {
		return g.marks
	}
	if !snapshot.IsTemplate() {
		return nil
	}
	live := changes.OfDocument(snapshot.Doc, g.live)
	m := &gitMarks{versions: g.known, state: g.known.state(d.Text())}
	broken := snapshot.Tree.Green().HasErrors()
	gone := make(map[changes.Change]bool)
	compare := func(v *gitVersion) []changes.Mark {
		var kept []changes.Mark
		for _, c := range v.apart().Marks(live) {
			switch {
			case c.What == changes.Removed && broken && !g.gone[c.Change], c.What == changes.Moved && broken:
				continue // a bracket that is missing takes others out of the list
			case c.What == changes.Removed:
				gone[c.Change] = true
			}
			kept = append(kept, c)
		}
		return kept
	}
	if g.known.Head != nil && g.known.Head.Commit != "" {
		m.head = compare(g.known.Head)
	}
	if g.known.Base.has() {
		m.ours = compare(g.known.Base)
		if g.known.Theirs.has() {
			m.theirs = g.known.Base.apart().Until(g.known.Theirs.apart())
		}
	}
	if !broken {
		g.gone = gone
	}
	g.live, g.of, g.marks = live, d, m
	return m
}

// lenses are titles and commands for the start of the document.
func (m *gitMarks) lenses() [][2]string {
	if m == nil || m.state == gitUnlinked {
		return nil
	}
	lenses := [][2]string{{m.title(), commandSyncStatus}, {"Pull", commandSyncPull}}
	switch m.state {
	case "conflict":
		lenses = append(lenses, [2]string{"Resolve", commandSyncResolve})
	case "ahead", "diverged", "new":
		lenses = append(lenses, [2]string{"Push", commandSyncPush})
	}
	return lenses
}

// title says in a few words how the document stands to its repository; empty where it is
// not linked.
func (m *gitMarks) title() string {
	switch m.state {
	case gitUnlinked:
		return ""
	case gitUnknown:
		return "Git: not known"
	case "in-sync":
		return "Git: in step"
	case "new":
		return "Git: new, not pushed yet"
	case "deleted":
		return "Git: deleted in the repository"
	case "missing":
		return "Git: not pulled yet"
	}
	var parts []string
	count := func(n int, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	count(len(m.ours), "change", "changes")
	count(len(m.theirs), "behind", "behind")
	if m.state == "conflict" {
		count(len(m.versions.Conflicts), "conflict", "conflicts")
	}
	if len(parts) == 0 { // no node means anything else
		parts = append(parts, map[string]string{"ahead": "laid out anew", "behind": "laid out anew there"}[m.state])
		if parts[0] == "" {
			parts[0] = "laid out in other ways"
		}
	}
	return "Git: " + strings.Join(parts, ", ")
}
