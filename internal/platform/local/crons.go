package local

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// A clockState is what is recorded of a document with cron triggers.
type clockState struct {
	// Seen is until when its times were acted on, in nanoseconds.
	Seen int64 `json:"seen"`
}

// A ScheduledRun is what came of a time of a cron trigger.
type ScheduledRun struct {
	// Resource is the document, such as "projects/shop/workflows/nightly"; At the time.
	Resource string
	At       time.Time
	// Run is the run that was started; empty where Message says why there is none.
	Run, Message string
}

type cronTrigger struct {
	ref   string
	times cron.Schedule
}

// cronTriggers are those of a document. What cannot be read was refused when the
// document was stored.
func cronTriggers(spec any) []cronTrigger {
	var out []cronTrigger
	for _, t := range jsonvalue.List(spec, "triggers") {
		if jsonvalue.String(t, "kind") != "cron" {
			continue
		}
		if times, err := cron.ParseStandard(jsonvalue.String(t, "spec.cron")); err == nil {
			out = append(out, cronTrigger{jsonvalue.String(t, "ref"), times})
		}
	}
	return out
}

// checkCrons refuses cron expressions that have no time.
func checkCrons(k *check) {
	for i, t := range jsonvalue.List(k.spec, "triggers") {
		if jsonvalue.String(t, "kind") != "cron" {
			continue
		}
		if _, err := cron.ParseStandard(jsonvalue.String(t, "spec.cron")); err != nil {
			k.fail(fmt.Sprintf("triggers.%d.spec.cron", i), "is no cron expression such as \"0 3 * * *\" or @daily: %v", err)
		}
	}
}

// RunTriggers starts what triggers of the kind cron ask for, at the times of their
// expressions in UTC, and returns when the next time is; zero for never. As with
// [Platform.RunSchedules], nothing comes of what was due before a time, and each time
// is carried out once however many processes ask.
func (p *Platform) RunTriggers(ctx context.Context, since time.Time) (next time.Time, runs []ScheduledRun, err error) {
	s, err := p.open(ctx)
	if err != nil {
		return next, nil, err
	}
	// A look takes nobody's turn: mostly nothing is due.
	var strikes []strike
	err = s.read(ctx, func(t *tx) (err error) { strikes, next, err = p.lifeOf(t).strikes(since); return err })
	if err != nil || len(strikes) == 0 {
		return next, nil, err
	}
	var c *call
	var outcomes []*outcome
	err = s.write(ctx, func(t *tx) (err error) {
		c, outcomes = p.lifeOf(t), nil
		if strikes, next, err = c.strikes(since); err != nil {
			return err
		}
		for _, at := range strikes {
			o, err := c.carryOut(at)
			if err != nil {
				return err
			}
			outcomes = append(outcomes, o)
		}
		return nil
	})
	if err != nil {
		return time.Time{}, nil, err // the write of a caller that gives up may still go on
	}
	err = c.settle(ctx)
	for i, o := range outcomes {
		runs = append(runs, ScheduledRun{Resource: o.Resource, At: strikes[i].at, Run: o.Run, Message: o.Message})
	}
	return next, runs, err
}

// A strike is a time of a document that has come: one, however many of its triggers
// have it.
type strike struct {
	holder *holder
	owner  *record
	clock  *record   // nil where none of its times has come yet
	at     time.Time // the last one
	due    []string  // triggers that ask for it
}

// strikes are those of all documents, and when the next time of any comes.
func (c *call) strikes(since time.Time) (list []strike, next time.Time, err error) {
	all := listeners()
	for _, typ := range slices.Sorted(maps.Keys(all)) {
		owners, err := c.tx.typed(typ)
		if err != nil {
			return nil, next, err
		}
		for _, owner := range owners {
			s, then, err := c.strike(owner, since)
			if err != nil {
				return nil, next, err
			}
			if s.due != nil {
				s.holder = all[typ]
				list = append(list, s)
			}
			if !then.IsZero() && (next.IsZero() || then.Before(next)) {
				next = then
			}
		}
	}
	return list, next, nil
}

// strike tells whether a time of a document has come; then is its next one.
func (c *call) strike(owner *record, since time.Time) (s strike, then time.Time, err error) {
	triggers := cronTriggers(owner.spec)
	if len(triggers) == 0 {
		return s, then, nil
	}
	now := c.tx.store.outside(c.now).UTC()
	s.owner = owner
	if s.clock, err = c.tx.load(clockOf(owner)); err != nil {
		return s, then, err
	}
	seen := later(since, c.tx.store.outside(owner.updated))
	if s.clock != nil {
		seen = later(seen, time.Unix(0, stateOf[clockState](s.clock).Seen))
	}
	for _, t := range triggers {
		d := t.times.Next(seen.UTC())
		if !d.IsZero() && !d.After(now) {
			s.due = append(s.due, t.ref)
		}
		for ; !d.IsZero() && !d.After(now); d = t.times.Next(d) {
			s.at = later(s.at, d) // of several times the last counts
		}
		if n := t.times.Next(now); !n.IsZero() && (then.IsZero() || n.Before(then)) {
			then = n
		}
	}
	return s, then, nil
}

// carryOut starts a document whose time has come.
func (c *call) carryOut(s strike) (*outcome, error) {
	now := c.tx.store.outside(c.now).UTC()
	if err := c.sawTime(s.owner, s.clock, now); err != nil {
		return nil, err
	}
	o := &outcome{Resource: s.owner.key, Kind: s.owner.typ, Action: actionNone, Triggers: s.due}
	switch {
	case pausedTriggers(s.owner):
		o.Reason, o.Message = reasonPaused, "the triggers are paused"
		return o, nil
	case s.holder.previews && !trigger.Active(activeHours(s.owner.spec), now):
		o.Reason, o.Message = reasonHours, "it is outside of the active hours"
		return o, nil
	}
	return o, c.quietly(o, func(one *call) error {
		r, err := one.enact(s.holder, s.owner, nil, flowRun{origin: origin{By: bySchedule}})
		if err != nil {
			return err
		}
		o.Action, o.Run, o.Environment = actionRun, r.id(), jsonvalue.String(r.spec, "environment")
		return nil
	})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clockOf is the key of what is recorded of a document's times.
func clockOf(owner *record) string { return owner.key + "/clock" }

func (c *call) sawTime(owner, clock *record, now time.Time) error {
	state := clockState{Seen: now.UnixNano()}
	if clock != nil {
		return c.tx.save(clock, state, c.now)
	}
	return c.tx.create(&record{key: clockOf(owner), parent: owner.key + "/clocks", typ: "clock", created: c.now, spec: map[string]any{}}, state)
}
