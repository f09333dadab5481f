package analysis_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// Any bracket or quote is taken out of right templates: what is asked somewhere
// else in the file is answered as if it were there, and what is answered fits the
// text as it is.
func TestWhereABracketIsLostTheRestIsAnsweredAsBefore(t *testing.T) {
	large, few := 4000, 200
	if testing.Short() {
		large, few = 1000, 1
	}
	asked := map[byte]int{}
	wrong := map[byte]int{}
	for _, name := range rightTemplates(t) {
		text := readTemplate(t, name)
		if len(text) > large {
			continue
		}
		right := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		for at := 1; at < len(text); at++ {
			sign := text[at]
			if strings.IndexByte(`{}[]"`, sign) < 0 || sign == '"' && at%5 != 0 {
				continue
			}
			tree := right.Tree.Edit(syntax.Edit{Range: syntax.Range{Start: at, End: at + 1}})
			if !tree.Green().HasErrors() {
				continue
			}
			broken := analysis.NewSnapshot(tree, right, nil)
			for o := at % 83; o < len(text); o += 83 {
				if !strings.Contains(text[min(o, at):max(o, at)], "\n") {
					continue
				}
				p := pair{t, right, broken, at}
				asked[sign]++
				if !p.answersAlike(o) {
					wrong[sign]++
				}
				if t.Failed() {
					t.Fatalf("%s: without the %q behind %q, at %d", name, sign, tail(text[:at]), o)
				}
			}
		}
	}
	for sign, n := range asked {
		t.Logf("without a %q, %d of %d answers are others", sign, wrong[sign], n)
		if n < few || wrong[sign]*100 > n {
			t.Errorf("without a %q, %d of %d answers are others", sign, wrong[sign], n)
		}
	}
}

// pair is a template and the same without the character at a place.
type pair struct {
	t             *testing.T
	right, broken *analysis.Snapshot
	lost          int
}

// offset is where an offset of the right text is in the broken one.
func (p *pair) offset(o int) int {
	if o > p.lost {
		return o - 1
	}
	return o
}

func (p *pair) span(r syntax.Range) syntax.Range {
	return syntax.Range{Start: p.offset(r.Start), End: p.offset(r.End)}
}

// answersAlike reports whether completion, hover, definition and references say
// the same at an offset of the right text and at its place in the broken one.
func (p *pair) answersAlike(o int) bool {
	at, alike := p.offset(o), true
	want, got := p.right.Complete(o), p.broken.Complete(at)
	if labels(want) != labels(got) {
		alike = false
	} else {
		for i := range got {
			w, g := want[i], got[i]
			if g.Insert != w.Insert || g.Range != p.span(w.Range) || len(g.Added) != len(w.Added) {
				alike = false
			}
			if g.Range.Start > at || g.Range.End < at {
				p.t.Errorf("%q replaces %v at %d", g.Label, g.Range, at)
			}
			if text, err := edit.Apply(p.broken.Tree.Source(), append(slices.Clone(g.Added), syntax.Edit{Range: g.Range, NewText: g.Insert})); err != nil || text == "" {
				p.t.Errorf("%q cannot be inserted: %v", g.Label, err)
			}
		}
	}
	h, g := p.right.Hover(o), p.broken.Hover(at)
	switch {
	case h == nil && g == nil:
	case h == nil || g == nil || h.Markdown != g.Markdown || p.span(h.Range) != g.Range:
		alike = false
	}
	_, targets := p.right.Definition(o)
	_, found := p.broken.Definition(at)
	for i := range targets {
		targets[i] = analysis.Target{Range: p.span(targets[i].Range), Whole: p.span(targets[i].Whole)}
	}
	alike = alike && slices.Equal(targets, found)
	uses := p.right.References(o, true)
	for i := range uses {
		uses[i] = p.span(uses[i])
	}
	return alike && slices.Equal(uses, p.broken.References(at, true))
}

func labels(items []analysis.CompletionItem) string {
	var b strings.Builder
	for _, i := range items {
		b.WriteString(i.Label)
		b.WriteByte(' ')
	}
	return b.String()
}

