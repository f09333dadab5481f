package expr

import "errors"

func booleanFunctions() []*Function {
	return []*Function{
		{
			Name: "not", Pure: true, Result: TypeBool,
			Doc:     "True if the argument is falsy. Falsy are `false`, `0`, an empty text, `null` and whatever does not resolve.",
			Example: "fn.not(args.DEBUG)", Params: []Param{boolParam("boolean", "The value to turn around.")},
			whole: true,
			apply: func(x *invocation) (Value, error) {
				truth, known := x.args[0].Truth()
				return x.truth(!truth, known), nil
			},
		},
		{
			Name: "or", Pure: true, Result: TypeBool, Variadic: true,
			Doc:     "True if any argument is truthy. The arguments behind it are not evaluated any more.",
			Example: "fn.or(fn.eq(args.ENV, 'prod'), args.FORCE)",
			Params:  []Param{boolParam("boolean", "A condition.")},
			lazy: func(ev *evaluator, _ *Function, c *Call) (Value, error) {
				return ev.decide(c, true)
			},
		},
		{
			Name: "and", Pure: true, Result: TypeBool, Variadic: true,
			Doc:     "True if every argument is truthy. The arguments behind the first falsy one are not evaluated.",
			Example: "fn.and(args.ENABLED, fn.gt(args.COUNT, 0))",
			Params:  []Param{boolParam("boolean", "A condition.")},
			lazy: func(ev *evaluator, _ *Function, c *Call) (Value, error) {
				return ev.decide(c, false)
			},
		},
		{
			Name: "if", Pure: true, Result: TypeAny,
			Doc:     "The second argument if the first is truthy, the third otherwise. Without a third the result is undefined then, and a property is left out. Only the chosen argument is evaluated.",
			Example: "fn.if(fn.eq(args.branch, 'main'), 3, 1)",
			Params: []Param{
				boolParam("boolean", "The condition."),
				anyParam("then", "The result if the condition is truthy."),
				anyParam("else", "The result if it is not.").optional(),
			},
			result: func(args []Type) Type {
				if len(args) < 2 {
					return TypeAny
				}
				otherwise := TypeUndefined
				if len(args) > 2 {
					otherwise = args[2]
				}
				switch {
				case args[0].Within(truthy):
					return args[1]
				case args[0].Within(falsy):
					return otherwise
				}
				return args[1].Union(otherwise)
			},
			lazy: choose,
		},
		{
			Name: "eq", Pure: true, Result: TypeBool, Variadic: true,
			Doc:     "True if all arguments are equal: of the same type and with the same content, element by element in arrays and objects. Text and number differ: `fn.eq('1', 1)` is false.",
			Example: "fn.eq(args.branch, 'main')",
			Params:  []Param{anyParam("equal", "A value."), anyParam("other", "A value to compare it with.")},
			whole:   true,
			apply: func(x *invocation) (Value, error) {
				equal, known, err := x.allEqual()
				return x.truth(equal, known), err
			},
		},
		{
			Name: "neq", Pure: true, Result: TypeBool, Variadic: true,
			Doc:     "True if the arguments are not all equal: the opposite of `fn.eq`.",
			Example: "fn.neq(args.branch, 'main')",
			Params:  []Param{anyParam("not", "A value."), anyParam("other", "A value to compare it with.")},
			whole:   true,
			apply: func(x *invocation) (Value, error) {
				equal, known, err := x.allEqual()
				return x.truth(!equal, known), err
			},
		},
		comparison("gt", "greater than", "fn.gt(args.COUNT, 2)", func(a, b float64) bool { return a > b }),
		comparison("lt", "less than", "fn.lt(args.COUNT, 2)", func(a, b float64) bool { return a < b }),
		comparison("gte", "greater than or equal to", "fn.gte(args.COUNT, 2)", func(a, b float64) bool { return a >= b }),
		comparison("lte", "less than or equal to", "fn.lte(args.COUNT, 2)", func(a, b float64) bool { return a <= b }),
	}
}

