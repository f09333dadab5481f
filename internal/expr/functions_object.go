package expr

import "errors"

func objectFunctions() []*Function {
	ofStrings := func([]Type) Type { return ArrayOf(TypeString) }
	valueTypes := func(args []Type) Type {
		var elem Type
		if len(args) == 0 {
			return TypeArray
		}
		fields, open := args[0].Fields()
		if open && args[0].Can(ShapeObject) {
			return TypeArray
		}
		for _, f := range fields {
			elem = elem.Union(f.Type)
		}
		if args[0].Can(ShapeArray) {
			elem = elem.Union(args[0].Elem())
		}
		return ArrayOf(elem)
	}
	return []*Function{
		{
			Name: "get", Pure: true, Result: TypeAny, whole: true,
			Doc: "The value at a path in an object or an array, such as `'ports.0.dns'` or `'ports[0].dns'`; undefined if there is none.", Example: "fn.get(refs.web, 'ports.0.dns')",
			Params: []Param{
				{Name: "object", Type: TypeObject.Union(TypeArray), TypeText: "object or array", Doc: "Where to look.", Accepts: Type{shape: ShapeObject | ShapeArray | ShapeNull | ShapeUndefined}},
				{Name: "field", Type: TypeString, TypeText: "string", Doc: "The path.", Accepts: acceptsText},
			},
			apply: get,
		},
		{
			Name: "stringifyJSON", Pure: true, Result: TypeString, whole: true,
			Doc: "Writes a value as JSON text, without blanks. Undefined stays undefined.", Example: "fn.stringifyJSON(args.CONFIG)",
			Params: []Param{anyParam("input", "The value to write.")},
			result: func(args []Type) Type {
				if len(args) == 1 && args[0].Can(ShapeUndefined) {
					return TypeString.Union(TypeUndefined)
				}
				return TypeString
			},
			apply: stringifyJSON,
		},
		{
			Name: "parseJSON", Pure: true, Result: TypeAny,
			Doc: "Reads JSON text. Text that is no JSON gives an empty text.", Example: `fn.parseJSON('{"a":1}')`,
			Params: []Param{textParam("string", "The JSON text.")},
			apply:  parseJSON,
		},
		{
			Name: "entries", Pure: true, Result: ArrayOf(TypeArray), whole: true,
			Doc: "The members of an object, each as an array of its key and its value.", Example: "fn.entries(args.LABELS)",
			Params: []Param{objectParam("object", "The object.")},
			result: func(args []Type) Type { return ArrayOf(ArrayOf(valueTypes(args).Elem().Union(TypeString))) },
			apply: func(x *invocation) (Value, error) {
				return x.eachMember(func(m Member) Value { return Array([]Value{String(m.Key), m.Value}) })
			},
		},
		{
			Name: "values", Pure: true, Result: TypeArray, whole: true,
			Doc: "The values of an object's members.", Example: "fn.values(args.LABELS)",
			Params: []Param{objectParam("object", "The object.")},
			result: valueTypes,
			apply: func(x *invocation) (Value, error) {
				return x.eachMember(func(m Member) Value { return m.Value })
			},
		},
		{
			Name: "keys", Pure: true, Result: ArrayOf(TypeString), whole: true,
			Doc: "The names of an object's members.", Example: "fn.keys(args.LABELS)",
			Params: []Param{objectParam("object", "The object.")},
			result: ofStrings,
			apply: func(x *invocation) (Value, error) {
				return x.eachMember(func(m Member) Value { return String(m.Key) })
			},
		},
	}
}

func get(x *invocation) (Value, error) {
	v, field := x.args[0], x.args[1]
	if field.IsUnknown() || v.IsUnknown() && v.Type().elem == nil && v.Type().object == nil {
		return secretIf(Unknown(TypeAny), x.secret), nil
	}
	path, err := x.text(1)
	if err != nil {
		return Value{}, err
	}
	r := v.Get(path)
	if r.kind == KindUndefined || r.kind == KindUnknown {
		// The path is no key by itself.
		r = v
		for _, name := range getPath(path) {
			r = r.Get(name)
		}
	}
	return secretIf(r, field.IsSecret()), nil
}

// getPath splits a path at dots and brackets.
func getPath(path string) []string {
	var names []string
	var name []byte
	pending := false // a name may follow, even an empty one
	for i := 0; i < len(path); i++ {
		switch c := path[i]; c {
		case '.':
			if len(name) > 0 || pending || i == 0 {
				names = append(names, string(name))
			}
			name, pending = name[:0], true
		case '[':
			if len(name) > 0 {
				names = append(names, string(name))
			}
			name, pending = name[:0], false
			inner, end := bracketed(path[i+1:])
			if end < 0 {
				name = append(name, path[i:]...)
				i = len(path)
				continue
			}
			names = append(names, inner)
			i += end + 1
		default:
			name = append(name, c)
			pending = false
		}
	}
	if len(name) > 0 || pending || path == "" {
		names = append(names, string(name))
	}
	return names
}

// bracketed reads what stands in brackets, quoted or not, and the offset of the closing one.
func bracketed(s string) (name string, end int) {
	if s == "" {
		return "", -1
	}
	if quote := s[0]; quote == '\'' || quote == '"' {
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case quote:
				if i+1 < len(s) && s[i+1] == ']' {
					name, _ = unescape(s[1:i])
					return name, i + 1
				}
			}
		}
		return "", -1
	}
	for i := range len(s) {
		if s[i] == ']' {
			return s[:i], i
		}
	}
	return "", -1
}

func stringifyJSON(x *invocation) (Value, error) {
	v := x.args[0]
	switch {
	case v.kind == KindUndefined:
		return v, nil
	case !v.Known():
		return secretIf(Unknown(TypeString), x.secret), nil
	case v.weigh() > MaxWeight:
		return x.ev.bounded(x.call, v)
	}
	if err := x.ev.spend(x.call, v.weigh()); err != nil {
		return Value{}, err
	}
	return secretIf(String(v.stringify()), x.secret), nil
}

func parseJSON(x *invocation) (Value, error) {
	s, err := x.text(0)
	if err != nil {
		return Value{}, err
	}
	r := jsonReader{text: s, left: 4 * MaxItems}
	v, invalid := r.document()
	switch {
	case errors.Is(invalid, errTooManyValues):
		return Value{}, errAt(x.call, CodeLimit, "the JSON text holds more than %d values", 4*MaxItems)
	case invalid != nil:
		v = String("")
	}
	return v, nil
}

// eachMember maps the members of an object; an array has its positions as keys. A secret in one member leaves the others
// alone.
func (x *invocation) eachMember(value func(Member) Value) (Value, error) {
	v := x.args[0]
	if v.IsUnknown() {
		return x.unknown(), nil
	}
	ms := v.enumerated()
	if v.kind == KindArray {
		ms = make([]Member, v.Len())
		for i, item := range v.Items() {
			ms[i] = Member{formatNumber(float64(i)), item}
		}
	}
	if err := x.ev.spend(x.call, len(ms)); err != nil {
		return Value{}, err
	}
	items := make([]Value, len(ms))
	for i, m := range ms {
		items[i] = value(m)
	}
	return secretIf(Array(items), v.secret), nil
}
