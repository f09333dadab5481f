package expr

// TypeEnv gives references their static types. A reference of which nothing is known is TypeAny; one that may not resolve
// has undefined in its type. Parameters of lambdas are not asked for.
type TypeEnv interface {
	RefType(r *Ref) Type
}

// TypeOf is the static type of an expression. Without an environment every reference can be anything.
// params are those of the lambdas that it stands in; without them each can be anything.
func TypeOf(n Node, env TypeEnv, params ...ParamType) Type {
	return (&typer{env: env, scope: params}).typeOf(n)
}

// TypeOf is the static type of the string's value: text, unless the string is exactly one expression.
func (ip *Interpolation) TypeOf(env TypeEnv) Type {
	if ip.IsSingle() {
		return TypeOf(ip.Parts[0].Node, env)
	}
	return TypeString
}

// ParamType is a parameter of a lambda and the type of its values.
type ParamType struct {
	Name string
	Type Type
}

// ParamsAt returns the parameters of the lambdas around a node, innermost last. The root is the expression that the node
// stands in.
func ParamsAt(root, n Node, env TypeEnv) []ParamType {
	t := &typer{env: env, target: n}
	t.typeOf(root)
	return t.found
}

type typer struct {
	env    TypeEnv
	scope  []ParamType
	target Node // the node whose parameters are looked for, if any
	found  []ParamType
}

func (t *typer) typeOf(n Node) Type {
	if t.target != nil && n == t.target {
		t.found = append([]ParamType(nil), t.scope...)
	}
	switch n := n.(type) {
	case *StringLit:
		return TypeString
	case *NumberLit:
		return Number(n.Value).Type()
	case *BoolLit:
		return TypeBool
	case *NullLit:
		return TypeNull
	case *UndefinedLit:
		return TypeUndefined
	case *RegexLit:
		return TypeRegex
	case *ArrayLit:
		var elem Type
		for _, e := range n.Elems {
			elem = elem.Union(t.typeOf(e))
		}
		return ArrayOf(elem)
	case *Lambda:
		return t.lambda(n, TypeAny)
	case *Ref:
		return t.ref(n)
	case *Call:
		return t.call(n)
	}
	return TypeAny
}

func (t *typer) ref(r *Ref) Type {
	if r.Param {
		for i := len(t.scope) - 1; i >= 0; i-- {
			if t.scope[i].Name == r.Root {
				typ := t.scope[i].Type
				for _, s := range r.Segments {
					typ = typ.Field(s.Name)
				}
				return typ
			}
		}
		return TypeAny
	}
	if t.env == nil {
		return TypeAny
	}
	return t.env.RefType(r)
}

// lambda is the type of a lambda whose first parameter has a type.
func (t *typer) lambda(l *Lambda, item Type) Type {
	outer := len(t.scope)
	for i, p := range l.Params {
		typ := TypeUndefined
		switch i {
		case 0:
			typ = item
		case 1:
			typ = TypeInteger
		}
		t.scope = append(t.scope, ParamType{p.Name, typ})
	}
	r := FunctionOf(t.typeOf(l.Body))
	t.scope = t.scope[:outer]
	return r
}

func (t *typer) call(c *Call) Type {
	f, ok := LookupFunction(c.Name)
	args := make([]Type, len(c.Args))
	for i, a := range c.Args {
		if l, ok := a.(*Lambda); ok && i > 0 {
			args[i] = t.lambda(l, args[0].Elem())
			continue
		}
		args[i] = t.typeOf(a)
	}
	if !ok || c.Bare {
		return TypeAny
	}
	if f.Name == "if" && len(args) > 1 {
		// A constant condition leaves one branch.
		if v, ok := Fold(c.Args[0]); ok {
			switch truth, _ := v.Truth(); {
			case truth:
				return args[1]
			case len(args) > 2:
				return args[2]
			}
			return TypeUndefined
		}
	}
	if f.Name == "get" && len(c.Args) == 2 {
		if v, ok := Fold(c.Args[1]); ok {
			typ := args[0]
			for _, name := range getPath(v.rawText()) {
				typ = typ.Field(name)
			}
			return typ
		}
		return TypeAny
	}
	return f.ResultOf(args)
}
