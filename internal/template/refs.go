package template

import (
	"cmp"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nf-lsp/nf-lsp/internal/persistent"
)

// refIndex finds nodes by their refs. It is made when it is first asked for, and
// in later versions from that of the one before.
type refIndex struct {
	making sync.Mutex
	table  atomic.Pointer[refTable]
}

// refTable are the refs of all nodes of a document.
type refTable struct {
	byName persistent.Index
	// carried are the refs by the nodes that carry them.
	carried persistent.List[carried]
}

// carried is a ref that a node of a scope carries; empty where there is none.
type carried struct {
	ref   string
	scope int32
}

func (c carried) key() persistent.Key {
	if c.ref == "" {
		return 0
	}
	return persistent.KeyOf(0, c.scope, c.ref)
}

func carriedBy(n *Node) carried {
	if n == nil || n.Ref == "" {
		return carried{}
	}
	return carried{n.Ref, n.Scope.Number}
}

func (d *Document) refTable() *refTable {
	if t := d.refs.table.Load(); t != nil {
		return t
	}
	d.refs.making.Lock()
	defer d.refs.making.Unlock()
	if t := d.refs.table.Load(); t != nil {
		return t
	}
	nodes := d.Nodes()
	pairs, list := make([]persistent.Pair, 0, len(nodes)), persistent.List[carried]{}.Edit()
	list.Grow(d.used)
	for _, n := range nodes {
		if c := carriedBy(n); c.ref != "" {
			pairs = append(pairs, persistent.Pair{Key: c.key(), Number: n.Number})
			list.Set(n.Number, c)
		}
	}
	t := &refTable{persistent.NewIndex(pairs), list.Done()}
	d.refs.table.Store(t)
	return t
}

// takeRefs makes the index from that of the version before, where it has one.
func (d *Document) takeRefs(old *Document) {
	t := old.refs.table.Load()
	if t == nil {
		return
	}
	byName, list := t.byName.Edit(), t.carried.Edit()
	for _, c := range d.Changes.Nodes {
		was, is := t.carried.Get(c.Number), carriedBy(d.Node(c.Number))
		if was == is {
			continue
		}
		byName.Remove(was.key(), c.Number)
		byName.Add(is.key(), c.Number)
		list.Set(c.Number, is)
	}
	d.refs.table.Store(&refTable{byName.Done(), list.Done()})
}

// ByRef returns the nodes that carry the ref, in file order. The result is
// shared and must not be changed.
func (s *Scope) ByRef(ref string) []*Node {
	if s == nil || ref == "" {
		return nil
	}
	d := s.document
	var room [4]int32
	numbers := d.refTable().byName.Append(room[:0], carried{ref, s.Number}.key())
	switch len(numbers) {
	case 0:
		return nil
	case 1:
		d.Node(numbers[0])
		return d.cursors.nodes.one(numbers[0])
	}
	nodes := make([]*Node, len(numbers))
	for i, number := range numbers {
		nodes[i] = d.Node(number)
	}
	slices.SortFunc(nodes, func(a, b *Node) int { return cmp.Compare(a.start, b.start) })
	return nodes
}

// Carrier returns the number of the first node in the file that carries the ref and
// is not the one besides, which may be nil. It makes cursors only where several do.
func (s *Scope) Carrier(ref string, besides *Node) (number int32, found bool) {
	var room [4]int32
	numbers := s.document.refTable().byName.Append(room[:0], carried{ref, s.Number}.key())
	if besides != nil {
		numbers = slices.DeleteFunc(numbers, func(number int32) bool { return number == besides.Number })
	}
	switch len(numbers) {
	case 0:
		return 0, false
	case 1:
		return numbers[0], true
	}
	return slices.MinFunc(numbers, func(a, b int32) int { return cmp.Compare(s.document.Node(a).start, s.document.Node(b).start) }), true
}

// Carriers yields every node of the scope that carries a ref, by its number, in
// no certain order. It makes no cursors.
func (s *Scope) Carriers() iter.Seq2[int32, string] {
	return func(yield func(int32, string) bool) {
		for number, c := range s.document.refTable().carried.All() {
			if c.ref != "" && c.scope == s.Number && !yield(number, c.ref) {
				return
			}
		}
	}
}

// Refs returns every ref of the scope's nodes in file order, each once.
func (s *Scope) Refs() []string {
	var out []string
	seen := map[string]bool{}
	for _, n := range s.Nodes() {
		if n.Ref != "" && !seen[n.Ref] {
			seen[n.Ref] = true
			out = append(out, n.Ref)
		}
	}
	return out
}

// SomeRefs returns the first refs of the scope's nodes in file order, each once,
// and how many there are in all.
func (s *Scope) SomeRefs(limit int) (first []string, count int) {
	t := s.document.refTable()
	var same []int32
	for number, c := range t.carried.All() {
		if c.ref == "" || c.scope != s.Number {
			continue
		}
		if same = t.byName.Append(same[:0], c.key()); len(same) == 1 || slices.Min(same) == number {
			count++
		}
	}
	limit = min(limit, count)
	var in func(nodes *sequence)
	in = func(nodes *sequence) {
		for _, n := range nodes.all() {
			if len(first) == limit {
				return
			}
			if n.Ref != "" && !slices.Contains(first, n.Ref) {
				first = append(first, n.Ref)
			}
			if n.inner != nil {
				in(&n.inner.steps)
			}
		}
	}
	in(&s.shape.roots)
	return first, count
}
