package engine

import "time"

// A hang is a call that is rehearsed to get no answer, in virtual time: it is given
// up at a time that comes as soon as nothing else goes on.
type hang struct {
	at   time.Time
	over chan struct{} // closed at that time
}

// hang prepares a call to hang in virtual time.
func (x *execution) hang(c *call, now time.Time) {
	if c.failure == nil || c.failure.Mode != Hang || x.rehearsal == nil || !x.rehearsal.Fast {
		return
	}
	c.over = make(chan struct{})
	x.hangs = append(x.hangs, hang{now.Add(x.engine.callTimeout()), c.over})
}

// nextTime is when the loop has something to do though nothing happens. idle says
// that no call goes on but those that hang.
func (x *execution) nextTime() (at time.Time, idle, ok bool) {
	at, ok = x.nextAlarm()
	idle = x.inflight == len(x.hangs)
	if x.resting && x.patience > 0 {
		if end := x.restsSince.Add(x.patience); !ok || end.Before(at) {
			at, ok = end, true
		}
	}
	if len(x.hangs) > 0 && (!ok || x.hangs[0].at.Before(at)) {
		at, ok = x.hangs[0].at, true
	}
	return at, idle, ok
}

// giveUpHanging ends the calls that have hung for long enough.
func (x *execution) giveUpHanging(now time.Time) {
	for len(x.hangs) > 0 && !x.hangs[0].at.After(now) {
		close(x.hangs[0].over)
		x.hangs = x.hangs[1:]
	}
}

// hungUp forgets a call that has ended, for example because the run is aborted.
func (x *execution) hungUp(c *call) {
	if c.over == nil {
		return
	}
	for i := range x.hangs {
		if x.hangs[i].over == c.over {
			x.hangs = append(x.hangs[:i:i], x.hangs[i+1:]...)
			return
		}
	}
}