const lostBrace = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "arguments": { "BRANCH": "main" },
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        { "kind": "Project", "ref": "project", "spec":  "name": "Shop", "region": "europe-west" } },
        { "kind": "Build", "ref": "build", "spec": { "id": "web", "projectId": "${refs.project.id}", "branch": "${fn.if(args.BRANCH, )}" } }
      ]
    }
  }
}
`

func TestWhatIsNamedCanBeRenamedWhereABraceIsLost(t *testing.T) {
	s := analysis.NewSnapshot(syntax.Parse(lostBrace), nil, nil)
	at := strings.Index(lostBrace, "refs.project") + len("refs.p")
	if r, err := s.PrepareRename(at); err != nil || r == nil || lostBrace[r.Range.Start:r.Range.End] != "project" {
		t.Fatalf("got %v, %v", r, err)
	}
	edits, err := s.Rename(at, "shop")
	if err != nil {
		t.Fatal(err)
	}
	got, err := edit.Apply(lostBrace, edits)
	if want := strings.NewReplacer(`"ref": "project"`, `"ref": "shop"`, "refs.project", "refs.shop").Replace(lostBrace); err != nil || got != want {
		t.Errorf("%v: got\n%s", err, got)
	}
	if n := len(s.LinkedRanges(at)); n != 2 {
		t.Errorf("%d places are linked", n)
	}
}

func TestSignaturesAndTheOutlineSurviveALostBrace(t *testing.T) {
	s := analysis.NewSnapshot(syntax.Parse(lostBrace), nil, nil)
	if sig := s.Signature(strings.Index(lostBrace, ", )") + 2); sig == nil || sig.Active != 1 {
		t.Errorf("got %+v", sig)
	}
	right := analysis.NewSnapshot(syntax.Parse(strings.Replace(lostBrace, `"spec":  "name"`, `"spec": { "name"`, 1)), nil, nil)
	var names func([]analysis.Symbol, string) []string
	names = func(symbols []analysis.Symbol, text string) (out []string) {
		for _, x := range symbols {
			out = append(append(out, x.Name+" "+text[x.Selection.Start:x.Selection.End]), names(x.Children, text)...)
		}
		return out
	}
	want, got := names(right.Symbols()[0].Children, right.Tree.Source()), names(s.Symbols()[0].Children, lostBrace)
	if !slices.Equal(want, got) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, want := len(s.Lenses()), len(right.Lenses()); got != want {
		t.Errorf("%d lenses, want %d", got, want)
	}
	shown := func(s *analysis.Snapshot) (out []string) {
		text := s.Tree.Source()
		for _, h := range s.Hints(syntax.Range{End: len(text)}, analysis.AllHints) {
			out = append(out, tail(text[:h.Offset])[40:]+h.Label)
		}
		for _, f := range s.Folds() {
			out = append(out, fmt.Sprint(text[f.Range.Start:][:20], text[:f.Range.End][f.Range.End-20:], f.Closed))
		}
		for _, r := range s.Selection(strings.Index(text, "refs.project") + 7) {
			out = append(out, text[r.Start:][:10]+text[:r.End][r.End-1:])
		}
		return out
	}
	if got, want := shown(s), shown(right); !slices.Equal(got, want) || len(want) < 12 {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestAFoldWhoseEndIsLostIsOpen(t *testing.T) {
	text := "{\n  \"apiVersion\": \"v1.2\",\n  \"arguments\": {\n    \"A\": \"1\",\n    \"B\": \"${args.A}\",\n  \"spec\": {\n    \"kind\": \"Workflow\",\n    \"spec\": { \"type\": \"sequential\", \"steps\": [] }\n  }\n}\n"
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	open := ""
	for _, f := range s.Folds() {
		if !f.Closed {
			open += text[f.Range.Start:f.Range.End]
		}
	}
	if strings.TrimSpace(open) != "\"A\": \"1\",\n    \"B\": \"${args.A}\"" {
		t.Errorf("open is %q", open)
	}
}

// On the line of the mistake the text is what somebody is typing.
func TestWhatIsBeingTypedIsReadAsItIs(t *testing.T) {
	text := strings.Replace(lostBrace, `"spec":  "name"`, `"spec": { "": "name"`, 1)
	s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	if items := s.Complete(strings.Index(text, `"": "name"`) + 1); !strings.Contains(labels(items), "description") {
		t.Errorf("offered are %q", labels(items))
	}
}

// However a template is damaged, what is answered lies in the text as it is.
func TestAnswersAboutDamagedTextLieInTheText(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	const signs = `{}[]",:` + "\n"
	var texts []string
	for _, name := range rightTemplates(t) {
		if text := readTemplate(t, name); len(text) < 6000 {
			texts = append(texts, text)
		}
	}
	var prev *analysis.Snapshot
	for range 400 {
		text := texts[r.IntN(len(texts))]
		for range 1 + r.IntN(2) {
			at := r.IntN(len(text))
			switch r.IntN(3) {
			case 0:
				text = text[:at] + signs[r.IntN(len(signs)):][:1] + text[at:]
			default:
				if i := strings.IndexAny(text[at:], `{}[]"`); i >= 0 {
					text = text[:at+i] + signs[r.IntN(len(signs)):][:r.IntN(2)] + text[at+i+1:]
				}
			}
		}
		s := analysis.NewSnapshot(syntax.Parse(text), prev, nil)
		if prev = s; r.IntN(4) == 0 {
			prev = nil
		}
		inside := func(r syntax.Range, what string) {
			if r.Start < 0 || r.End > len(text) || r.Start > r.End {
				t.Fatalf("%s has the range %v in\n%s", what, r, text)
			}
		}
		for range 5 {
			at := r.IntN(len(text) + 1)
			for _, i := range s.Complete(at) {
				if inside(i.Range, i.Label); at < i.Range.Start || at > i.Range.End || strings.Contains(text[i.Range.Start:i.Range.End], "\n") {
					t.Fatalf("%q replaces %v at %d in\n%s", i.Label, i.Range, at, text)
				}
				s.Explain(i.Topic)
				for _, e := range append(s.RefAddition(i.RefFor, i.Ref), i.Added...) {
					inside(e.Range, i.Label)
				}
			}
			if h := s.Hover(at); h != nil {
				inside(h.Range, "the hover")
			}
			s.Signature(at)
			if origin, targets := s.Definition(at); len(targets) > 0 {
				inside(origin, "the origin")
				inside(targets[0].Range, "the definition")
				inside(targets[0].Whole, "what is defined")
			}
			for _, r := range append(s.References(at, true), s.LinkedRanges(at)...) {
				inside(r, "a reference")
			}
			if place, ok := s.SchemaAt(at); ok {
				inside(place.Origin, "what has a schema")
			}
			if edits, err := s.Rename(at, "other"); err == nil {
				if _, err := edit.Apply(text, edits); err != nil {
					t.Fatalf("renaming at %d: %v in\n%s", at, err, text)
				}
			}
		}
		for _, l := range s.Lenses() {
			inside(l.Range, "a lens")
		}
		for _, f := range s.Folds() {
			inside(f.Range, "a fold")
		}
		for _, h := range s.Hints(syntax.Range{End: len(text)}, analysis.AllHints) {
			inside(syntax.Range{Start: h.Offset, End: h.Offset}, "a hint")
		}
		for last, tokens := 0, s.Tokens(syntax.Range{End: len(text)}); len(tokens) > 0; tokens = tokens[1:] {
			if inside(tokens[0].Range, "a token"); tokens[0].Range.Start < last {
				t.Fatalf("the token at %v is out of order in\n%s", tokens[0].Range, text)
			}
			last = tokens[0].Range.End
		}
		for _, f := range s.Findings() {
			inside(f.Range, string(f.Code))
			for _, fix := range s.Fixes(f) {
				if _, err := edit.Apply(text, fix.Edits); err != nil {
					t.Fatalf("%q: %v in\n%s", fix.Title, err, text)
				}
			}
		}
		at := r.IntN(len(text) + 1)
		for _, change := range s.Refactorings(syntax.Range{Start: at, End: at}, analysis.Question{}) {
			if edits, err := s.Refactor(change.At, change.ID); err == nil {
				if _, err := edit.Apply(text, edits); err != nil {
					t.Fatalf("%q at %d: %v in\n%s", change.Title, at, err, text)
				}
			}
		}
		for around, ranges := (syntax.Range{End: len(text)}), s.Selection(r.IntN(len(text)+1)); len(ranges) > 0; ranges = ranges[:len(ranges)-1] {
			inner := ranges[len(ranges)-1]
			if inside(inner, "a selection"); inner.Start < around.Start || inner.End > around.End {
				t.Fatalf("the selections %v do not grow in\n%s", ranges, text)
			}
			around = inner
		}
		var symbols func(around syntax.Range, all []analysis.Symbol)
		symbols = func(around syntax.Range, all []analysis.Symbol) {
			for _, x := range all {
				inside(x.Range, x.Name)
				inside(x.Selection, x.Name)
				if x.Range.Start < around.Start || x.Range.End > around.End || x.Selection.Start < x.Range.Start || x.Selection.End > x.Range.End {
					t.Fatalf("%q at %v, named at %v, is not within %v of\n%s", x.Name, x.Range, x.Selection, around, text)
				}
				symbols(x.Range, x.Children)
			}
		}
		symbols(syntax.Range{End: len(text)}, s.Symbols())
	}
}

// What is changed while a bracket is lost somewhere else is what would be changed
// if it were there, or nothing: the bracket is as lost as before.
func TestAChangeIsTheSameWhereABracketIsLost(t *testing.T) {
	changed, refused, others := 0, 0, 0
	for _, name := range rightTemplates(t) {
		text := readTemplate(t, name)
		if len(text) > 6500 {
			continue
		}
		right := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		for at := 1; at < len(text); at++ {
			if strings.IndexByte(`{}[]`, text[at]) < 0 {
				continue
			}
			broken := analysis.NewSnapshot(right.Tree.Edit(syntax.Edit{Range: syntax.Range{Start: at, End: at + 1}}), right, nil)
			told := broken.Tree.Explained()
			if len(told) != 1 || broken.Tree.Edit(told[0].Fix...).Source() != text {
				continue // it may as well have stood somewhere else
			}
			if all := broken.Tree.Errors(); len(all) == 1 && slices.Equal(all[0].Fix, told[0].Fix) {
				continue // the text is read as if it were there
			}
			p := pair{t, right, broken, at}
			for o := at % 37; o < len(text); o += 37 {
				if !strings.Contains(text[min(o, at):max(o, at)], "\n") {
					continue
				}
				here := syntax.Range{Start: p.offset(o), End: p.offset(o)}
				for _, r := range broken.Refactorings(here, analysis.Question{}) {
					if r.Disabled != "" {
						continue
					}
					edits, err := broken.Refactor(r.At, r.ID)
					if err != nil {
						refused++
						continue
					}
					got, err := edit.Apply(broken.Tree.Source(), edits)
					if err != nil {
						t.Fatalf("%s: %q at %d: %v", name, r.Title, o, err)
					}
					want, err := right.Refactor(syntax.Range{Start: o, End: o}, r.ID)
					if err != nil {
						others++
						continue
					}
					changed++
					whole, err := edit.Apply(text, want)
					if err != nil {
						t.Fatal(err)
					}
					if told := syntax.Parse(got).Explained(); len(told) != 1 || syntax.Parse(got).Edit(told[0].Fix...).Source() != whole {
						t.Fatalf("%s without the %q at %d: %q makes\n%s", name, text[at], at, r.Title, got)
					}
				}
			}
		}
	}
	t.Logf("%d changes, %d refused, %d that the right text has not", changed, refused, others)
	if changed < 200 || refused == 0 || others > 0 {
		t.Errorf("%d changes, %d refused, %d that the right text has not", changed, refused, others)
	}
}

func TestExpressionsKeepTheirColoursWhereABraceIsLost(t *testing.T) {
	right := strings.Replace(lostBrace, `"spec":  "name"`, `"spec": { "name"`, 1)
	shown := func(text string) (out []string) {
		for _, token := range analysis.NewSnapshot(syntax.Parse(text), nil, nil).Tokens(syntax.Range{End: len(text)}) {
			out = append(out, fmt.Sprint(text[token.Range.Start:token.Range.End], token.Type))
		}
		return out
	}
	if got, want := shown(lostBrace), shown(right); !slices.Equal(got, want) || len(want) < 8 {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

const lostFirst = `
  "apiVersion": "v1.2",
  "name": "Shop",
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        { "kind": "Project", "ref": "project", "spec": { "name": "Shop", "region": "europe-west", "colour": "#000000" } },
        { "kind": "Build", "spec": { "id": "web", "type": "service", "projectId": "${refs.project.id}", "branch": "${args.BRANCH}" } }
      ]
    }
  }
}
`

func TestATemplateWithoutItsFirstBraceIsToldAndMended(t *testing.T) {
	s := analysis.NewSnapshot(syntax.Parse(lostFirst), nil, nil)
	if s.IsTemplate() {
		t.Fatal("it can be read as it is")
	}
	var got []string
	for _, f := range s.Findings() {
		got = append(got, string(f.Code)+" "+lostFirst[f.Range.Start:f.Range.End])
	}
	// Where the brace is lost, a line may be, so that nothing is missed.
	if want := []string{"syntax-error ", "unknown-property \"colour\""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, f := range s.Findings()[1:] {
		for _, fix := range s.Fixes(f) {
			text, err := edit.Apply(lostFirst, fix.Edits)
			if err != nil || strings.Contains(text, `"colour"`) || strings.Contains(text, `"color"`) != strings.Contains(fix.Title, "color") {
				t.Errorf("%q makes %v\n%s", fix.Title, err, text)
			}
		}
	}
	m := s.Mend()
	if !m.Snapshot.IsTemplate() || len(m.Snapshot.Tree.Errors()) > 0 || !strings.Contains(m.Snapshot.Tree.Source(), `"color"`) {
		t.Errorf("it is mended to\n%s", m.Snapshot.Tree.Source())
	}
	off := &analysis.Config{Suppressions: []*analysis.Suppression{{Code: analysis.CodeUnknownProperty, Node: "project"}}}
	if left := analysis.NewSnapshot(syntax.Parse(lostFirst), nil, off).Findings(); len(left) != 1 {
		t.Errorf("suppressed, there are %v", left)
	}
}

// Both braces may be lost, or be brackets: that is as certain where the text is a
// template with them.
func TestATemplateWithOtherBracketsAroundItOrNoneIsToldAndMended(t *testing.T) {
	inner := lostFirst[:len(lostFirst)-len("\n}\n")]
	for name, tt := range map[string]struct{ text, message string }{
		"a bracket opens it":       {"[" + lostFirst, "write `{` instead of `[`"},
		"it stands in brackets":    {"[" + inner + "\n]\n", "members stand in braces: write `{` and `}` instead of `[` and `]`"},
		"nothing stands around it": {inner + "\n", "a JSON document is one value: put braces around its members"},
	} {
		t.Run(name, func(t *testing.T) {
			s := analysis.NewSnapshot(syntax.Parse(tt.text), nil, nil)
			found := s.Findings()
			if len(found) != 2 || found[0].Message != tt.message || found[1].Code != analysis.CodeUnknownProperty {
				t.Fatalf("got %v", found)
			}
			if !s.LacksBraces() {
				t.Error("it is no template")
			}
			at := strings.Index(tt.text, "refs.project")
			if h := s.Hover(at + len("refs.p")); h == nil || !strings.Contains(h.Markdown, "Shop") {
				t.Errorf("the hover says %+v", h)
			}
			if _, targets := s.Definition(at + len("refs.p")); len(targets) != 1 {
				t.Errorf("the definition is %v", targets)
			}
			m := s.Mend().Snapshot
			if !m.IsTemplate() || len(m.Tree.Errors()) > 0 || !strings.Contains(m.Tree.Source(), `"color"`) {
				t.Errorf("it is mended to\n%s", m.Tree.Source())
			}
		})
	}
}

// One more mistake is told beside the braces, and what is asked is answered.
func TestATemplateWithoutItsBracesAndOneMoreMistakeIsToldAndMended(t *testing.T) {
	inner := lostFirst[:len(lostFirst)-len("\n}\n")]
	for name, tt := range map[string]struct{ text, message string }{
		"a comma is missing":               {strings.Replace(lostFirst, `"Shop",`, `"Shop"`, 1), "expected a comma after the value of \"name\""},
		"and both braces":                  {strings.Replace(inner, `"Shop",`, `"Shop"`, 1), "expected a comma after the value of \"name\""},
		"and brackets are around it":       {"[" + strings.Replace(inner, `"Shop",`, `"Shop"`, 1) + "]", "expected a comma after the value of \"name\""},
		"another bracket is lost":          {strings.Replace(lostFirst, "[", "", 1), "expected `[` here, which is closed below"},
		"a closing bracket, at both ends":  {strings.Replace(inner, "      ]\n", "", 1), "this `[` is never closed: add `]`"},
		"a comma is too many at the end":   {lostFirst[:len(lostFirst)-3] + ",\n", "remove the comma after the last member, \"spec\""},
		"a quote is missing":               {strings.Replace(inner, "v1.2\"", "v1.2", 1), "this string is not closed: add a double quote at its end"},
		"with Windows line ends, no colon": {strings.ReplaceAll(strings.Replace(inner, `"id": "web"`, `"id" "web"`, 1), "\n", "\r\n"), "expected a colon after \"id\""},
	} {
		t.Run(name, func(t *testing.T) {
			s := analysis.NewSnapshot(syntax.Parse(tt.text), nil, nil)
			var messages []string
			for _, f := range s.Findings() {
				if f.Code == analysis.CodeSyntaxError {
					messages = append(messages, f.Message)
				}
			}
			if len(messages) != 2 || !slices.Contains(messages, tt.message) || !s.LacksBraces() {
				t.Errorf("told is %q", messages)
			}
			if h := s.Hover(strings.Index(tt.text, "refs.project") + len("refs.p")); h == nil || !strings.Contains(h.Markdown, "Shop") {
				t.Errorf("the hover says %+v", h)
			}
			m := s.Mend().Snapshot
			if !m.IsTemplate() || len(m.Tree.Errors()) > 0 || !strings.Contains(m.Tree.Source(), `"color"`) {
				t.Errorf("it is mended to\n%s", m.Tree.Source())
			}
		})
	}
}

func TestWhatOneBraceDoesNotMakeATemplateOfIsLeftAlone(t *testing.T) {
	for name, text := range map[string]string{
		"no template with a brace":        "\"name\": \"x\",\n\"version\": \"1.0.0\"\n}\n",
		"a list with a name in it":        `["apiVersion", "v1.2", "spec"]`,
		"no template in brackets":         "[\n\"name\": \"x\",\n\"kind\": \"1.0.0\"\n]\n",
		"a string":                        `"apiVersion"`,
		"a name and nothing else":         `"apiVersion": }`,
		"two more things are wrong":       strings.NewReplacer("[", "", `"Shop",`, `"Shop"`).Replace(lostFirst),
		"two lost braces of three":        strings.Replace(lostFirst, `"spec": {`, `"spec":`, 2),
		"a chart without its brace":       "\"apiVersion\": \"v1\",\n\"name\": \"x\"\n\"version\": \"1.0.0\"\n}\n",
		"the manifest of another machine": "\"apiVersion\": \"apps/v1\",\n\"kind\": \"Deployment\",\n\"spec\": {}\n}\n",
	} {
		if found := analysis.NewSnapshot(syntax.Parse(text), nil, nil).Findings(); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}
