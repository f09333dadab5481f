package expr

func arrayFunctions() []*Function {
	item := func(args []Type) Type {
		if len(args) == 0 {
			return TypeAny
		}
		return args[0].Elem()
	}
	same := func(args []Type) Type { return ArrayOf(item(args)) }
	return []*Function{
		{
			Name: "find", Pure: true, Result: TypeAny, whole: true,
			Doc: "The first element for which the function gives a truthy value; undefined if there is none.", Example: "fn.find(refs.web.ports, (port) => fn.eq(port.name, 'http'))",
			Params: []Param{arrayParam("array", "Where to look."), lambdaParam("boolean", "The condition.")},
			result: func(args []Type) Type { return item(args).Union(TypeUndefined) },
			apply:  find,
		},
		{
			Name: "concat", Pure: true, Result: TypeArray, Variadic: true, whole: true,
			Doc: "Puts any number of arrays together into one.", Example: "fn.concat(['a'], ['b', 'c'])", Gives: "['a', 'b', 'c']",
			Params: []Param{arrayParam("arr", "An array.")},
			result: func(args []Type) Type {
				var elem Type
				for _, t := range args {
					elem = elem.Union(t.Elem())
				}
				return ArrayOf(elem)
			},
			apply: concat,
		},
		{
			Name: "some", Pure: true, Result: TypeBool, whole: true,
			Doc: "True if the function gives a truthy value for any element; false for an empty array.", Example: "fn.some(args.BRANCHES, (branch) => fn.eq(branch, 'main'))",
			Params: []Param{arrayParam("array", "The elements."), lambdaParam("boolean", "The condition.")},
			apply:  func(x *invocation) (Value, error) { return x.test(true) },
		},
		{
			Name: "every", Pure: true, Result: TypeBool, whole: true,
			Doc: "True if the function gives a truthy value for all elements, and for an empty array.", Example: "fn.every([1, 2], (n) => fn.gt(n, 0))", Gives: "true",
			Params: []Param{arrayParam("array", "The elements."), lambdaParam("boolean", "The condition.")},
			apply:  func(x *invocation) (Value, error) { return x.test(false) },
		},
		{
			Name: "filter", Pure: true, Result: TypeArray, whole: true,
			Doc: "The elements for which the function gives a truthy value.", Example: "fn.filter([1, 2, 3], (n) => fn.gt(n, 1))", Gives: "[2, 3]",
			Params: []Param{arrayParam("array", "The elements."), lambdaParam("boolean", "The condition.")},
			result: same,
			apply:  filter,
		},
		{
			Name: "map", Pure: true, Result: TypeArray, whole: true,
			Doc: "The results of the function for every element.", Example: "fn.map(['a', 'b'], (name, index) => fn.join([name, index], '-'))", Gives: "['a-0', 'b-1']",
			Params: []Param{arrayParam("array", "The elements."), lambdaParam("any", "What becomes of an element.")},
			result: func(args []Type) Type {
				if len(args) < 2 {
					return TypeArray
				}
				return ArrayOf(args[1].Result())
			},
			apply: mapItems,
		},
		{
			Name: "arrSlice", Pure: true, Result: TypeArray, whole: true,
			Doc: "The elements from one position up to another. Negative positions count from the end; without an end it is all of the rest.", Example: "fn.arrSlice(['a', 'b', 'c'], 1)", Gives: "['b', 'c']",
			Params: []Param{
				arrayParam("array", "The elements."),
				integerParam("start", "The position of the first element."),
				integerParam("end", "The position behind the last element.").optional(),
			},
			result: same,
			apply:  sliceItems,
		},
		{
			Name: "arrLength", Pure: true, Result: TypeInteger, whole: true,
			Doc: "How many elements an array has.", Example: "fn.arrLength(['a', 'b'])", Gives: "2",
			Params: []Param{arrayParam("array", "The array.")},
			apply: func(x *invocation) (Value, error) {
				if x.args[0].IsUnknown() {
					return x.unknown(), nil
				}
				return secretIf(Number(float64(x.args[0].Len())), x.args[0].secret), nil
			},
		},
	}
}

