// Package terminaltest is a terminal for tests: what is written to it can be
// looked at as a person would.
package terminaltest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// A Terminal shows what is written to it. It knows the few sequences that the
// project uses; any other is an error, which [Terminal.Err] keeps.
type Terminal struct {
	// Reflow wraps lines again when the width changes, as most terminals do;
	// others cut them.
	Reflow bool

	width, height int
	rows          []row // those that were scrolled out included
	top           int   // the first row that is on the screen
	y, x          int   // the cursor; x is width while the next character wraps
	style         string
	modes         map[string]bool // private modes that are not as at first
	pending       string          // a sequence or character that is not complete
	err           error
	written       int
}

type row struct {
	cells []cell
	wraps bool // the line goes on in the next row
}

// A cell is a column: of a wide character the second one is empty.
type cell struct{ text, style string }

// New makes an empty terminal.
func New(width, height int) *Terminal {
	return &Terminal{width: width, height: height, rows: []row{{}}, modes: map[string]bool{}, Reflow: true}
}

// Err is the first thing that was written and is not understood.
func (t *Terminal) Err() error { return t.err }

// Written counts the bytes that were written.
func (t *Terminal) Written() int { return t.written }

// Plain tells whether the terminal is as it was at first: no colour is left on,
// no mode changed, no sequence half written.
func (t *Terminal) Plain() bool { return t.style == "" && len(t.modes) == 0 && t.pending == "" }

// Cursor is where the cursor stands on the screen, counted from 0.
func (t *Terminal) Cursor() (y, x int) { return t.y - t.top, t.x }

// Screen is what is on the screen, without what is blank at the end.
func (t *Terminal) Screen() string { return text(t.rows[t.top:]) }

// All is the screen with what was scrolled out above.
func (t *Terminal) All() string { return text(t.rows) }

