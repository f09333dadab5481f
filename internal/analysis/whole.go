package analysis

// checkWhole looks at the document as a whole: what nothing uses, and who waits
// for whom. Its notes have places in the file. It returns whether there are
// nodes that wait for one another.
func (s *Snapshot) checkWhole(r *reporter) (cyclic bool) {
	l := newLinker(s, r, nil)
	var own []target
	for _, scope := range s.Doc.Scopes {
		l.scope(scope)
		own = append(own, l.targets...)
	}
	arguments, nodes := s.used(l, own)
	s.checkUnusedArguments(r, arguments, l)
	s.checkUnusedRefs(r, nodes)
	s.checkCollisions(r)
	return s.checkCycles(r)
}

// used marks the arguments, by their numbers, and the nodes that a reference
// stands for.
func (s *Snapshot) used(l *linker, own []target) (arguments, nodes []bool) {
	total := 0
	for _, scope := range s.Doc.Scopes {
		total += len(scope.Arguments)
	}
	arguments, nodes = make([]bool, total), make([]bool, len(s.Doc.Nodes))
	mark := func(targets []target) {
		for _, t := range targets {
			switch {
			case t == targetNone:
			case t <= targetScope:
				scope := s.Doc.Scopes[targetScope-t]
				for i := range scope.Arguments {
					arguments[l.arguments[scope.Index]+i] = true
				}
			case t&1 != 0:
				arguments[t>>1] = true
			default:
				nodes[t>>1] = true
			}
		}
	}
	mark(s.checks.uses.targets)
	mark(own)
	return arguments, nodes
}
