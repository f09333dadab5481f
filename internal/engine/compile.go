package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Options are what a run is given beside the document.
type Options struct {
	// Identity is what queues, kept secrets and history know the template by.
	// Empty, it is the document's name, else File.
	Identity string
	// File is the absolute path of the document; it may be empty.
	File string
	// Stored and Arguments are laid over the document's own, the later over the
	// earlier. First says that this is the first run of the template: what the
	// document overrides on its creation counts then, over what is stored.
	Stored    []Layer
	First     bool
	Arguments []Layer
	// ProjectID is the project of documents that run within one without saying
	// so: release flows and previews.
	ProjectID string
	// Teardown takes the document's teardownSpec instead of its spec.
	Teardown bool
	// Config is what the document was checked with; nil is the default. What it
	// does not take for an error does not keep a node from running.
	Config *analysis.Config
	// Until names the node that the run stops after, by its ref or its JSON
	// pointer; empty for the whole document. What is wrong with nodes that are
	// left out does not keep the rest from running.
	Until string
}

// A Problem is a reason why a document cannot run.
type Problem struct {
	// Node is the path of the node; empty for the document.
	Node string `json:"node,omitempty"`
	// Code is stable: that of the finding that says the same, where there is one.
	Code    string       `json:"code"`
	Message string       `json:"message"`
	Range   syntax.Range `json:"range,omitzero"`
}

// Error implements error.
func (p Problem) Error() string { return p.Message }

// Codes of problems that are no findings.
const (
	CodeNotRunnable = "not-runnable"
	CodeUnsupported = "not-supported-yet"
	CodeEvaluation  = "evaluation"
	CodeRefused     = "refused"
	// CodeMissingResource is a warning of a plan.
	CodeMissingResource = "missing-resource"
)

// Compile makes a document ready to run. It reports what makes that impossible;
// what is merely wrong with the document is the findings' to say, which the
// caller looks at first.
func Compile(doc *template.Document, opts Options) (*Program, []Problem) {
	c := newCompiler(doc, opts)
	if doc.Main == nil || doc.Type == template.Fragment || doc.Type == template.None {
		return nil, []Problem{{Code: CodeNotRunnable, Message: "this is no template: there is nothing to run", Range: doc.Root.Range()}}
	}
	if errs := doc.Tree.Errors(); len(errs) > 0 {
		return nil, []Problem{{Code: string(analysis.CodeSyntaxError), Message: errs[0].Message, Range: errs[0].Range}}
	}
	root := doc.Main.Root
	if opts.Teardown {
		root = doc.Main.Teardown
	}
	if root == nil {
		what := "the document has no workflow to run"
		if opts.Teardown {
			what = "the document has no teardownSpec with a workflow: there is nothing to tear down"
		}
		return nil, []Problem{{Code: CodeNotRunnable, Message: what, Range: doc.Root.Range()}}
	}
	c.program = &Program{Format: programFormat, Identity: Identity(doc, opts), File: opts.File, Source: Source(doc.Tree.Source()), Type: doc.Type.String(), Teardown: opts.Teardown,
		Policy: Policy(text(doc.Root.Get("options").Get("concurrencyPolicy")))}
	c.arguments()
	c.project()
	c.node(root, -1)
	c.secrecy()
	c.settings()
	c.unknown()
	c.uses()
	c.loops()
	c.order()
	if opts.Until != "" {
		c.until()
	}
	return c.program, c.problems
}

// until leaves out what the run does not need to get as far as one node.
func (c *compiler) until() {
	target, err := c.program.Find(c.opts.Until)
	if err != nil {
		c.problem(nil, CodeNoSuchNode, "%v", err)
		return
	}
	c.program = c.program.upTo(target)
	stays := make(map[string]bool, len(c.program.Nodes))
	for i := range c.program.Nodes {
		stays[c.program.Nodes[i].Path] = true
	}
	c.problems = slices.DeleteFunc(c.problems, func(p Problem) bool { return p.Node != "" && !stays[p.Node] })
}

// Identity is what queues, stored overrides, kept secrets and the history know a
// template by: what the options say, else its name, else its file.
func Identity(doc *template.Document, opts Options) string {
	if opts.Identity != "" {
		return opts.Identity
	}
	if name := text(doc.Root.Get("name")); name != "" {
		return name
	}
	return opts.File
}

// text is the text of a literal string, else empty.
func text(v syntax.Value) string {
	if v.Kind() != syntax.KindString {
		return ""
	}
	return v.Text()
}

type compiler struct {
	doc      *template.Document
	opts     Options
	program  *Program
	problems []Problem
	nodes    []*template.Node // beside program.Nodes; nil for the document's project
	index    map[*template.Node]int
	contexts map[*template.Node]int // by workflow; nil is the document
	args     map[string]int         // those of the program's arguments
	slots    []slot
	early    *scope // of what is known before a run; nil until it is asked
	// slotsByName holds positions in slots.
	slotsByName map[string]int
}

