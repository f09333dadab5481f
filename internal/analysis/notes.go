package analysis

import "slices"

// nodeNotes is what a pass has to say about one node, and notesByNode about all
// of them, in their order. Most nodes of most files are right: they have none.
type nodeNotes struct {
	node  int32
	notes []note
}

type notesByNode []nodeNotes

// with returns the notes with those of the changed nodes, which are sorted,
// replaced by the fresh ones.
func (l notesByNode) with(changed []int32, fresh notesByNode) notesByNode {
	touches := len(fresh) > 0
	for _, i := range changed {
		if touches {
			break
		}
		_, touches = slices.BinarySearchFunc(l, i, func(n nodeNotes, i int32) int { return int(n.node - i) })
	}
	if !touches {
		return l
	}
	out := make(notesByNode, 0, len(l)+len(fresh))
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

// renumbered returns the notes of the nodes that are kept, under the numbers
// that they have now. now holds them by the old ones; -1 for those that are gone.
func (l notesByNode) renumbered(now []int32) notesByNode {
	if len(l) == 0 {
		return nil
	}
	out := make(notesByNode, 0, len(l))
	for _, n := range l {
		if i := now[n.node]; i >= 0 {
			out = append(out, nodeNotes{i, n.notes})
		}
	}
	if byNode := func(a, b nodeNotes) int { return int(a.node - b.node) }; !slices.IsSortedFunc(out, byNode) {
		slices.SortFunc(out, byNode)
	}
	return out
}
