package persistent

import (
	"iter"
	"math/bits"
)

// Set is a set of small numbers from 0 on. The zero Set is empty.
type Set struct{ words List[uint64] }

// Has reports whether the number is in the set.
func (s Set) Has(i int32) bool { return s.words.Get(i/64)>>(i%64)&1 != 0 }

// All yields the numbers in their order.
func (s Set) All() iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for c, chunk := range s.words.chunks {
			if chunk == nil {
				continue
			}
			for w, word := range chunk.values {
				for ; word != 0; word &= word - 1 {
					if !yield(int32((c*chunkLen+w)*64 + bits.TrailingZeros64(word))) {
						return
					}
				}
			}
		}
	}
}

// Edit starts a change of the set, which itself stays as it is.
func (s Set) Edit() *SetEdit { return &SetEdit{s.words.Edit()} }

// SetEdit is a set that is being changed. It belongs to one goroutine.
type SetEdit struct{ words *ListEdit[uint64] }

// Put puts a number into the set or takes it out.
func (e *SetEdit) Put(i int32, in bool) {
	word := e.words.Get(i / 64)
	if was := word>>(i%64)&1 != 0; was != in {
		e.words.Set(i/64, word^1<<(i%64))
	}
}

// Done returns the changed set and ends the change.
func (e *SetEdit) Done() Set { return Set{e.words.Done()} }
