package api

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// The platform's clients follow logs and execute commands over WebSockets. None of it is
// in the reference: what is said, and that a client shows its token in its first message
// and not in a header, is what the official JavaScript client does.

const (
	// maxStreams is how many streams may be open at once.
	maxStreams = 64
	// introduction is how long a client may take to say who it is.
	introduction = 10 * time.Second
	// maxMessage bounds what a client says at once, in bytes.
	maxMessage = 1 << 20
	// tailPause is how long a tail waits before it looks for new lines.
	tailPause = 250 * time.Millisecond
	// pingPause is how often a client is asked whether it is still there.
	pingPause = 30 * time.Second
)

// streams are the open ones.
type streams struct {
	mu     sync.Mutex
	open   map[*http.Request]context.CancelFunc
	closed bool
	all    sync.WaitGroup
}

// add notes a stream by its request; without room, or after the end, it returns false.
func (s *streams) add(r *http.Request, end context.CancelFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.open) >= maxStreams {
		return false
	}
	if s.open == nil {
		s.open = map[*http.Request]context.CancelFunc{}
	}
	s.open[r] = end
	s.all.Add(1)
	return true
}

func (s *streams) remove(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, r)
	s.all.Done()
}

// Close ends the streams, which would go on for ever, and waits for their end.
func (h *Handler) Close() {
	h.streams.mu.Lock()
	h.streams.closed = true
	for _, end := range h.streams.open {
		end()
	}
	h.streams.mu.Unlock()
	h.streams.all.Wait()
}

// isStream tells whether a request asks for a WebSocket.
func isStream(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

// execPrefix stands before the path of what a command is executed in.
const execPrefix = "/v1/command-exec/"

// A streamed is what a WebSocket is opened for: lines of a log, or a command.
type streamed struct {
	op    *platform.Operation
	path  map[string]string
	query map[string]string
	exec  bool
}

// streamOf finds out what a WebSocket is for; nil for nothing.
func (h *Handler) streamOf(r *http.Request) (*streamed, error) {
	if rest, ok := strings.CutPrefix(r.URL.EscapedPath(), execPrefix); ok {
		found, _ := h.routes.find(http.MethodPost, "/v1/"+strings.TrimSuffix(rest, "/")+"/exec")
		if found.operation == nil {
			return nil, nil
		}
		return &streamed{op: found.operation, path: found.path, exec: true}, nil
	}
	found, _ := h.routes.find(http.MethodGet, r.URL.EscapedPath())
	if found.operation == nil || !strings.HasSuffix(found.operation.ID, "-logs") || r.URL.Query().Get("queryType") != "tail" {
		return nil, nil
	}
	query, err := query(r, found.operation)
	if err != nil {
		return nil, err
	}
	return &streamed{op: found.operation, path: found.path, query: query}, nil
}

// stream serves a WebSocket.
func (h *Handler) stream(w *recorder, r *http.Request, entry *Entry) {
	what, err := h.streamOf(r)
	if err != nil {
		entry.Err = h.fail(w, err)
		return
	}
	if what == nil {
		refuse(w, refusal(http.StatusNotFound, platform.ErrorNotFound, "there is nothing to follow at "+clip(r.URL.Path, 200)))
		return
	}
	entry.Operation = what.op.ID
	ctx, end := context.WithCancel(context.WithoutCancel(r.Context()))
	defer end()
	// It counts before its client learns that it is open, and opens the next.
	counted := h.streams.add(r, end)
	if counted {
		defer h.streams.remove(r)
	}
	// A page of another origin is refused by Accept, which compares the Origin header.
	conn, err := websocket.Accept(w.ResponseWriter, r, nil)
	if err != nil {
		w.status = http.StatusForbidden // it has answered
		return
	}
	w.status = http.StatusSwitchingProtocols
	conn.SetReadLimit(maxMessage)
	if !counted {
		_ = conn.Close(websocket.StatusTryAgainLater, "too many streams are open")
		return
	}
	defer func() { _ = conn.CloseNow() }()
	s := &stream{conn: conn, handler: h}
	first, err := s.introduced(ctx)
	if err != nil {
		return
	}
	entry.Caller = s.caller
	ctx = platform.WithActor(ctx, func() string { return s.caller })
	if what.exec {
		err = s.execute(ctx, what, first)
	} else {
		err = s.tail(ctx, end, what)
	}
	var refused *platform.Error
	switch {
	case errors.As(err, &refused):
		_ = s.say(ctx, "error", refused)
	case err != nil && ctx.Err() == nil:
		_ = s.say(ctx, "error", map[string]any{"message": "the server has failed at this"})
		entry.Err = err
	}
	_ = conn.Close(websocket.StatusNormalClosure, "")
}

// A stream is an open WebSocket.
type stream struct {
	conn    *websocket.Conn
	handler *Handler
	caller  string
}

// say sends a message.
func (s *stream) say(ctx context.Context, typ string, data any) error {
	text, err := json.Marshal(map[string]any{"type": typ, "data": data})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, introduction)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, text)
}

