package analysis_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// Templates are spelled anew: many characters of their strings as escapes, those
// outside of the first plane as two, lines that end as on Windows. Whatever is
// asked is answered as before, at the places that the old ones have become.
func TestEscapesAndLineEndsChangeNoAnswer(t *testing.T) {
	for name, text := range map[string]string{
		"entangled": entangled, "expressions": readTemplate(t, "expressions.json"), "loops": readTemplate(t, "customer-fleet.json"), "nested": readTemplate(t, "preview-blueprint.json"),
	} {
		t.Run(name, func(t *testing.T) {
			text = strings.ReplaceAll(text, "\r", "")
			r := newRespelt(t, text, nil)
			r.whole()
			for at := 0; at < len(text) && !t.Failed(); at += 29 {
				if utf8.RuneStart(text[at]) {
					r.place(at, at%11 == 0)
				}
			}
		})
	}
}

// So are the fixes of every rule, and all changes.
func TestChangesAreTheSameInAnySpelling(t *testing.T) {
	everyCase(t, func(t *testing.T, c *testCase) {
		// Where there are mistakes an escape might stand where JSON has none; the words
		// around a private key are only known as they are.
		if !c.snapshot.Tree.Green().HasErrors() && !strings.Contains(c.text, "PRIVATE KEY") {
			newRespelt(t, c.text, c.snapshot.Config).whole()
		}
	})
	everyRefactorCase(t, func(t *testing.T, c *refactorCase, _ []string) {
		if !c.crlf && !c.snapshot.Tree.Green().HasErrors() {
			newRespelt(t, c.snapshot.Tree.Source(), nil).changes(c.at)
		}
	})
}

