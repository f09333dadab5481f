package analysis

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/template"
)

// uses says what the references of all nodes stand for, in one flat list, so
// that a pass over the whole document costs a few nanoseconds for each.
type uses struct {
	// start holds where the targets of each node begin, and the end of the last.
	start   []int32
	targets []target
}

// target is what a reference stands for.
type target int32

const (
	// targetNone is a name that nothing carries, or that cannot be told.
	targetNone target = -1
	// Below stand scopes whose arguments are used as a whole: -2 is the first.
	targetScope target = -2
)

// toNode and toArgument tell apart by the lowest bit.
func toNode(n *template.Node) target { return target(n.Index) << 1 }

func toArgument(number int) target { return target(number)<<1 | 1 }

func toScope(s *template.Scope) target { return targetScope - target(s.Index) }

// of returns the targets of one node.
func (u uses) of(node int) []target { return u.targets[u.start[node]:u.start[node+1]] }

// add adds the targets of the next node.
func (u *uses) add(targets []target) {
	u.targets = append(u.targets, targets...)
	u.start = append(u.start, int32(len(u.targets)))
}

// with returns the uses with other targets for one node.
func (u uses) with(node int, targets []target) uses {
	start, end := u.start[node], u.start[node+1]
	if slices.Equal(u.targets[start:end], targets) {
		return u
	}
	out := uses{start: u.start}
	out.targets = make([]target, 0, len(u.targets)+len(targets))
	out.targets = append(out.targets, u.targets[:start]...)
	out.targets = append(out.targets, targets...)
	out.targets = append(out.targets, u.targets[end:]...)
	if delta := int32(len(targets)) - (end - start); delta != 0 {
		out.start = slices.Clone(u.start)
		for i := node + 1; i < len(out.start); i++ {
			out.start[i] += delta
		}
	}
	return out
}
