package expr

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"
)

// Env gives an evaluation the values that the language itself does not have.
type Env interface {
	// Ref returns the value of a reference with a root such as `refs`, `args` or `secrets`, and undefined where it does
	// not resolve. inCall tells that it stands in the arguments of a call. Parameters of lambdas are not asked for.
	Ref(ctx context.Context, r *Ref, inCall bool) (Value, error)
	// Kept returns the value that an earlier evaluation made at the same place with the same function, or else makes,
	// keeps and returns one. It is asked for `date`, `randomString` and `randomSecret`.
	Kept(ctx context.Context, fn, place string, args []Value, make func() (Value, error)) (Value, error)
	// FetchSecret returns the global secret with that identifier, and undefined where there is none. inCall tells that the
	// call stands in the arguments of another one.
	FetchSecret(ctx context.Context, id string, inCall bool) (Value, error)
	// Now is the time that `date` formats.
	Now() time.Time
}

// Bounds of one evaluation. What goes beyond fails with CodeLimit.
const (
	MaxSteps  = 1_000_000 // expressions evaluated, those in lambdas each time
	MaxText   = 1 << 20   // bytes of a string
	MaxItems  = 100_000   // elements of an array
	MaxWeight = 16 << 20  // bytes of a value with all that is in it, roughly
	MaxWork   = 256 << 20 // bytes and elements looked at in all
	// MaxRegexTime is how long the regular expressions of one evaluation can take in all.
	MaxRegexTime = time.Second
)

// Eval evaluates the string. A string that is exactly one `${...}` gives the value with its own type; otherwise the values
// are joined into a text, in which undefined is empty. The result is undefined only where a function gives that, as `if`
// without an else does. place is the name of the string in the file, stable over edits elsewhere: it is what kept values
// are kept under. Errors are *EvalError, save those of a cancelled context.
func (ip *Interpolation) Eval(ctx context.Context, env Env, place string) (Value, error) {
	if len(ip.Errors) > 0 {
		e := ip.Errors[0]
		return Value{}, &EvalError{Start: e.Start, End: e.End, Code: CodeSyntax, Message: e.Message}
	}
	if len(ip.Parts) == 1 && ip.Parts[0].Kind == Literal {
		return String(ip.Parts[0].Text), nil
	}
	return newEvaluator(ctx, env, place).interpolate(ip)
}

// EvalNode evaluates one expression as if it were the whole of a string. See Eval.
func EvalNode(ctx context.Context, n Node, env Env, place string) (Value, error) {
	return newEvaluator(ctx, env, place).top(n)
}

type evaluator struct {
	maxSteps, maxWork int

	ctx   context.Context
	env   Env // nil while constants are folded
	place string

	calls    int // how many calls are around the current expression
	steps    int
	work     int
	regex    time.Duration
	patterns map[string]*regex // texts that were read as regular expressions
	scope    []binding
	indexes  []int // the iterations of the lambdas around
}

type binding struct {
	name  string
	value Value
}

// closure is a lambda with the parameters that it sees.
type closure struct {
	lambda *Lambda
	scope  []binding
}

// errNotConstant ends folding.
var errNotConstant = errors.New("not constant")

func newEvaluator(ctx context.Context, env Env, place string) *evaluator {
	return &evaluator{ctx: ctx, env: env, place: place, maxSteps: MaxSteps, maxWork: MaxWork}
}

// interpolate evaluates a string without syntax errors.
func (ev *evaluator) interpolate(ip *Interpolation) (Value, error) {
	if ip.IsSingle() {
		return ev.top(ip.Parts[0].Node)
	}
	var t textBuilder
	for i := range ip.Parts {
		part := &ip.Parts[i]
		switch part.Kind {
		case Literal:
			t.literal(part.Text)
			continue
		case Runtime:
			t.literal(ip.Text[part.Start:part.End])
			continue
		}
		v, err := ev.top(part.Node)
		if err != nil {
			return Value{}, err
		}
		if v.kind != KindUndefined {
			t.value(v)
		} else {
			t.nothing(v)
		}
		if len(t.b) > MaxText {
			return Value{}, errAt(part.Node, CodeLimit, "the text becomes longer than %d bytes", MaxText)
		}
	}
	return t.text(), nil
}

// top evaluates an expression outside of any call.
func (ev *evaluator) top(n Node) (Value, error) {
	v, err := ev.eval(n)
	if err != nil {
		return Value{}, err
	}
	switch {
	case v.kind == KindFunction || v.kind == KindRegex:
		return Value{}, errAt(n, CodeResultType, "a %s is no value of a property: it can only be an argument of a function", v.kind)
	case v.kind == KindNumber && (math.IsNaN(v.num) || math.IsInf(v.num, 0)):
		return Value{}, errAt(n, CodeNotFinite, "the result is no finite number: an argument does not resolve or is no number, or a division is by zero")
	}
	return v, nil
}

