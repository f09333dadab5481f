package analysis

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// skeleton writes a node of the kind as a snippet: its required properties with
// tab stops at the values, and a ref that no other node has. It starts where the
// cursor is; its lines are indented from there. project is that of a workflow.
func (w *skeletonWriter) skeleton(kind *catalog.Kind, project string) {
	w.stops = 0
	w.write("{")
	w.node(kind, project, 1)
	w.line("}", 0)
}

// skeletonMembers writes what stands between the braces of such a node, of which
// the first member stands where the cursor is.
func (w *skeletonWriter) skeletonMembers(kind *catalog.Kind, project string) {
	w.stops = 0
	start := len(w.b)
	w.node(kind, project, 0)
	w.b = slices.Delete(w.b, start, start+len("\n")+len(w.indent))
}

// skeletonRoom is where the skeletons of a list are written.
var skeletonRoom = sync.Pool{New: func() any { return new([]byte) }}

// skeletons returns what is written for each kind. One text holds all of them.
func (c *completer) skeletons(kinds []*catalog.Kind, write func(w *skeletonWriter, kind *catalog.Kind, project string)) []string {
	w := c.skeletonWriter()
	room := skeletonRoom.Get().(*[]byte)
	w.b = (*room)[:0]
	ends := make([]int, len(kinds))
	for i, kind := range kinds {
		write(&w, kind, c.project(kind))
		ends[i] = len(w.b)
	}
	all, start := string(w.b), 0
	*room = w.b
	skeletonRoom.Put(room)
	out := make([]string, len(kinds))
	for i, end := range ends {
		out[i], start = all[start:end], end
	}
	return out
}

func (c *completer) skeletonWriter() skeletonWriter {
	p := c.place
	return skeletonWriter{indent: p.indent, unit: p.unit, colon: p.colon, scope: p.scope, user: p.node}
}

// project is the project that a new workflow has to name; empty where there is
// one around it, or where it needs none.
func (c *completer) project(kind *catalog.Kind) string {
	p := c.place
	if kind.Name != "Workflow" || p.scope == nil || p.scope.Type != template.Template {
		return ""
	}
	around := p.node
	if p.inDocument() {
		around = nil
	}
	for n := around; n != nil; n = n.Parent {
		if n.GivesProject {
			return ""
		}
	}
	if p.scope.GivesProject {
		return ""
	}
	if ref := lastProject(p.scope, p.offset); ref != "" {
		return "${refs" + suffix(ref) + ".id}"
	}
	return "my-project"
}

// lastProject is the ref of the last project that ends in front of an offset.
func lastProject(scope *template.Scope, offset int) string {
	for n := range scope.RelativesBackward(nil) {
		if n.Kind == "Project" && n.Ref != "" && n.Range.End <= offset {
			return n.Ref
		}
	}
	return ""
}

type skeletonWriter struct {
	b                   []byte
	indent, unit, colon string
	stops               int
	// starts are what lines start with, by how deep they are.
	starts []string
	// References may be to nodes of the scope that have run before the user; both
	// may be nil.
	scope *template.Scope
	user  *template.Node
}

func (w *skeletonWriter) write(text string) { w.b = append(w.b, text...) }

// node writes the members of a node on lines of their own. project is that of a
// workflow, which may have none.
func (w *skeletonWriter) node(kind *catalog.Kind, project string, depth int) {
	t := skeletonOf(kind)
	w.styled(&t.before, depth)
	w.write(snippetText(freshRefLike(t.ref, w.scope)))
	w.stops++
	w.styled(&t.behind, depth)
	if kind.Name == "Workflow" {
		w.workflowSpec(project, depth)
	}
}

// nodeSkeleton is what is always the same of a kind's skeleton.
type nodeSkeleton struct {
	ref   string // where no node has it yet
	topic Topic
	// filter is what is matched against a brace that is typed, quoted against a name.
	filter, quoted string
	// before and behind are what stands around the ref; that of a workflow goes on
	// with its spec.
	before, behind styledText
}

// skeletons are those of the kinds. A list of all kinds shows all of them, at
// every letter.
var skeletons sync.Map // of *nodeSkeleton, by *catalog.Kind

