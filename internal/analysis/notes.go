package analysis

import (
	"cmp"
	"slices"
)

// byNode is what a pass keeps about the nodes, in their order. Most nodes of
// most files are right, or do nothing special: there is nothing to keep.
type byNode[T any] []atNode[T]

type atNode[T any] struct {
	node  int32
	items []T
}

// notesByNode is what there is to say about the nodes.
type notesByNode = byNode[note]

// add adds what there is about a node, if anything.
func (l byNode[T]) add(node int32, items []T) byNode[T] {
	if len(items) == 0 {
		return l
	}
	return append(l, atNode[T]{node, items})
}

// of returns what there is about a node.
func (l byNode[T]) of(node int32) []T {
	if i, ok := l.find(node); ok {
		return l[i].items
	}
	return nil
}

func (l byNode[T]) find(node int32) (int, bool) {
	return slices.BinarySearchFunc(l, node, func(n atNode[T], node int32) int { return cmp.Compare(n.node, node) })
}

// with returns the list with what there is about the changed nodes, which are
// sorted, replaced by what is fresh.
func (l byNode[T]) with(changed []int32, fresh byNode[T]) byNode[T] {
	touches := len(fresh) > 0
	for _, i := range changed {
		if touches {
			break
		}
		_, touches = l.find(i)
	}
	if !touches {
		return l
	}
	out := make(byNode[T], 0, len(l)+len(fresh))
	for len(l) > 0 || len(fresh) > 0 {
		if len(l) == 0 || len(fresh) > 0 && fresh[0].node <= l[0].node {
			if len(l) > 0 && fresh[0].node == l[0].node {
				l = l[1:]
			}
			out, fresh = append(out, fresh[0]), fresh[1:]
			continue
		}
		if _, again := slices.BinarySearch(changed, l[0].node); !again {
			out = append(out, l[0])
		}
		l = l[1:]
	}
	return out
}

// renumbered returns the list of the nodes that are kept, under the numbers
// that they have now. now holds them by the old ones; -1 for those that are gone.
func (l byNode[T]) renumbered(now []int32) byNode[T] {
	if len(l) == 0 {
		return nil
	}
	out := make(byNode[T], 0, len(l))
	for _, n := range l {
		if i := now[n.node]; i >= 0 {
			out = append(out, atNode[T]{i, n.items})
		}
	}
	if order := func(a, b atNode[T]) int { return cmp.Compare(a.node, b.node) }; !slices.IsSortedFunc(out, order) {
		slices.SortFunc(out, order)
	}
	return out
}