func (ev *evaluator) eval(n Node) (Value, error) {
	if ev.steps++; ev.steps > ev.maxSteps {
		return Value{}, errAt(n, CodeLimit, "the expression takes more than %d steps", ev.maxSteps)
	}
	if ev.steps&0xFF == 0 && ev.ctx != nil && ev.ctx.Err() != nil {
		return Value{}, ev.ctx.Err()
	}
	switch n := n.(type) {
	case *StringLit:
		return String(n.Value), nil
	case *NumberLit:
		return Number(n.Value), nil
	case *BoolLit:
		return Bool(n.Value), nil
	case *NullLit:
		return Null(), nil
	case *UndefinedLit:
		return Undefined(), nil
	case *RegexLit:
		if _, err := n.regex(); err != nil {
			return Value{}, errAt(n, CodeInvalidRegex, "%s", err)
		}
		return Value{kind: KindRegex, ext: n}, nil
	case *Lambda:
		return Value{kind: KindFunction, ext: &closure{n, ev.scope[:len(ev.scope):len(ev.scope)]}}, nil
	case *ArrayLit:
		items := make([]Value, len(n.Elems))
		for i, e := range n.Elems {
			v, err := ev.eval(e)
			if err != nil {
				return Value{}, err
			}
			if v.kind == KindFunction || v.kind == KindRegex {
				return Value{}, errAt(e, CodeResultType, "a %s cannot be an element of an array", v.kind)
			}
			items[i] = v
		}
		return ev.bounded(n, Array(items))
	case *Ref:
		return ev.ref(n)
	case *Call:
		return ev.call(n)
	}
	return Value{}, errAt(n, CodeSyntax, "the expression is incomplete")
}

func (ev *evaluator) ref(r *Ref) (Value, error) {
	if r.TrailingDot || r.UnclosedFrom >= 0 {
		return Value{}, errAt(r, CodeSyntax, "the reference is incomplete: a name is missing at its end")
	}
	if r.Param {
		for i := len(ev.scope) - 1; i >= 0; i-- {
			if ev.scope[i].name == r.Root {
				v := ev.scope[i].value
				for _, s := range r.Segments {
					v = v.Get(s.Name)
				}
				return v, nil
			}
		}
		return Undefined(), nil
	}
	if ev.env == nil {
		return Value{}, errNotConstant
	}
	v, err := ev.env.Ref(ev.ctx, r, ev.calls > 0)
	if err != nil {
		return Value{}, ev.wrap(r, err)
	}
	if v.kind == KindUndefined && ev.calls == 0 {
		return Value{}, errAt(r, CodeUndefined, "`%s` has no value: outside of a function's arguments every reference has to resolve", r)
	}
	return ev.bounded(r, v)
}

// wrap gives an error of the environment its place. It may be an EvalError of another string, such as that of an argument;
// its own place then means nothing here.
func (ev *evaluator) wrap(n Node, err error) error {
	if ev.ctx != nil && ev.ctx.Err() != nil && errors.Is(err, ev.ctx.Err()) {
		return err
	}
	wrapped := errAt(n, CodeEnvironment, "%s", err)
	wrapped.Err = err
	return wrapped
}

// bounded checks the size of a value.
func (ev *evaluator) bounded(n Node, v Value) (Value, error) {
	switch v.kind {
	case KindString, KindUnknown:
		if len(v.str) > MaxText {
			return Value{}, errAt(n, CodeLimit, "the text is longer than %d bytes", MaxText)
		}
	case KindArray, KindObject:
		if v.Len() > MaxItems {
			return Value{}, errAt(n, CodeLimit, "there are more than %d elements", MaxItems)
		}
		if v.weigh() > MaxWeight {
			return Value{}, errAt(n, CodeLimit, "the value is larger than %d bytes", MaxWeight)
		}
	}
	return v, nil
}

func (ev *evaluator) spend(n Node, amount int) error {
	if ev.work += amount; ev.work > ev.maxWork {
		return errAt(n, CodeLimit, "the expression looks at too much data: more than %d bytes and elements in all", ev.maxWork)
	}
	return nil
}

func (ev *evaluator) call(c *Call) (Value, error) {
	f, ok := LookupFunction(c.Name)
	switch {
	case c.Bare || c.Open < 0 || !c.Closed:
		return Value{}, errAt(c, CodeSyntax, "the call of `%s` is incomplete", c.Name)
	case !ok:
		return Value{}, errAt(c, CodeUnknownFunction, "there is no function `fn.%s`", c.Name)
	}
	if p := countProblem(f, c); p != nil {
		return Value{}, &EvalError{Start: p.Start, End: p.End, Code: CodeArgumentCount, Message: p.Message}
	}
	if ev.env == nil && !f.Pure {
		return Value{}, errNotConstant
	}
	ev.calls++
	v, err := ev.apply(f, c)
	ev.calls--
	if err != nil {
		return Value{}, err
	}
	if f.Secret {
		v = v.WithSecret()
	}
	if v.kind == KindString || v.kind == KindArray {
		if err := ev.spend(c, len(v.str)+v.Len()); err != nil {
			return Value{}, err
		}
	}
	return ev.bounded(c, v)
}

