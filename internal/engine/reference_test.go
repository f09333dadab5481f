package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A reference interpreter says what a template means, one node after the other,
// without a journal, a platform or anything at the same time. It shares no code
// with the engine. It is asked how a node ends, and finds out in turn how those
// end that the node waits for.

// A step is a node of a template.
type step struct {
	parent *step
	flow   string // "sequential", "parallel" or flowLoop; empty for a node that does something
	steps  []*step

	// of is the step of the template that a step of an iteration, or any other that is
	// run, is made of; nil for one of the template.
	of *step
	// Of a loop: what its data has under the key, counted from 0, and whose output holds
	// the data; nil where it stands in the template.
	key   string
	times int
	over  *step
	// round is true of an iteration, whose parent is the loop.
	round bool

	ref  string
	name string         // tells the iterations of a step apart; empty for the ref
	job  bool           // its work happens once for each call
	vote bool           // people decide on it; the mood says how many
	cond bool           // it is a Condition
	mood map[string]any // what the platform does to it: members of its spec
	bad  bool           // the mood is more than three attempts put up with
	spec map[string]value
	skip value // skipNodeExecution; nil where there is none

	began, ended *State
	out          map[string]any // of one that has succeeded
}

const flowLoop = "loop"

// flat lists a step and those under it, as they stand in the template, or in the run:
// there iterations take the place of what stands in a loop, once it has begun.
func (s *step) flat() []*step {
	out := []*step{s}
	steps := s.steps
	if s.of != nil && s.flow == flowLoop && s.begins() != "" {
		steps = nil
		for _, pattern := range s.of.steps {
			steps = append(steps, pattern.instance(s, ""))
		}
	}
	for _, child := range steps {
		out = append(out, child.flat()...)
	}
	return out
}

// instance makes a step that is run of one of the template. What it is called ends in
// the numbers of the iterations around it.
func (s *step) instance(parent *step, numbers string) *step {
	c := *s
	c.parent, c.of, c.steps = parent, s, nil
	if s.flow == "" {
		c.name = s.ref + numbers
	}
	if s.flow == flowLoop {
		for k := range s.times {
			round := &step{parent: &c, of: s, flow: "sequential", round: true}
			for _, child := range s.steps {
				round.steps = append(round.steps, child.instance(round, fmt.Sprintf("%s-%d", numbers, k)))
			}
			c.steps = append(c.steps, round)
		}
		return &c
	}
	for _, child := range s.steps {
		c.steps = append(c.steps, child.instance(&c, numbers))
	}
	return &c
}

// loopAround is the innermost loop around a step of the template that is around
// another one as well; nil for none.
func (s *step) loopAround(other *step) *step {
	for l := s.parent; l != nil; l = l.parent {
		if l.flow == flowLoop && other.within(l) {
			return l
		}
	}
	return nil
}

// within tells whether a step stands in another one.
func (s *step) within(around *step) bool { return s.branch(around) >= 0 }

// branch is in which step of another one a step stands; -1 for none.
func (s *step) branch(around *step) int {
	for ; s.parent != nil; s = s.parent {
		if s.parent == around {
			return slices.Index(around.steps, s)
		}
	}
	return -1
}

// comesLater tells whether a step of the template stands further down in a loop that
// both stand in, so that the iteration before is meant.
func (s *step) comesLater(than *step) bool {
	l := than.loopAround(s)
	return l != nil && s.branch(l) > than.branch(l)
}

// sees is the output that a step which is run sees of one of the template; nil for none.
func (s *step) sees(t *step) map[string]any {
	from, around := s, s.of.loopAround(t)
	for from.parent != nil && !(from.round && from.of == around) {
		from = from.parent
	}
	if t.comesLater(s.of) {
		k := slices.Index(from.parent.steps, from)
		if k == 0 {
			return nil
		}
		from = from.parent.steps[k-1]
	}
	out, _ := from.left(t)
	return out
}

// left is what a step has left in what stands under another one: where that is in a
// loop, in its last iteration that did it, unless it failed in any.
func (s *step) left(t *step) (out map[string]any, state State) {
	switch {
	case s.of == t && !s.round:
		return s.out, s.ends()
	case s.flow != flowLoop:
		i := t.branch(s.of)
		return s.steps[i].left(t)
	}
	state = StatePending
	for _, round := range s.steps {
		switch more, how := round.left(t); how {
		case StateFailure:
			return nil, StateFailure
		case StateSuccess:
			out, state = more, how
		}
	}
	return out, state
}

// A value is made of texts and references.
type value []piece

// A piece is a text or a reference. One outside of a call has to have a value; one
// inside of a call is asked whether it has.
type piece struct {
	text   any
	of     *step // whose member is meant; nil for a text
	member string
	inCall bool
	// through says that an argument stands between, whose value is the reference.
	through bool
	// named says that the numbers of the iterations around the step stand here.
	named bool
}

// begins says whether a node begins: empty where it does, else how it ends.
func (s *step) begins() State {
	if s.began == nil {
		state := s.turn()
		s.began = &state
	}
	return *s.began
}

