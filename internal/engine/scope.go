package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// A SecretSource gives the values of global secrets.
type SecretSource interface {
	// Secret returns the secret with the identifier as a value with the members
	// values and files, and undefined when there is none.
	Secret(ctx context.Context, id string) (expr.Value, error)
}

// A scope holds the values that expressions of a program see. It belongs to
// one run or plan and is used by one goroutine at a time.
type scope struct {
	program *Program
	refs    map[string][]int
	args    map[string]*argument
	outputs []output
	masker  *masker
	secrets SecretSource
	now     time.Time
	// keep returns the value kept under a key, or makes and keeps one.
	keep func(ctx context.Context, fn, key string, make func() (expr.Value, error)) (expr.Value, error)
	// inherited are outputs by ref of nodes that are not in the program.
	inherited map[string]expr.Value
	// global are the global secrets that were asked for: each is read once.
	global map[string]expr.Value
}

// An output is what references to a node see.
type output struct {
	value expr.Value
	// there says that the node has succeeded; partial that the value is what a
	// plan knows of it.
	there, partial bool
	skipped        bool
}

type argument struct {
	*Argument
	value expr.Value
	done  bool // value is final
	busy  bool // it is being evaluated
}

func newScope(p *Program, now time.Time) *scope {
	if !p.Date.IsZero() {
		now = p.Date
	}
	s := &scope{program: p, refs: map[string][]int{}, args: map[string]*argument{}, outputs: make([]output, len(p.Nodes)),
		inherited: map[string]expr.Value{}, global: map[string]expr.Value{}, masker: &masker{}, now: now}
	for _, i := range p.Inherited {
		s.masker.learn(i.Output, i.Secret)
		v := valueOf(i.Output, i.Secret)
		s.inherited[i.Ref], s.inherited[i.key()] = v, v
	}
	for i := range p.Nodes {
		if ref := p.Nodes[i].Ref; ref != "" && p.Nodes[i].of == 0 {
			s.refs[ref] = append(s.refs[ref], i)
		}
	}
	for i := range p.Arguments {
		a := &p.Arguments[i]
		s.args[a.Name] = &argument{Argument: a}
		// What is secret is known before it is used: the platform may show it.
		if !a.Secret {
			continue
		}
		if v, err := expr.ParseJSON(a.Value); err == nil && (a.Literal || !(&slot{}).dynamic(v)) {
			s.masker.add(v.WithSecret())
		}
	}
	return s
}

// An env is the scope as one node's expressions see it.
type env struct {
	*scope
	node int // -1 outside of nodes
}

// Now implements expr.Env.
func (e env) Now() time.Time { return e.now }

// Ref implements expr.Env.
func (e env) Ref(ctx context.Context, r *expr.Ref, inCall bool) (expr.Value, error) {
	switch r.Root {
	case "refs", "args", "secrets":
	default:
		return e.iterationRef(r, inCall)
	}
	if len(r.Segments) == 0 {
		return expr.Undefined(), nil
	}
	name, rest := r.Segments[0].Name, r.Segments[1:]
	switch r.Root {
	case "refs":
		out, err := e.output(name, inCall)
		if err != nil {
			return expr.Value{}, err
		}
		return walk(out.value, rest, out.partial), nil
	case "args":
		v, err := e.argument(ctx, name)
		if v.IsUndefined() && err == nil && e.args[name] == nil {
			// Nobody says whether the data of an iteration are arguments.
			v = e.iterationArgument(name)
		}
		if inCall && isUnresolved(err) {
			return expr.Undefined(), nil
		}
		if v = walk(v, rest, false); err == nil && v.IsUndefined() && !inCall && len(rest) == 0 {
			return v, unresolvedf("`args.%s` has no value: %s", name, waysToGive(name))
		}
		return v, err
	case "secrets":
		v, err := e.globalSecret(ctx, name)
		if err != nil {
			return expr.Value{}, err
		}
		if v = walk(v, rest, false); v.IsUndefined() && !inCall {
			return v, e.noSecret(r, name, rest)
		}
		return v, nil
	}
	return expr.Undefined(), nil
}

// globalSecret returns a global secret, undefined where there is none.
func (s *scope) globalSecret(ctx context.Context, id string) (expr.Value, error) {
	if v, ok := s.global[id]; ok || s.secrets == nil {
		return v, nil
	}
	v, err := s.secrets.Secret(ctx, id)
	if err != nil {
		return expr.Value{}, err
	}
	if !v.IsUndefined() {
		v = v.WithSecret()
		s.masker.add(v)
	}
	s.global[id] = v
	return v, nil
}

// noSecret says that a global secret, or a part of it, does not exist, and how to
// make it.
func (s *scope) noSecret(r *expr.Ref, id string, rest []expr.Segment) error {
	what := "there is no global secret " + id
	if !s.global[id].IsUndefined() {
		what = "the global secret " + id + " has no such value"
	}
	way := "nf-run secrets set " + id + ".values.NAME"
	if len(rest) > 1 {
		way = "nf-run secrets set " + strings.TrimPrefix(r.String(), "secrets.")
	}
	return unresolvedf("`%s` has no value, since %s: set it with '%s'", r, what, way)
}

