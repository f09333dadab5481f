package expr

// Fold evaluates an expression that is constant: one without references and without functions whose result differs from
// run to run. It reports false for any other, and for one that fails.
func Fold(n Node) (Value, bool) {
	v, err := foldNode(n)
	return v, err == nil
}

func foldNode(n Node) (Value, error) {
	switch n.(type) {
	case *Ref, *Missing:
		return Value{}, errNotConstant
	}
	ev := &evaluator{}
	return ev.eval(n)
}
