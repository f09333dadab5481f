package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// Handler accepts messages.
//
// Accept is called once per request and notification, in wire order, and the
// next message is read only when it has returned. What changes state does so
// inside Accept; what only reads takes its snapshot there and returns Work,
// which runs beside later messages. Accept must therefore neither compute much
// nor call the client. method and params are valid until Accept returns; params
// is nil when the message has none.
//
// The reply of a request is the result, or that of the Work. Errors that wrap
// a [*jsonrpc2.Error] keep its code; others are internal errors. Errors of
// notifications are logged.
type Handler interface {
	Accept(method string, params json.RawMessage, isCall bool) (result any, work Work, err error)
}

// Work computes a reply. Its context ends when the client cancels the request.
type Work func(ctx context.Context) (any, error)

// Elsewhere is the result that goes with Work which does not compute but waits
// for something outside of this process, for as long as that takes. It keeps no
// other reply waiting.
var Elsewhere any = new(int)

// dispatcher stands between the connection and the handler.
type dispatcher struct {
	handler Handler
	log     *slog.Logger
	// slots bounds how many replies are computed at once. Requests that became
	// stale while they waited are cancelled without having cost anything.
	slots chan struct{}

	mu       sync.Mutex
	inFlight map[jsonrpc2.ID]context.CancelFunc
}

func newDispatcher(h Handler, log *slog.Logger) *dispatcher {
	return &dispatcher{
		handler:  h,
		log:      log,
		slots:    make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
		inFlight: make(map[jsonrpc2.ID]context.CancelFunc),
	}
}

// handle is the [jsonrpc2.Handler]. An error that it returned for a
// notification, and a panic, would end the connection, so neither leaves it.
func (d *dispatcher) handle(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
	if !req.IsCall() {
		if err := d.notify(req); err != nil {
			d.log.Warn("notification failed", "method", req.Method(), "error", err)
		}
		return nil, nil
	}
	workCtx, done, err := d.begin(ctx, req.ID())
	if err != nil {
		return nil, err
	}
	defer done()
	result, err = d.call(workCtx, func() { jsonrpc2.Async(ctx) }, req)
	if err != nil {
		return nil, d.wireError(workCtx, req.Method(), err)
	}
	return result, nil
}

func (d *dispatcher) notify(req *jsonrpc2.Request) (err error) {
	defer d.recovered(req.Method(), &err)
	if req.Method() == protocol.MethodCancelRequest {
		return d.cancel(req.Params())
	}
	_, work, err := d.handler.Accept(req.Method(), json.RawMessage(req.Params()), false)
	if err == nil && work != nil {
		err = errors.New("a notification has no reply to compute")
	}
	return err
}

// call runs a request. readOn lets the next message be read.
func (d *dispatcher) call(ctx context.Context, readOn func(), req *jsonrpc2.Request) (result any, err error) {
	defer d.recovered(req.Method(), &err)
	result, work, err := d.handler.Accept(req.Method(), json.RawMessage(req.Params()), true)
	if err != nil || work == nil {
		return result, err
	}
	readOn()
	growStack()
	if result != Elsewhere {
		select {
		case d.slots <- struct{}{}:
			defer func() { <-d.slots }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if result, err = work(ctx); ctx.Err() != nil {
		return nil, ctx.Err() // whoever cancelled does not want it any more
	}
	return result, err
}

// growStack makes room for the work of a request. Each request runs on a
// goroutine of its own with a small stack, which would be copied each time that
// it doubles; here it has few frames and is copied once.
//
//go:noinline
func growStack() {
	var room [32 << 10]byte
	use(room[:])
}

//go:noinline
func use([]byte) {}

// begin registers a call so that it can be cancelled until done is called. The
// context of its work derives from that of the connection: the library recycles
// the request's own context when the handler returns, while a context derived
// from it would still ask it for its channel.
func (d *dispatcher) begin(ctx context.Context, id jsonrpc2.ID) (_ context.Context, done func(), _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, taken := d.inFlight[id]; taken {
		return nil, nil, jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "request id %v is in use by a request that has no reply yet", id)
	}
	ctx, cancel := context.WithCancel(jsonrpc2.DetachContext(ctx))
	d.inFlight[id] = cancel
	return ctx, func() {
		d.mu.Lock()
		delete(d.inFlight, id)
		d.mu.Unlock()
		cancel()
	}, nil
}

// cancel serves $/cancelRequest. A request that is unknown or answered already
// is none of its business.
func (d *dispatcher) cancel(params jsonrpc2.RawMessage) error {
	var p struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.Unmarshal(params, &p); err != nil {
		return fmt.Errorf("unreadable cancellation: %w", err)
	}
	id, ok := parseID(p.ID)
	if !ok {
		return fmt.Errorf("a cancellation names a request by a string or an integer, not by %s", excerpt(p.ID))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if cancel, ok := d.inFlight[id]; ok {
		cancel()
	}
	return nil
}

// recovered turns a panic into an error of the request that caused it.
func (d *dispatcher) recovered(method string, err *error) {
	if r := recover(); r != nil {
		d.log.Error("panic", "method", method, "panic", r, "stack", string(debug.Stack()))
		*err = jsonrpc2.Errorf(jsonrpc2.InternalError, "%s failed: %v", method, r)
	}
}

// wireError gives err a code.
func (d *dispatcher) wireError(ctx context.Context, method string, err error) error {
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return protocol.ErrRequestCancelled
	}
	if coded := (*jsonrpc2.Error)(nil); errors.As(err, &coded) {
		return err
	}
	d.log.Error("request failed", "method", method, "error", err)
	return jsonrpc2.Errorf(jsonrpc2.InternalError, "%s failed: %v", method, err)
}
