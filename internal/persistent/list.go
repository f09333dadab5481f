package persistent

import (
	"iter"
	"slices"
)

// List holds values by small numbers from 0 on. The zero List is empty: every
// number has the zero value.
type List[T any] struct{ chunks []*chunk[T] }

// chunkLen is how many values are copied for the sake of one that changes.
const chunkLen = 16

type chunk[T any] struct {
	// edit is who made the chunk, and may still change it.
	edit   *edit
	values [chunkLen]T
}

// edit is the identity of a change that is being made.
type edit struct{ _ byte }

// Get returns the value of a number.
func (l List[T]) Get(i int32) (value T) {
	if p := l.At(i); p != nil {
		return *p
	}
	return value
}

// At returns where the value of a number is kept, to be read only; nil where
// none was ever set near it.
func (l List[T]) At(i int32) *T {
	if i < 0 || int(i/chunkLen) >= len(l.chunks) || l.chunks[i/chunkLen] == nil {
		return nil
	}
	return &l.chunks[i/chunkLen].values[i%chunkLen]
}

// Len returns a number that is larger than all that have a value.
func (l List[T]) Len() int32 { return int32(len(l.chunks)) * chunkLen }

// All yields the numbers in their order, also those that have the zero value.
func (l List[T]) All() iter.Seq2[int32, T] {
	return func(yield func(int32, T) bool) {
		for c, chunk := range l.chunks {
			if chunk == nil {
				continue
			}
			for i := range chunk.values {
				if !yield(int32(c*chunkLen+i), chunk.values[i]) {
					return
				}
			}
		}
	}
}

// Edit starts a change of the list, which itself stays as it is.
func (l List[T]) Edit() *ListEdit[T] { return &ListEdit[T]{list: l, edit: new(edit)} }

// ListEdit is a list that is being changed. It belongs to one goroutine.
type ListEdit[T any] struct {
	list List[T]
	edit *edit
	own  bool // the list of chunks is a copy
}

// Grow makes room for the numbers below n.
func (e *ListEdit[T]) Grow(n int32) {
	if count := int(n+chunkLen-1) / chunkLen; count > len(e.list.chunks) {
		e.list.chunks = append(make([]*chunk[T], 0, count), e.list.chunks...)[:count]
		e.own = true
	}
}

// Get returns the value of a number.
func (e *ListEdit[T]) Get(i int32) T { return e.list.Get(i) }

// At returns where to put the value of a number. What stands there is the value
// that it had.
func (e *ListEdit[T]) At(i int32) *T {
	c := int(i / chunkLen)
	if c >= len(e.list.chunks) {
		e.Grow(max(i+1, e.list.Len()+e.list.Len()/8))
	}
	if !e.own {
		e.list.chunks, e.own = slices.Clone(e.list.chunks), true
	}
	switch old := e.list.chunks[c]; {
	case old == nil:
		e.list.chunks[c] = &chunk[T]{edit: e.edit}
	case old.edit != e.edit:
		e.list.chunks[c] = &chunk[T]{e.edit, old.values}
	}
	return &e.list.chunks[c].values[i%chunkLen]
}

// Set gives a number a value.
func (e *ListEdit[T]) Set(i int32, value T) { *e.At(i) = value }

// Done returns the changed list and ends the change.
func (e *ListEdit[T]) Done() List[T] {
	l := e.list
	*e = ListEdit[T]{}
	return l
}
