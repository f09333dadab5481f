// Package local is the embedded platform: the operations of the contract
// carried out in process, with resources and their lifecycles in SQLite.
//
// Nothing runs in the background. What would take time on the hosted platform
// (a build, a rollout, an addon being provisioned) is recorded as a transition
// with its duration and outcome when it is set off; the state that an operation
// reads is a pure function of what was recorded and the time. Any number of
// processes may use one state folder, and a process that dies leaves nothing
// unfinished.
//
// The package must not know templates, nodes or HTTP.
package local

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// Options configure a Platform.
type Options struct {
	// Dir is the state folder. It is made when it is first needed.
	Dir string
	// Delays are the durations of lifecycles; nil for short ones that still let
	// every state be seen.
	Delays *Delays
	// Clock tells the time; nil for time.Now. Lifecycles follow it.
	Clock func() time.Time
	// Virtual says that Clock goes on by jumps, ahead of the time outside. What
	// it is ahead at the end the folder keeps. In the meantime no other process
	// may use the folder: opening fails with [ErrInUse] when one does.
	Virtual bool
	// Faults are injected into operations and lifecycles.
	Faults []Fault
	// Remembers says that answers to reads are kept in memory as long as they are right,
	// for who is asked the same again and again.
	Remembers bool
	// DraftsOnly refuses changes of stored templates that are no accepted draft.
	DraftsOnly bool
	// Boxer seals what is stored: resources hold secrets. Nil leaves it readable.
	Boxer Boxer
	// Events say whose Git events are listened to.
	Events trigger.Lists
}

// A Platform is the embedded platform. It implements [platform.Target] and is
// safe for concurrent use. Making one costs nothing: the database is opened by
// the first operation.
type Platform struct {
	dir    string
	delays Delays
	clock  func() time.Time
	// virtual platforms are ahead of the time outside.
	virtual bool
	// remembers says that answers are kept; never in virtual time, which jumps.
	remembers bool
	faults    faults
	boxer     Boxer
	// draftsOnly is that of the options.
	draftsOnly bool
	events     trigger.Lists
	runner     platform.Runner // nil where documents are stored and not run

	mu     sync.Mutex
	store  *store
	closed bool
}

var (
	_ platform.Target    = (*Platform)(nil)
	_ platform.Recoverer = (*Platform)(nil)
	_ platform.Pacer     = (*Platform)(nil)
	_ platform.Prompt    = (*Platform)(nil)
)

// New returns a platform that keeps its state in a folder.
func New(options Options) *Platform {
	p := &Platform{dir: options.Dir, draftsOnly: options.DraftsOnly, boxer: options.Boxer, events: options.Events, clock: options.Clock, virtual: options.Virtual, remembers: options.Remembers && !options.Virtual, delays: DefaultDelays()}
	if options.Delays != nil {
		p.delays = *options.Delays
	}
	if p.clock == nil {
		p.clock = time.Now
	}
	p.faults.set(options.Faults)
	return p
}

// Name implements [platform.Target].
func (p *Platform) Name() string { return "local" }

// PollAfter implements [platform.Pacer]: polls of this platform cost nothing.
// In virtual time they go by the steps that are recorded, and further and further
// apart where those do not tell.
func (p *Platform) PollAfter(polls int) time.Duration {
	if p.virtual {
		return platform.Backoff(polls, 5*time.Millisecond, 24*time.Hour)
	}
	return platform.Backoff(polls, 5*time.Millisecond, 200*time.Millisecond)
}

// Close closes the database. Operations in flight end first.
func (p *Platform) Close() error {
	p.mu.Lock()
	s := p.store
	p.store, p.closed = nil, true
	p.mu.Unlock()
	if s == nil {
		return nil
	}
	return s.close()
}

// ErrClosed is returned by operations on a closed platform.
var ErrClosed = errors.New("the local platform is closed")

// open returns the store, opened by whoever comes first. An opening that failed
// is tried again by the next operation.
func (p *Platform) open(ctx context.Context) (*store, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, ErrClosed
	}
	if p.store == nil {
		lock, err := p.takeLock(ctx)
		if err != nil {
			return nil, err
		}
		s, err := openStore(ctx, p.dir, p.boxer)
		if err != nil {
			_ = lock.Close()
			return nil, err
		}
		s.lock = lock
		if p.remembers {
			if s.memory, err = newMemory(ctx, s.reads.db); err != nil {
				return nil, errors.Join(explain(p.dir, err), s.close())
			}
		}
		p.store = s
	}
	return p.store, nil
}

