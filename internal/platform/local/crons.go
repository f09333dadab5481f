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
	var c *call
	var outcomes []*outcome
	var times []time.Time
	err = s.write(ctx, func(t *tx) error {
		c, next, outcomes, times = p.lifeOf(t), time.Time{}, nil, nil
		all := listeners()
		for _, typ := range slices.Sorted(maps.Keys(all)) {
			owners, err := t.typed(typ)
			if err != nil {
				return err
			}
			for _, owner := range owners {
				o, at, then, err := c.strike(all[typ], owner, since)
				if err != nil {
					return err
				}
				if o != nil {
					outcomes, times = append(outcomes, o), append(times, at)
				}
				if !then.IsZero() && (next.IsZero() || then.Before(next)) {
					next = then
				}
			}
		}
		return nil
	})
	if err != nil {
		return time.Time{}, nil, err // the write of a caller that gives up may still go on
	}
	err = c.settle(ctx)
	for i, o := range outcomes {
		runs = append(runs, ScheduledRun{Resource: o.Resource, At: times[i], Run: o.Run, Message: o.Message})
	}
	return next, runs, err
}

// strike starts a document whose time has come: once, however many of its triggers
// have the same one. then is its next time.
func (c *call) strike(h *holder, owner *record, since time.Time) (o *outcome, at, then time.Time, err error) {
	triggers := cronTriggers(owner.spec)
	if len(triggers) == 0 {
		return nil, at, then, nil
	}
	now := c.tx.store.outside(c.now).UTC()
	key := owner.key + "/clock"
	clock, err := c.tx.load(key)
	if err != nil {
		return nil, at, then, err
	}
	seen := later(since, c.tx.store.outside(owner.updated))
	if clock != nil {
		seen = later(seen, time.Unix(0, stateOf[clockState](clock).Seen))
	}
	var due []string
	for _, t := range triggers {
		d := t.times.Next(seen.UTC())
		if !d.IsZero() && !d.After(now) {
			due = append(due, t.ref)
		}
		for ; !d.IsZero() && !d.After(now); d = t.times.Next(d) {
			at = later(at, d) // of several times the last counts
		}
		if n := t.times.Next(now); !n.IsZero() && (then.IsZero() || n.Before(then)) {
			then = n
		}
	}
	if due == nil {
		return nil, at, then, nil
	}
	if err := c.sawTime(owner, clock, key, now); err != nil {
		return nil, at, then, err
	}
	o = &outcome{Resource: owner.key, Kind: owner.typ, Action: actionNone, Triggers: due}
	switch {
	case pausedTriggers(owner):
		o.Reason, o.Message = reasonPaused, "the triggers are paused"
		return o, at, then, nil
	case h.previews && !trigger.Active(activeHours(owner.spec), now):
		o.Reason, o.Message = reasonHours, "it is outside of the active hours"
		return o, at, then, nil
	}
	err = c.quietly(o, func(one *call) error {
		r, err := one.enact(h, owner, nil, flowRun{origin: origin{By: bySchedule}})
		if err != nil {
			return err
		}
		o.Action, o.Run, o.Environment = actionRun, r.id(), jsonvalue.String(r.spec, "environment")
		return nil
	})
	return o, at, then, err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (c *call) sawTime(owner, clock *record, key string, now time.Time) error {
	state := clockState{Seen: now.UnixNano()}
	if clock != nil {
		return c.tx.save(clock, state, c.now)
	}
	return c.tx.create(&record{key: key, parent: owner.key + "/clocks", typ: "clock", created: c.now, spec: map[string]any{}}, state)
}