// respell returns the text in another spelling, and where its offsets are in it.
func respell(text string) (string, []int) {
	var b strings.Builder
	places := make([]int, len(text)+1)
	inString := false
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if r == '\\' { // as it is
			n = 2
			if text[i+1] == 'u' {
				n = 6
			}
		}
		for k := range n {
			places[i+k] = b.Len()
		}
		switch {
		case r == '\n':
			b.WriteString("\r\n")
		case r > 0xFFFF && inString:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04X`, high, low)
		case inString && n == utf8.RuneLen(r) && r != '"' && (i%4 == 0 || strings.ContainsRune("${.'(", r)):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			inString = inString != (r == '"')
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	places[len(text)] = b.Len()
	return b.String(), places
}

// respelt is a template in two spellings.
type respelt struct {
	t              *testing.T
	places         []int
	plain, escaped *analysis.Snapshot
}

func newRespelt(t *testing.T, text string, cfg *analysis.Config) *respelt {
	t.Helper()
	spelled, places := respell(text)
	snapshot := func(text string) *analysis.Snapshot { return analysis.NewSnapshot(syntax.Parse(text), nil, cfg) }
	return &respelt{t, places, snapshot(text), snapshot(spelled)}
}

func (r *respelt) there(at syntax.Range) syntax.Range {
	return syntax.Range{Start: r.places[at.Start], End: r.places[at.End]}
}

// same reports answers that differ.
func (r *respelt) same(what string, at int, plain, escaped any) {
	r.t.Helper()
	if was, is := fmt.Sprint(plain), fmt.Sprint(escaped); was != is {
		source := r.plain.Tree.Source()
		line := strings.LastIndexByte(source[:at], '\n') + 1
		r.t.Errorf("%s at %q\nis  %s\nwas %s", what, source[line:at]+cursor+strings.SplitN(source[at:], "\n", 2)[0], is, was)
	}
}

// whole compares what is said of the whole text.
func (r *respelt) whole() {
	plain, escaped := r.plain.Findings(), r.escaped.Findings()
	if len(plain) != len(escaped) {
		r.t.Fatalf("there are %d findings, there were %d: %+v", len(escaped), len(plain), escaped)
	}
	for i, f := range plain {
		r.same("a finding", f.Range.Start, fmt.Sprint(f.Code, f.Message, r.there(f.Range)), fmt.Sprint(escaped[i].Code, escaped[i].Message, escaped[i].Range))
		fixes, others := r.plain.Fixes(f), r.escaped.Fixes(escaped[i])
		r.same("the number of fixes", f.Range.Start, len(fixes), len(others))
		for j := 0; j < len(fixes) && j < len(others); j++ {
			r.same(fixes[j].Title, f.Range.Start, r.after(r.plain, fixes[j].Edits), r.after(r.escaped, others[j].Edits))
		}
	}
	all := func(s *analysis.Snapshot) syntax.Range { return syntax.Range{End: s.Tree.Size()} }
	tokens := r.plain.Tokens(all(r.plain))
	for i := range tokens {
		tokens[i].Range = r.there(tokens[i].Range)
	}
	r.same("a token", 0, tokens, r.escaped.Tokens(all(r.escaped)))
	hints := r.plain.Hints(all(r.plain), analysis.AllHints)
	for i := range hints {
		hints[i].Offset = r.places[hints[i].Offset]
	}
	r.same("a hint", 0, hints, r.escaped.Hints(all(r.escaped), analysis.AllHints))
	r.same("the outline", 0, r.outline(r.plain.Symbols(), r.there), r.outline(r.escaped.Symbols(), func(at syntax.Range) syntax.Range { return at }))
}

func (r *respelt) outline(symbols []analysis.Symbol, place func(syntax.Range) syntax.Range) string {
	var b strings.Builder
	for _, s := range symbols {
		fmt.Fprintln(&b, s.Name, s.Detail, place(s.Range), place(s.Selection))
		b.WriteString(r.outline(s.Children, place))
	}
	return b.String()
}

// place compares what is said of a place, and, where it is thorough, what may be
// written or changed there.
func (r *respelt) place(at int, thorough bool) {
	there := r.places[at]
	hover := func(h *analysis.Hover, place func(syntax.Range) syntax.Range) string {
		if h == nil {
			return "none"
		}
		return fmt.Sprint(place(h.Range), h.Markdown)
	}
	r.same("the hover", at, hover(r.plain.Hover(at), r.there), hover(r.escaped.Hover(there), func(at syntax.Range) syntax.Range { return at }))
	_, targets := r.plain.Definition(at)
	for i := range targets {
		targets[i] = analysis.Target{Range: r.there(targets[i].Range), Whole: r.there(targets[i].Whole)}
	}
	_, others := r.escaped.Definition(there)
	r.same("the definition", at, targets, others)
	uses, selection := r.plain.References(at, true), r.plain.Selection(at)
	for _, ranges := range [][]syntax.Range{uses, selection} {
		for i := range ranges {
			ranges[i] = r.there(ranges[i])
		}
	}
	r.same("the uses", at, uses, r.escaped.References(there, true))
	r.same("the selection", at, selection, r.escaped.Selection(there))
	r.same("the signature", at, r.plain.Signature(at), r.escaped.Signature(there))
	if !thorough {
		return
	}
	renamed, err := r.plain.Rename(at, "it's")
	otherwise, err2 := r.escaped.Rename(there, "it's")
	r.same("whether it can be renamed", at, err, err2)
	r.same("the renaming", at, r.after(r.plain, renamed), r.after(r.escaped, otherwise))
	items, same := r.plain.Complete(at), r.escaped.Complete(there)
	r.same("the items", at, labels(items), labels(same))
	for i := 0; i < len(items) && i < len(same); i += 1 + len(items)/4 {
		r.same("the item "+items[i].Label, at, meaning(chosen(r.t, r.plain, items[i])), meaning(chosen(r.t, r.escaped, same[i])))
	}
	r.changes(syntax.Range{Start: at, End: at})
}

// changes compares what may be changed at a place, and what comes of it.
func (r *respelt) changes(at syntax.Range) {
	changes, others := r.plain.Refactorings(at, analysis.Question{Thorough: true}), r.escaped.Refactorings(r.there(at), analysis.Question{Thorough: true})
	r.same("the number of changes", at.Start, len(changes), len(others))
	for i := 0; i < len(changes) && i < len(others); i++ {
		edits, err := r.plain.Refactor(changes[i].At, changes[i].ID)
		otherwise, err2 := r.escaped.Refactor(others[i].At, others[i].ID)
		r.same("whether it can be done: "+changes[i].Title, at.Start, err == nil, err2 == nil)
		r.same(changes[i].Title, at.Start, r.after(r.plain, edits), r.after(r.escaped, otherwise))
	}
}

// after is what a text means with edits made.
func (r *respelt) after(s *analysis.Snapshot, edits []syntax.Edit) string {
	text, err := edit.Apply(s.Tree.Source(), edits)
	if err != nil {
		r.t.Errorf("%v in\n%s", err, s.Tree.Source())
	}
	return meaning(text)
}

// meaning is a text without the ways in which it could be spelled otherwise.
func meaning(text string) string {
	tree := syntax.Parse(text)
	var parts []string
	for token := range tree.Tokens() {
		switch written := tree.Slice(token.Range); token.Kind {
		case syntax.KindSpace:
		case syntax.KindString:
			parts = append(parts, syntax.Parse(written).Root().Text())
		default:
			parts = append(parts, written)
		}
	}
	return strings.Join(parts, "\n")
}
