package truth

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

func itoa(i int) string { return strconv.Itoa(i) }

// schemaFaults break what the schemas say.
var schemaFaults = []*mutator{
	{code: analysis.CodeUnknownKind, name: "a kind is misspelt", schema: true, faults: func(s *subject) (out []fault) {
		for _, n := range s.Doc.Nodes() {
			e := syntax.Edit{Range: n.KindValue().Range(), NewText: edit.Quote(swapped(n.Kind))}
			out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}, mended: true})
		}
		return out
	}},
	{code: analysis.CodeMissingProperty, name: "a required property is missing", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.Kind() != syntax.KindObject || v.schema == nil || v.last() == "origin" {
				continue // without its type, the origin of a promotion has the form of a build's
			}
			for m := range v.Members() {
				if p, ok := v.schema.Property(m.KeyText()); ok && p.Required {
					out = append(out, fault{
						edits:     s.change(func(b *edit.Builder) { b.RemoveMember(m) }),
						places:    []place{opening(v.path)},
						explained: lost[m.KeyText()],
					})
				}
			}
		}
		return out
	}},
	{code: analysis.CodeUnknownProperty, name: "a property is misspelt", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.Kind() != syntax.KindObject || v.schema == nil || !v.schema.Closed {
				continue
			}
			for m := range v.Members() {
				name := m.KeyText()
				p, ok := v.schema.Property(name)
				wrong := swapped(name)
				if _, is := v.schema.Property(wrong); !ok || p.Hidden || is || utf8.RuneCountInString(name) < 3 {
					continue
				}
				out = append(out, fault{
					edits:     s.change(func(b *edit.Builder) { b.Rename(m, wrong) }),
					places:    []place{key(v.path.join(wrong))},
					explained: lost[name],
					mended:    true,
				})
			}
		}
		return out
	}},
	{code: analysis.CodeUnknownProperty, name: "a property that there is not", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.Kind() == syntax.KindObject && v.schema != nil && v.schema.Closed {
				out = append(out, fault{
					edits:  s.change(func(b *edit.Builder) { b.Insert(v.Value, edit.Last(), "zzzQuux", "1") }),
					places: []place{key(v.path.join("zzzQuux"))},
				})
			}
		}
		return out
	}},
	{code: analysis.CodeWrongType, name: "a value of another type", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema == nil || v.schema.Types == 0 || v.schema.Node || len(v.path) == 0 {
				continue
			}
			other := "{}"
			if v.schema.Types.Has(catalog.TypeObject) {
				other = "[]"
			}
			if v.node != nil && len(v.path) == len(pathOf(v.node.Path())) {
				continue // the node itself
			}
			out = append(out, fault{
				edits: s.change(func(b *edit.Builder) { b.Replace(v.Value, other) }), places: []place{value(v.path)}, explained: lost[v.last()],
			})
		}
		return out
	}},
	{code: analysis.CodeNotInEnum, name: "a value that is not listed", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema == nil || len(v.schema.Enum) == 0 || !v.Kind().IsScalar() || v.dynamic() || v.isKind() {
				continue
			}
			text := "1"
			if v.Kind() == syntax.KindString {
				text = edit.Quote(swapped(v.Text()) + "z")
			}
			e := syntax.Edit{Range: v.Range(), NewText: text}
			out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
		}
		return out
	}},
	{code: analysis.CodePatternMismatch, name: "a text of another form", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema == nil || v.schema.Pattern == nil || v.Kind() != syntax.KindString || v.dynamic() {
				continue
			}
			for _, bad := range []string{"not a/valid?text", "x y?{ä", "-#-", "§"} {
				if n := utf8.RuneCountInString(bad); !v.schema.Pattern.Matches(bad) && n >= int(v.schema.MinLength) && (v.schema.MaxLength == 0 || n <= int(v.schema.MaxLength)) {
					e := syntax.Edit{Range: v.Range(), NewText: edit.Quote(bad)}
					out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
					break
				}
			}
		}
		return out
	}},
	{code: analysis.CodeOutOfRange, name: "a number beyond its bounds", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema == nil || v.dynamic() || !v.Kind().IsScalar() {
				continue
			}
			add := func(f float64) {
				text := strconv.FormatFloat(f, 'f', -1, 64)
				if v.Kind() == syntax.KindString {
					text = edit.Quote(text)
				}
				e := syntax.Edit{Range: v.Range(), NewText: text}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
			}
			if v.schema.HasMinimum {
				add(v.schema.Minimum - 1)
			}
			if v.schema.HasMaximum {
				add(v.schema.Maximum + 1)
			}
		}
		return out
	}},
	{code: analysis.CodeWrongLength, name: "a text that is too long or too short", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			if v.schema == nil || v.dynamic() || v.Kind() != syntax.KindString {
				continue
			}
			texts := []string{strings.Repeat("a", max(int(v.schema.MinLength)-1, 0))}
			if v.schema.MaxLength > 0 {
				texts = append(texts, v.Text()+strings.Repeat("a", int(v.schema.MaxLength)), strings.Repeat("a", int(v.schema.MaxLength)+1))
			}
			for _, text := range texts {
				n := utf8.RuneCountInString(text)
				if n >= int(v.schema.MinLength) && (v.schema.MaxLength == 0 || n <= int(v.schema.MaxLength)) || v.schema.Pattern != nil && !v.schema.Pattern.Matches(text) {
					continue
				}
				e := syntax.Edit{Range: v.Range(), NewText: edit.Quote(text)}
				out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
				break
			}
		}
		return out
	}},
	{code: analysis.CodeExclusiveProperties, name: "two alternatives in one object", schema: true, faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			for _, pair := range exclusive {
				if v.Kind() != syntax.KindObject || !v.Get(pair[0]).IsValid() || v.last() != pair[2] {
					continue
				}
				out = append(out, fault{
					edits:  s.change(func(b *edit.Builder) { b.Insert(v.Value, edit.Last(), pair[1], pair[3]) }),
					places: []place{value(v.path)},
				})
			}
		}
		return out
	}},
	{code: analysis.CodeResultType, name: "an expression of another type", faults: func(s *subject) (out []fault) {
		for _, v := range s.spots() {
			const takes = catalog.TypeInteger | catalog.TypeNumber | catalog.TypeBoolean
			if v.schema == nil || v.schema.Types&takes == 0 || v.schema.Types.Has(catalog.TypeArray) || v.node == nil {
				continue
			}
			e := syntax.Edit{Range: v.Range(), NewText: `"${fn.split('a,b', ',')}"`}
			out = append(out, fault{edits: []syntax.Edit{e}, places: []place{written(e)}})
		}
		return out
	}},
}

