package truth

import (
	"regexp"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// textFaults break the text itself.
var textFaults = []*mutator{
	{code: analysis.CodeSyntaxError, name: "a comma is missing", faults: func(s *subject) []fault {
		return s.between(func(before, after syntax.Range) (syntax.Edit, bool) {
			i := strings.IndexByte(s.text[before.End:after.Start], ',')
			return syntax.Edit{Range: syntax.Range{Start: before.End + i, End: before.End + i + 1}}, i >= 0
		})
	}},
	{code: analysis.CodeSyntaxError, name: "a comma too many", faults: func(s *subject) []fault {
		return s.between(func(before, after syntax.Range) (syntax.Edit, bool) {
			return syntax.Edit{Range: syntax.Range{Start: before.End, End: before.End}, NewText: ","}, true
		})
	}},
	{code: analysis.CodeSyntaxError, name: "a comment", faults: func(s *subject) []fault {
		return s.between(func(before, after syntax.Range) (syntax.Edit, bool) {
			return syntax.Edit{Range: syntax.Range{Start: after.Start, End: after.Start}, NewText: "/* later */ "}, true
		})
	}},
	{code: analysis.CodeSyntaxError, name: "a colon is missing", faults: func(s *subject) (out []fault) {
		s.members(func(m syntax.Member, p path) {
			if colon, ok := m.Colon(); ok {
				out = append(out, fault{edits: []syntax.Edit{{Range: colon}}, places: []place{at(m.Range().Start, m.Range().End)}})
			}
		})
		return out
	}},
	{code: analysis.CodeSyntaxError, name: "a text without quotes", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.Kind() == syntax.KindString && v.member.IsValid() && isWord(v.Text()) {
				e := syntax.Edit{Range: v.Range(), NewText: v.Text()}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
		}
		return out
	}},
	{code: analysis.CodeSyntaxError, name: "a text of single quotes", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.Kind() == syntax.KindString && v.member.IsValid() && v.Raw() == edit.Quote(v.Text()) && !strings.ContainsAny(v.Text(), "'\"\\") {
				e := syntax.Edit{Range: v.Range(), NewText: "'" + v.Text() + "'"}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
			}
		}
		return out
	}},
	{code: analysis.CodeSyntaxError, name: "the end is missing", faults: func(s *subject) []fault {
		end := len(strings.TrimRight(s.text, "\r\n"))
		return []fault{{
			edits:  []syntax.Edit{{Range: syntax.Range{Start: end - 1, End: len(s.text)}}},
			places: []place{at(0, end)},
		}}
	}},
	{code: analysis.CodeDuplicateKey, name: "a property stands twice", faults: func(s *subject) (out []fault) {
		s.members(func(m syntax.Member, p path) {
			object := p[:len(p)-1].in(s.Doc.Root)
			out = append(out, fault{
				edits: s.change(func(b *edit.Builder) { b.Insert(object, edit.Last(), m.KeyText(), m.Value().Raw()) }), places: []place{key(p)},
			})
		})
		return out
	}},
	{code: analysis.CodeNotATemplate, name: "the root has other properties", faults: func(s *subject) []fault {
		version, ok := s.Doc.Root.GetMember("apiVersion")
		spec, also := s.Doc.Root.GetMember("spec")
		if !ok || !also {
			return nil
		}
		edits := s.change(func(b *edit.Builder) {
			b.Rename(version, "version").Rename(spec, "resources")
			if schema, ok := s.Doc.Root.GetMember("$schema"); ok {
				b.RemoveMember(schema)
			}
		})
		return []fault{{edits: edits, places: []place{opening(nil)}}}
	}},
}

// members visits the members of every object of the file.
func (s *subject) members(visit func(m syntax.Member, p path)) {
	var walk func(v syntax.Value, p path)
	walk = func(v syntax.Value, p path) {
		for m := range v.Members() {
			visit(m, p.join(m.KeyText()))
			walk(m.Value(), p.join(m.KeyText()))
		}
		i := 0
		for e := range v.Elements() {
			walk(e, p.join(itoa(i)))
			i++
		}
	}
	walk(s.Doc.Root, nil)
}

// between makes a fault between each two neighbours in an object.
func (s *subject) between(how func(before, after syntax.Range) (syntax.Edit, bool)) (out []fault) {
	var before syntax.Range
	var object string
	s.members(func(m syntax.Member, p path) {
		in := strings.Join(p[:len(p)-1], "/")
		if in == object && before.End > 0 && before.End <= m.Range().Start {
			if e, ok := how(before, m.Range()); ok {
				grown := len(e.NewText) - e.Len()
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{at(before.Start, m.Range().End+grown)}})
			}
		}
		before, object = m.Range(), in
	})
	return out
}

// isWord reports whether a text reads as one word, and as no other JSON value.
func isWord(text string) bool {
	return regexp.MustCompile(`^[A-Za-z][\w.-]*$`).MatchString(text) && syntax.Parse(text).Root().Kind() == syntax.KindWord
}
