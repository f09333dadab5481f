package analysis

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// expression completes inside of `${`.
func (c *completer) expression() {
	p := c.place
	part, path := p.text.PathAt(p.textOffset)
	e := &expressionCompleter{completer: c, part: part, at: p.textOffset}
	if len(path) > 0 {
		e.innermost = path[len(path)-1]
	}
	for _, n := range path {
		switch n := n.(type) {
		case *expr.Call:
			e.call = n
		case *expr.Lambda:
			e.params = append(e.params, n.Params...)
		}
	}
	e.run()
}

// expressionCompleter completes within one `${...}`.
type expressionCompleter struct {
	*completer
	part      *expr.Part
	innermost expr.Node
	// call is the innermost call around the cursor, params the lambda
	// parameters in reach.
	call   *expr.Call
	params []expr.LambdaParam
	// at is the cursor in bytes of the decoded text.
	at int
}

func (e *expressionCompleter) run() {
	switch n := e.innermost.(type) {
	case *expr.Ref:
		e.ref(n)
	case *expr.Call:
		switch {
		case n.NameStart <= e.at && e.at <= n.NameEnd:
			e.functions(n.NameStart, n.NameEnd, n.Open >= 0, n.Bare)
		case n.Open >= 0 && e.at > n.Open && (n.Close < 0 || e.at <= n.Close):
			e.start(e.at, e.at, false)
		}
	case *expr.StringLit:
		e.stringArgument(n)
	case *expr.NumberLit, *expr.RegexLit, *expr.BoolLit, *expr.NullLit, *expr.UndefinedLit:
	default:
		e.start(e.at, e.at, false)
	}
}

// span maps bytes of the decoded text to the file.
func (e *expressionCompleter) span(start, end int) syntax.Range {
	return e.place.decoded.SourceRange(start, end)
}

// closing is what ends the expression behind an item that completes it: the
// brace, where it is missing and nothing else follows.
func (e *expressionCompleter) closing(end int) string {
	if e.part.Closed || e.call != nil && !e.call.Closed {
		return ""
	}
	if strings.TrimSpace(e.place.text.Text[min(end, e.part.End):e.part.End]) != "" {
		return ""
	}
	return "}"
}

// dot is what leads on behind an item that wants a continuation: the dot, where
// the path does not go on by itself.
func (e *expressionCompleter) dot(end int) string {
	if rest := e.place.text.Text[end:]; rest != "" && (rest[0] == '.' || rest[0] == '[') {
		return ""
	}
	return "."
}

func (e *expressionCompleter) ref(r *expr.Ref) {
	if e.at <= r.RootEnd {
		if e.at < r.RootStart {
			return
		}
		e.start(r.RootStart, r.RootEnd, r.Template)
		return
	}
	prefix, start, end := len(r.Segments), e.at, e.at
	for i, seg := range r.Segments {
		if e.at <= seg.End {
			prefix, start, end = i, min(seg.Start, e.at), seg.End
			break
		}
	}
	segments := r.Segments[:prefix]
	scope := e.place.lookup(r.Template)
	if scope == nil || r.Param {
		return
	}
	switch r.Root {
	case "refs":
		if prefix == 0 {
			e.refs(scope, start, end, "", r.Template)
			return
		}
		e.outputs(scope, segments, start, end)
	case "args":
		if prefix == 0 {
			e.arguments(scope, start, end, "")
		}
	case "template":
		e.start(start, end, true)
	case "fn":
		e.functions(start, end, false, false)
	}
}

// start completes the beginning of an expression: roots, and with them what a
// person most probably means by the first letters of a name.
func (e *expressionCompleter) start(start, end int, afterTemplate bool) {
	at := e.span(start, end)
	scope := e.place.lookup(afterTemplate)
	for _, root := range expressionRoots {
		if afterTemplate && root.name == "template" || root.name == "template" && (e.place.scope == nil || e.place.scope.Outer == nil) {
			continue
		}
		e.add(CompletionItem{
			Label: root.name, Kind: ItemRoot, Detail: root.detail, Doc: root.doc,
			Insert: root.name + e.dot(end), Range: at, Sort: "4" + root.name, Retrigger: e.dot(end) != "",
		})
	}
	for _, p := range e.params {
		e.add(CompletionItem{Label: p.Name, Kind: ItemValue, Detail: "parameter of the arrow function", Insert: p.Name, Range: at, Sort: "0" + p.Name})
	}
	if scope != nil {
		e.refs(scope, start, end, "refs.", afterTemplate)
		e.arguments(scope, start, end, "args.")
	}
	e.functions(start, end, false, true)
}

