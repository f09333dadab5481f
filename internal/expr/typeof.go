package expr

// TypeEnv gives references their static types. A reference of which nothing is known is TypeAny; one that may not resolve
// has undefined in its type. Parameters of lambdas are not asked for.
type TypeEnv interface {
	RefType(r *Ref) Type
}

// TypeOf is the static type of an expression. Without an environment every reference can be anything.
func TypeOf(n Node, env TypeEnv) Type {
	return (&typer{env: env}).typeOf(n)
}

type typer struct {
	env   TypeEnv
	scope []typeBinding
}

type typeBinding struct {
	name string
	typ  Type
}

func (t *typer) typeOf(n Node) Type {
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
			if t.scope[i].name == r.Root {
				typ := t.scope[i].typ
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
		t.scope = append(t.scope, typeBinding{p.Name, typ})
	}
	r := FunctionOf(t.typeOf(l.Body))
	t.scope = t.scope[:outer]
	return r
}

func (t *typer) call(c *Call) Type {
	f, ok := LookupFunction(c.Name)
	if !ok || c.Bare {
		return TypeAny
	}
	args := make([]Type, len(c.Args))
	for i, a := range c.Args {
		if l, ok := a.(*Lambda); ok && i > 0 {
			args[i] = t.lambda(l, args[0].Elem())
			continue
		}
		args[i] = t.typeOf(a)
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
