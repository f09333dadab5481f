package template

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever is made of a sequence by sharing pieces of it, each version holds what
// a list would, and goes on to hold it when others are made of it.
func TestSequencesShareWithoutDisturbingEachOther(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	type version struct {
		sequence
		want []item
	}
	versions := []version{{}}
	for range 400 {
		old := versions[r.IntN(len(versions))]
		from := r.IntN(old.len() + 1)
		to := from + r.IntN(old.len()-from+1)
		count := from + r.IntN(3) + old.len() - to
		if r.IntN(10) == 0 || old.len() < 10 {
			count += r.IntN(3 * runLen)
		}
		next := version{}
		next.share(&old.sequence, 0, from, 0, count)
		next.want = append(next.want, old.want[:from]...)
		end := int32(0)
		if from > 0 {
			end = old.want[from-1].start + 3
		}
		for next.len() < count-(old.len()-to) {
			n := &shape{number: int32(r.IntN(1000))}
			next.add(n, end, count-next.len())
			next.want = append(next.want, item{n, end})
			end += 3
		}
		shift := 0
		if to < old.len() {
			shift = int(end - old.want[to].start)
		}
		next.share(&old.sequence, to, old.len(), shift, count-next.len())
		for _, i := range old.want[to:] {
			next.want = append(next.want, item{i.shape, i.start + int32(shift)})
		}
		if versions = append(versions, next); len(versions) > 12 {
			versions = slices.Delete(versions, 0, 1)
		}
		for _, v := range versions {
			if v.len() != len(v.want) || v.at(-1) != nil || v.at(v.len()) != nil || v.before(-1) != -1 {
				t.Fatalf("there are %d nodes, not %d", v.len(), len(v.want))
			}
			for i, n := range v.all() {
				want := v.want[i]
				if n != want.shape || v.at(i) != n || v.startOf(i) != want.start || v.before(int(want.start)) != i || v.before(int(want.start)+2) != i {
					t.Fatalf("node %d of %d is not the one that was put there", i, len(v.want))
				}
			}
		}
	}
}

func TestASequenceOfWhichMostIsTakenOutHasFewRuns(t *testing.T) {
	var s sequence
	for i := range int32(10 * runLen) {
		s.add(new(shape), i, 1)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for s.len() > runLen {
		var next sequence
		out := r.IntN(s.len())
		next.share(&s, 0, out, 0, s.len()-1)
		next.share(&s, out+1, s.len(), 0, s.len()-1-out)
		s = next
	}
	if len(s.runs) > 4 {
		t.Errorf("%d nodes stand in %d runs", s.len(), len(s.runs))
	}
}
