package local

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/robfig/cron/v3"
)

// RunSchedules starts the runs of cron jobs and the backups of schedules whose time has
// come, and removes scheduled backups that are to be kept no longer. It returns when the
// next is due; zero for never. What was due before a time, when nobody attended to it, is
// not made up for, and of what has become due several times since then the last counts.
// However many processes ask, each time is carried out once: that it was stands in the
// same transaction.
func (p *Platform) RunSchedules(ctx context.Context, since time.Time) (next time.Time, err error) {
	s, err := p.open(ctx)
	if err != nil {
		return next, err
	}
	// A look takes nobody's turn: mostly nothing is due.
	a := &attendant{since: s.inside(since), looks: true}
	err = s.read(ctx, func(t *tx) error { return a.all(p.lifeOf(t)) })
	if err == nil && a.owes {
		a.looks = false
		err = s.write(ctx, func(t *tx) error { return a.all(p.lifeOf(t)) })
	}
	if err == nil && !a.next.IsZero() {
		next = s.outside(a.next)
	}
	return next, err
}

// An attendant carries out what is due.
type attendant struct {
	*call
	looks bool      // it only looks whether something is due
	owes  bool      // something is
	since time.Time // nothing before counts
	next  time.Time // when something is due next; zero for never
}

// all goes through all that has a schedule.
func (a *attendant) all(c *call) error {
	a.call, a.next = c, time.Time{}
	for typ, attend := range map[string]func(*record) error{"cron": a.job, addonFlavour.typ: a.addon, "backup": a.expire} {
		all, err := a.tx.typed(typ)
		if err != nil {
			return err
		}
		for _, r := range all {
			if err := attend(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// due is the last time that a schedule has asked for since it was attended to, and zero
// for none. It takes note of when the next is.
func (a *attendant) due(schedule cron.Schedule, since ...time.Time) time.Time {
	from := a.since
	for _, t := range since {
		if t.After(from) {
			from = t
		}
	}
	// Schedules go by UTC; from is not before the server began.
	var last time.Time
	at := schedule.Next(from.UTC())
	for ; !at.IsZero() && !at.After(a.now); at = schedule.Next(at) {
		last, a.owes = at, true
	}
	if !at.IsZero() && (a.next.IsZero() || at.Before(a.next)) {
		a.next = at
	}
	return last
}

// tried does something that the platform may refuse, such as running what has no image:
// then nothing happens, as with a schedule there.
func (a *attendant) tried(do func() error) error {
	err := a.tx.attempt(do)
	if platform.StatusOf(err) != 0 {
		return nil
	}
	return err
}

// job runs a cron job whose time has come.
func (a *attendant) job(r *record) error {
	spec := r.spec
	if own := jsonvalue.Object(r.spec, "settings.cron"); own != nil {
		spec = own
	}
	state := stateOf[jobState](r)
	if state.Paused || jsonvalue.Bool(spec, "suspended") || jsonvalue.Bool(r.spec, "suspended") {
		return nil
	}
	schedule, err := cron.ParseStandard(jsonvalue.String(spec, "schedule"))
	if err != nil {
		return nil //nolint:nilerr // what cannot be read is never due
	}
	at := a.due(schedule, time.Unix(0, state.Fired), r.updated)
	if at.IsZero() || a.looks {
		return nil
	}
	state.Fired = at.UnixNano()
	if err := a.tx.save(r, state, r.updated); err != nil {
		return err
	}
	return a.tried(func() error {
		running, err := a.running(r)
		if err != nil {
			return err
		}
		switch jsonvalue.String(spec, "concurrencyPolicy") {
		case "forbid":
			if len(running) > 0 {
				return nil
			}
		case "replace":
			for _, run := range running {
				if err := a.abortRun(run); err != nil {
					return err
				}
			}
		}
		_, err = a.startRun(r, map[string]any{})
		return err
	})
}

// running are the runs of a job that go on.
func (a *attendant) running(job *record) ([]*record, error) {
	runs, err := a.tx.list(job.key+"/runs", page{newest: true, limit: largestPage})
	return slices.DeleteFunc(runs, func(run *record) bool { return stateOf[runState](run).concluded(a.now) }), err
}

// addon backs an addon up whose time has come. Schedules that ask for the same moment
// make one backup. Source: "Schedule backups".
func (a *attendant) addon(r *record) error {
	var owed *schedule
	state := stateOf[addonState](r)
	var latest time.Time
	for _, s := range a.schedules(r) {
		times, err := cron.ParseStandard(cronOf(s.spec))
		if err != nil {
			continue
		}
		at := a.due(times, time.Unix(0, state.BackedUp), time.Unix(0, state.Schedules[s.id]), r.updated)
		if at.After(latest) {
			latest, owed = at, &s
		}
	}
	if owed == nil || a.looks {
		return nil
	}
	state.BackedUp = latest.UnixNano()
	if err := a.tx.save(r, state, r.updated); err != nil {
		return err
	}
	return a.tried(func() error {
		a.body = jsonvalue.Pick(owed.spec.(map[string]any), []string{"backupType", "compressionType", "customDestinationId", "additionalDestinations"})
		days, _ := jsonvalue.Number(owed.spec, "retentionTime")
		_, err := a.startBackup(r, backupState{Retention: int(days)})
		return err
	})
}

// expire removes a backup of a schedule whose time is over.
func (a *attendant) expire(backup *record) error {
	state := stateOf[backupState](backup)
	if state.Retention <= 0 || state.Retained {
		return nil
	}
	switch over := backup.created.AddDate(0, 0, state.Retention); {
	case !over.After(a.now):
		a.owes = true
	case a.next.IsZero() || over.Before(a.next):
		a.next = over
		return nil
	default:
		return nil
	}
	if a.looks {
		return nil
	}
	if err := a.tx.remove(backup.key); err != nil {
		return err
	}
	return a.log(backup.key, Deleted)
}

// cronOf spells a backup schedule as cron does. Days count from Sunday, which is 0 or 7;
// what is left out is the first.
func cronOf(spec any) string {
	part := func(name string, otherwise string) string {
		var all []string
		for _, v := range jsonvalue.List(spec, "scheduling."+name) {
			n, ok := v.(json.Number)
			i, err := n.Int64()
			if f, isFloat := v.(float64); isFloat {
				i, err, ok = int64(f), nil, true
			}
			if !ok || err != nil {
				continue
			}
			if name == "day" {
				i %= 7
			}
			all = append(all, strconv.FormatInt(i, 10))
		}
		if len(all) == 0 {
			return otherwise
		}
		return strings.Join(all, ",")
	}
	minute := part("minute", "0")
	switch jsonvalue.String(spec, "scheduling.interval") {
	case "hourly":
		return minute + " * * * *"
	case "daily":
		return fmt.Sprintf("%s %s * * *", minute, part("hour", "0"))
	case "weekly":
		return fmt.Sprintf("%s %s * * %s", minute, part("hour", "0"), part("day", "0"))
	}
	return ""
}
