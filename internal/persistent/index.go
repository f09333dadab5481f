package persistent

import (
	"hash/maphash"
	"slices"
)

// Index holds numbers by keys: any number of them under each. The zero Index is
// empty.
type Index struct {
	buckets []*bucket // a power of two of them, or none
	count   int
}

// Pair is a number with a key that it stands under.
type Pair struct {
	Key    Key
	Number int32
}

// Key is what numbers stand under, made by [KeyOf]. The zero Key is none.
type Key uint64

// seed makes keys that nobody can foresee, so that no file holds many names for
// one key.
var seed = maphash.MakeSeed()

// KeyOf makes a key of a text and of two numbers that tell apart what it is a
// name of. Different ones get different keys for all practical purposes: there
// are 2^64.
func KeyOf(kind uint8, number int32, text string) Key {
	const odd = 0x9E3779B97F4A7C15 // spreads neighbouring numbers
	h := maphash.String(seed, text) ^ (uint64(kind)<<32|uint64(uint32(number)))*odd
	return Key(h | 1)
}

// With makes a key of this one and of a further text.
func (k Key) With(text string) Key {
	return Key((uint64(k)*0x9E3779B97F4A7C15 ^ maphash.String(seed, text)) | 1)
}

// bucketLen is how many pairs are about in a bucket, and copied for the sake of
// one that changes.
const bucketLen = 32

type bucket struct {
	edit  *edit
	pairs []Pair
}

// NewIndex makes an index of many pairs at once.
func NewIndex(pairs []Pair) Index {
	if len(pairs) == 0 {
		return Index{}
	}
	n := 16
	for n*bucketLen < len(pairs) {
		n *= 2
	}
	x := Index{make([]*bucket, n), len(pairs)}
	ends := make([]int, n+1)
	for i := range pairs {
		ends[x.bucket(pairs[i].Key)+1]++
	}
	for i := range n {
		ends[i+1] += ends[i]
	}
	sorted, starts := make([]Pair, len(pairs)), slices.Clone(ends[:n])
	for _, p := range pairs {
		b := x.bucket(p.Key)
		sorted[starts[b]] = p
		starts[b]++
	}
	buckets := make([]bucket, n)
	for i := range n {
		buckets[i].pairs = sorted[ends[i]:ends[i+1]:ends[i+1]]
		x.buckets[i] = &buckets[i]
	}
	return x
}

func (x Index) bucket(k Key) int { return int(k>>32) & (len(x.buckets) - 1) }

// pairs returns those among which the ones of the key are.
func (x Index) pairs(k Key) []Pair {
	if x.count == 0 || k == 0 {
		return nil
	}
	return x.buckets[x.bucket(k)].pairs
}

// Has reports whether any number stands under the key.
func (x Index) Has(k Key) bool {
	for _, p := range x.pairs(k) {
		if p.Key == k {
			return true
		}
	}
	return false
}

// Append appends the numbers under the key to a list, in no certain order.
func (x Index) Append(list []int32, k Key) []int32 {
	for _, p := range x.pairs(k) {
		if p.Key == k {
			list = append(list, p.Number)
		}
	}
	return list
}

// Edit starts a change of the index, which itself stays as it is.
func (x Index) Edit() *IndexEdit { return &IndexEdit{index: x, edit: new(edit)} }

// IndexEdit is an index that is being changed. It belongs to one goroutine.
type IndexEdit struct {
	index Index
	edit  *edit
	own   bool // the list of buckets is a copy
}

// Append appends the numbers under the key to a list, in no certain order.
func (e *IndexEdit) Append(list []int32, k Key) []int32 { return e.index.Append(list, k) }

// Add puts a number under a key; under the zero key none.
func (e *IndexEdit) Add(k Key, number int32) {
	if k == 0 {
		return
	}
	if e.index.count >= 2*bucketLen*len(e.index.buckets) {
		e.grow()
	}
	b := e.at(k)
	b.pairs = append(b.pairs, Pair{k, number})
	e.index.count++
}

// Remove takes a number away from a key. It stands under it, or the key is zero.
func (e *IndexEdit) Remove(k Key, number int32) {
	if k == 0 || e.index.count == 0 {
		return
	}
	b := e.at(k)
	if i := slices.Index(b.pairs, Pair{k, number}); i >= 0 {
		b.pairs[i] = b.pairs[len(b.pairs)-1]
		b.pairs = b.pairs[:len(b.pairs)-1]
		e.index.count--
	}
}

// at returns the bucket of the key to be changed.
func (e *IndexEdit) at(k Key) *bucket {
	if !e.own {
		e.index.buckets, e.own = slices.Clone(e.index.buckets), true
	}
	b := &e.index.buckets[e.index.bucket(k)]
	if (*b).edit != e.edit {
		pairs := make([]Pair, len((*b).pairs), len((*b).pairs)+1)
		copy(pairs, (*b).pairs)
		*b = &bucket{e.edit, pairs}
	}
	return *b
}

func (e *IndexEdit) grow() {
	all := make([]Pair, 0, e.index.count)
	for _, b := range e.index.buckets {
		all = append(all, b.pairs...)
	}
	if e.index = NewIndex(all); len(all) == 0 {
		buckets := make([]bucket, 16)
		for i := range buckets {
			e.index.buckets = append(e.index.buckets, &buckets[i])
		}
	}
	e.own = true
}

// Done returns the changed index and ends the change.
func (e *IndexEdit) Done() Index {
	x := e.index
	*e = IndexEdit{}
	return x
}
