package expr

// Folding is bounded more tightly than a run: it happens while one types.
const (
	foldSteps = 20_000
	foldWork  = 4 << 20
)

// Fold evaluates an expression that is constant: one without references and without functions whose result differs from
// run to run. It reports false for any other, and for one that fails or takes long.
func Fold(n Node) (Value, bool) {
	if !foldable(n) {
		return Value{}, false
	}
	ev := &evaluator{maxSteps: foldSteps, maxWork: foldWork}
	v, err := ev.eval(n)
	return v, err == nil
}

// foldable tells quickly that most expressions are not constant.
func foldable(n Node) bool {
	switch n := n.(type) {
	case *Ref, *Missing:
		return false
	case *Call:
		f, ok := LookupFunction(n.Name)
		return ok && f.Pure && n.Closed
	}
	return true
}

// Fold evaluates a string that is constant, as Eval does.
func (ip *Interpolation) Fold() (Value, bool) {
	if len(ip.Errors) > 0 {
		return Value{}, false
	}
	for i := range ip.Parts {
		if p := &ip.Parts[i]; p.Kind == Expression && !foldable(p.Node) {
			return Value{}, false
		}
	}
	ev := &evaluator{maxSteps: foldSteps, maxWork: foldWork}
	v, err := ev.interpolate(ip)
	return v, err == nil
}

// maxOutcomes is how many results Outcomes tells apart.
const maxOutcomes = 32

// Outcomes returns the values that an expression can have, if they are few and constant: those of both branches of an
// `if` whose condition is not, for example. It reports false where any other value is possible.
func Outcomes(n Node) ([]Value, bool) {
	return outcomes(n, nil)
}

func outcomes(n Node, found []Value) ([]Value, bool) {
	if v, ok := Fold(n); ok {
		return append(found, v), len(found) < maxOutcomes
	}
	c, ok := n.(*Call)
	if !ok || c.Name != "if" || c.Bare || !c.Closed || len(c.Args) < 2 || len(c.Args) > 3 {
		return nil, false
	}
	if v, ok := Fold(c.Args[0]); ok {
		truth, _ := v.Truth()
		switch {
		case truth:
			return outcomes(c.Args[1], found)
		case len(c.Args) > 2:
			return outcomes(c.Args[2], found)
		}
		return append(found, Undefined()), true
	}
	found, ok = outcomes(c.Args[1], found)
	if !ok {
		return nil, false
	}
	if len(c.Args) < 3 {
		return append(found, Undefined()), true
	}
	return outcomes(c.Args[2], found)
}