// Do implements [platform.Target].
func (p *Platform) Do(ctx context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	c, handle, err := p.newCall(ctx, op, params, body)
	if err != nil {
		return platform.Response{}, err
	}
	lost, err := p.faults.strike(ctx, c.at)
	if err != nil {
		return platform.Response{}, err
	}
	s, err := p.open(ctx)
	if err != nil {
		return platform.Response{}, err
	}
	if err := p.keepTime(ctx, s); err != nil {
		return platform.Response{}, err
	}
	var response platform.Response
	switch {
	case c.op.Effect == platform.Reads && s.memory != nil && isKept(op):
		response, err = c.readKept(ctx, s, handle)
	case c.op.Effect == platform.Reads:
		err = s.read(ctx, func(tx *tx) (err error) { response, err = c.run(tx, handle); return err })
	default:
		// What a write answers to a caller that has given up nobody looks at.
		if err = s.write(ctx, func(tx *tx) error { return c.runOnce(tx, handle) }); err == nil {
			response, err = c.told(s)
		}
	}
	if err != nil {
		return platform.Response{}, c.refused(err)
	}
	if response, err = c.conclude(ctx, s, response); err != nil {
		return platform.Response{}, err
	}
	if lost {
		return platform.Response{}, fmt.Errorf("%s: the connection was lost before the answer came", op)
	}
	return response, nil
}

// newCall is the call of an operation that this platform has.
func (p *Platform) newCall(ctx context.Context, op string, params platform.Params, body json.RawMessage) (*call, handler, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	operation, known := platform.LookupOperation(op)
	handle := handlerOf(op)
	if !known || handle == nil {
		return nil, nil, &platform.Error{Status: http.StatusNotImplemented, ID: platform.ErrorUnknownOp, Operation: op,
			Message: fmt.Sprintf("the local platform does not have the operation %s yet", op)}
	}
	if name := operation.Missing(params); name != "" {
		err := platform.Invalid(name, "is missing")
		err.Operation = op
		return nil, nil, err
	}
	c := &call{platform: p, op: operation, params: params, at: newWhere(operation, params), actor: platform.Actor(ctx)}
	return c, handle, c.decode(body)
}

// refused says of a refusal which operation it is of.
func (c *call) refused(err error) error {
	var refusal *platform.Error
	if errors.As(err, &refusal) {
		refusal.Operation = c.op.ID
	}
	return err
}

// DoAndRead implements [platform.Prompt].
func (p *Platform) DoAndRead(ctx context.Context, op string, params platform.Params, body json.RawMessage, read string, readParams platform.Params) (done, seen platform.Response, durable func() error, err error) {
	if p.virtual || !p.faults.none() {
		// Faults and virtual time meet each operation by itself.
		if done, err = p.Do(ctx, op, params, body); err == nil {
			seen, err = p.Do(ctx, read, readParams, nil)
		}
		return done, seen, nil, err
	}
	c, handle, err := p.newCall(ctx, op, params, body)
	if err != nil {
		return done, seen, nil, err
	}
	look, handleLook, err := p.newCall(ctx, read, readParams, nil)
	if err != nil {
		return done, seen, nil, err
	}
	s, err := p.open(ctx)
	if err != nil {
		return done, seen, nil, err
	}
	var saw platform.Response
	durable, err = s.start(ctx, func(tx *tx) error {
		if err := c.runOnce(tx, handle); err != nil {
			return err
		}
		tx.writable = false
		defer func() { tx.writable = true }()
		saw, _ = look.run(tx, handleLook) // empty where it is refused
		return nil
	})
	if err != nil {
		return platform.Response{}, platform.Response{}, nil, c.refused(err)
	}
	did, err := c.told(s)
	if err != nil {
		return platform.Response{}, platform.Response{}, nil, c.refused(err)
	}
	if len(c.later) > 0 || c.amend != nil {
		if err = durable(); err == nil {
			did, err = c.conclude(ctx, s, did)
		}
		// What was read was so before: it is read once more.
		return did, platform.Response{}, nil, err
	}
	return did, saw, durable, nil
}

// conclude does what comes after an operation is durable, and returns its answer.
func (c *call) conclude(ctx context.Context, s *store, response platform.Response) (platform.Response, error) {
	if err := c.settle(ctx); err != nil || c.amend == nil {
		return response, err
	}
	data, err := c.amend(ctx, s)
	if err != nil {
		return platform.Response{}, err
	}
	return c.answer(data)
}

// Recover implements [platform.Recoverer].
func (p *Platform) Recover(ctx context.Context, op string, params platform.Params) (platform.Response, bool, error) {
	operation, ok := platform.LookupOperation(op)
	if !ok || params.Token == "" {
		return platform.Response{}, false, nil
	}
	s, err := p.open(ctx)
	if err != nil {
		return platform.Response{}, false, err
	}
	var response platform.Response
	found := false
	err = s.read(ctx, func(tx *tx) error {
		response, found, err = tx.remembered(params.Token, op, newWhere(operation, params).key)
		return err
	})
	return response, found, err
}

// derive makes a value that looks random and is the same for the same purpose
// in this state folder: credentials, host names.
func (s *store) derive(purpose string) []byte {
	mac, ok := s.macs.Get().(hash.Hash)
	if !ok {
		mac = hmac.New(sha256.New, s.secret)
	}
	defer s.macs.Put(mac)
	mac.Reset()
	_, _ = io.WriteString(mac, purpose) // never fails
	return mac.Sum(nil)
}