var expressionRoots = [...]struct{ name, detail, doc string }{
	{"refs", "outputs of other nodes", "`${refs.NAME.id}` is the `id` in the output of the node whose `ref` is NAME."},
	{"args", "arguments of the document", "`${args.NAME}` is the value of an argument, after all overrides."},
	{"fn", "functions", "`${fn.NAME(...)}` calls a function."},
	{"secrets", "global secrets", "`${secrets.ID.values.KEY}` is a value of a global secret of the team."},
	{"template", "the template around this document", "`${template.refs.NAME.id}` is resolved when the outer template runs, not when this document does."},
}

// refs offers the nodes and triggers that can be referred to, those whose
// output is there in time first.
func (e *expressionCompleter) refs(scope *template.Scope, start, end int, prefix string, viaTemplate bool) {
	at := e.span(start, end)
	user := e.place.node
	if viaTemplate && e.place.scope != nil {
		user = e.place.scope.Owner
	}
	seen := map[string]bool{}
	for _, n := range scope.Nodes {
		if n.Ref == "" || seen[n.Ref] {
			continue
		}
		seen[n.Ref] = true
		rank, note := "2", ""
		if user != nil && user.Scope == scope {
			switch template.OrderOf(user, n) {
			case template.Before:
				rank = "1"
			case template.Same:
				continue
			case template.Concurrent:
				rank, note = "3", ", runs in parallel"
			case template.After:
				rank, note = "5", ", runs later"
			case template.Around, template.Within:
				rank, note = "5", ", not there in time"
			}
		}
		if e.fits(n) {
			rank = "0"
			if note != "" {
				rank = "3"
			}
		}
		label := prefix + n.Ref
		e.add(CompletionItem{
			Label: label, Kind: ItemRef, Detail: n.Kind + note, Doc: describeNode(n),
			Insert: label + e.dot(end), Range: at, Sort: rank + label, Retrigger: e.dot(end) != "",
		})
	}
	for _, t := range scope.Triggers {
		label := prefix + t.Ref
		e.add(CompletionItem{
			Label: label, Kind: ItemRef, Detail: "Git trigger", Insert: label + e.dot(end), Range: at, Sort: "1" + label, Retrigger: e.dot(end) != "",
		})
	}
}

// fits reports whether the value at the cursor identifies a thing that n makes.
func (e *expressionCompleter) fits(n *template.Node) bool {
	for _, s := range e.place.schemas() {
		for _, k := range s.RefKinds {
			if k == n.Kind {
				return true
			}
		}
	}
	return false
}

// triggerOutputs are what a Git trigger gives, from the guides on release flows.
var triggerOutputs = [...]struct{ name, doc string }{
	{"branch", "The branch that the commit is on."},
	{"sha", "The commit's hash."},
	{"pullRequestId", "The pull request's number, where one set the trigger off."},
	{"repoUrl", "The repository's address."},
}

// outputs offers the parts of a node's output behind `refs.NAME.`.
func (e *expressionCompleter) outputs(scope *template.Scope, segments []expr.Segment, start, end int) {
	at := e.span(start, end)
	if scope.Trigger(segments[0].Name) != nil && len(segments) == 1 {
		for _, o := range triggerOutputs {
			e.add(CompletionItem{Label: o.name, Kind: ItemOutput, Detail: "of the Git trigger", Doc: o.doc, Insert: o.name + e.closing(end), Range: at})
		}
		return
	}
	nodes := scope.ByRef(segments[0].Name)
	if len(nodes) == 0 {
		return
	}
	n := nodes[0]
	shape := outputShape(n)
	for _, seg := range segments[1:] {
		shape = step(shape, seg.Name)
	}
	if shape == nil {
		return
	}
	if shape.Items != 0 {
		e.positions(n, segments, at, e.dot(end))
		return
	}
	preferred := preferredOutput(e.place.schemas(), n.Kind)
	for _, p := range shape.Properties {
		schema := p.Schema.Schema()
		item := CompletionItem{
			Label: p.Name, Kind: ItemOutput, Detail: typeName(schema), Doc: schema.Doc,
			Insert: p.Name + e.closing(end), Range: at, Sort: "1" + p.Name,
		}
		if schema.Items != 0 || len(schema.Properties) > 0 {
			item.Insert, item.Retrigger = p.Name+e.dot(end), e.dot(end) != ""
		}
		if p.Name == preferred && len(segments) == 1 {
			item.Sort, item.Preselect = "0"+p.Name, true
		}
		e.add(item)
	}
}

