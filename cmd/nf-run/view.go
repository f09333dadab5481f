package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/picture"
)

// nodeTitle names a node to people.
func nodeTitle(n *engine.NodeView) string {
	switch {
	case n.Kind == engine.KindIteration:
		return "iteration " + n.Label
	case n.Flow == engine.Loop && n.Label != n.Kind:
		return "loop " + n.Label
	case n.Flow != "":
		return string(n.Flow) + " " + n.Kind
	}
	if n.Label == "" || n.Label == n.Kind {
		return n.Kind
	}
	return n.Kind + " " + strings.TrimPrefix(n.Label, n.Kind+" ")
}

// nodeRemark says what a node is doing, or why it does not.
func nodeRemark(v *engine.RunView, n *engine.NodeView, now time.Time) string {
	var last engine.AttemptView
	if len(n.Attempts) > 0 {
		last = n.Attempts[len(n.Attempts)-1]
	}
	switch n.State {
	case engine.StatePending:
		if len(n.WaitsFor) > 0 && !v.Concluded {
			return "waits for " + nodeLabels(v, n.WaitsFor)
		}
	case engine.StateWaiting:
		if last.Subject != "" && last.Detail != "" {
			return last.Subject + ": " + last.Detail + again(last)
		}
		return last.Subject + last.Detail + again(last)
	case engine.StateApprovalWait:
		return approvalRemark(v, n)
	case engine.StateRunning:
		return strings.TrimPrefix(again(last), ", ")
	case engine.StateRetrying:
		text := fmt.Sprintf("attempt %d of %d failed", last.Attempt, last.MaxAttempts)
		if left := last.NextAttempt.Sub(now); left > 0 {
			text += ", next in " + goingOn(left+time.Second-1)
		}
		if last.Error != nil {
			text += ": " + last.Error.Message
		}
		return text
	case engine.StateFailure, engine.StateUnknown, engine.StateAborted:
		if n.Error != nil {
			return n.Error.Message
		}
		if n.Cause != "" {
			return "because of " + nodeLabels(v, []string{n.Cause})
		}
	case engine.StateSkipped:
		if n.Cause != "" {
			return "with " + nodeLabels(v, []string{n.Cause})
		}
		return n.Reason
	case engine.StateSuccess:
		if a := n.Approval(); a != nil && len(a.Given) > 0 {
			return "approved by " + strings.Join(a.By(), ", ")
		}
		return string(last.Action)
	}
	return ""
}

// approvalRemark says how many people have approved, and how more do.
func approvalRemark(v *engine.RunView, n *engine.NodeView) string {
	a := n.Approval()
	if a == nil {
		return "on the platform"
	}
	text := fmt.Sprintf("%d of %d approvals", len(a.Given), a.Needed)
	if last := len(n.Attempts) - 1; n.Attempts[last].Detail != "" {
		text = n.Attempts[last].Detail + ", " + text
	}
	if len(a.Given) > 0 {
		text += " (" + strings.Join(a.By(), ", ") + ")"
	}
	if v.Concluded {
		return text
	}
	return fmt.Sprintf("%s: nf-run approve %s %s", text, v.ID, cmp.Or(n.Ref, n.Path))
}

// again tells that an attempt is not the first.
func again(a engine.AttemptView) string {
	if a.Attempt < 2 {
		return ""
	}
	if a.MaxAttempts < a.Attempt {
		return fmt.Sprintf(", attempt %d", a.Attempt)
	}
	return fmt.Sprintf(", attempt %d of %d", a.Attempt, a.MaxAttempts)
}

// named is how many nodes are named where many are meant.
const named = 3

// nodeLabels names nodes to people, in the order of the document.
func nodeLabels(v *engine.RunView, paths []string) string {
	nodes := make([]int, 0, len(paths))
	for _, p := range paths {
		if i := v.Position(p); i >= 0 {
			nodes = append(nodes, i)
		}
	}
	slices.Sort(nodes)
	more := ""
	if len(nodes) > named+1 {
		more = fmt.Sprintf(" and %d more", len(nodes)-named)
		nodes = nodes[:named]
	}
	names := make([]string, len(nodes))
	for k, i := range nodes {
		names[k] = v.Nodes[i].Label
	}
	return strings.Join(names, ", ") + more
}

// nodeElapsed is how long a node took, or takes already.
func nodeElapsed(n *engine.NodeView, now time.Time) time.Duration { return n.Elapsed(now) }

// upTo says that a run or plan ends with one node of its template.
func upTo(until string) string {
	if until == "" {
		return ""
	}
	return "  up to " + until
}

// depths are the levels of the nodes below the root.
func depths(v *engine.RunView) []int {
	out := make([]int, len(v.Nodes))
	for i := range v.Nodes {
		if p := v.Nodes[i].Parent; p >= 0 && p < i {
			out[i] = out[p] + 1
		}
	}
	return out
}

// duration writes a time as people read it: 340ms, 4.2s, 3m05s.
func duration(d time.Duration) string { return picture.Duration(d) }

// goingOn writes a time that changes while it is looked at: in whole seconds, so
// that a picture is still while nothing happens.
func goingOn(d time.Duration) string {
	if d = d.Truncate(time.Second); d < time.Minute {
		return fmt.Sprintf("%ds", int(d.Seconds()))
	}
	return picture.Duration(d)
}

// sign stands for a state in front of a node.
func sign(s engine.State) string {
	switch s {
	case engine.StateSuccess:
		return "✓"
	case engine.StateFailure:
		return "✗"
	case engine.StateSkipped:
		return "-"
	case engine.StateRunning:
		return "●"
	case engine.StateWaiting, engine.StateApprovalWait:
		return "◌"
	case engine.StateRetrying:
		return "↻"
	case engine.StateAborted, engine.StateAborting:
		return "■"
	case engine.StateUnknown:
		return "?"
	default:
		return "·"
	}
}

// stateColour is how text about a state is coloured.
func stateColour(s engine.State, paint painter) func(string) string {
	switch s {
	case engine.StateSuccess:
		return paint.green
	case engine.StateFailure:
		return paint.red
	case engine.StateRetrying, engine.StateAborted, engine.StateAborting, engine.StateUnknown, engine.StateApprovalWait:
		return paint.yellow
	case engine.StateRunning, engine.StateWaiting:
		return paint.blue
	}
	return paint.dim
}

// painted is a state's name in its colour.
func painted(s engine.State, paint painter) string { return stateColour(s, paint)(string(s)) }
