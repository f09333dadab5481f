package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

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
			if n.ArgAt(e.at) >= 0 {
				e.call = n // not where its name is typed
			}
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
	// bracket closes the brackets that the name at the cursor stands in, and its
	// quote, where they are open.
	bracket string
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
			if prefix = i; e.at >= seg.Start {
				start, end = seg.Start, seg.End
			} // else in front of it, in brackets with nothing in them
			break
		}
	}
	e.open(r, &start, &end)
	segments := r.Segments[:prefix]
	scope := e.place.lookup(r.Template)
	if scope == nil {
		return
	}
	switch {
	case r.Param:
		e.members(partType(e.parameterType(r), segments), start, end, false)
	case r.Root == "refs" && prefix == 0:
		e.refs(scope, start, end, "", r.Template, false)
	case r.Root == "refs":
		e.outputs(scope, segments, start, end)
	case r.Root == "args" && prefix == 0:
		e.arguments(scope, start, end, "", false)
	case r.Root == "args":
		e.members(shownTypes{scope: e.place.scope}.RefType(&expr.Ref{Root: "args", Template: r.Template, Segments: segments}), start, end, false)
	case r.Root == "secrets":
		e.secrets(segments, start, end)
	case r.Root == "template":
		e.start(start, end, true)
	case r.Root == "fn":
		e.functions(start, end, false, false)
	default:
		e.iteration(r, segments, start, end)
	}
}

// open recognises a name in brackets that are not closed, and has it closed
// behind what is chosen.
func (e *expressionCompleter) open(r *expr.Ref, start, end *int) {
	text := e.place.text.Text
	if r.UnclosedFrom < 0 || e.at <= r.UnclosedFrom || r.UnclosedFrom >= len(text) || text[r.UnclosedFrom] != '[' {
		return
	}
	*start, *end = r.UnclosedFrom+1, e.at
	e.bracket = "]"
	if *start < len(text) && (text[*start] == '\'' || text[*start] == '"') {
		e.bracket = text[*start:*start+1] + "]"
		*start++
	}
	*start = min(*start, e.at)
}

