package template

import (
	"iter"
	"sort"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// sequence are nodes that stand side by side, in file order. It is made of runs,
// which versions of a document share: what an edit copies of a long sequence is the
// run that it is in, and the list of runs.
type sequence struct {
	runs []run
	// start is where the array starts that they stand in, in bytes from the start of
	// the node around it.
	start int32
	// positions are their indices in the array; nil where there are no others in it.
	positions []int32
	mixed     bool // there are others
	// own is true while the last run may be added to.
	own bool
	// array is what they stand in, and depth how deep they were looked for.
	array *syntax.Node
	depth int
}

// run are nodes that follow one another.
type run struct {
	items []item
	// first is the index of the first of them, start what their starts count from.
	first, start int32
}

type item struct {
	shape *shape
	start int32
}

// runLen is how many nodes a run has at most.
const runLen = 64

// len returns how many nodes there are.
func (s *sequence) len() int {
	if len(s.runs) == 0 {
		return 0
	}
	last := &s.runs[len(s.runs)-1]
	return int(last.first) + len(last.items)
}

// run returns the run that the node with an index is in.
func (s *sequence) run(i int) *run {
	if len(s.runs) == 1 {
		return &s.runs[0]
	}
	return &s.runs[sort.Search(len(s.runs), func(r int) bool { return int(s.runs[r].first) > i })-1]
}

// at returns one of the nodes; nil for an index that is none.
func (s *sequence) at(i int) *shape {
	if i < 0 || i >= s.len() {
		return nil
	}
	r := s.run(i)
	return r.items[i-int(r.first)].shape
}

// startOf returns where a node starts, in bytes from the start of the node around
// the sequence.
func (s *sequence) startOf(i int) int32 {
	r := s.run(i)
	return s.start + r.start + r.items[i-int(r.first)].start
}

// all yields the nodes with their indices.
func (s *sequence) all() iter.Seq2[int, *shape] {
	return func(yield func(int, *shape) bool) {
		for r := range s.runs {
			run := &s.runs[r]
			for i := range run.items {
				if !yield(int(run.first)+i, run.items[i].shape) {
					return
				}
			}
		}
	}
}

// through yields the same, or backward from the last to the first.
func (s *sequence) through(backward bool) iter.Seq2[int, *shape] {
	if !backward {
		return s.all()
	}
	return func(yield func(int, *shape) bool) {
		for r := len(s.runs) - 1; r >= 0; r-- {
			run := &s.runs[r]
			for i := len(run.items) - 1; i >= 0; i-- {
				if !yield(int(run.first)+i, run.items[i].shape) {
					return
				}
			}
		}
	}
}

// before returns the index of the last node that starts at an offset or in front of
// it, in bytes from the start of the node around the sequence; -1 for none.
func (s *sequence) before(offset int) int {
	offset -= int(s.start)
	r := sort.Search(len(s.runs), func(r int) bool { return int(s.runs[r].start+s.runs[r].items[0].start) > offset }) - 1
	if r < 0 {
		return -1
	}
	run := &s.runs[r]
	return int(run.first) + sort.Search(len(run.items), func(i int) bool { return int(run.start+run.items[i].start) > offset }) - 1
}

// position returns the index in the array of one of the nodes.
func (s *sequence) position(i int) int32 {
	if s.positions != nil {
		return s.positions[i]
	}
	return int32(i)
}

// find returns the index of the node with a number, which is one of them. Most
// of the time it is the one that it was when the node was numbered.
func (s *sequence) find(number, guess int32) int {
	count := s.len()
	i := min(int(guess), count-1)
	for off := 0; off < count; off++ {
		if j := i - off; j >= 0 && s.at(j).number == number {
			return j
		}
		if j := i + off; j < count && s.at(j).number == number {
			return j
		}
	}
	panic("template: a node is not where it was put")
}

// kept returns how many nodes at the start, and how many of the others at the end,
// are those of old for certain, with what stands between them, without a look at any
// of them.
func (s *sequence) kept(old *sequence) (head, tail int) {
	if old.mixed || old.depth != s.depth {
		return 0, 0
	}
	return s.array.Common(old.array)
}

// place notes at which index in the array the next node stands. more is how many
// nodes there may still be.
func (s *sequence) place(position, more int) {
	i := s.len()
	if s.positions == nil && position != i {
		s.positions = make([]int32, i, i+more)
		for i := range s.positions {
			s.positions[i] = int32(i)
		}
	}
	if s.positions != nil {
		s.positions = append(s.positions, int32(position))
	}
}

// add adds a node that starts so many bytes behind the start of the array. more is
// how many nodes there may still be, with this one.
func (s *sequence) add(n *shape, start int32, more int) {
	if last := len(s.runs) - 1; !s.own || len(s.runs[last].items) == runLen {
		s.runs = append(s.runs, run{make([]item, 0, min(runLen, more)), int32(s.len()), start})
		s.own = true
	}
	last := &s.runs[len(s.runs)-1]
	last.items = append(last.items, item{n, start - last.start})
}

// share adds nodes of another sequence, from one index to another, so many bytes
// further behind the start of the array. more is how many nodes there may still be,
// with these.
func (s *sequence) share(old *sequence, from, to, shift, more int) {
	if s.runs == nil && from < to {
		s.runs = make([]run, 0, len(old.runs)+1)
	}
	for from < to {
		r := old.run(from)
		first := int(r.first)
		end := min(first+len(r.items), to)
		fits := s.own && len(s.runs[len(s.runs)-1].items)+end-from <= runLen
		if from == first && end == first+len(r.items) && !fits {
			s.runs = append(s.runs, run{r.items, int32(s.len()), r.start + int32(shift)})
			s.own = false
			more -= end - from
		} else {
			for _, n := range r.items[from-first : end-first] {
				s.add(n.shape, r.start+n.start+int32(shift), more)
				more--
			}
		}
		from = end
	}
}