func newCompiler(doc *template.Document, opts Options) *compiler {
	return &compiler{doc: doc, opts: opts, index: map[*template.Node]int{}, contexts: map[*template.Node]int{}}
}

// problemAt is a problem of the document at a place.
func (c *compiler) problemAt(at syntax.Range, code, format string, args ...any) {
	c.problems = append(c.problems, Problem{Code: code, Message: fmt.Sprintf(format, args...), Range: at})
}

func (c *compiler) problem(n *template.Node, code, format string, args ...any) {
	p := Problem{Code: code, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		p.Node, p.Range = n.Path(), n.KindValue().Range()
	}
	c.problems = append(c.problems, p)
}

// raw is a value as compact JSON; nil where it is absent.
func raw(v syntax.Value) json.RawMessage {
	if !v.IsValid() {
		return nil
	}
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(v.Raw())); err == nil {
		return out.Bytes()
	}
	// Go's encoder reads a few things more strictly, such as invalid UTF-8.
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return nil
	}
	return text
}

// projectPath is the path of the node that creates the document's own project.
const projectPath = "/project"

// project makes the node that creates the document's own project.
func (c *compiler) project() {
	if c.opts.Teardown {
		return
	}
	project := c.doc.Main.Value.Get("project")
	spec := project.Get("spec")
	if project.Get("id").IsValid() || spec.Kind() != syntax.KindObject {
		return
	}
	c.program.Nodes = append(c.program.Nodes, Node{
		Path: projectPath, Kind: "Project", Label: "project", Parent: -1,
		Spec: raw(spec), Place: "/project", Context: -1,
	})
	c.nodes = append(c.nodes, nil)
}

func (c *compiler) node(n *template.Node, parent int) {
	at := len(c.program.Nodes)
	c.index[n] = at
	c.nodes = append(c.nodes, n)
	out := Node{
		Path: n.Path(), Kind: n.Kind, Ref: n.Ref, Label: n.Label(), Parent: parent,
		Skip: raw(n.Value().Get("skipNodeExecution")), Place: n.Path(), Context: -1,
	}
	if n.Ref != "" && len(n.Scope.ByRef(n.Ref)) == 1 {
		out.Place = "refs." + n.Ref
	}
	switch n.Flow {
	case template.Sequential:
		out.Flow, out.Kind = Sequential, "Workflow"
	case template.Parallel:
		out.Flow, out.Kind = Parallel, "Workflow"
	case template.Loop:
		out.Flow, out.Iterations = Loop, raw(n.Spec().Get("iterations"))
	case template.UnknownFlow:
		c.problem(n, string(analysis.CodeNotInEnum), `the workflow's type is neither "sequential" nor "parallel"`)
	case template.NoFlow:
		out.Spec = raw(n.Spec())
		out.Rest = c.rest(n.Value())
		out.Once = raw(n.Value().Get("runNodeOnce"))
		out.Allowed = allowed(c.opts.Config, n)
		if out.Destroys = destroys(n); n.Kind == "OpenTofuDestroy" && out.Destroys == nil {
			c.problem(n, CodeNotRunnable, "spec.nodeRef names no OpenTofu node of the template: %q", text(n.Spec().Get("nodeRef")))
		}
		for _, s := range n.Nested() {
			out.Nested = append(out.Nested, strings.TrimPrefix(c.pointer(s, n), n.Path()))
			out.Opaque = append(out.Opaque, c.opaque(s, n)...)
		}
	}
	c.program.Nodes = append(c.program.Nodes, out)
	if analysis.NeedsProject(n) {
		c.program.Nodes[at].Project = true
		c.program.Nodes[at].Context = c.context(n)
	}
	for _, step := range n.Steps() {
		c.node(step, at)
	}
}

// pointer finds the pointer of a nested document from the nodes that it holds.
func (c *compiler) pointer(s *template.Scope, owner *template.Node) string {
	for _, n := range []*template.Node{s.Root, s.Teardown} {
		if n != nil {
			return strings.TrimSuffix(strings.TrimSuffix(n.Path(), "/spec"), "/teardownSpec")
		}
	}
	return owner.Path() + pointerTo(owner.Value(), s.Value)
}

