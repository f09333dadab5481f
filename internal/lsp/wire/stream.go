package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
)

// drainTime is how long the end of a connection waits for replies that are
// still being worked on or written.
const drainTime = 2 * time.Second

var errStreamClosed = errors.New("wire: stream is closed")

// stream is a [jsonrpc2.Stream] whose Read fails only at the end of the
// connection: what is no message is answered here with one error. Writing
// appends to a queue that one goroutine empties, so a client that does not
// read holds up neither the reading of messages nor a handler.
type stream struct {
	conn   io.ReadWriteCloser
	frames *frameReader
	log    *slog.Logger

	mu      sync.Mutex
	changed sync.Cond // signals queue, pending, ended and broken
	queue   []byte    // framed messages that wait to be written
	scratch []byte
	pending int   // calls that were read and not answered yet
	ended   bool  // Close was called: the writer stops when the queue is empty
	hungUp  bool  // nothing more is read
	broken  error // why writing failed

	inputEnded func()        // called when nothing more is read
	answered   chan struct{} // closed after that, when the replies are queued
	written    chan struct{} // closed when the writer has stopped
}

func newStream(conn io.ReadWriteCloser, limit int, log *slog.Logger, inputEnded func()) *stream {
	s := &stream{
		conn:       conn,
		frames:     newFrameReader(conn, limit),
		log:        log,
		inputEnded: inputEnded,
		answered:   make(chan struct{}),
		written:    make(chan struct{}),
	}
	s.changed.L = &s.mu
	return s
}

// Read returns the next message. It borrows the read buffer until the
// following call. At the end of the input it first waits for the calls that
// are in flight, because a connection that has stopped reading sends nothing
// more: a client that writes its requests and closes its end gets its replies.
func (s *stream) Read(context.Context) (jsonrpc2.Message, int64, error) {
	msg, n, err := s.next()
	if err != nil {
		s.log.Debug("input ended", "reason", err)
		s.inputEnded()
		s.awaitReplies()
		close(s.answered)
		return nil, 0, io.EOF
	}
	if _, isCall := msg.(*jsonrpc2.Call); isCall {
		s.mu.Lock()
		s.pending++
		s.mu.Unlock()
	}
	return msg, int64(n), nil
}

