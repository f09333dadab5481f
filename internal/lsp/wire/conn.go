package wire

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// Options configure a connection. The zero value is usable.
type Options struct {
	Log        *slog.Logger // nil: nothing is logged
	MaxMessage int          // bytes of a message body; 0: DefaultMaxMessage
}

// closeTime is how long the read of a closed connection may take to notice.
const closeTime = 200 * time.Millisecond

// Conn is one connection to a client.
type Conn struct {
	stream  *stream
	handler *dispatcher
	rpc     jsonrpc2.Conn
	ctx     context.Context // ends with the connection
	cancel  context.CancelFunc
	// calls ends with the input, which is when calls lose their last chance to
	// be answered.
	calls context.Context
}

// NewConn makes a connection that serves h over rw once Run is called.
func NewConn(rw io.ReadWriteCloser, h Handler, opts Options) *Conn {
	log := opts.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Conn{handler: newDispatcher(h, log)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	calls, noMoreCalls := context.WithCancel(c.ctx)
	c.calls = calls
	c.stream = newStream(rw, opts.MaxMessage, log, noMoreCalls)
	c.rpc = jsonrpc2.NewConn(c.stream, jsonrpc2.WithCodec(codec{}))
	return c
}

// Run serves until the connection has ended and everything that was answered
// is written: after the client closed one of its ends, after HangUp, or when ctx
// ends. A read that cannot be interrupted (that of a pipe which somebody keeps
// open) is left behind then.
func (c *Conn) Run(ctx context.Context) {
	go c.stream.writeLoop()
	c.rpc.Go(c.ctx, c.handler.handle)
	select {
	case <-c.stream.answered:
	case <-c.stream.written:
		c.stream.hangUp()
	case <-ctx.Done():
		c.stream.hangUp()
	}
	c.cancel()
	c.stream.finish()
	late := time.NewTimer(closeTime)
	defer late.Stop()
	select {
	case <-c.rpc.Done():
	case <-late.C:
	}
}

// Notify sends a notification. It does not wait for the client.
func (c *Conn) Notify(method string, params any) error {
	return c.rpc.Notify(c.ctx, method, params)
}

// Call sends a request to the client and waits for its reply until ctx or the
// input ends. It must not be called from [Handler.Accept], which the
// reading of that reply waits for.
func (c *Conn) Call(ctx context.Context, method string, params, result any) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.calls, cancel)()
	_, err := c.rpc.Call(ctx, method, params, result)
	return err
}

// Context ends when the connection does.
func (c *Conn) Context() context.Context { return c.ctx }

// HangUp ends the connection from within [Handler.Accept]: nothing more is
// read, and what is in flight is answered.
func (c *Conn) HangUp() { c.stream.hangUp() }

// codec marshals payloads with the union types of the protocol library, which
// keeps its own codec to itself. Raw values pass as they are.
type codec struct{}

func (codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(jsonrpc2.RawMessage); ok {
		if raw == nil {
			return []byte("null"), nil
		}
		return raw, nil
	}
	// Encoded into a buffer that has grown already, and copied once: growing one for
	// each of the larger replies would cost their size several times over.
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	encoded, err := protocol.AppendMarshal((*buffer)[:0], v)
	if err != nil {
		return nil, err
	}
	if cap(encoded) <= largestBuffer {
		*buffer = encoded
	}
	return slices.Clone(encoded), nil
}

// largestBuffer is how many bytes a buffer has at most that is kept.
const largestBuffer = 256 << 10

// buffers are what values are encoded into.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (codec) Unmarshal(data []byte, v any) error {
	if raw, ok := v.(*jsonrpc2.RawMessage); ok {
		*raw = append(jsonrpc2.RawMessage(nil), data...)
		return nil
	}
	return protocol.Unmarshal(data, v)
}