func (s *step) turn() State {
	if s.parent != nil {
		switch s.parent.begins() {
		case "":
		case StateSkipped:
			return StateSkipped
		default:
			return StatePending
		}
		for _, before := range s.parent.steps {
			if before == s || s.parent.flow == "parallel" {
				break
			}
			if !before.well() {
				return StatePending
			}
		}
	}
	if s.skip != nil {
		switch skips, err := s.eval(s.skip); {
		case err != nil:
			return StateFailure
		case skips == true || skips == "true":
			return StateSkipped
		}
	}
	if s.over != nil && s.sees(s.over)["list"] == nil {
		return StateFailure // nobody knows what the loop goes over
	}
	return ""
}

// ends says how a node ends: in success, failure, skipped or, where it is not
// reached, pending.
func (s *step) ends() State {
	if s.ended == nil {
		state := s.begins()
		if state == "" {
			state = s.perform()
		}
		s.ended = &state
	}
	return *s.ended
}

// well tells whether what stands behind a node goes on.
func (s *step) well() bool { return s.ends() == StateSuccess || s.ends() == StateSkipped }

func (s *step) perform() State {
	state := StateSuccess
	if s.flow != "" {
		for _, child := range s.steps {
			if !child.well() {
				state = StateFailure
			}
		}
		return state
	}
	out := map[string]any{"id": s.name, "name": s.name}
	maps.Copy(out, s.mood)
	for name, v := range s.spec {
		x, err := s.eval(v)
		if err != nil {
			return StateFailure
		}
		out[name] = x
	}
	if s.bad {
		return StateFailure
	}
	if s.vote {
		out = map[string]any{}
	}
	s.out = out
	return state
}

var errNoValue = errors.New("a reference has no value")

// eval puts values in the place of references. A reference that is all of a value
// keeps its type.
func (s *step) eval(v value) (any, error) {
	var text strings.Builder
	for _, p := range v {
		x, err := s.piece(p)
		if err != nil || len(v) == 1 {
			return x, err
		}
		fmt.Fprint(&text, x)
	}
	return text.String(), nil
}

func (s *step) piece(p piece) (any, error) {
	switch {
	case p.named:
		return strings.TrimPrefix(s.name, s.ref), nil
	case p.of == nil:
		return p.text, nil
	}
	var x any
	if !p.inCall || p.of.comesLater(s.of) || !p.of.waitsFor(s.of) {
		x = s.sees(p.of)[p.member]
	}
	switch {
	case !p.inCall && x == nil:
		return nil, errNoValue
	case !p.inCall:
		return x, nil
	case x == nil || x == "" || x == false || x == 0.0:
		return "no", nil
	}
	return "yes", nil
}

// An instant is the beginning or the end of a step.
type instant struct {
	of  *step
	end bool
}

// waitsFor tells whether the end of a step of the template comes after the beginning of another one,
// whatever happens. A reference inside of a call to such a step has no value.
func (s *step) waitsFor(other *step) bool {
	seen := map[instant]bool{}
	var after func(instant) bool
	after = func(i instant) bool {
		if i == (instant{other, false}) {
			return true
		}
		if seen[i] {
			return false
		}
		seen[i] = true
		for _, before := range i.follows() {
			if after(before) {
				return true
			}
		}
		return false
	}
	return after(instant{s.awaited(other), true})
}

// follows lists what an instant comes after.
func (i instant) follows() (out []instant) {
	s := i.of
	if i.end {
		for _, child := range s.steps {
			out = append(out, instant{child, true})
		}
		return append(out, instant{s, false})
	}
	if s.parent != nil {
		out = append(out, instant{s.parent, false})
		for _, before := range s.parent.steps {
			if before == s || s.parent.flow == "parallel" {
				break
			}
			out = append(out, instant{before, true})
		}
	}
	for _, p := range s.references() {
		if !p.of.comesLater(s) {
			out = append(out, instant{p.of.awaited(s), true})
		}
	}
	return out
}

// awaited is whose end another step waits for that refers to this one: which iteration
// was the last is known when the outermost loop has ended that only this one stands in.
func (s *step) awaited(by *step) *step {
	out := s
	for l := s.parent; l != nil; l = l.parent {
		if l.flow == flowLoop && l != by && !by.within(l) {
			out = l
		}
	}
	return out
}

// references lists the references of a step, those of its condition first.
func (s *step) references() (out []piece) {
	if s.over != nil {
		out = append(out, piece{of: s.over, member: "list"})
	}
	for _, v := range append([]value{s.skip}, s.values()...) {
		for _, p := range v {
			if p.of != nil {
				out = append(out, p)
			}
		}
	}
	return out
}

func (s *step) values() (out []value) {
	for _, name := range slotsOf {
		if v, ok := s.spec[name]; ok {
			out = append(out, v)
		}
	}
	return out
}

// slotsOf are the members of a spec that are drawn.
var slotsOf = []string{"value", "tag", "copy"}