// skeletonOf returns the skeleton of a kind: its spec is that of its example.
func skeletonOf(kind *catalog.Kind) *nodeSkeleton {
	if t, ok := skeletons.Load(kind); ok {
		return t.(*nodeSkeleton)
	}
	w := skeletonWriter{unit: unitSign, colon: colonSign, stops: 1}
	w.line(w.name("kind")+snippetText(edit.Quote(kind.Name))+",", 0)
	w.line(w.name("ref")+`"${1:`, 0)
	before := string(w.b)
	w.b = w.b[:0]
	w.write(`}"`)
	spec := exampleOfKind(kind).Get("spec")
	if kind.Name == "Workflow" || spec.IsValid() {
		w.write(",")
		w.line(w.name("spec"), 0)
	}
	if kind.Name != "Workflow" && spec.IsValid() {
		w.value(spec, 0)
	}
	t := &nodeSkeleton{ref: camel(kind.Name), topic: topicKind(kind), filter: "{" + kind.Name, quoted: edit.Quote(kind.Name), before: newStyledText(before), behind: newStyledText(string(w.b))}
	skeletons.Store(kind, t)
	return t
}

// styledText is a text that is written as the file is: in its indentation, and
// with what the file has between a name and its value.
type styledText []piece

// piece is a part of such a text, and what stands behind it.
type piece struct {
	text string
	then gap
	// levels is how many steps deeper than the text itself the line starts that
	// follows.
	levels int
}

type gap uint8

const (
	gapNone gap = iota
	gapColon
	gapLine
)

// What stands for one step of indentation and for what is between a name and its
// value, in a text that is to be styled. No JSON holds them as they are.
const (
	unitSign  = "\x01"
	colonSign = "\x02"
)

// examples are the kinds' examples, taken apart once somebody has asked.
var examples sync.Map // of syntax.Value, by *catalog.Kind

// exampleOfKind returns the example of a kind.
func exampleOfKind(kind *catalog.Kind) syntax.Value {
	if v, ok := examples.Load(kind); ok {
		return v.(syntax.Value)
	}
	v := syntax.Parse(kind.Snippet).Root()
	examples.Store(kind, v)
	return v
}

// newStyledText takes a text with signs apart.
func newStyledText(text string) styledText {
	var t styledText
	for text != "" {
		i := strings.IndexAny(text, "\n"+colonSign)
		if i < 0 {
			return append(t, piece{text: text})
		}
		p := piece{text: text[:i], then: gapColon}
		rest := text[i+1:]
		if text[i] == '\n' {
			p.then = gapLine
			text = strings.TrimLeft(rest, unitSign)
			p.levels = len(rest) - len(text)
		} else {
			text = rest
		}
		t = append(t, p)
	}
	return t
}

// styled writes a text at a depth as the file is written.
func (w *skeletonWriter) styled(t *styledText, depth int) {
	for i := range *t {
		p := &(*t)[i]
		w.write(p.text)
		switch p.then {
		case gapColon:
			w.write(w.colon)
		case gapLine:
			w.newLine(depth + p.levels)
		}
	}
}

// line starts a line at a depth.
func (w *skeletonWriter) line(text string, depth int) {
	w.newLine(depth)
	w.write(text)
}

func (w *skeletonWriter) newLine(depth int) {
	for len(w.starts) <= depth {
		w.starts = append(w.starts, "\n"+w.indent+strings.Repeat(w.unit, len(w.starts)))
	}
	w.write(w.starts[depth])
}

func (w *skeletonWriter) name(name string) string { return snippetText(edit.Quote(name)) + w.colon }

func (w *skeletonWriter) stop(text string) string {
	w.stops++
	return "${" + strconv.Itoa(w.stops) + ":" + snippetText(text) + "}"
}

// blank is a tab stop without a proposal.
func (w *skeletonWriter) blank() string {
	w.stops++
	return "$" + strconv.Itoa(w.stops)
}

// value writes an example's value.
func (w *skeletonWriter) value(v syntax.Value, depth int) {
	switch v.Kind() {
	case syntax.KindObject:
		if v.Len() == 0 {
			w.write("{}")
			return
		}
		w.write("{")
		first := true
		for m := range v.Members() {
			if !first {
				w.write(",")
			}
			first = false
			w.line(w.name(m.KeyText()), depth+1)
			w.value(m.Value(), depth+1)
		}
		w.line("}", depth)
	case syntax.KindArray:
		if v.Len() == 0 {
			w.write("[" + w.blank() + "]")
			return
		}
		w.write("[")
		first := true
		for e := range v.Elements() {
			if !first {
				w.write(",")
			}
			first = false
			w.line("", depth+1)
			w.value(e, depth+1)
		}
		w.line("]", depth)
	case syntax.KindString:
		w.write(`"` + w.stop(inner(v.Text())) + `"`)
	default:
		w.write(w.stop(v.Raw()))
	}
}

// first writes the first value of a property: the example that there is of it, if
// that has parts, else what its schema requires.
func (w *skeletonWriter) first(prop *catalog.Property, example syntax.Value) {
	if example.Len() > 0 {
		w.value(example, 0)
		return
	}
	w.schema(prop.Schema, 0, true)
}

// deepestSkeleton is how many objects stand in one another in a skeleton.
const deepestSkeleton = 4

