package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/picture"
)

// nodeTitle names a node to people.
func nodeTitle(n *engine.NodeView) string {
	if n.Flow != "" {
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
		if len(n.WaitsFor) > 0 {
			return "waits for " + nodeLabels(v, n.WaitsFor)
		}
	case engine.StateWaiting:
		if last.Subject != "" && last.Detail != "" {
			return last.Subject + ": " + last.Detail
		}
		return last.Subject + last.Detail
	case engine.StateRetrying:
		text := fmt.Sprintf("attempt %d of %d failed", last.Attempt, last.MaxAttempts)
		if left := last.NextAttempt.Sub(now); left > 0 {
			text += ", next in " + duration(left)
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
	case engine.StateSuccess:
		return string(last.Action)
	}
	return ""
}

// nodeLabels names nodes to people, in the order of the document.
func nodeLabels(v *engine.RunView, paths []string) string {
	nodes := make([]int, 0, len(paths))
	for _, p := range paths {
		if i := v.Position(p); i >= 0 {
			nodes = append(nodes, i)
		}
	}
	slices.Sort(nodes)
	names := make([]string, len(nodes))
	for k, i := range nodes {
		names[k] = v.Nodes[i].Label
	}
	return strings.Join(names, ", ")
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

// mark is the sign of a state in front of a node.
func mark(s engine.State, paint painter) string {
	switch s {
	case engine.StateSuccess:
		return paint.green("✓")
	case engine.StateFailure:
		return paint.red("✗")
	case engine.StateSkipped:
		return paint.dim("-")
	case engine.StateRunning:
		return paint.blue("●")
	case engine.StateWaiting:
		return paint.blue("◌")
	case engine.StateRetrying:
		return paint.yellow("↻")
	case engine.StateAborted, engine.StateAborting:
		return paint.yellow("■")
	case engine.StateUnknown:
		return paint.yellow("?")
	default:
		return paint.dim("·")
	}
}

// painted colours a state's name.
func painted(s engine.State, paint painter) string {
	text := string(s)
	switch s {
	case engine.StateSuccess:
		return paint.green(text)
	case engine.StateFailure:
		return paint.red(text)
	case engine.StateRetrying, engine.StateAborted, engine.StateAborting, engine.StateUnknown:
		return paint.yellow(text)
	case engine.StateRunning, engine.StateWaiting:
		return paint.blue(text)
	}
	return paint.dim(text)
}

// render writes a run as a tree of lines of at most width characters.
func render(v *engine.RunView, paint painter, now time.Time, width int) []treeLine {
	if v.ID == "" {
		return nil
	}
	if v.Rehearsal != nil && v.Rehearsal.Fast {
		now = v.At // the run has a time of its own
	}
	end := now
	if v.Concluded {
		end = v.ConcludedAt
	}
	head := fmt.Sprintf("%s  %s  %s  %s", paint.bold(v.Template), paint.dim("run "+v.ID), painted(v.Status, paint), paint.dim(duration(end.Sub(v.CreatedAt))))
	head += paint.dim(upTo(v.Until))
	if v.Teardown {
		head += paint.dim("  teardown")
	}
	if !v.Planned.IsZero() {
		head += paint.dim("  planned " + v.Planned.Local().Format(time.DateTime))
	}
	head += paint.dim(rehearsed(v.Rehearsal))
	if v.Reason != "" {
		head += paint.dim("  " + v.Reason)
	}
	lines := []treeLine{{text: head, active: true}}
	levels := depths(v)
	for i := range v.Nodes {
		n := &v.Nodes[i]
		title, elapsed, remark := nodeTitle(n), "", nodeRemark(v, n, now)
		if d := nodeElapsed(n, end); d > 0 {
			elapsed = duration(d)
		}
		indent := strings.Repeat("  ", levels[i]+1)
		if extra := len([]rune(indent+title+elapsed+remark)) + 6 - width; extra > 0 {
			r := []rune(remark)
			remark = string(r[:max(0, len(r)-extra)])
		}
		if n.Flow != "" {
			title = paint.dim(title)
		}
		if n.State == engine.StateFailure {
			remark = paint.red(remark)
		} else {
			remark = paint.dim(remark)
		}
		text := indent + mark(n.State, paint) + " " + title
		if elapsed != "" {
			text += "  " + paint.dim(elapsed)
		}
		if remark != "" {
			text += "  " + remark
		}
		lines = append(lines, treeLine{text: text, active: !n.State.Ended() && n.State != engine.StatePending})
	}
	if v.Error != nil {
		lines = append(lines, treeLine{text: paint.red(v.Error.Message), active: true})
	}
	return lines
}