// positions offers the positions of a list: as many as the node itself declares.
func (e *expressionCompleter) positions(n *template.Node, segments []expr.Segment, at syntax.Range, dot string) {
	declared := n.Spec()
	for _, seg := range segments[1:] {
		declared = declared.Get(seg.Name)
	}
	count := 1
	if declared.Kind() == syntax.KindArray {
		count = declared.Len()
	}
	i := 0
	for v := range declared.Elements() {
		name := v.Get("name")
		detail := "item " + strconv.Itoa(i)
		if name.Kind() == syntax.KindString {
			detail = name.Text()
			if port := v.Get("internalPort"); port.IsValid() {
				detail += ", port " + port.Text()
			}
		}
		e.add(CompletionItem{Label: strconv.Itoa(i), Kind: ItemOutput, Detail: detail, Insert: strconv.Itoa(i) + dot, Range: at, Retrigger: dot != ""})
		i++
	}
	if i == 0 && count > 0 {
		e.add(CompletionItem{Label: "0", Kind: ItemOutput, Detail: "first item", Insert: "0" + dot, Range: at, Retrigger: dot != ""})
	}
}

func step(s *catalog.Schema, name string) *catalog.Schema {
	if s == nil {
		return nil
	}
	if s.Items != 0 {
		if _, err := strconv.Atoi(name); err != nil {
			return nil
		}
		return s.Items.Schema()
	}
	if p, ok := s.Property(name); ok {
		return p.Schema.Schema()
	}
	return nil
}

func (e *expressionCompleter) arguments(scope *template.Scope, start, end int, prefix string) {
	at := e.span(start, end)
	for _, a := range scope.Arguments {
		label := prefix + a.Name
		e.add(CompletionItem{
			Label: label, Kind: ItemArgument, Detail: argumentDetail(a),
			Insert: label + e.closing(end), Range: at, Sort: "2" + label,
		})
	}
}

func argumentDetail(a *template.Argument) string {
	if !a.Value.IsValid() {
		return "argument, set by an override"
	}
	v := a.Value
	if d := v.Get("default"); v.Kind() == syntax.KindObject && d.IsValid() {
		v = d
	}
	text := v.Raw()
	if len(text) > 60 {
		return "argument"
	}
	return "argument = " + text
}

// functions offers the function names; withPrefix writes `fn.` in front.
func (e *expressionCompleter) functions(start, end int, hasParens, withPrefix bool) {
	at := e.span(start, end)
	prefix := ""
	if withPrefix {
		prefix = "fn."
	}
	for _, f := range expr.Functions() {
		item := CompletionItem{
			Label: prefix + f.Name, Kind: ItemFunction, Detail: f.Signature(), Doc: f.Doc,
			Range: at, Sort: "6" + f.Name,
		}
		if hasParens {
			item.Insert = prefix + f.Name
		} else {
			item.Snippet = true
			item.Insert = snippetText(prefix+f.Name) + "(" + parameterSnippet(f) + ")" + snippetText(e.closing(end))
		}
		e.add(item)
	}
}

func parameterSnippet(f *expr.Function) string {
	var b strings.Builder
	n := 0
	for _, p := range f.Params {
		if p.Optional {
			break
		}
		n++
		if n > 1 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "${%d:%s}", n, snippetText(p.Name))
	}
	if n == 0 {
		return "$1"
	}
	return b.String()
}

// stringArgument offers the words that a function takes for a quoted argument.
func (e *expressionCompleter) stringArgument(lit *expr.StringLit) {
	if e.call == nil {
		return
	}
	f, ok := expr.LookupFunction(e.call.Name)
	if !ok {
		return
	}
	i := e.call.ArgAt(e.at)
	if i < 0 || i >= len(f.Params) {
		return
	}
	start, end := lit.Span()
	start++
	if lit.Closed {
		end--
	}
	if e.at < start || e.at > end {
		return
	}
	at := e.span(start, end)
	for _, w := range f.Params[i].Enum {
		e.add(CompletionItem{Label: w, Kind: ItemValue, Detail: f.Params[i].Name + " of " + f.Name, Insert: w, Range: at})
	}
}