func comparison(name, is, example string, compare func(a, b float64) bool) *Function {
	return &Function{
		Name: name, Pure: true, Result: TypeBool,
		Doc:     "True if the first number is " + is + " the second. Text is read as a number; with a value that does not resolve the result is false.",
		Example: example,
		Params:  []Param{numberParam("num1", "The number on the left."), numberParam("num2", "The number on the right.")},
		apply: func(x *invocation) (Value, error) {
			a, err := x.number(0)
			if err != nil {
				return Value{}, err
			}
			b, err := x.number(1)
			if err != nil {
				return Value{}, err
			}
			return Bool(compare(a, b)), nil
		},
	}
}

// truth makes a boolean that may be unknown, with the secret mark of the arguments.
func (x *invocation) truth(b, known bool) Value {
	v := Bool(b)
	if !known {
		v = Unknown(TypeBool)
	}
	if x.secret {
		v = v.WithSecret()
	}
	return v
}

// decide evaluates conditions until one decides: a truthy one for `or`, a falsy one for `and`.
func (ev *evaluator) decide(c *Call, on bool) (Value, error) {
	secret, open := false, false
	for _, a := range c.Args {
		v, err := ev.eval(a)
		if err != nil {
			if open && !errors.Is(err, errNotConstant) {
				// Whether it is ever evaluated hangs on what is still unknown.
				continue
			}
			return Value{}, err
		}
		secret = secret || v.IsSecret()
		truth, known := v.Truth()
		if known && truth == on {
			return secretIf(Bool(on), secret), nil
		}
		open = open || !known
	}
	if open {
		return secretIf(Unknown(TypeBool), secret), nil
	}
	return secretIf(Bool(!on), secret), nil
}

func secretIf(v Value, secret bool) Value {
	if secret {
		return v.WithSecret()
	}
	return v
}

// choose is `if`.
func choose(ev *evaluator, f *Function, c *Call) (Value, error) {
	condition, err := ev.eval(c.Args[0])
	if err != nil {
		return Value{}, err
	}
	truth, known := condition.Truth()
	if !known {
		types := make([]Type, len(c.Args))
		for i, a := range c.Args {
			types[i] = TypeOf(a, nil)
		}
		types[0] = TypeBool
		return secretIf(Unknown(f.ResultOf(types)), condition.IsSecret()), nil
	}
	v := Undefined()
	switch {
	case truth:
		v, err = ev.eval(c.Args[1])
	case len(c.Args) > 2:
		v, err = ev.eval(c.Args[2])
	}
	if err != nil {
		return Value{}, err
	}
	return secretIf(v, condition.IsSecret()), nil
}

func (x *invocation) allEqual() (equal, known bool, err error) {
	equal, known = true, true
	for _, v := range x.args[1:] {
		same, sure, err := x.ev.equal(x.call, x.args[0], v)
		switch {
		case err != nil:
			return false, false, err
		case sure && !same:
			return false, true, nil
		}
		known = known && sure
	}
	return equal, known, nil
}

// equal is JavaScript's strict equality for simple values, and equality of content for arrays and objects, of which the
// language has no identity. It is known as soon as a difference is, whatever is unknown beside it.
func (ev *evaluator) equal(n Node, a, b Value) (same, known bool, err error) {
	if err := ev.spend(n, 1); err != nil {
		return false, false, err
	}
	if a.kind == KindUnknown || b.kind == KindUnknown {
		disjoint := a.shape()&b.shape() == 0
		return false, disjoint, nil
	}
	if a.kind != b.kind {
		return false, true, nil
	}
	switch a.kind {
	case KindBool, KindNumber:
		return a.num == b.num, true, nil
	case KindString:
		return a.str == b.str, true, ev.spend(n, min(len(a.str), len(b.str)))
	case KindArray:
		if a.Len() != b.Len() {
			return false, true, nil
		}
		known = true
		for i, item := range a.items() {
			same, sure, err := ev.equal(n, item, b.items()[i])
			if err != nil || sure && !same {
				return false, true, err
			}
			known = known && sure
		}
		return true, known, nil
	case KindObject:
		if a.Len() != b.Len() {
			return false, true, nil
		}
		known = true
		for _, m := range a.members() {
			other, ok := b.ext.(*members).get(m.Key)
			if !ok {
				return false, true, nil
			}
			same, sure, err := ev.equal(n, m.Value, other)
			if err != nil || sure && !same {
				return false, true, err
			}
			known = known && sure
		}
		return true, known, nil
	case KindRegex, KindFunction:
		return false, true, nil
	}
	return true, true, nil
}
