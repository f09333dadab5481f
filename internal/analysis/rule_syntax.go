package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// checkSyntax reports what the parser had to repair.
func (s *Snapshot) checkSyntax(r *reporter) {
	for _, e := range s.Tree.Errors() {
		r.add(CodeSyntaxError, e.Range, e.Message)
	}
}

// checkDuplicateKeys reports properties that an object names twice, in v and
// below it, save in nodes that stand in it.
func checkDuplicateKeys(r *reporter, v syntax.Value, foreign func(syntax.Value) bool) {
	switch v.Kind() {
	case syntax.KindObject:
		checkDuplicateMembers(r, v)
		for m := range v.Members() {
			if c := m.Value(); isContainer(c) && !foreign(c) {
				checkDuplicateKeys(r, c, foreign)
			}
		}
	case syntax.KindArray:
		for e := range v.Elements() {
			if isContainer(e) && !foreign(e) {
				checkDuplicateKeys(r, e, foreign)
			}
		}
	}
}

func isContainer(v syntax.Value) bool {
	return v.Kind() == syntax.KindObject || v.Kind() == syntax.KindArray
}

// fewMembers is up to which size an object's keys are compared pair by pair;
// that is faster than a map and needs no memory.
const fewMembers = 16

func checkDuplicateMembers(r *reporter, object syntax.Value) {
	var few [fewMembers]syntax.Member
	var many map[string]syntax.Member
	n := 0
	for m := range object.Members() {
		if !m.Key().IsValid() {
			continue // a member without a name is a matter of syntax
		}
		var first syntax.Member
		found := false
		key := m.KeyText()
		if many != nil {
			first, found = many[key]
		} else {
			for i := 0; i < n; i++ {
				if few[i].KeyText() == key {
					first, found = few[i], true
					break
				}
			}
		}
		if found {
			r.add(CodeDuplicateKey, m.Key().Range(),
				fmt.Sprintf("%q is already set in this object; only the last value counts. Remove one of the two.", key),
				withRelated(first.Key().Range(), "first set here"))
			continue
		}
		switch {
		case many != nil:
			many[key] = m
		case n < fewMembers:
			few[n] = m
			n++
		default:
			many = make(map[string]syntax.Member, 2*fewMembers)
			for _, f := range few {
				many[f.KeyText()] = f
			}
			many[key] = m
		}
	}
}