// scan calls the lambda for each element until visit returns false. open is true when some result is unknown; secret is
// true when a result that was used is a secret, so that what hangs on it is one too.
func (x *invocation) scan(visit func(index int, item, result Value) bool) (secret bool, err error) {
	items, err := x.items(0)
	if err != nil {
		return false, err
	}
	for i, item := range items {
		r, err := x.each(1, i, item)
		if err != nil {
			return false, err
		}
		if r.kind == KindFunction || r.kind == KindRegex {
			return false, errAt(x.call.Args[1], CodeResultType, "the function gives a %s, which is no value", r.kind)
		}
		secret = secret || r.IsSecret()
		if !visit(i, item, r) {
			break
		}
	}
	return secret, nil
}

func find(x *invocation) (Value, error) {
	if x.args[0].IsUnknown() {
		return x.unknown(), nil
	}
	found, open := Undefined(), false
	secret, err := x.scan(func(_ int, item, result Value) bool {
		truth, known := result.Truth()
		open = !known
		if truth && known {
			found = item
		}
		return known && !truth
	})
	if open {
		found = x.unknown()
	}
	return secretIf(found, secret || x.args[0].secret), err
}

// test is `some` and `every`: it looks for an element with the deciding result.
func (x *invocation) test(on bool) (Value, error) {
	if x.args[0].IsUnknown() {
		return x.unknown(), nil
	}
	decided, open := false, false
	secret, err := x.scan(func(_ int, _, result Value) bool {
		truth, known := result.Truth()
		open = open || !known
		decided = known && truth == on
		return !decided
	})
	v := Bool(!on)
	switch {
	case decided:
		v = Bool(on)
	case open:
		v = Unknown(TypeBool)
	}
	return secretIf(v, secret || x.args[0].secret), err
}

func filter(x *invocation) (Value, error) {
	if x.args[0].IsUnknown() {
		return x.unknown(), nil
	}
	var kept []Value
	open := false
	secret, err := x.scan(func(_ int, item, result Value) bool {
		truth, known := result.Truth()
		open = open || !known
		if truth {
			kept = append(kept, item)
		}
		return true
	})
	v := Array(kept)
	if open {
		v = x.unknown()
	}
	return secretIf(v, secret || x.args[0].secret), err
}

func mapItems(x *invocation) (Value, error) {
	if x.args[0].IsUnknown() {
		return secretIf(Unknown(TypeArray), x.secret), nil
	}
	results := make([]Value, 0, x.args[0].Len())
	weight := 0
	_, err := x.scan(func(_ int, _, result Value) bool {
		results = append(results, result)
		weight = addWeight(weight, result.weigh())
		return weight <= MaxWeight
	})
	if err != nil {
		return Value{}, err
	}
	if weight > MaxWeight {
		return Value{}, errAt(x.call, CodeLimit, "the value is larger than %d bytes", MaxWeight)
	}
	return secretIf(Array(results), x.args[0].secret), nil
}

func concat(x *invocation) (Value, error) {
	var items []Value
	secret := false // how many elements one of the arrays has
	for i, a := range x.args {
		secret = secret || a.secret
		if a.IsUnknown() {
			return x.unknown(), nil
		}
		more, err := x.items(i)
		if err != nil {
			return Value{}, err
		}
		if items = append(items, more...); len(items) > MaxItems {
			return Value{}, errAt(x.call, CodeLimit, "there are more than %d elements", MaxItems)
		}
	}
	return secretIf(Array(items), secret), nil
}

func sliceItems(x *invocation) (Value, error) {
	for _, a := range x.args {
		if a.IsUnknown() {
			return x.unknown(), nil
		}
	}
	start, end, err := x.bounds(1)
	if err != nil {
		return Value{}, err
	}
	items := x.args[0].Items()
	from, to := sliceBounds(start, end, len(items))
	secret := x.args[0].secret || x.args[1].IsSecret() || len(x.args) > 2 && x.args[2].IsSecret()
	return secretIf(Array(items[from:to]), secret), nil
}
