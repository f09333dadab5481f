package truth

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// path names members and elements from the root of the file on.
type path []string

func (p path) join(names ...string) path { return append(p[:len(p):len(p)], names...) }

// pathOf reads a JSON pointer.
func pathOf(pointer string) path {
	if pointer == "" {
		return nil
	}
	names := strings.Split(pointer[1:], "/")
	for i, name := range names {
		names[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	}
	return names
}

func (p path) in(root syntax.Value) syntax.Value {
	for _, name := range p {
		if root.Kind() != syntax.KindArray {
			root = root.Get(name)
		} else if i, err := strconv.Atoi(name); err == nil {
			root = root.Index(i)
		}
	}
	return root
}

// value is the value at a path.
func value(p path) place {
	return func(_ string, root syntax.Value) syntax.Range { return p.in(root).Range() }
}

// key is the name of the last member at a path.
func key(p path) place {
	return func(_ string, root syntax.Value) syntax.Range {
		var last syntax.Range
		for m := range p[:len(p)-1].in(root).Members() {
			if m.KeyText() == p[len(p)-1] {
				last = m.Key().Range()
			}
		}
		return last
	}
}

// opening is the brace that opens the object at a path.
func opening(p path) place {
	return func(_ string, root syntax.Value) syntax.Range {
		r := p.in(root).Range()
		r.End = min(r.End, r.Start+1)
		return r
	}
}

// at is a stretch of text that stays where it is, or what an edit puts there.
func at(start, end int) place {
	return func(string, syntax.Value) syntax.Range { return syntax.Range{Start: start, End: end} }
}

// written is what a single edit puts into the text.
func written(e syntax.Edit) place { return at(e.Start, e.Start+len(e.NewText)) }

// change makes edits with a builder; it panics where the builder refuses, which
// is a mistake of the mutator.
func (s *subject) change(with func(b *edit.Builder)) []syntax.Edit {
	b := edit.New(s.Tree)
	with(b)
	edits, err := b.Edits()
	if err != nil {
		panic(s.name + ": " + err.Error())
	}
	return edits
}

// swapped swaps two neighbouring letters in the middle of a word, as fingers do.
func swapped(word string) string {
	letters := []rune(word)
	for i := len(letters) / 2; i > 0; i-- {
		if letters[i] != letters[i-1] {
			letters[i], letters[i-1] = letters[i-1], letters[i]
			return string(letters)
		}
	}
	return word + "x"
}
