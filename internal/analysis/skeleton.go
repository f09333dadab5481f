package analysis

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// skeleton writes a node of the kind as a snippet: its required properties with
// tab stops at the values, and the ref. indent is the white space in front of
// the line that the node is put on, unit one step more.
func skeleton(kind *catalog.Kind, ref, indent, unit string) string {
	w := skeletonWriter{indent: indent, unit: unit}
	node := syntax.Parse(kind.Snippet).Root()
	w.line("{", 0)
	w.line(`"kind": `+snippetText(edit.Quote(kind.Name))+",", 1)
	w.line(`"ref": "`+w.stop(ref)+`"`, 1)
	if spec := node.Get("spec"); spec.IsValid() {
		w.b.WriteString(",")
		w.line(`"spec": `, 1)
		w.value(spec, 1)
	}
	w.line("}", 0)
	return w.b.String()
}

type skeletonWriter struct {
	b            strings.Builder
	indent, unit string
	stops        int
}

// line starts a line at a depth; the first one stays where the cursor is.
func (w *skeletonWriter) line(text string, depth int) {
	if w.b.Len() > 0 {
		w.b.WriteString("\n" + w.indent + strings.Repeat(w.unit, depth))
	}
	w.b.WriteString(text)
}

func (w *skeletonWriter) stop(text string) string {
	w.stops++
	return "${" + strconv.Itoa(w.stops) + ":" + snippetText(text) + "}"
}

func (w *skeletonWriter) value(v syntax.Value, depth int) {
	switch v.Kind() {
	case syntax.KindObject:
		if v.Len() == 0 {
			w.b.WriteString("{}")
			return
		}
		w.b.WriteString("{")
		first := true
		for m := range v.Members() {
			if !first {
				w.b.WriteString(",")
			}
			first = false
			w.line(snippetText(edit.Quote(m.KeyText()))+": ", depth+1)
			w.value(m.Value(), depth+1)
		}
		w.line("}", depth)
	case syntax.KindArray:
		if v.Len() == 0 {
			w.b.WriteString("[" + "$" + strconv.Itoa(w.next()) + "]")
			return
		}
		w.b.WriteString("[")
		first := true
		for e := range v.Elements() {
			if !first {
				w.b.WriteString(",")
			}
			first = false
			w.line("", depth+1)
			w.value(e, depth+1)
		}
		w.line("]", depth)
	case syntax.KindString:
		w.b.WriteString(`"` + w.stop(inner(v.Text())) + `"`)
	default:
		w.b.WriteString(w.stop(v.Raw()))
	}
}

func (w *skeletonWriter) next() int {
	w.stops++
	return w.stops
}