func (ev *evaluator) apply(f *Function, c *Call) (Value, error) {
	if f.lazy != nil {
		return f.lazy(ev, f, c)
	}
	x := &invocation{ev: ev, fn: f, call: c, args: make([]Value, len(c.Args))}
	for i, a := range c.Args {
		v, err := ev.eval(a)
		if err != nil {
			return Value{}, err
		}
		x.args[i] = v
		if err := x.accept(i); err != nil {
			return Value{}, err
		}
		x.secret = x.secret || v.IsSecret()
	}
	if !f.whole {
		for _, v := range x.args {
			if v.IsUnknown() {
				return x.unknown(), nil
			}
		}
	}
	v, err := f.apply(x)
	if err == nil && x.secret && !f.whole {
		v = v.WithSecret()
	}
	return v, err
}

// invocation is a call with its evaluated arguments.
type invocation struct {
	ev     *evaluator
	fn     *Function
	call   *Call
	args   []Value
	secret bool // an argument is a secret, or a part of one
}

// accept checks the type of an argument.
func (x *invocation) accept(i int) error {
	v := x.args[i]
	p, _ := x.fn.Param(i)
	var ok bool
	switch v.kind {
	case KindUnknown:
		ok = v.Type().Overlaps(p.Accepts)
	default:
		ok = p.Accepts.Can(v.shape())
	}
	if !ok {
		return x.wrongType(i, v.kind.String())
	}
	return nil
}

// shape is the kind of a known value as a type sees it.
func (v Value) shape() Shape {
	switch v.kind {
	case KindNull:
		return ShapeNull
	case KindBool:
		return ShapeBool
	case KindNumber:
		return ShapeNumber
	case KindString:
		return ShapeString
	case KindArray:
		return ShapeArray
	case KindObject:
		return ShapeObject
	case KindRegex:
		return ShapeRegex
	case KindFunction:
		return ShapeFunction
	case KindUnknown:
		return v.Type().shape
	}
	return ShapeUndefined
}

func (x *invocation) wrongType(i int, is string) error {
	p, _ := x.fn.Param(i)
	return errAt(x.call.Args[i], CodeArgumentType, "%s", typeMessage(x.fn, p, i, is))
}

func (x *invocation) wrongValue(i int, format string, args ...any) error {
	return errAt(x.call.Args[i], CodeArgumentValue, "argument %d of `fn.%s` "+format, append([]any{i + 1, x.fn.Name}, args...)...)
}

// unknown is the result where an argument is unknown.
func (x *invocation) unknown() Value {
	types := make([]Type, len(x.args))
	for i, v := range x.args {
		types[i] = v.Type()
	}
	v := Unknown(x.fn.ResultOf(types))
	if x.secret {
		v = v.WithSecret()
	}
	return v
}

// has reports whether an optional argument is there: undefined is as good as left out.
func (x *invocation) has(i int) bool { return i < len(x.args) && x.args[i].kind != KindUndefined }

// text returns an argument as text.
func (x *invocation) text(i int) (string, error) {
	s := x.args[i].rawText()
	return s, x.ev.spend(x.call, len(s))
}

// number returns an argument as a number. Text that is none fails, unlike in JavaScript, where it would become NaN and
// the mistake would show far from its place.
func (x *invocation) number(i int) (float64, error) {
	f, ok := x.args[i].number()
	if !ok {
		return 0, x.wrongType(i, "text that is no number")
	}
	return f, nil
}

// items returns the elements of an array.
func (x *invocation) items(i int) ([]Value, error) {
	items := x.args[i].Items()
	return items, x.ev.spend(x.call, len(items))
}

// each calls the lambda in argument i for an element.
func (x *invocation) each(i, index int, item Value) (Value, error) {
	c := x.args[i].ext.(*closure)
	ev := x.ev
	outer := ev.scope
	ev.scope = c.scope
	for at, p := range c.lambda.Params {
		v := Undefined()
		switch at {
		case 0:
			v = item
		case 1:
			v = Number(float64(index))
		}
		ev.scope = append(ev.scope, binding{p.Name, v})
	}
	ev.indexes = append(ev.indexes, index)
	v, err := ev.eval(c.lambda.Body)
	ev.indexes = ev.indexes[:len(ev.indexes)-1]
	ev.scope = outer
	return v, err
}

// keptPlace names the place of a call whose value is kept: the string that it stands in, which of the calls of its
// function in that string it is, and for which elements the lambdas around it run.
func (x *invocation) keptPlace() string {
	place := x.ev.place
	if x.call.Ordinal > 0 {
		place += "#" + strconv.Itoa(x.call.Ordinal+1)
	}
	for _, i := range x.ev.indexes {
		place += "[" + strconv.Itoa(i) + "]"
	}
	return place
}