// lost are the errors that follow where a property is not read any more: what it
// said is missing elsewhere.
var lost = map[string][]analysis.Code{
	"ref":       {analysis.CodeUnresolvedRef},
	"triggers":  {analysis.CodeUnresolvedRef},
	"context":   {analysis.CodeMissingProjectContext},
	"projectId": {analysis.CodeMissingProjectContext},
	"project":   {analysis.CodeMissingProjectContext},
	"id":        {analysis.CodeMissingProjectContext},
	"steps":     {analysis.CodeUnresolvedRef},
	"spec":      {analysis.CodeUnresolvedRef, analysis.CodeRefOutOfScope, analysis.CodeNestedScope},
}

// exclusive are properties, others that exclude them, the object that they stand
// in, and a value for the other.
var exclusive = [][4]string{
	{"dockerfile", "buildpack", "buildSettings", `{"builder": "HEROKU_24"}`},
	{"buildpack", "dockerfile", "buildSettings", `{"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}`},
	{"uri", "regex", "rewrite", `{"match": "^/a$", "rewrite": "/b"}`},
	{"backupId", "backupUid", "source", `"global"`},
}

// last is the name of the value's own member, or its number in a list.
func (s spot) last() string {
	if len(s.path) == 0 {
		return ""
	}
	return s.path[len(s.path)-1]
}

// isKind reports whether the value is the kind of a node.
func (s spot) isKind() bool {
	return s.node != nil && s.node.KindValue().Range() == s.Range()
}

var _ = slices.Contains[[]int]
var _ = validate.CodeWrongType
