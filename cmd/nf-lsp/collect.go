package main

import (
	"io"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// A collection that begins while somebody waits for an answer takes its time from
// that answer. People pause between keys for several times as long as one takes, so
// garbage is collected then, and the collector rarely has to begin by itself.
const (
	// pause is how long nothing has come or gone before garbage is collected. An
	// editor asks what it asks after a key within this time.
	pause = 25 * time.Millisecond
	// leastGarbage is how many bytes have been allocated at least since the last
	// collection to make another one worth it; a quarter of what is in use, where
	// that is more, so that large documents are not gone through at each key.
	leastGarbage = 2 << 20
)

// pausing is a connection that does something in the pauses of the talk on it.
type pausing struct {
	io.ReadWriteCloser
	pause time.Duration

	mu    sync.Mutex
	timer *time.Timer // nil: closed
}

// inPauses calls do each time that nothing has come or gone for a while.
func inPauses(conn io.ReadWriteCloser, pause time.Duration, do func()) *pausing {
	return &pausing{ReadWriteCloser: conn, pause: pause, timer: time.AfterFunc(pause, do)}
}

func (p *pausing) Read(b []byte) (int, error) {
	n, err := p.ReadWriteCloser.Read(b)
	p.talked()
	return n, err
}

func (p *pausing) Write(b []byte) (int, error) {
	n, err := p.ReadWriteCloser.Write(b)
	p.talked()
	return n, err
}

func (p *pausing) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	return p.ReadWriteCloser.Close()
}

func (p *pausing) talked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Reset(p.pause)
	}
}

// collectGarbage collects if there is enough.
func collectGarbage() {
	if worthCollecting() {
		runtime.GC()
	}
}

// worthCollecting compares what the heap holds with what the last collection has
// left of it, both in bytes.
func worthCollecting() bool {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(samples)
	now, left := samples[0].Value.Uint64(), samples[1].Value.Uint64()
	return now >= left+max(leastGarbage, left/4)
}