// errStranger says that a client has not shown a token that is known.
var errStranger = errors.New("no valid token")

// introduced reads a client's first message, which has its token, and returns what else
// is in it.
func (s *stream) introduced(ctx context.Context) (map[string]any, error) {
	patience, cancel := context.WithTimeout(ctx, introduction)
	defer cancel()
	_, text, err := s.conn.Read(patience)
	if err != nil {
		return nil, err
	}
	var first map[string]any
	if json.Unmarshal(text, &first) != nil || first["type"] != "init" {
		_ = s.conn.Close(websocket.StatusPolicyViolation, "the first message is no introduction")
		return nil, errStranger
	}
	caller, ok := s.handler.tokens.named(jsonvalue.String(first, "data.auth.apiToken"))
	refused := ""
	switch {
	case !ok:
		refused = "the token is not valid"
	case !s.handler.limiter.admit(caller, http.Header{}):
		refused = "the limit of requests an hour is spent"
	}
	if refused != "" {
		_ = s.say(ctx, "init", map[string]any{"auth": "failed", "message": refused})
		_ = s.conn.Close(websocket.StatusPolicyViolation, refused)
		return nil, errStranger
	}
	s.caller = caller
	return first, s.say(ctx, "init", map[string]any{"auth": "successful"})
}

// execute has a command executed and tells what came of it.
func (s *stream) execute(ctx context.Context, what *streamed, first map[string]any) error {
	asked := jsonvalue.Object(first, "data.context")
	body, err := json.Marshal(jsonvalue.Pick(asked, []string{"command", "shell", "user", "group"}))
	if err != nil {
		return err
	}
	response, err := s.handler.options.Target.Do(ctx, what.op.ID, platform.Params{Path: what.path}, body)
	if err != nil {
		return err
	}
	var data map[string]any
	if err := response.Data(&data); err != nil {
		return err
	}
	for typ, member := range map[string]string{"stdOut": "stdOut", "stdErr": "stdErr"} {
		if text := jsonvalue.String(data, member); text != "" {
			if err := s.say(ctx, typ, text); err != nil {
				return err
			}
		}
	}
	return s.say(ctx, "completion", data["commandResult"])
}

// tail sends the newest lines of a log, and those to come, until the client has enough.
func (s *stream) tail(ctx context.Context, end context.CancelFunc, what *streamed) error {
	go func() { // notices that the client goes, and answers its pings
		defer end()
		for {
			if _, _, err := s.conn.Read(ctx); err != nil {
				return
			}
		}
	}()
	query := maps.Clone(what.query)
	query["queryType"] = "range"
	delete(query, "endTime")
	delete(query, "direction") // the newest first, since they are limited
	seen := map[string]bool{}  // what was sent of the newest moment
	newest := ""
	ping := time.Now()
	for {
		lines, err := s.lines(ctx, what, query)
		if err != nil {
			return err
		}
		var fresh []map[string]any
		for i := len(lines) - 1; i >= 0; i-- { // the oldest first
			l := lines[i]
			at := jsonvalue.String(l, "ts")
			key := jsonvalue.String(l, "containerId") + "\x00" + jsonvalue.String(l, "log")
			if at < newest || at == newest && seen[key] {
				continue
			}
			if at > newest {
				newest = at
				clear(seen)
			}
			seen[key] = true
			fresh = append(fresh, l)
		}
		if len(fresh) > 0 {
			if err := s.say(ctx, "log-lines", fresh); err != nil {
				return nil //nolint:nilerr // nobody listens any more
			}
		}
		if newest != "" {
			query["startTime"] = newest
			delete(query, "duration")
		}
		if time.Since(ping) > pingPause {
			ping = time.Now()
			patience, cancel := context.WithTimeout(ctx, introduction)
			err := s.conn.Ping(patience)
			cancel()
			if err != nil {
				return nil //nolint:nilerr // nobody listens any more
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tailPause):
		}
	}
}

func (s *stream) lines(ctx context.Context, what *streamed, query map[string]string) ([]map[string]any, error) {
	response, err := s.handler.options.Target.Do(ctx, what.op.ID, platform.Params{Path: what.path, Query: query}, nil)
	if err != nil {
		return nil, err
	}
	var lines []map[string]any
	return lines, response.Data(&lines)
}