// output finds what a ref means to the node: of several nodes that carry it,
// the last that has succeeded.
func (e env) output(name string, inCall bool) (output, error) {
	skipped := false
	nodes := e.refs[name]
	for k := len(nodes) - 1; k >= 0; k-- {
		node, it := e.seen(nodes[k])
		if it != nil {
			return output{value: it.value, there: true}, nil
		}
		if node < 0 {
			continue
		}
		out := e.outputs[node]
		if out.there && !e.never(node) {
			return out, nil
		}
		skipped = skipped || out.skipped
	}
	if v, ok := e.inheritedAs(name); ok {
		return output{value: v, there: true}, nil
	}
	if e.program.Teardown && len(nodes) == 0 && !inCall {
		return output{}, unresolvedf("`refs.%s` is left to teardowns by a run, and no run with such a node has succeeded on this target yet", name)
	}
	if skipped && !inCall {
		return output{}, unresolvedf("`refs.%s` has no output: the node was skipped", name)
	}
	return output{}, nil
}

// seen is what a node of the document is to this one, in a loop: a step of the same
// iteration, or of the one before where that comes later, or -1 for none; or, where
// it is a loop around this one, the iteration.
func (e env) seen(node int) (int, *iteration) {
	if e.node < 0 || e.program.Nodes[e.node].round == nil {
		return node, nil
	}
	n := &e.program.Nodes[e.node]
	for it := n.round; it != nil; it = it.outer {
		if it.declared == node {
			return -1, it
		}
	}
	if on, ok := n.later[node]; ok {
		return on, nil
	}
	return n.round.within(node), nil
}

func (e env) never(node int) bool {
	if e.node < 0 {
		return false
	}
	for _, n := range e.program.Nodes[e.node].Never {
		if n == node {
			return true
		}
	}
	return false
}

// argument evaluates an argument, once unless it depends on outputs.
func (e env) argument(ctx context.Context, name string) (expr.Value, error) {
	a := e.args[name]
	if a == nil {
		return expr.Undefined(), nil
	}
	if a.done {
		return a.value, nil
	}
	if a.busy {
		return expr.Value{}, fmt.Errorf("argument %s uses itself", name)
	}
	v, err := expr.ParseJSON(a.Value)
	if err != nil {
		return expr.Value{}, fmt.Errorf("the value of argument %s cannot be read: %w", name, err)
	}
	if !a.Literal {
		a.busy = true
		v, err = e.resolve(ctx, v, "args."+name, "", nil)
		a.busy = false
		if err != nil {
			var at *ResolveError
			if errors.As(err, &at) {
				err = at.Err
			}
			return expr.Value{}, fmt.Errorf("argument %s: %w", name, err)
		}
	}
	if v, err = coerceArgument(v, a.Type); err != nil {
		return expr.Value{}, fmt.Errorf("argument %s has to be %w, and its value is not", name, err)
	}
	if a.Secret {
		v = v.WithSecret()
	}
	e.masker.add(v)
	a.value, a.done = v, len(a.Uses) == 0
	return v, nil
}

// Kept implements expr.Env.
func (e env) Kept(ctx context.Context, fn, place string, _ []expr.Value, make func() (expr.Value, error)) (expr.Value, error) {
	v, err := e.keep(ctx, fn, place+" "+fn, make)
	if err == nil {
		e.masker.add(v)
	}
	return v, err
}

// FetchSecret implements expr.Env.
func (e env) FetchSecret(ctx context.Context, id string, inCall bool) (expr.Value, error) {
	v, err := e.globalSecret(ctx, id)
	if err == nil && v.IsUndefined() && !inCall {
		err = unresolvedf("there is no global secret %s: set it with 'nf-run secrets set %s.values.NAME'", id, id)
	}
	return v, err
}

// An unresolvedError says why a reference outside of calls has no value, in more
// words than [expr.CodeUndefined] does.
type unresolvedError struct{ message string }

func unresolvedf(format string, args ...any) error {
	return &unresolvedError{fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e *unresolvedError) Error() string { return e.message }

// isUnresolved tells whether an argument has no value because a reference in it has
// none. Inside of a call it is undefined then, as the reference would be.
func isUnresolved(err error) bool {
	var words *unresolvedError
	var undefined *expr.EvalError
	return errors.As(err, &words) || errors.As(err, &undefined) && undefined.Code == expr.CodeUndefined
}

// A ResolveError says which property has no value.
type ResolveError struct {
	// Pointer is the JSON pointer of the string, from the node.
	Pointer string
	Err     error
}

// Error implements error.
func (e *ResolveError) Error() string {
	name := strings.ReplaceAll(strings.TrimPrefix(e.Pointer, "/"), "/", ".")
	if name == "" {
		return e.Err.Error()
	}
	return unescapePointer(name) + ": " + e.Err.Error()
}

// Unwrap returns the reason.
func (e *ResolveError) Unwrap() error { return e.Err }

func unescapePointer(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
}
