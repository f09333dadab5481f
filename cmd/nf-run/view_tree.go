package main

import (
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
)

// treeView shows the nodes of a run as a tree that is drawn again in place.
type treeView struct {
	paint painter
	only  string // the path of the one node that is shown; empty for all
	size  func() terminal.Size
	now   func() time.Time

	mu      sync.Mutex // held for no longer than it takes to copy something
	run     engine.RunView
	remarks []string // not written yet

	// drawing is held while the terminal is written to, which may take as long as
	// somebody has stopped it.
	drawing sync.Mutex
	picture *terminal.Picture
	closed  bool

	stop chan struct{}
	done chan struct{}
}

// redraw is how often times and waits are brought up to date.
const redraw = 100 * time.Millisecond

// mostLines are as many as the last picture of a run takes at most: thousands of
// nodes would push all else out of what can be scrolled back to.
const mostLines = 1000

func newTreeView(out *os.File, only string) *treeView {
	v := &treeView{
		paint: painterFor(out), only: only, picture: terminal.NewPicture(out),
		size: func() terminal.Size { return terminal.SizeOf(out) }, now: time.Now,
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	go v.loop()
	return v
}

func (v *treeView) loop() {
	defer close(v.done)
	resized, continued, unwatch := terminal.Watch()
	defer unwatch()
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-v.stop:
			v.finish()
			return
		case <-continued: // the shell has written something
			v.drawing.Lock()
			v.picture.Forget()
			v.drawing.Unlock()
		case <-resized:
		case <-ticker.C:
		}
		v.draw()
	}
}

// Event implements engine.Observer.
func (v *treeView) Event(e engine.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.run.Apply(e)
	switch p := e.Payload.(type) {
	case *engine.Log:
		v.remarks = append(v.remarks, v.remark(p.Level, p.Message))
	case *engine.RunState:
		if e.Run != v.run.ID { // one in front of it in a queue, that this process goes on with
			v.remarks = append(v.remarks, v.remark(string(p.State), strings.TrimSpace("run "+e.Run+"  "+p.Reason)))
		}
	}
}

func (v *treeView) remark(level, message string) string {
	if level == "warning" {
		level = v.paint.yellow(level)
	}
	return level + ": " + terminal.Printable(message) + "\n"
}

// Write writes whole lines above the tree: while it is drawn nobody else writes
// to the terminal.
func (v *treeView) Write(p []byte) (int, error) {
	v.mu.Lock()
	v.remarks = append(v.remarks, string(p))
	v.mu.Unlock()
	v.drawing.Lock()
	closed := v.closed
	v.drawing.Unlock()
	if closed {
		v.say()
	}
	return len(p), nil
}

// close draws the final picture and ends the view.
func (v *treeView) close() {
	close(v.stop)
	<-v.done
}

// draw brings the picture up to date.
func (v *treeView) draw() {
	size := v.size()
	v.mu.Lock()
	lines := canvas{v.paint, v.now(), size, v.only}.render(&v.run)
	v.mu.Unlock()
	v.say()
	v.drawing.Lock()
	defer v.drawing.Unlock()
	v.picture.Draw(lines, size)
}

// say writes the remarks above the picture.
func (v *treeView) say() {
	v.mu.Lock()
	var text string
	for _, r := range v.remarks {
		text += r
	}
	v.remarks = nil
	v.mu.Unlock()
	if text == "" {
		return
	}
	v.drawing.Lock()
	defer v.drawing.Unlock()
	v.picture.Print(text, v.size())
}

// finish leaves the run as it is now behind, with all of its nodes and nothing cut.
func (v *treeView) finish() {
	v.say()
	v.mu.Lock()
	lines := canvas{v.paint, v.now(), terminal.Size{Height: mostLines}, v.only}.render(&v.run)
	v.mu.Unlock()
	v.drawing.Lock()
	if len(lines) > 0 {
		v.picture.Finish(lines, v.size())
	}
	v.closed = true
	v.drawing.Unlock()
	v.say() // what was written meanwhile
}

// besideView is the error output of whoever writes while a view is drawn.
type besideView struct{ c *command }

func (w besideView) Write(p []byte) (int, error) {
	if v := w.c.drawn.Load(); v != nil {
		return v.Write(p)
	}
	return w.c.errOut.Write(p)
}
