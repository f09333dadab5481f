package main

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
)

// linkOutput is a link in the JSON forms of sync, version 1.
type linkOutput struct {
	Name       string `json:"name"`
	File       string `json:"file"`
	Repository string `json:"repository"`
	Branch     string `json:"branch"`
	Path       string `json:"path"`
	// Autorun is absent where the file says it.
	Autorun *bool `json:"autorun,omitempty"`
	Shared  bool  `json:"shared,omitempty"`
}

func outputOf(l gitops.Link) linkOutput {
	return linkOutput{l.Name, l.File, l.URL.String(), l.Branch.String(), "/" + l.Path.String(), l.Autorun, l.Shared}
}

// conflictOutput is a conflict. The three versions are as they are written; "" for none.
type conflictOutput struct {
	ID     string `json:"id"`
	Node   string `json:"node,omitempty"`
	Why    string `json:"why"`
	Base   string `json:"base"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
	// Whole conflicts are settled by editing the file.
	Whole bool `json:"whole,omitempty"`
}

func conflictsOf(list []merge.Conflict) []conflictOutput {
	out := []conflictOutput{}
	for _, c := range list {
		out = append(out, conflictOutput{c.ID, c.Node, c.Why, c.Base, c.Ours, c.Theirs, c.Whole})
	}
	return out
}

// doneOutput is what came of link, pull, push and resolve for one file, version 1.
type doneOutput struct {
	Version   int              `json:"version"`
	Links     []linkOutput     `json:"links"`
	Outcome   gitops.Outcome   `json:"outcome"`
	Commit    string           `json:"commit,omitempty"`
	Changes   []changes.Change `json:"changes"`
	Conflicts []conflictOutput `json:"conflicts"`
	// Backups are refs in the bare repository Cache.
	Backups []string     `json:"backups"`
	Cache   string       `json:"cache,omitempty"`
	Runs    []startedRun `json:"runs"`
	// Moved are the arguments whose overrides went to the encrypted store.
	Moved []string `json:"movedOverrides,omitempty"`
	// Kept are those of which a template has one of its own there.
	Kept  []keptOverride `json:"keptOverrides,omitempty"`
	Error string         `json:"error,omitempty"`
}

// startedRun is a run that was started, or the exit code that says why not.
type startedRun struct {
	Link string `json:"link"`
	Run  string `json:"run,omitempty"`
	Exit int    `json:"exit,omitempty"`
	// Owed runs could not be started, and will be tried again.
	Owed bool `json:"owed,omitempty"`
}

func doneOf(links []gitops.Link, d gitops.Done, runs []startedRun, err error) doneOutput {
	out := doneOutput{Version: 1, Outcome: d.Outcome, Commit: string(d.Commit), Changes: d.Changes, Conflicts: conflictsOf(d.Conflicts), Backups: d.Backups, Cache: d.Cache, Runs: runs}
	for _, l := range links {
		out.Links = append(out.Links, outputOf(l))
	}
	if out.Changes == nil {
		out.Changes = []changes.Change{}
	}
	if out.Backups == nil {
		out.Backups = []string{}
	}
	if out.Runs == nil {
		out.Runs = []startedRun{}
	}
	if err != nil {
		out.Error = err.Error()
	}
	return out
}

// outcomeWords say in a sentence what came of it; %s is the place in the repository.
var outcomeWords = map[gitops.Outcome]string{
	gitops.InSync:      "is the same as %s",
	gitops.Updated:     "has what %s has now",
	gitops.Merged:      "has the changes of both sides now; push them to %s",
	gitops.Ahead:       "has changes to push to %s",
	gitops.Behind:      "has nothing to push; there are changes to pull from %s",
	gitops.Diverged:    "has changes, and so has %s; they go together: pull or push",
	gitops.Conflicting: "and %s have changes that do not go together",
	gitops.New:         "is new to %s: the first push makes it",
	gitops.Deleted:     "is gone from %s",
	gitops.Missing:     "is missing here: pull it from %s",
	gitops.Pushed:      "was pushed to %s",
}

func placeOf(l gitops.Link) string { return fmt.Sprintf("%s %s:/%s", l.URL, l.Branch, l.Path) }

// sayDone writes what came of one file for people.
func (c *command) sayDone(l gitops.Link, d gitops.Done, runs []startedRun) {
	if words := outcomeWords[d.Outcome]; words != "" {
		commit := ""
		if d.Commit != "" && (d.Outcome == gitops.Updated || d.Outcome == gitops.Pushed || d.Outcome == gitops.InSync) {
			commit = " (" + d.Commit.Short() + ")"
		}
		fmt.Fprintf(c.out, "%s "+words+"%s\n", l.File, placeOf(l), commit)
	}
	c.sayChanges("  ", d.Changes)
	for _, x := range d.Settled {
		fmt.Fprintf(c.out, "  settled: %s\n", x.ID)
	}
	c.sayConflicts(d.Conflicts)
	if len(d.Backups) > 0 {
		fmt.Fprintf(c.out, "  both versions are saved; to see one: nf-run sync backups %s --show %s\n", l.File, path.Base(d.Backups[0]))
	}
	for _, r := range runs {
		if r.Owed {
			continue // the error says so
		}
		if r.Run == "" {
			fmt.Fprintf(c.out, "  no run of %s was started\n", r.Link)
			continue
		}
		fmt.Fprintf(c.out, "  run %s of %s was started\n", r.Run, r.Link)
	}
}

func (c *command) sayChanges(indent string, list []changes.Change) {
	paint := painterFor(c.out)
	for _, x := range list {
		mark := map[changes.What]string{changes.Added: paint.green("+"), changes.Removed: paint.red("-"), changes.Changed: paint.yellow("~"), changes.Moved: paint.blue(">")}[x.What]
		kind := ""
		if x.Kind != "" && x.Kind != x.Node {
			kind = " (" + x.Kind + ")"
		}
		fmt.Fprintf(c.out, "%s%s %s%s\n", indent, mark, x, kind)
	}
}

func (c *command) sayConflicts(list []merge.Conflict) {
	paint := painterFor(c.out)
	for _, x := range list {
		node := ""
		if x.Node != "" {
			node = x.Node + ": "
		}
		fmt.Fprintf(c.out, "  %s %s%s\n      at %s\n", paint.red("conflict:"), node, x.Why, x.ID)
		for _, side := range [][2]string{{"base", x.Base}, {"ours", x.Ours}, {"theirs", x.Theirs}} {
			text := side[1]
			if text == "" {
				text = "(not there)"
			}
			fmt.Fprintf(c.out, "      %-7s %s\n", side[0]+":", strings.ReplaceAll(shorten(text), "\n", "\n              "))
		}
	}
}

// shorten keeps the first lines of a value.
func shorten(text string) string {
	const lines, columns = 12, 4000
	kept := strings.SplitN(text, "\n", lines+1)
	if len(kept) > lines {
		kept = append(kept[:lines], "...")
	}
	text = strings.Join(kept, "\n")
	if len(text) > columns {
		text = strings.ToValidUTF8(text[:columns], "") + "..."
	}
	return text
}

func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}
