package engine

import "sync"

// A dispatcher tells observers of events, in order, without holding the run up:
// a view that does not take its events, because a terminal is stopped, must not
// stop the run.
type dispatcher struct {
	observers []Observer
	mu        sync.Mutex
	wake      *sync.Cond
	pending   []Event
	closed    bool
	done      chan struct{}
}

func newDispatcher(observers []Observer) *dispatcher {
	d := &dispatcher{observers: observers, done: make(chan struct{})}
	d.wake = sync.NewCond(&d.mu)
	if len(observers) == 0 {
		close(d.done)
	} else {
		go d.loop()
	}
	return d
}

func (d *dispatcher) push(e ...Event) {
	if len(d.observers) == 0 {
		return
	}
	d.mu.Lock()
	d.pending = append(d.pending, e...)
	d.mu.Unlock()
	d.wake.Signal()
}

func (d *dispatcher) loop() {
	defer close(d.done)
	for {
		d.mu.Lock()
		for len(d.pending) == 0 && !d.closed {
			d.wake.Wait()
		}
		batch := d.pending
		d.pending = nil
		d.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		for _, o := range d.observers {
			if all, ok := o.(BatchObserver); ok {
				all.Events(batch)
				continue
			}
			for _, e := range batch {
				o.Event(e)
			}
		}
	}
}

// close waits until everything was told.
func (d *dispatcher) close() {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.wake.Signal()
	<-d.done
}
