package local

import (
	"slices"
	"time"
)

// Delays are how long things take here.
type Delays struct {
	Queue     time.Duration // of a build, before it starts
	Build     time.Duration
	Deploy    time.Duration // of a service, and of a restart
	Provision time.Duration // of an addon, a load balancer, an egress IP or a cluster
	Upgrade   time.Duration // of an addon, and of scaling one
	Run       time.Duration // of a job
	Backup    time.Duration
	Restore   time.Duration
	Clone     time.Duration // of a repository into an account
}

// DefaultDelays are long enough for every state to be seen and short enough for
// a rehearsal.
func DefaultDelays() Delays {
	return Delays{
		Queue:     10 * time.Millisecond,
		Build:     60 * time.Millisecond,
		Deploy:    40 * time.Millisecond,
		Provision: 80 * time.Millisecond,
		Upgrade:   60 * time.Millisecond,
		Run:       50 * time.Millisecond,
		Backup:    40 * time.Millisecond,
		Restore:   40 * time.Millisecond,
		Clone:     40 * time.Millisecond,
	}
}

// A step is a transition that was set off: from when on, for how long, and how
// it ends. It is recorded once and never changed, so that every process reads
// the same states from it.
type step struct {
	Kind string `json:"kind"`
	At   int64  `json:"at"`             // nanoseconds
	For  int64  `json:"for"`            // nanoseconds; endless when negative
	Fail string `json:"fail,omitempty"` // why it fails; empty when it succeeds
	Had  *int   `json:"had,omitempty"`  // of a service whose number of instances changes: what it was
}

const endless = -1

func (s step) begun(now time.Time) bool { return now.UnixNano() >= s.At }

func (s step) ended(now time.Time) bool {
	return s.For >= 0 && now.UnixNano() >= s.At+s.For
}

// end is when the step ends; false when it never does.
func (s step) end() (time.Time, bool) { return time.Unix(0, s.At+s.For), s.For >= 0 }

// progress is how much of the step is over, from 0 to 1.
func (s step) progress(now time.Time) float64 {
	switch {
	case s.ended(now):
		return 1
	case s.For <= 0:
		return 0
	}
	return min(max(float64(now.UnixNano()-s.At)/float64(s.For), 0), 1)
}

// step records a transition that begins at a time, with the faults that were
// injected into its kind.
func (c *call) step(kind, id string, at time.Time, duration time.Duration) step {
	s := step{Kind: kind, At: at.UnixNano(), For: int64(duration)}
	c.platform.faults.bend(kind, id, &s)
	return s
}

// keptSteps bounds how many transitions a resource remembers: only the last
// ones have a say in its state.
const keptSteps = 8

// remember adds a step. The first one stays: it says whether the resource ever
// came up.
func remember(steps []step, s step) []step {
	steps = append(steps, s)
	if len(steps) > keptSteps {
		steps = slices.Delete(steps, 1, len(steps)-keptSteps+1)
	}
	return steps
}