// Styles is like Screen with the colours: <31>text</>.
func (t *Terminal) Styles() string {
	var b strings.Builder
	for _, r := range t.rows[t.top:] {
		style := ""
		for _, c := range r.cells {
			if c.style != style {
				if style != "" {
					b.WriteString("</>")
				}
				if c.style != "" {
					b.WriteString("<" + c.style + ">")
				}
				style = c.style
			}
			b.WriteString(c.text)
		}
		if style != "" {
			b.WriteString("</>")
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func text(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		var line strings.Builder
		for _, c := range r.cells {
			line.WriteString(c.text)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// Write implements io.Writer.
func (t *Terminal) Write(p []byte) (int, error) {
	t.written += len(p)
	s := t.pending + string(p)
	t.pending = ""
	for s != "" {
		n := t.step(s)
		if n == 0 {
			t.pending = s
			break
		}
		s = s[n:]
	}
	return len(p), nil
}

// step takes the first character or sequence of s in and returns its length; 0
// where it is not complete.
func (t *Terminal) step(s string) int {
	switch s[0] {
	case '\r':
		t.x = 0
		return 1
	case '\n':
		t.feed()
		return 1
	case '\b':
		t.x = max(0, min(t.x, t.width-1)-1)
		return 1
	case '\t':
		for t.put(" ", 1); t.x%8 != 0 && t.x < t.width-1; {
			t.put(" ", 1)
		}
		return 1
	case 0x1b:
		return t.sequence(s)
	}
	if s[0] < ' ' || s[0] == 0x7f {
		t.fail("control character", s[:1])
		return 1
	}
	if !utf8.FullRuneInString(s) {
		return 0
	}
	// What combines comes with what it combines with: tests write whole lines.
	cluster, _, width, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	t.put(cluster, width)
	return len(cluster)
}

func (t *Terminal) fail(what, s string) {
	if t.err == nil {
		t.err = fmt.Errorf("unknown %s %q", what, s)
	}
}

func (t *Terminal) sequence(s string) int {
	if len(s) < 2 {
		return 0
	}
	if s[1] != '[' {
		t.fail("sequence", s[:2])
		return 2
	}
	end := strings.IndexFunc(s[2:], func(r rune) bool { return r >= '@' && r <= '~' })
	if end < 0 {
		return 0
	}
	arguments, command := s[2:2+end], s[2+end]
	n, err := strconv.Atoi(arguments)
	if err != nil {
		n = 1
	}
	row := &t.rows[t.y]
	switch {
	case command == 'A':
		t.y, t.x = max(t.top, t.y-n), min(t.x, t.width-1)
	case command == 'B':
		t.y, t.x = min(t.top+t.height-1, t.y+n), min(t.x, t.width-1)
		t.grow()
	case command == 'K' && arguments == "":
		row.cells, row.wraps = row.cells[:min(len(row.cells), min(t.x, t.width-1))], false
	case command == 'J' && arguments == "":
		row.cells, row.wraps = row.cells[:min(len(row.cells), min(t.x, t.width-1))], false
		t.rows = t.rows[:t.y+1]
	case command == 'm':
		if t.style = arguments; arguments == "0" {
			t.style = ""
		}
	case strings.HasPrefix(arguments, "?") && (command == 'h' || command == 'l'):
		mode := strings.TrimPrefix(arguments, "?")
		initially := mode == "25" || mode == "7"
		if (command == 'h') == initially {
			delete(t.modes, mode)
		} else {
			t.modes[mode] = true
		}
	default:
		t.fail("sequence", s[:3+end])
	}
	return 3 + end
}

func (t *Terminal) grow() {
	for len(t.rows) <= t.y {
		t.rows = append(t.rows, row{})
	}
}

func (t *Terminal) feed() {
	t.y++
	t.grow()
	t.top = max(t.top, t.y-t.height+1)
}

func (t *Terminal) put(cluster string, width int) {
	if width == 0 {
		if cells := t.rows[t.y].cells; t.x > 0 && t.x <= len(cells) {
			cells[t.x-1].text += cluster
		}
		return
	}
	if t.x+width > t.width {
		t.rows[t.y].wraps = true
		t.feed()
		t.x = 0
	}
	r := &t.rows[t.y]
	for len(r.cells) < t.x+width {
		r.cells = append(r.cells, cell{text: " "})
	}
	r.cells[t.x] = cell{cluster, t.style}
	for i := 1; i < width; i++ {
		r.cells[t.x+i] = cell{"", t.style}
	}
	t.x += width
}

// Resize gives the terminal another size.
func (t *Terminal) Resize(width, height int) {
	if width != t.width && t.Reflow {
		t.reflow(width)
	} else if width < t.width {
		for i := range t.rows {
			t.rows[i].cells = t.rows[i].cells[:min(len(t.rows[i].cells), width)]
		}
		t.x = min(t.x, width-1)
	}
	t.width, t.height = width, height
	last := len(t.rows)
	for last > t.y+1 && len(t.rows[last-1].cells) == 0 {
		last--
	}
	t.rows = t.rows[:last]
	t.top = max(0, last-height)
}

func (t *Terminal) reflow(width int) {
	var rows []row
	y, x := -1, 0
	for i := 0; i < len(t.rows); {
		var line []cell
		at := -1
		for {
			if i == t.y {
				at = len(line) + t.x
			}
			line = append(line, t.rows[i].cells...)
			i++
			if i >= len(t.rows) || !t.rows[i-1].wraps {
				break
			}
		}
		for len(line) > at && len(line) > 0 && line[len(line)-1].text == " " {
			line = line[:len(line)-1]
		}
		first := len(rows)
		for {
			n := min(width, len(line))
			if n < len(line) && line[n].text == "" { // a wide character
				n--
			}
			rows = append(rows, row{cells: append([]cell(nil), line[:n]...), wraps: n < len(line)})
			if line = line[n:]; len(line) == 0 {
				break
			}
		}
		if at >= 0 {
			y, x = min(first+at/width, len(rows)-1), at%width
		}
	}
	t.rows, t.y, t.x = rows, y, x
}
