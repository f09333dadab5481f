package engine

import "time"

// A Clock tells a run the time. A virtual one lets a rehearsal take no time.
type Clock interface {
	Now() time.Time
	// Until returns a channel that receives once t has come, and a function
	// that gives up waiting. idle says that nothing else is going on, so that a
	// virtual clock may jump to t.
	Until(t time.Time, idle bool) (<-chan time.Time, func())
}

// systemClock is the time outside.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Until(t time.Time, _ bool) (<-chan time.Time, func()) {
	timer := time.NewTimer(time.Until(t))
	return timer.C, func() { timer.Stop() }
}

// A later clock is ahead of another one.
type later struct {
	Clock
	by time.Duration
}

func (c later) Now() time.Time { return c.Clock.Now().Add(c.by) }

func (c later) Until(t time.Time, idle bool) (<-chan time.Time, func()) {
	return c.Clock.Until(t.Add(-c.by), idle)
}

// clock is the time in which a run goes on: it never falls behind what the
// journal says, though the clock outside may have been set back or the run may
// have been in a time of its own.
func (p *prior) clock(c Clock) Clock {
	if p == nil {
		return c
	}
	if by := p.last.Sub(c.Now()); by > 0 {
		return later{c, by}
	}
	return c
}