// next returns the next message and the length of its body; it fails at the
// end of the input only.
func (s *stream) next() (jsonrpc2.Message, int, error) {
	for !s.isHungUp() {
		body, err := s.frames.next()
		if g := (*garbage)(nil); errors.As(err, &g) {
			s.refuse(jsonrpc2.ID{}, jsonrpc2.Errorf(jsonrpc2.ParseError, "%s", g.reason))
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		msg, err := jsonrpc2.DecodeMessage(body)
		if err == nil {
			return msg, len(body), nil
		}
		if msg := emptyResponse(body); msg != nil {
			return msg, len(body), nil
		}
		id, refused := refusal(body)
		if refused.Code == jsonrpc2.ParseError {
			s.frames.reject()
		}
		s.refuse(id, refused)
	}
	return nil, 0, errStreamClosed
}

// envelope is what can be told of a message that is not well-formed.
type envelope struct {
	Version json.RawMessage `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  json.RawMessage `json:"method"`
	Result  json.RawMessage `json:"result"`
	Error   json.RawMessage `json:"error"`
}

// emptyResponse reads a response without a result as one whose result is null.
// Clients written in JavaScript send it when their handler returns undefined;
// refusing it would leave the call that it answers waiting for ever.
func emptyResponse(body []byte) jsonrpc2.Message {
	var e envelope
	if json.Unmarshal(body, &e) != nil || string(e.Version) != `"2.0"` || e.Method != nil || e.Result != nil || e.Error != nil {
		return nil
	}
	id, ok := parseID(e.ID)
	if !ok {
		return nil
	}
	return jsonrpc2.NewResponse(id, nil, nil)
}

// refusal says what is wrong with a body that could not be decoded, and for
// which request, where its id can be told.
func refusal(body []byte) (jsonrpc2.ID, *jsonrpc2.Error) {
	var e envelope
	syntax := json.Unmarshal(body, &e)
	if !json.Valid(body) {
		return jsonrpc2.ID{}, jsonrpc2.Errorf(jsonrpc2.ParseError, "the message is not valid JSON: %v", syntax)
	}
	switch bytes.TrimLeft(body, " \t\r\n")[0] {
	case '{':
	case '[':
		return jsonrpc2.ID{}, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "batches are not part of the language server protocol: send each message by itself")
	default:
		return jsonrpc2.ID{}, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "a message is a JSON object")
	}
	var id jsonrpc2.ID
	if e.Method != nil { // the id of a response is one of ours and no name for the client
		id, _ = parseID(e.ID)
	}
	return id, jsonrpc2.NewError(jsonrpc2.InvalidRequest, `the message is neither a request, a notification nor a response of JSON-RPC "2.0"`)
}

// parseID reads a request id: a string or an integer.
func parseID(raw json.RawMessage) (jsonrpc2.ID, bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil && len(raw) > 0 && raw[0] == '"' {
		return jsonrpc2.NewStringID(text), true
	}
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return jsonrpc2.NewNumberID(n), true
	}
	return jsonrpc2.ID{}, false
}

// refuse answers bytes that never became a message.
func (s *stream) refuse(id jsonrpc2.ID, e *jsonrpc2.Error) {
	s.log.Warn("refused input", "reason", e.Message)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scratch = jsonrpc2.AppendResponse(s.scratch[:0], id, nil, e)
	_ = s.enqueue()
}

var responseHead = []byte(`{"jsonrpc":"2.0","id":`)

// Write queues msg. It never waits for the client.
func (s *stream) Write(_ context.Context, msg jsonrpc2.Message) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scratch = jsonrpc2.AppendMessage(s.scratch[:0], msg)
	if bytes.HasPrefix(s.scratch, responseHead) {
		s.pending--
	}
	n := int64(len(s.scratch))
	return n, s.enqueue()
}

// enqueue frames the scratch buffer; the caller holds the lock.
func (s *stream) enqueue() error {
	switch {
	case s.broken != nil:
		return s.broken
	case s.ended:
		return errStreamClosed
	}
	s.queue = fmt.Appendf(s.queue, "Content-Length: %d\r\n\r\n", len(s.scratch))
	s.queue = append(s.queue, s.scratch...)
	if cap(s.scratch) > keepBuffer {
		s.scratch = nil
	}
	s.changed.Broadcast()
	return nil
}

// writeLoop writes what is queued, as much at once as has gathered.
func (s *stream) writeLoop() {
	defer close(s.written)
	var spare []byte
	for {
		s.mu.Lock()
		for len(s.queue) == 0 && !s.ended {
			s.changed.Wait()
		}
		out := s.queue
		if len(out) == 0 {
			s.mu.Unlock()
			return
		}
		s.queue = spare[:0]
		s.mu.Unlock()

		_, err := s.conn.Write(out)
		if spare = out; cap(spare) > keepBuffer {
			spare = nil
		}
		if err != nil {
			s.log.Debug("writing failed", "error", err)
			s.mu.Lock()
			s.broken = err
			s.changed.Broadcast()
			s.mu.Unlock()
			// Nothing can be answered any more: end the reading too.
			_ = s.conn.Close()
			return
		}
	}
}

// hangUp makes the next Read report the end of the input.
func (s *stream) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hungUp = true
}

func (s *stream) isHungUp() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hungUp
}

// awaitReplies waits until every call that was read has its reply queued, the
// connection is broken or closed, or drainTime has passed.
func (s *stream) awaitReplies() {
	late := time.AfterFunc(drainTime, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pending = 0
		s.changed.Broadcast()
	})
	defer late.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.pending > 0 && s.broken == nil && !s.ended {
		s.changed.Wait()
	}
}

// Close stops the writer once the queue is written. It does not wait: it is
// called with the lock of the connection held. See finish.
func (s *stream) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.changed.Broadcast()
	return nil
}

// finish waits for the queue to be written, at most drainTime, and closes the
// underlying connection, which ends a Read or Write that is still waiting.
func (s *stream) finish() {
	_ = s.Close()
	late := time.NewTimer(drainTime)
	defer late.Stop()
	select {
	case <-s.written:
	case <-late.C:
	}
	if err := s.conn.Close(); err != nil {
		s.log.Debug("closing failed", "error", err)
	}
}
