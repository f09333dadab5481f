package lsp

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
)

// maxGitValue is how much of a value is shown, in characters, maxGitParts how many of the
// properties that have changed are named.
const (
	maxGitValue = 300
	maxGitParts = 6
)

// atOlderVersions says in Markdown what stood at the byte offset at HEAD, and what the
// repository has there, where that is something else. Secrets are masked.
func (d *Document) atOlderVersions(g *gitVersions, offset int) string {
	if g == nil {
		return ""
	}
	// The marks keep the version of this text.
	if d.gitMarks() == nil {
		return ""
	}
	d.env.git.mu.Lock()
	live, of := d.env.git.live, d.env.git.of
	d.env.git.mu.Unlock()
	if of != d {
		return ""
	}
	var lines []string
	say := func(v *gitVersion, at, since string) {
		if !v.has() {
			return
		}
		if p, ok := v.apart().Place(live, offset); ok {
			if line := describePlace(p, fmt.Sprintf("%s (`%s`)", at, v.short()), fmt.Sprintf("%s (`%s`)", since, v.short())); line != "" {
				lines = append(lines, line)
			}
		}
	}
	say(g.Head, "At HEAD", "since HEAD")
	if g.Base.has() && (!g.Head.has() || *g.Head.Text != *g.Base.Text) {
		say(g.Base, "When both sides last agreed", "since both sides last agreed")
	}
	if g.Theirs.has() && g.Base.has() {
		// What the document alone has changed says nothing about the repository.
		mine, ok := g.Theirs.apart().Place(live, offset)
		if common, was := g.Base.apart().Place(live, offset); ok && was && !mine.Whole && mine.Shown(mine.Was) != common.Shown(common.Was) {
			say(g.Theirs, "In the repository", "beside the repository")
		}
	}
	return strings.Join(lines, "\n\n")
}

// describePlace is one line about a place that is not what it was.
func describePlace(p changes.Place, at, since string) string {
	switch {
	case p.Whole && p.Change.What == changes.Added:
		return at + ": not there"
	case p.Whole && p.Change.What == changes.Moved:
		return "Moved " + since
	case p.Whole && p.Change.What == changes.Changed:
		pointers, more := p.Differences(maxGitParts)
		if len(pointers) == 0 {
			return ""
		}
		for i, pointer := range pointers {
			pointers[i] = asCode(strings.TrimPrefix(pointer, "/"))
		}
		text := "Changed " + since + ": " + strings.Join(pointers, ", ")
		if more {
			text += ", …"
		}
		return text
	case p.Whole || p.Same() || p.Change.What == changes.Added:
		return ""
	case !p.Was.IsValid():
		return at + ": not there"
	}
	shown := []rune(p.Shown(p.Was))
	if len(shown) > maxGitValue {
		shown = append(shown[:maxGitValue], '…')
	}
	return at + ": " + asCode(string(shown))
}

// asCode writes a text as code in Markdown, whatever backticks it holds.
func asCode(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}
