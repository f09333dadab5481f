package local

import (
	"fmt"
	"strconv"
	"time"
)

// A span is the life of a container that a service, a job run or an addon would have.
type span struct {
	name       string
	generation string // of the rollout that has made it: "web-54785f4"
	begun      time.Time
	settled    time.Time // when it was ready or has failed; zero before that
	fail       string    // why it has failed
	killed     time.Time // since when it is being taken away; zero where it is not
	ended      time.Time // zero while it is there
	finished   bool      // it has ended by itself, and well
}

func (s *span) there() bool { return s.ended.IsZero() }

// end takes a container away.
func (s *span) end(at time.Time) {
	if s.there() {
		s.ended = at
	}
}

// spansOf are the containers that a service has had, as far back as its rollouts are
// known. A rollout makes new ones and takes the old ones away when it has succeeded;
// scaling leaves those that are there; pausing takes all of them away.
func (c *call) spansOf(r *record, steps []step) []*span {
	counts := make([]int, len(steps))
	for i, n := len(steps)-1, instances(r.spec); i >= 0; i-- {
		counts[i] = n
		if had := steps[i].Had; had != nil {
			n = *had
		}
	}
	var all, current []*span // current are those of the newest generation, made
	made := ""
	for i, s := range steps {
		at := time.Unix(0, s.At)
		end, _ := s.end()
		done := s.ended(c.now)
		switch s.Kind {
		case stepPause:
			for _, k := range all {
				k.end(at)
			}
			current, made = nil, ""
		case stepScale:
			for j, k := range current {
				if j < counts[i] || !k.there() {
					continue
				}
				if k.killed = at; done {
					k.end(end)
				}
			}
			if made == "" {
				break
			}
			for j := len(current); j < counts[i]; j++ {
				k := c.span(r, made, j, s)
				all, current = append(all, k), append(current, k)
			}
			current = current[:min(len(current), counts[i])]
		default:
			for _, k := range current {
				if k.settled.IsZero() {
					k.end(at)
				}
			}
			current, made = nil, generationOf(c, r, s)
			for j := range counts[i] {
				current = append(current, c.span(r, made, j, s))
			}
			if done && s.Fail == "" {
				for _, k := range all {
					k.end(end)
				}
			}
			all = append(all, current...)
		}
	}
	return all
}

func generationOf(c *call, r *record, s step) string {
	return r.id() + "-" + label(c.derive("generation", r.key+"\x00"+strconv.FormatInt(s.At, 10))[:10])
}

// span is a container that a step makes.
func (c *call) span(r *record, generation string, i int, s step) *span {
	name := label(c.derive("container", fmt.Sprintf("%s\x00%d\x00%d", r.key, s.At, i))[:5])
	k := &span{name: generation + "-" + name, generation: generation, begun: time.Unix(0, s.At)}
	if end, ends := s.end(); ends && s.ended(c.now) {
		k.settled, k.fail = end, s.Fail
	}
	return k
}

// spanOfRun is the container of a job run.
func (c *call) spanOfRun(job, run *record) *span {
	state := stateOf[runState](run)
	k := c.span(job, generationOf(c, job, state.Run), 0, state.Run)
	k.begun, k.settled, k.fail = run.created, run.created, ""
	if status, ended := state.status(c.now); status != "RUNNING" {
		k.ended, k.finished = ended, status == "SUCCESS"
		switch {
		case state.Aborted != 0:
			k.killed = ended
		case !k.finished:
			k.fail = orDefault(state.Run.Fail, "it failed")
		}
	}
	return k
}

// spansOfAddon are the containers of an addon: one for each replica, from when it is
// allocated. They keep their names.
func (c *call) spansOfAddon(r *record) []*span {
	steps := stateOf[addonState](r).Steps
	counts := make([]int, len(steps))
	for i, n := len(steps)-1, replicas(r.spec); i >= 0; i-- {
		counts[i] = n
		if had := steps[i].Had; had != nil {
			n = *had
		}
	}
	var all, current []*span
	for i, s := range steps {
		if !s.begun(c.now) {
			continue
		}
		at := time.Unix(0, s.At)
		add := func() {
			for j := len(current); j < counts[i]; j++ {
				k := c.span(r, generationOf(c, r, s), j, s)
				k.name = fmt.Sprintf("%s-%d", r.id(), j)
				all, current = append(all, k), append(current, k)
			}
		}
		switch s.Kind {
		case KindBackup, KindRestore:
		case stepScale:
			if len(current) == 0 {
				break
			}
			for j := counts[i]; j < len(current); j++ {
				current[j].end(at)
			}
			current = current[:min(len(current), counts[i])]
			add()
		case stepPause:
			for _, k := range current {
				k.end(at)
			}
			current = nil
		default: // provisioning, an upgrade, a restart, a reset, going on after a pause
			for _, k := range current {
				k.end(at)
			}
			current = nil
			add()
		}
	}
	return all
}

// status is the state of a container in the platform's words, and since when.
func (s *span) status() (string, time.Time) {
	switch {
	case s.finished:
		return "TASK_FINISHED", s.ended
	case s.fail != "":
		return "TASK_FAILED", s.settled
	case !s.ended.IsZero():
		return "TASK_KILLED", s.ended
	case !s.killed.IsZero():
		return "TASK_KILLING", s.killed
	case s.settled.IsZero():
		return "TASK_STARTING", s.begun
	}
	return "TASK_RUNNING", s.settled
}