// pointerTo looks for a value inside of another.
func pointerTo(in, v syntax.Value) string {
	for m := range in.Members() {
		if m.Value().Range() == v.Range() {
			return "/" + escapePointer(m.KeyText())
		}
		if inside(m.Value(), v) {
			return "/" + escapePointer(m.KeyText()) + pointerTo(m.Value(), v)
		}
	}
	i := 0
	if in.Kind() == syntax.KindArray {
		for e := range in.Elements() {
			if e.Range() == v.Range() {
				return fmt.Sprintf("/%d", i)
			}
			if inside(e, v) {
				return fmt.Sprintf("/%d", i) + pointerTo(e, v)
			}
			i++
		}
	}
	return ""
}

func inside(outer, inner syntax.Value) bool {
	return outer.Range().Start <= inner.Range().Start && inner.Range().End <= outer.Range().End
}

func (c *compiler) opaque(s *template.Scope, owner *template.Node) []string {
	var out []string
	for _, n := range s.Nodes() {
		for _, deeper := range n.Nested() {
			out = append(out, strings.TrimPrefix(c.pointer(deeper, n), owner.Path()))
		}
	}
	return out
}

func escapePointer(s string) string {
	if !strings.ContainsAny(s, "~/") {
		return s
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
}

// rest collects the members that the driver reads beside the spec.
func (c *compiler) rest(v syntax.Value) json.RawMessage {
	out := map[string]json.RawMessage{}
	for m := range v.Members() {
		switch m.KeyText() {
		case "kind", "ref", "spec", "skipNodeExecution", "settings", "runNodeOnce":
		default:
			out[m.KeyText()] = raw(m.Value())
		}
	}
	if len(out) == 0 {
		return nil
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil
	}
	return text
}

// context returns the index of the project context that the node inherits, -1
// when it has its own or none.
func (c *compiler) context(n *template.Node) int {
	from, ok := n.ProjectContext()
	switch {
	case !ok && c.opts.ProjectID != "":
		return c.addContext(nil, Context{Value: quoted(c.opts.ProjectID), Place: "project"})
	case !ok:
		c.problem(n, string(analysis.CodeMissingProjectContext),
			"%s has no project: set spec.projectId, or context.projectId in a workflow around it", n.Label())
		return -1
	case from.FromDocument:
		id := n.Scope.Value.Get("project").Get("id")
		if id.IsValid() {
			return c.addContext(nil, Context{Value: raw(id), Place: "/project/id"})
		}
		if c.opts.Teardown {
			return c.addContext(nil, Context{Inherited: projectPath})
		}
		return c.addContext(nil, Context{})
	case from.Node == n:
		return -1
	}
	w := from.Node
	if v := w.Spec().Get("context").Get("projectId"); v.IsValid() {
		return c.addContext(w, Context{Value: raw(v), Place: w.Path() + "/spec/context/projectId"})
	}
	return c.addContext(w, Context{Value: raw(w.Value().Get("context").Get("projectId")), Place: w.Path() + "/context/projectId"})
}

func (c *compiler) addContext(w *template.Node, ctx Context) int {
	if i, ok := c.contexts[w]; ok {
		return i
	}
	c.contexts[w] = len(c.program.Contexts)
	c.program.Contexts = append(c.program.Contexts, ctx)
	return c.contexts[w]
}

func quoted(s string) json.RawMessage {
	text, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	return text
}

// order finds the references that can never resolve.
func (c *compiler) order() {
	nodes := c.program.schedule()
	problems, dropped := schedule.Check(nodes)
	for _, d := range dropped {
		n := &c.program.Nodes[d[0]]
		if !slices.Contains(n.Never, d[1]) {
			n.Never = append(n.Never, d[1])
		}
	}
	for _, p := range problems {
		n, on := &c.program.Nodes[p.Node], &c.program.Nodes[p.On]
		code, message := string(analysis.CodeRefBeforeItResolves), ""
		switch p.Reason {
		case schedule.Later:
			message = fmt.Sprintf("%s refers to %s, which runs after it: the reference can never resolve", n.Label, on.Label)
		case schedule.Around, schedule.Inside:
			message = fmt.Sprintf("%s refers to %s, which cannot end before it starts: the reference can never resolve", n.Label, on.Label)
		default:
			code = string(analysis.CodeReferenceCycle)
			message = fmt.Sprintf("%s refers to %s, and the two wait for each other: the reference can never resolve", n.Label, on.Label)
		}
		c.problem(c.nodes[p.Node], code, "%s", message)
	}
	for i := range c.program.Nodes {
		n := &c.program.Nodes[i]
		for _, u := range n.Uses {
			if !u.Soft && len(u.On) > 1 && containsAll(n.Never, u.On) {
				c.problem(c.nodes[i], string(analysis.CodeRefBeforeItResolves),
					"%s refers to %s, and no node with that ref can end before it starts", n.Label, u.Ref)
			}
		}
	}
}

func containsAll(list, wanted []int) bool {
	for _, w := range wanted {
		if !slices.Contains(list, w) {
			return false
		}
	}
	return true
}
