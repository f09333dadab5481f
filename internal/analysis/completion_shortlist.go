package analysis

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// candidate is a reference that a list may show. A large template has tens of
// thousands of them: which are shown is found out before there are items.
type candidate struct {
	// rank and name are what the list is sorted by.
	rank byte
	name string
	// node is what is referred to; it has no facts where that is a trigger.
	node template.Relative
	// iterates is true for a loop that stands for the data of its iterations.
	iterates bool
	// schema is what asks for the node; nil where nothing does.
	schema *catalog.Schema
	// isNamed is true where the node has no ref and gets the name.
	isNamed   bool
	preselect bool
	index     int32 // among all candidates
}

func (c *candidate) sort() string { return string(rune(c.rank)) + c.name }

// note says when the node's output is there, unless it is in time.
func (c *candidate) note() string {
	switch {
	case c.iterates:
		return ", the data of the iteration"
	case c.node.Order == template.Concurrent:
		return ", runs in parallel"
	case c.node.Order == template.After:
		return ", runs later"
	case c.node.Order == template.Around, c.node.Order == template.Within:
		return ", not there in time"
	}
	return ""
}

// shortlist chooses what a list shows: all, in the order in which they come, or
// where there are more than it shows, the first of those in their order that
// what is typed fits.
type shortlist struct {
	most int
	fits func(candidate) bool
	// isNew reports whether a candidate is none of those that came before.
	isNew func(candidate) bool
	// cut is true when there were more than most.
	cut bool

	list  []candidate
	count int32
	// full is true when the list starts with as many as it shows, sorted.
	full bool
}

func (l *shortlist) add(c candidate) {
	c.index = l.count
	l.count++
	if !l.cut {
		if !l.isNew(c) {
			return
		}
		if len(l.list) < l.most {
			l.list = append(l.list, c)
			return
		}
		l.cut = true
		l.list = slices.DeleteFunc(l.list, func(c candidate) bool { return !l.fits(c) })
	}
	if l.full && compareCandidates(c, l.list[l.most-1]) > 0 || !l.fits(c) || !l.isNew(c) {
		return
	}
	if l.list = append(l.list, c); len(l.list)/2 == l.most {
		l.trim()
	}
}

func compareCandidates(a, b candidate) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.name, b.name), cmp.Compare(a.index, b.index))
}

// trim sorts the list and drops what it will not show.
func (l *shortlist) trim() {
	slices.SortFunc(l.list, compareCandidates)
	if len(l.list) >= l.most {
		l.list, l.full = l.list[:l.most], true
	}
}

// chosen returns what the list shows, when all have been added.
func (l *shortlist) chosen() []candidate {
	if l.cut {
		l.trim()
	}
	return l.list
}

// query is what stands in front of the cursor in what an item replaces: as it is
// written and, where that is not the same, as it is meant.
type query struct {
	written, meant letters
	isEscaped      bool // the two are not the same
}

// typed returns what is typed between an offset of the file and the cursor.
func (c *completer) typed(from int) query {
	p := c.place
	raw := c.snapshot.Tree.Slice(syntax.Range{Start: from, End: p.offset})
	q := query{written: lettersOf(raw)}
	if q.isEscaped = p.quoted() && strings.IndexByte(raw, '\\') >= 0; q.isEscaped {
		d := p.str.Decode()
		q.meant = lettersOf(d.Text[d.TextOffset(max(from, p.str.Range().Start+1)):p.textOffset])
	}
	return q
}

// fits reports whether an item that is filtered by the pieces stays in the list:
// see matchEscapes.
func (q query) fits(pieces ...string) bool {
	return q.written.in(pieces...) || q.isEscaped && q.meant.in(pieces...)
}

// letters are what is looked for in names, in lower case.
type letters []rune

func lettersOf(query string) letters { return letters(strings.ToLower(query)) }

// in reports whether the letters stand in the pieces of a name in their order.
func (l letters) in(pieces ...string) bool {
	for _, piece := range pieces {
		for _, r := range piece {
			if len(l) == 0 {
				return true
			}
			if unicode.ToLower(r) == l[0] {
				l = l[1:]
			}
		}
	}
	return len(l) == 0
}
