package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// treeView shows the nodes of a run as a tree that is drawn again in place.
type treeView struct {
	out   *os.File
	paint painter

	mu    sync.Mutex
	run   engine.RunView
	drawn int // lines of the last drawing
	stop  chan struct{}
	done  chan struct{}
}

// redraw is how often times and waits are brought up to date.
const redraw = 100 * time.Millisecond

func newTreeView(out *os.File) *treeView {
	v := &treeView{out: out, paint: painterFor(out), stop: make(chan struct{}), done: make(chan struct{})}
	go v.loop()
	return v
}

func (v *treeView) loop() {
	defer close(v.done)
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-v.stop:
			v.draw(true)
			return
		case <-ticker.C:
			v.draw(false)
		}
	}
}

// Event implements engine.Observer.
func (v *treeView) Event(e engine.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.run.Apply(e)
}

// close draws the final picture and ends the view.
func (v *treeView) close() {
	close(v.stop)
	<-v.done
}

// draw writes the tree over the one before. While the run goes on it is cut to
// the height of the terminal, what is active first to be kept; at the end all
// of it is written, to be scrolled back to.
func (v *treeView) draw(final bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	width, height, err := term.GetSize(int(v.out.Fd()))
	if err != nil || width < 20 || height < 5 {
		width, height = 80, 24
	}
	lines := render(&v.run, v.paint, time.Now(), width)
	if !final && len(lines) > height-1 {
		lines = fold(lines, height-1)
	}
	var b strings.Builder
	if v.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", v.drawn)
	}
	for _, l := range lines {
		b.WriteString("\r\x1b[K" + l.text + "\n")
	}
	b.WriteString("\x1b[J")
	v.drawn = len(lines)
	_, _ = v.out.WriteString(b.String())
}

// treeLine is a line of the tree; active ones are kept when not all fit.
type treeLine struct {
	text   string
	active bool
}

// fold leaves out ended and pending lines, from the top, until the rest fits.
func fold(lines []treeLine, height int) []treeLine {
	drop := len(lines) - height + 1 // one line says that some are left out
	kept := make([]treeLine, 0, height)
	kept = append(kept, lines[0], treeLine{text: "  …"})
	for i, l := range lines[1:] {
		if drop > 0 && !l.active && i < len(lines)-2 {
			drop--
			continue
		}
		kept = append(kept, l)
	}
	return kept[:min(len(kept), height)]
}
