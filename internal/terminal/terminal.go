// Package terminal keeps a picture of lines at the end of what a terminal shows
// and brings it up to date in place, and measures text as terminals do. It
// knows nothing of what the lines say.
//
// A drawing moves the cursor and writes text. It sets no mode, hides no cursor
// and uses no other screen: whatever ends the process, there is nothing that
// somebody would have to undo, and the next prompt stands below the picture.
package terminal

import (
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// A Size is the size of a terminal in columns and lines.
type Size struct{ Width, Height int }

// usual is the size of terminals that do not tell theirs.
var usual = Size{80, 24}

// SizeOf asks a terminal for its size.
func SizeOf(f *os.File) Size {
	w, h, err := term.GetSize(int(f.Fd()))
	if err != nil || w <= 0 || h <= 0 {
		return usual
	}
	return Size{w, h}
}

// A Picture is a block of lines at the end of what a terminal shows. They may hold
// colours (SGR sequences that end in their line) and no other control characters;
// [Printable] makes such text of any. A picture is for one goroutine at a time.
type Picture struct {
	out   io.Writer
	lines []string // as they were drawn
	size  Size     // of the terminal then
}

// NewPicture makes a picture with no lines. The cursor stands at the beginning
// of a line.
func NewPicture(out io.Writer) *Picture { return &Picture{out: out} }

// Draw brings the picture up to date: only lines that have changed are written,
// in a single write. The cursor is left at the beginning of the line below. There
// are fewer lines than the terminal has, and they have fewer columns.
func (p *Picture) Draw(lines []string, size Size) {
	if len(p.lines) == 0 || p.size != size {
		p.again("", lines, size)
		return
	}
	var b strings.Builder
	row := len(p.lines) // where the cursor is
	move := func(to int) {
		switch {
		case to < row:
			b.WriteString("\x1b[" + strconv.Itoa(row-to) + "A")
		case to > row:
			b.WriteString("\x1b[" + strconv.Itoa(to-row) + "B")
		}
		row = to
	}
	for i, l := range lines {
		switch {
		case i >= len(p.lines): // there may be no line yet to move to
			move(i)
			b.WriteString("\r" + l + "\x1b[K\r\n")
			row = i + 1
		case l != p.lines[i]:
			move(i)
			b.WriteString("\r" + l + "\x1b[K")
		}
	}
	if b.Len() == 0 && len(lines) == len(p.lines) {
		return
	}
	move(len(lines))
	// What is typed, such as ^C, shows where the cursor stands.
	b.WriteString("\r\x1b[J")
	p.lines, p.size = slices.Clone(lines), size
	_, _ = io.WriteString(p.out, b.String())
}

// Print writes text in the place of the picture, where it stays. The picture is
// gone until it is drawn again, below.
func (p *Picture) Print(text string, size Size) {
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	p.again(strings.ReplaceAll(text, "\n", "\r\n"), nil, size)
}

// Finish draws lines in the place of the picture that may be any number and of
// any width, and leaves them there.
func (p *Picture) Finish(lines []string, size Size) {
	p.again("", lines, size)
	p.Forget()
}

// Forget begins a new picture where the cursor is: somebody else has written to
// the terminal meanwhile.
func (p *Picture) Forget() { p.lines = nil }

// again writes text in the place of the picture and all of the picture below.
func (p *Picture) again(text string, lines []string, size Size) {
	var b strings.Builder
	// Most terminals wrap lines again when they become narrower; then the
	// picture takes more rows than it has lines.
	rows := 0
	for _, l := range p.lines {
		rows += rowsOf(l, size.Width)
	}
	if rows = min(rows, max(0, size.Height-1)); rows > 0 {
		b.WriteString("\x1b[" + strconv.Itoa(rows) + "A")
	}
	b.WriteString("\r\x1b[J" + text)
	for _, l := range lines {
		b.WriteString(l + "\r\n")
	}
	p.lines, p.size = slices.Clone(lines), size
	_, _ = io.WriteString(p.out, b.String())
}
