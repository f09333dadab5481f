package local

import (
	"context"
	"time"
)

// A Change is what an operation did to a resource.
type Change string

// The changes. An operation that was carried out and left everything as it was
// is logged as Nothing.
const (
	Created Change = "create"
	Updated Change = "update"
	Nothing Change = "nothing"
	Deleted Change = "delete"
	Ran     Change = "run" // a build, job run, backup, restore, command or restart
	Aborted Change = "abort"
)

// An Effect is an entry of the log of side effects: what operations of any
// process did, in the order in which they did it. The log only grows; it is
// what tests of crashes compare with.
type Effect struct {
	Seq      int64
	Time     time.Time
	Op       string // the operation's ID
	Resource string // "projects/shop/services/web"
	Change   Change
	Token    string // of the request, empty where it had none
}

// Effects returns the log after the entry of a sequence number, 0 for all.
func (p *Platform) Effects(ctx context.Context, after int64) ([]Effect, error) {
	s, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	var effects []Effect
	err = s.read(ctx, func(t *tx) error {
		rows, err := t.tx.QueryContext(ctx, "SELECT seq, time, op, resource, change, token FROM effects WHERE seq > ? ORDER BY seq", after)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var e Effect
			var at int64
			if err := rows.Scan(&e.Seq, &at, &e.Op, &e.Resource, &e.Change, &e.Token); err != nil {
				return err
			}
			e.Time = s.outside(time.Unix(0, at))
			effects = append(effects, e)
		}
		return rows.Err()
	})
	return effects, err
}
