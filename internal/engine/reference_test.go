package engine

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// A reference interpreter says what a template means, one node after the other,
// without a journal, a platform or anything at the same time. It shares no code
// with the engine. It is asked how a node ends, and finds out in turn how those
// end that the node waits for.

// A step is a node of a template.
type step struct {
	parent *step
	flow   string // "sequential" or "parallel"; empty for a node that does something
	steps  []*step

	ref  string
	job  bool           // its work happens once for each call
	vote bool           // people decide on it; the mood says how many
	mood map[string]any // what the platform does to it: members of its spec
	bad  bool           // the mood is more than three attempts put up with
	spec map[string]value
	skip value // skipNodeExecution; nil where there is none

	began, ended *State
	out          map[string]any // of one that has succeeded
}

// flat lists a step and those under it, as they stand in the template.
func (s *step) flat() []*step {
	out := []*step{s}
	for _, child := range s.steps {
		out = append(out, child.flat()...)
	}
	return out
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
	out := map[string]any{"id": s.ref, "name": s.ref}
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
	if p.of == nil {
		return p.text, nil
	}
	var x any
	if !p.inCall || !p.of.waitsFor(s) {
		p.of.ends()
		x = p.of.out[p.member]
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

// waitsFor tells whether the end of a step comes after the beginning of another one,
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
	return after(instant{s, true})
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
		out = append(out, instant{p.of, true})
	}
	return out
}

// references lists the references of a step, those of its condition first.
func (s *step) references() (out []piece) {
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