// schema writes a first value for a schema. outermost values that a list follows
// for are left empty, so that it starts with all of them.
func (w *skeletonWriter) schema(id catalog.SchemaID, depth int, outermost bool) {
	s := id.Schema()
	if a := s.Alternatives(); len(a) > 0 && s.Types == 0 {
		w.schema(a[0], depth, outermost)
		return
	}
	if s.Node {
		w.workflow(depth)
		return
	}
	isText := s.Types.Has(catalog.TypeString) || len(s.Enum) > 0 && s.Enum[0].Type == catalog.TypeString
	isObject := s.Types.Has(catalog.TypeObject) || len(s.Properties) > 0
	switch {
	case s.Default != "" && !isObject && !s.Types.Has(catalog.TypeArray):
		w.example(s.Default)
	case len(s.Enum) == 1 && isText:
		w.example(edit.Quote(s.Enum[0].Text))
	case isText:
		w.write(`"` + w.proposal(s, outermost) + `"`)
	case isObject:
		w.object(s, depth)
	case s.Types.Has(catalog.TypeArray):
		if s.MinItems > 0 && s.Items != 0 && depth < deepestSkeleton {
			w.write("[")
			w.line("", depth+1)
			w.schema(s.Items, depth+1, false)
			w.line("]", depth)
			return
		}
		w.write("[" + w.blank() + "]")
	case !outermost && len(s.Examples) > 0:
		w.example(s.Examples[0])
	case !outermost && s.HasMinimum:
		w.write(w.stop(strconv.FormatFloat(s.Minimum, 'f', -1, 64)))
	case !outermost && s.Types == catalog.TypeBoolean:
		w.write(w.stop("true"))
	default:
		w.write(w.blank())
	}
}

// workflow writes a workflow, which is what most documents consist of.
func (w *skeletonWriter) workflow(depth int) {
	w.write("{")
	w.line(w.name("kind")+`"Workflow",`, depth+1)
	w.line(w.name("spec"), depth+1)
	w.workflowSpec("", depth+1)
	w.line("}", depth)
}

func (w *skeletonWriter) workflowSpec(project string, depth int) {
	w.write("{")
	w.line(w.name("type")+`"`+w.stop("sequential")+`",`, depth+1)
	if project != "" {
		w.line(w.name("context")+"{", depth+1)
		w.line(w.name("projectId")+`"`+w.stop(inner(project))+`"`, depth+2)
		w.line("},", depth+1)
	}
	w.line(w.name("steps")+"["+w.blank()+"]", depth+1)
	w.line("}", depth)
}

// example writes a scalar given as JSON text, for which another may be typed.
func (w *skeletonWriter) example(json string) {
	w.value(syntax.Parse(json).Root(), 0)
}

// proposal is the text of a string: a reference to what it identifies, a first
// value, or nothing where a list of values opens by itself.
func (w *skeletonWriter) proposal(s *catalog.Schema, outermost bool) string {
	if n := w.nearest(s); n != nil {
		return w.stop(inner("${refs" + suffix(n.Ref) + "." + preferredOutput([]*catalog.Schema{s}, n.Kind) + "}"))
	}
	if outermost {
		return w.blank()
	}
	switch {
	case len(s.Enum) > 0:
		return w.stop(inner(s.Enum[0].Text))
	case len(s.Examples) > 0:
		if v := syntax.Parse(s.Examples[0]).Root(); v.Kind() == syntax.KindString {
			return w.stop(inner(v.Text()))
		}
	case s.Role == catalog.RolePlan:
		return w.stop("nf-compute-20")
	}
	return w.blank()
}

// nearest returns the last node before the user that makes what a schema asks
// for; nil where there is none.
func (w *skeletonWriter) nearest(s *catalog.Schema) *template.Facts {
	if w.scope == nil || w.user == nil || len(s.RefKinds) == 0 {
		return nil
	}
	for n := range w.scope.RelativesBackward(w.user) {
		if n.Ref != "" && has(s.RefKinds, n.Kind) && n.Order == template.Before {
			return n.Facts
		}
	}
	return nil
}

// object writes the required properties of an object.
func (w *skeletonWriter) object(s *catalog.Schema, depth int) {
	var required []*catalog.Property
	for i := range s.Properties {
		if p := &s.Properties[i]; p.Required && !p.Hidden {
			required = append(required, p)
		}
	}
	if len(required) == 0 || depth >= deepestSkeleton {
		w.write("{" + w.blank() + "}")
		return
	}
	w.write("{")
	for i, p := range required {
		if i > 0 {
			w.write(",")
		}
		w.line(w.name(p.Name), depth+1)
		w.schema(p.Schema, depth+1, false)
	}
	w.line("}", depth)
}