// parameterType is the type of the parameter that a reference starts with.
func (e *expressionCompleter) parameterType(r *expr.Ref) expr.Type {
	params := expr.ParamsAt(e.part.Node, r, shownTypes{scope: e.place.scope, node: e.place.node})
	for i := len(params) - 1; i >= 0; i-- {
		if params[i].Name == r.Root {
			return params[i].Type
		}
	}
	return expr.TypeAny
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
			Label: root.name, Kind: ItemRoot, Detail: root.detail, Topic: Topic(aboutRoot + root.name),
			Insert: root.name + e.dot(end), Range: at, Sort: "5" + root.name, Retrigger: e.dot(end) != "",
		})
	}
	want := e.wantedType()
	if len(e.params) > 0 && !afterTemplate {
		types := expr.ParamsAt(e.part.Node, e.innermost, shownTypes{scope: e.place.scope, node: e.place.node})
		for i, p := range e.params {
			t := expr.TypeAny
			for _, typed := range types {
				if typed.Name == p.Name {
					t = typed.Type
				}
			}
			e.add(CompletionItem{
				Label: p.Name, Kind: ItemParameter, Detail: t.String() + ", parameter of the arrow function", Insert: p.Name, Range: at,
				Sort: fit(t, want, "0", "0") + pad(len(e.params)-i),
			})
		}
	}
	if !afterTemplate {
		e.loops(start, end)
	}
	if scope != nil {
		e.refs(scope, start, end, "refs", afterTemplate, false)
		e.arguments(scope, start, end, "args", false)
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

// triggerOutputs are what a Git trigger gives, from the guides on release flows.
var triggerOutputs = [...]struct{ name, doc string }{
	{"branch", "The branch that the commit is on."},
	{"sha", "The commit's hash."},
	{"pullRequestId", "The pull request's number, where one set the trigger off."},
	{"repoUrl", "The repository's address."},
}

// outputs offers the parts of a node's output behind `refs.NAME.`.
func (e *expressionCompleter) outputs(scope *template.Scope, segments []expr.Segment, start, end int) {
	if scope.Trigger(segments[0].Name) != nil && len(segments) == 1 {
		for _, o := range triggerOutputs {
			item := CompletionItem{Label: o.name, Kind: ItemOutput, Detail: "of the Git trigger", Topic: Topic(aboutTrigger + o.name)}
			e.add(e.step(item, o.name, start, end, e.closing(end)))
		}
		return
	}
	nodes := scope.ByRef(segments[0].Name)
	if len(nodes) == 0 {
		return
	}
	n := nodes[0]
	if n.Kind == "Addon" && len(segments) == 2 && (segments[1].Name == "secrets" || segments[1].Name == "envs") {
		for i, k := range keysOf(addonTypeOf(n.Spec())) {
			if k.Secret == (segments[1].Name == "secrets") {
				e.add(e.step(CompletionItem{Label: k.Name, Kind: ItemOutput, Detail: describeKey(k), Sort: "1" + pad(i)}, k.Name, start, end, e.closing(end)))
			}
		}
		return
	}
	if loop := loopNamed(e.place.node, n.Ref); loop == n {
		e.iteration(&expr.Ref{Root: n.Ref}, segments[1:], start, end)
		return
	}
	if kept, ok := keptType(n); ok {
		e.members(partType(kept, segments[1:]), start, end, false)
		return
	}
	shape := outputShape(n)
	for _, seg := range segments[1:] {
		shape = step(shape, seg.Name)
	}
	if shape == nil {
		return
	}
	if shape.Items != 0 {
		e.positions(n, segments, start, end)
		return
	}
	preferred, want := preferredOutput(e.place.schemas(), n.Kind), e.wantedType()
	for _, p := range shape.Properties {
		schema := p.Schema.Schema()
		item := CompletionItem{
			Label: p.Name, Kind: ItemOutput, Detail: typeName(schema), Topic: topicSchema(p.Schema),
			Sort: fit(typeOfSchema(schema), want, "1", "3") + p.Name,
		}
		behind := e.closing(end)
		if schema.Items != 0 || len(schema.Properties) > 0 {
			behind, item.Sort = e.dot(end), "2"+p.Name
		}
		if p.Name == preferred && len(segments) == 1 {
			item.Sort, item.Preselect = "0"+p.Name, true
		}
		e.add(e.step(item, p.Name, start, end, behind))
	}
}

// positions offers the positions of a list: as many as the node itself declares.
func (e *expressionCompleter) positions(n *template.Node, segments []expr.Segment, start, end int) {
	declared := n.Spec()
	for _, seg := range segments[1:] {
		declared = declared.Get(seg.Name)
	}
	count := 1
	if declared.Kind() == syntax.KindArray {
		count = declared.Len()
	}
	offer := func(position int, detail string) {
		label := strconv.Itoa(position)
		e.add(e.step(CompletionItem{Label: label, Kind: ItemOutput, Detail: detail}, label, start, end, e.dot(end)))
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
		offer(i, detail)
		i++
	}
	if i == 0 && count > 0 {
		offer(0, "first item")
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

func (e *expressionCompleter) arguments(scope *template.Scope, start, end int, root string, plain bool) {
	want := e.wantedType()
	for _, a := range scope.Arguments() {
		if a.Name == "" {
			continue
		}
		item := CompletionItem{
			Label: a.Name, Kind: ItemArgument, Detail: argumentDetail(a), Topic: topicArgument(scope, a.Name), Range: e.span(start, end),
			Sort: fit(shownTypes{scope: scope}.argument(a), want, "2", "4") + a.Name,
		}
		switch {
		case plain:
			item.Insert = inner(a.Name)
		case root != "":
			item.Label = root + suffix(a.Name)
			item.Insert = inner(item.Label + e.closing(end))
		default:
			item = e.step(item, a.Name, start, end, e.closing(end))
		}
		e.add(item)
	}
}

// secrets offers the steps to a value or a file of a global secret. Which secrets
// there are stands in no file; those that this one uses already are a beginning.
func (e *expressionCompleter) secrets(segments []expr.Segment, start, end int) {
	offer := func(name, detail string, more bool) {
		behind := e.closing(end)
		if more {
			behind = e.dot(end)
		}
		e.add(e.step(CompletionItem{Label: name, Kind: ItemOutput, Detail: detail, Sort: "1" + name}, name, start, end, behind))
	}
	switch n := len(segments); {
	case n == 1:
		offer("values", "values by their keys", true)
		offer("files", "files by their identifiers", true)
	case n == 3 && segments[1].Name == "files":
		offer("data", "what the file holds", false)
		offer("path", "where the file is mounted", false)
	case n == 0 || n == 2:
		for _, name := range e.snapshot.usedSecrets(segments) {
			offer(name, "used in this file", n == 0 || segments[1].Name == "files")
		}
	}
}

// usedSecrets returns the steps that expressions of the file take behind a
// beginning of a global secret's path.
func (s *Snapshot) usedSecrets(behind []expr.Segment) []string {
	var out []string
	seen := map[string]bool{}
	visit := func(facts *template.Facts) {
		if facts == nil {
			return
		}
		for _, x := range facts.Expressions {
			for _, u := range x.Uses {
				r := u.Ref
				if r.Param || r.Root != "secrets" || len(r.Segments) <= len(behind) {
					continue
				}
				same := true
				for i, b := range behind {
					same = same && r.Segments[i].Name == b.Name
				}
				// The name that is being typed is no example.
				last := len(r.Segments) == len(behind)+1 && len(behind) != 2
				if name := r.Segments[len(behind)].Name; same && !last && name != "" && !seen[name] {
					seen[name] = true
					out = append(out, name)
				}
			}
		}
	}
	for _, scope := range s.Doc.Scopes() {
		visit(scope.Facts)
	}
	for _, n := range s.Doc.Nodes() {
		visit(n.Facts)
	}
	return out
}

func argumentDetail(a *template.Argument) string {
	if !a.Value.IsValid() {
		return "argument, set by an override"
	}
	v := a.Value
	if d, ok := a.Declaration(); ok {
		if v = d.Default; !v.IsValid() || d.Secret {
			return strings.TrimSpace("argument " + d.Type)
		}
	}
	text := shownJSON(v)
	if len(text) > 60 {
		return "argument"
	}
	return "argument = " + text
}

// functions offers the function names; withPrefix writes `fn.` in front.
func (e *expressionCompleter) functions(start, end int, hasParens, withPrefix bool) {
	at, want := e.span(start, end), e.wantedType()
	closing := snippetText(e.closing(end))
	e.items = slices.Grow(e.items, len(writtenFunctions()))
	for _, f := range writtenFunctions() {
		name := f.name[len("fn."):]
		item := CompletionItem{Kind: ItemFunction, Detail: f.signature, Topic: f.topic, Range: at, Sort: fit(f.result, want, "6", "7") + name}
		from := len("fn.")
		if withPrefix {
			from = 0
		}
		item.Label = f.name[from:]
		if hasParens {
			item.Insert = item.Label
		} else {
			item.Snippet = true
			if item.Insert = f.call[from:]; closing != "" {
				item.Insert += closing
			}
		}
		e.add(item)
	}
}

// writtenFunction is what is always the same of a function in lists.
type writtenFunction struct {
	name, signature string
	// call is a snippet that calls it.
	call   string
	topic  Topic
	result expr.Type
}

// writtenFunctions are all functions in their order. They come with every list of
// what an expression may start with.
var writtenFunctions = sync.OnceValue(func() []writtenFunction {
	all := expr.Functions()
	out := make([]writtenFunction, len(all))
	for i, f := range all {
		name := "fn." + f.Name
		out[i] = writtenFunction{
			name: name, signature: f.Signature(), call: snippetText(name) + "(" + parameterSnippet(f) + ")",
			topic: Topic(aboutFunction + f.Name), result: f.Result,
		}
	}
	return out
})

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
	if f.Name == "get" && i == 1 && !e.call.Bare {
		e.lookedUp(lit, start, end)
		return
	}
	at := e.span(start, end)
	for _, w := range f.Params[i].Enum {
		e.add(CompletionItem{Label: w, Kind: ItemValue, Detail: f.Params[i].Name + " of " + f.Name, Insert: w, Range: at})
	}
}
