package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
)

// A canvas is what a run is drawn for.
type canvas struct {
	paint painter
	now   time.Time
	// size bounds the tree: lines are cut to fewer columns, nodes are left out
	// so that there are fewer lines. A zero bounds nothing.
	size terminal.Size
	// only is the path of the one node that is shown, with what is in it; empty
	// for all.
	only string
}

// A piece is a text in a colour.
type piece struct {
	text  string
	paint func(string) string
}

// line makes a line of pieces, which are cut where there is no room.
func (c *canvas) line(pieces ...piece) string {
	room, line := c.room(), ""
	for _, p := range pieces {
		text := terminal.Cut(p.text, room)
		if text == "" {
			continue
		}
		room -= terminal.Width(text)
		if p.paint != nil {
			text = p.paint(text)
		}
		line += text
	}
	return line
}

// room is how many columns a line has: one fewer than the terminal, whose last
// column wraps in some.
func (c *canvas) room() int {
	if c.size.Width == 0 {
		return 1 << 20
	}
	return c.size.Width - 1
}

// render draws a run as a tree.
func (c canvas) render(v *engine.RunView) []string {
	if v.ID == "" {
		return nil
	}
	if v.Rehearsal != nil && v.Rehearsal.Fast {
		c.now = v.At // the run has a time of its own
	}
	if v.Concluded {
		c.now = v.ConcludedAt
	}
	lines := []string{c.head(v)}
	var foot []string
	if v.Error != nil {
		foot = []string{c.line(piece{terminal.Printable(v.Error.Message), c.paint.red})}
	}
	from, to := 0, len(v.Nodes)
	levels := depths(v)
	if i := v.Position(c.only); c.only != "" && i >= 0 {
		for from, to = i, i+1; to < len(v.Nodes) && levels[to] > levels[i]; to++ {
		}
	}
	height := to - from
	if c.size.Height > 0 {
		// The cursor stands in the line below.
		if height = c.size.Height - 1 - len(lines) - len(foot); height < 1 && len(foot) > 0 {
			height, foot = height+1, nil
		}
	}
	if height > 0 {
		for _, r := range rows(v, from, to, height) {
			level := levels[r.node] - levels[from]
			if r.hidden > 0 {
				lines = append(lines, c.gap(v, r, level))
			} else {
				lines = append(lines, c.node(v, r.node, level))
			}
		}
	}
	return append(lines, foot...)
}

// head is the line about the run as a whole. Where there is little room the
// least important is left out.
func (c *canvas) head(v *engine.RunView) string {
	status := terminal.Width(string(v.Status))
	took := duration(c.now.Sub(v.CreatedAt))
	if !v.Concluded {
		took = goingOn(c.now.Sub(v.CreatedAt))
	}
	rest := upTo(v.Until)
	if v.Teardown {
		rest += "  teardown"
	}
	if !v.Planned.IsZero() {
		rest += "  planned " + v.Planned.Local().Format(time.DateTime)
	}
	if v.Revision != nil && (v.Revision.Commit != "" || v.Revision.Version > 0) {
		rest += "  " + v.Revision.String()
	}
	rest += rehearsed(v.Rehearsal)
	reason := ""
	if v.Reason != "" {
		reason = "  " + v.Reason
	}
	title, id := terminal.Printable(v.Template), "run "+v.ID+"  "
	room := c.room() - status - len(took) - 4 // for the title and the id
	if least := min(terminal.Width(title), 12); room < least+terminal.Width(id)+terminal.Width(reason) {
		id = ""
	}
	if title = terminal.Cut(title, room-terminal.Width(id)) + "  "; room < 4 {
		title = ""
	}
	return c.line(
		piece{title, c.paint.bold}, piece{id, c.paint.dim}, piece{string(v.Status), stateColour(v.Status, c.paint)},
		piece{"  " + took, c.paint.dim}, piece{terminal.Printable(reason), c.paint.dim}, piece{terminal.Printable(rest), c.paint.dim},
	)
}

// margin is what stands before a node's sign. In a narrow terminal deep levels
// do not move further to the right.
func (c *canvas) margin(level int) piece {
	return piece{strings.Repeat(" ", max(0, min(2*(level+1), c.room()/4))), nil}
}

// node is the line about a node: what it is, how long it takes, what it is doing
// or waiting for. Where there is too little room, its kind is left out, then what it
// is doing is cut, then its name.
func (c *canvas) node(v *engine.RunView, i, level int) string {
	n := &v.Nodes[i]
	title, remark, took := terminal.Printable(nodeTitle(n)), terminal.Printable(nodeRemark(v, n, c.now)), ""
	if d := nodeElapsed(n, c.now); n.State.Ended() && d > 0 {
		took = "  " + duration(d)
	} else if d >= time.Second {
		took = "  " + goingOn(d)
	}
	if last := len(n.Attempts) - 1; (n.State == engine.StateWaiting || n.State == engine.StateApprovalWait) && last >= 0 {
		if left := n.Attempts[last].Deadline.Sub(c.now); left > 0 {
			remark += ", given up in " + goingOn(left+time.Second-1)
		}
	}
	margin := c.margin(level)
	room := c.room() - len(margin.text) - 2
	const least = 8 // columns, below which a name or a remark says nothing
	if room-len(took) < least {
		took = ""
	}
	if n.Ref != "" && terminal.Width(title)+len(took)+2+terminal.Width(remark) > room {
		title = terminal.Printable(n.Ref) // where there is no room for both, its kind says the least
	}
	title = terminal.Cut(title, room-len(took))
	if room -= terminal.Width(title) + len(took); remark != "" && room >= least {
		remark = "  " + remark
	} else {
		remark = ""
	}
	name, say := piece{title, nil}, piece{remark, c.paint.dim}
	if n.Flow != "" {
		name.paint = c.paint.dim
	}
	if n.State == engine.StateFailure {
		say.paint = c.paint.red
	}
	return c.line(margin, piece{sign(n.State), stateColour(n.State, c.paint)}, piece{" ", nil}, name, piece{took, c.paint.dim}, say)
}

// said are the states in the order in which those that are left out are counted.
var said = []engine.State{
	engine.StateUnknown, engine.StateFailure, engine.StateAborted, engine.StateApprovalWait, engine.StateRetrying, engine.StateRunning, engine.StateWaiting,
	engine.StateAborting, engine.StateSuccess, engine.StateSkipped, engine.StatePending,
}

// gap is the line in the place of nodes that are left out: how many are in which
// state. Workflows are counted where there is nothing else.
func (c *canvas) gap(v *engine.RunView, r treeRow, level int) string {
	var nodes, flows [16]int
	for i := r.node; i < r.node+r.hidden; i++ {
		at := slices.Index(said, v.Nodes[i].State)
		if at < 0 {
			at = len(said) - 1
		}
		if v.Nodes[i].Flow == "" {
			nodes[at]++
		} else {
			flows[at]++
		}
	}
	if nodes == ([16]int{}) {
		nodes = flows
	}
	var counts []string
	for at, s := range said {
		if nodes[at] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", nodes[at], s))
		}
	}
	return c.line(c.margin(level), piece{"… " + strings.Join(counts, ", "), c.paint.dim})
}
