package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/lsp/wire"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Analyse makes the analysis of a version of a document. prev is that of an
// earlier version, or nil.
type Analyse func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot

// Options configure a server. The zero value is usable.
type Options struct {
	Version string       // what the server calls itself in serverInfo
	Log     *slog.Logger // nil: nothing is logged
	// PushDelay is how long a document must rest before findings are sent to a
	// client that does not ask for them. 0: a fifth of a second.
	PushDelay time.Duration
	// Analyse stands in for [analysis.NewSnapshot].
	Analyse Analyse
	// ParentPoll is how often the client's process is looked for. 0: three
	// seconds.
	ParentPoll time.Duration
	// RunFactsAge is how long what the history says of a document's newest run is
	// taken for true before nf-run is asked again. 0: five seconds.
	RunFactsAge time.Duration
}

// Server is a language server for one connection.
type Server struct {
	opts    Options
	log     *slog.Logger
	conn    *wire.Conn
	methods map[string]method
	push    *pusher

	// phase, client and openings are read and written in wire order only; client
	// is set once, before the first snapshot that other goroutines see.
	phase    phase
	client   *client
	openings uint64

	// view is what questions are answered from. It is replaced as a whole;
	// changing keeps replacements apart.
	view     atomic.Pointer[View]
	changing sync.Mutex

	pull     settingsPull
	progress progressTable
	files    *workspaceFiles
	edited   rest // open settings files
	gitWatch gitWatch
	// gitRest has the status in Git told once a document has rested, gitSettles has the
	// versions read once Git has.
	gitRest, gitSettles rest
	// asking is held by the one nf-run that tells of last runs.
	asking chan struct{}

	stop    context.CancelFunc // ends Run
	running sync.WaitGroup     // what runs besides the connection's own work
}

// phase is the state of the protocol's life cycle.
type phase uint8

const (
	phaseNew phase = iota
	phaseRunning
	phaseShutDown
)

// New makes a server.
func New(opts Options) *Server {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.PushDelay == 0 {
		opts.PushDelay = 200 * time.Millisecond
	}
	if opts.Analyse == nil {
		opts.Analyse = analysis.NewSnapshot
	}
	if opts.ParentPoll == 0 {
		opts.ParentPoll = 3 * time.Second
	}
	if opts.RunFactsAge == 0 {
		opts.RunFactsAge = 5 * time.Second
	}
	s := &Server{opts: opts, log: opts.Log, methods: make(map[string]method), client: new(client), files: newWorkspaceFiles(), asking: make(chan struct{}, 1)}
	for _, m := range methods() {
		s.methods[m.name] = m
	}
	s.push = newPusher(s)
	s.view.Store(new(View))
	return s
}

// Run serves one client over rw and returns the exit code that the protocol
// prescribes: 0 if the client has shut the server down before it left, else 1.
// It ends with the exit notification, the end of the input, the death of the
// client's process, or ctx.
func (s *Server) Run(ctx context.Context, rw io.ReadWriteCloser) int {
	ctx, s.stop = context.WithCancel(ctx)
	defer s.stop()
	s.conn = wire.NewConn(rw, s, wire.Options{Log: s.log})
	s.conn.Run(ctx)
	s.stop()
	s.push.stop()
	s.edited.stop()
	s.gitRest.stop()
	s.gitSettles.stop()
	s.running.Wait()
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.view.Load().closing {
		return 0
	}
	return 1
}

// Accept implements [wire.Handler].
func (s *Server) Accept(name string, params json.RawMessage, isCall bool) (any, wire.Work, error) {
	m, known := s.methods[name]
	if known && m.isCall != isCall {
		return nil, nil, jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "%s is %s", name, map[bool]string{true: "a request: it needs an id", false: "a notification: it has no id"}[m.isCall])
	}
	if err := s.phase.admits(name); err != nil {
		return nil, nil, err
	}
	if !known {
		if !isCall {
			s.log.Debug("notification ignored", "method", name)
			return nil, nil, nil
		}
		return nil, nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "%s is not supported", name)
	}
	return m.accept(s, params)
}

// admits says whether a message may be served in this phase.
func (p phase) admits(name string) error {
	switch {
	case name == protocol.MethodExit:
		return nil
	case p == phaseNew && name != protocol.MethodInitialize:
		return jsonrpc2.NewError(jsonrpc2.ServerNotInitialized, "the server is not initialized: send initialize first")
	case p == phaseRunning && name == protocol.MethodInitialize:
		return jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server is initialized already")
	case p == phaseShutDown:
		return jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server is shut down: only exit may follow")
	}
	return nil
}

// update replaces the view. change gets a copy that it may alter; the documents
// in it are immutable and are replaced, not changed.
func (s *Server) update(change func(*View)) {
	s.changing.Lock()
	defer s.changing.Unlock()
	next := s.view.Load().clone()
	change(next)
	s.view.Store(next)
}

// background runs f beside the messages until it returns; it must watch ctx,
// which ends with the connection. A panic in it is logged and goes no further.
func (s *Server) background(name string, f func(ctx context.Context) error) {
	s.running.Go(func() {
		if err := s.guarded(func() error { return f(s.conn.Context()) }); err != nil && s.conn.Context().Err() == nil {
			s.log.Warn("background work failed", "work", name, "error", err)
		}
	})
}

func (s *Server) guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("panic", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}
