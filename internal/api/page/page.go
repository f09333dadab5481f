// Package page is what "nf-run serve" shows to people: the runs of a state
// folder, the live graph of a run, each node's attempts with masked input and
// response, and buttons that abort and that decide on what waits for people.
// Everything is in the binary.
//
// Its files are open to who reaches the server; what they show goes through the
// same checks as the API. The package must not know operations of the platform,
// and shows what the engine's views hold: no secret is in them.
package page

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/picture"
	"github.com/nf-lsp/nf-lsp/internal/graph"
)

//go:embed assets
var assets embed.FS

// files are the page's own, by their address.
var files = map[string]struct{ name, media string }{
	"/":               {"assets/index.html", "text/html; charset=utf-8"},
	"/page/app.js":    {"assets/app.js", "text/javascript; charset=utf-8"},
	"/page/style.css": {"assets/style.css", "text/css; charset=utf-8"},
	"/page/icon.svg":  {"assets/icon.svg", "image/svg+xml"},
	"/favicon.ico":    {"assets/icon.svg", "image/svg+xml"},
}

// policy lets the page load what the server itself sends, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Runs is what the page needs of the engine.
type Runs interface {
	List(ctx context.Context, f history.Filter) ([]history.Run, error)
	View(ctx context.Context, id string) (*engine.RunView, error)
	Follow(ctx context.Context, id string, after int64, o engine.Observer) error
	Abort(ctx context.Context, id, reason string) error
	// Decide takes what the caller decides on a node that waits for people. By is the
	// name that the server has for the caller.
	Decide(ctx context.Context, id string, v engine.Verdict) error
	// Graph is the graph of a run, without its states.
	Graph(ctx context.Context, view *engine.RunView) *graph.Graph
}

// A Page serves the page and its data. It is safe for concurrent use.
type Page struct {
	runs   Runs
	mux    *http.ServeMux
	closed chan struct{}
	once   sync.Once
}

// New returns a page over runs.
func New(runs Runs) *Page {
	p := &Page{runs: runs, mux: http.NewServeMux(), closed: make(chan struct{})}
	p.mux.HandleFunc("GET /page/runs", p.list)
	p.mux.HandleFunc("GET /page/runs/{id}", p.show)
	p.mux.HandleFunc("GET /page/runs/{id}/node", p.node)
	p.mux.HandleFunc("GET /page/runs/{id}/graph", p.graph)
	p.mux.HandleFunc("GET /page/runs/{id}/changes", p.changes)
	p.mux.HandleFunc("POST /page/runs/{id}/abort", p.abort)
	p.mux.HandleFunc("POST /page/runs/{id}/approve", p.approve)
	return p
}

// Close ends the streams that are open, so that a server can shut down.
func (p *Page) Close() { p.once.Do(func() { close(p.closed) }) }

// Owns tells whether the page answers at a path, and whether everybody may have
// that.
func (*Page) Owns(at string) (owned, open bool) {
	if _, ok := files[at]; ok {
		return true, true
	}
	return strings.HasPrefix(at, "/page/"), false
}

// ServeHTTP implements [http.Handler].
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	file, ok := files[r.URL.Path]
	if !ok {
		p.mux.ServeHTTP(w, r)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "the page is read", http.StatusMethodNotAllowed)
		return
	}
	content, err := assets.ReadFile(file.name)
	if err != nil {
		http.Error(w, "the page is not in this build", http.StatusInternalServerError)
		return
	}
	header.Set("Content-Security-Policy", policy)
	header.Set("Content-Type", file.media)
	_, _ = w.Write(content)
}

// answer writes JSON.
func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}

// fail says what is wrong.
func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var undecidable *engine.UndecidableError
	switch {
	case errors.As(err, &undecidable):
		status = http.StatusConflict
	case errors.Is(err, history.ErrNoRun):
		status = http.StatusNotFound
	case errors.Is(err, context.Canceled):
		status = http.StatusServiceUnavailable
	}
	refuse(w, status, err.Error())
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why})
}

// A listed run is a line of the list.
type listed struct {
	ID          string     `json:"id"`
	Template    string     `json:"template"`
	File        string     `json:"file,omitempty"`
	Target      string     `json:"target"`
	Until       string     `json:"until,omitempty"`
	Teardown    bool       `json:"teardown,omitempty"`
	Rehearsal   bool       `json:"rehearsal,omitempty"`
	Status      string     `json:"status"`
	Interrupted bool       `json:"interrupted,omitempty"`
	Silent      bool       `json:"silent,omitempty"`
	CreatedAt   time.Time  `json:"createdAt"`
	ConcludedAt *time.Time `json:"concludedAt,omitempty"`
}

// Bounds of the list.
const (
	fewRuns  = 50
	manyRuns = 500
)

func (p *Page) list(w http.ResponseWriter, r *http.Request) {
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit < 1 {
		limit = fewRuns
	}
	runs, err := p.runs.List(r.Context(), history.Filter{Limit: min(limit, manyRuns)})
	if err != nil {
		fail(w, err)
		return
	}
	lines := make([]listed, 0, len(runs))
	for _, run := range runs {
		line := listed{
			ID: run.ID, Template: run.Template, File: path.Base(strings.ReplaceAll(run.File, `\`, "/")), Target: run.Target, Until: run.Until,
			Teardown: run.Teardown, Rehearsal: run.Rehearsal, Status: run.Status, Interrupted: run.Interrupted && run.Status != string(engine.StateApprovalWait), Silent: run.Silent, CreatedAt: run.CreatedAt,
		}
		if run.File == "" {
			line.File = ""
		}
		if run.Concluded() {
			line.ConcludedAt = &run.ConcludedAt
		}
		lines = append(lines, line)
	}
	answer(w, lines)
}

// A shown run is a run, and what is to be said of the process that executes it.
type shown struct {
	*engine.RunView
	// Silence says that the process gives no sign of life, and what can be done.
	Silence string `json:"silence,omitempty"`
}

// show answers with a run, without what its nodes were given and have answered:
// a run may have thousands of them.
func (p *Page) show(w http.ResponseWriter, r *http.Request) {
	view, err := p.runs.View(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	for i := range view.Nodes {
		for j := range view.Nodes[i].Attempts {
			a := &view.Nodes[i].Attempts[j]
			a.Input, a.Response = nil, nil
		}
	}
	run := shown{RunView: view}
	if by := view.Process; by != nil && by.Silent {
		run.Silence = fmt.Sprintf("It is being executed by %s; %s.", by, by.Silence())
	}
	answer(w, run)
}

// node answers with one node, whole.
func (p *Page) node(w http.ResponseWriter, r *http.Request) {
	view, err := p.runs.View(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	at := r.URL.Query().Get("path")
	for i := range view.Nodes {
		if view.Nodes[i].Path == at {
			answer(w, &view.Nodes[i])
			return
		}
	}
	fail(w, fmt.Errorf("run %s has no node %q: %w", view.ID, at, history.ErrNoRun))
}

// graph answers with the picture of a run.
func (p *Page) graph(w http.ResponseWriter, r *http.Request) {
	view, err := p.runs.View(r.Context(), r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return
	}
	g := p.runs.Graph(r.Context(), view)
	picture.Mark(g, view, time.Now())
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	_ = g.WriteSVG(w)
}

// quiet is how long changes are gathered before they are told: a reader looks at
// the whole anyway.
const quiet = 150 * time.Millisecond

// heartbeat keeps proxies from closing a stream on which nothing happens.
const heartbeat = 20 * time.Second

// changes tells of a run as server-sent events: "change" when something has
// happened, with the number of the last record, and "end" when it has concluded
// or nobody executes it any more: then it was interrupted, or waits for people.
func (p *Page) changes(w http.ResponseWriter, r *http.Request) {
	after, _ := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if _, err := p.runs.View(r.Context(), r.PathValue("id")); err != nil {
		fail(w, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stream := http.NewResponseController(w)
	_ = stream.SetWriteDeadline(time.Time{}) // as long as the run takes
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	_ = stream.Flush()

	last := make(chan int64, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- p.runs.Follow(ctx, r.PathValue("id"), after+1, engine.ObserverFunc(func(e engine.Event) {
			select { // only the newest number counts
			case <-last:
			default:
			}
			last <- e.Seq
		}))
	}()
	tell := func(format string, args ...any) bool {
		_, err := fmt.Fprintf(w, format, args...)
		return err == nil && stream.Flush() == nil
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case seq := <-last:
			select {
			case <-time.After(quiet):
			case <-ctx.Done():
				return
			}
			select {
			case seq = <-last:
			default:
			}
			if !tell("event: change\nid: %d\ndata: %d\n\n", seq, seq) {
				return
			}
		case err := <-ended:
			select {
			case seq := <-last:
				tell("event: change\nid: %d\ndata: %d\n\n", seq, seq)
			default:
			}
			reason := "concluded"
			if errors.Is(err, journal.ErrAbandoned) {
				reason = "interrupted"
			} else if err != nil {
				reason = "failed"
			} else if view, err := p.runs.View(ctx, r.PathValue("id")); err == nil && view.Status == engine.StateApprovalWait {
				reason = "waiting"
			}
			tell("event: end\ndata: %s\n\n", reason)
			return
		case <-beat.C:
			if !tell(": still there\n\n") {
				return
			}
		case <-p.closed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// abort asks for the end of a run. The caller's name, which the server puts into
// the request, goes into the journal.
func (p *Page) abort(w http.ResponseWriter, r *http.Request) {
	reason := "asked for on the page"
	if caller := api.Caller(r.Context()); caller != "" {
		reason += " by " + caller
	}
	// What ends a run does so also when the page is closed meanwhile.
	ctx := context.WithoutCancel(r.Context())
	if err := p.runs.Abort(ctx, r.PathValue("id"), reason); err != nil {
		status := http.StatusConflict
		if errors.Is(err, history.ErrNoRun) {
			status = http.StatusNotFound
		}
		refuse(w, status, err.Error())
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// A verdict is what is asked for at /page/runs/RUN/approve.
type verdict struct {
	// Node is a ref, a JSON pointer or a name; it may be left out where one node waits.
	Node   string `json:"node"`
	Reject bool   `json:"reject"`
	Reason string `json:"reason"`
}

// Bounds of a decision, in bytes.
const (
	maxDecision = 64 << 10
	maxReason   = 2000
)

// approve takes the decision of whoever the server knows the caller as.
func (p *Page) approve(w http.ResponseWriter, r *http.Request) {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "a decision is application/json")
		return
	}
	var asked verdict
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDecision))
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields() // a misspelt "reject" must not approve
		err = decoder.Decode(&asked)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, `a decision is an object with "node", "reject" and "reason": `+err.Error())
		return
	}
	if len(asked.Reason) > maxReason {
		refuse(w, http.StatusBadRequest, fmt.Sprintf("the reason has more than %d bytes", maxReason))
		return
	}
	// What was decided counts also when the page is closed meanwhile.
	ctx := context.WithoutCancel(r.Context())
	v := engine.Verdict{Node: asked.Node, Reject: asked.Reject, Decision: engine.Decision{By: api.Caller(ctx), At: time.Now(), Reason: strings.TrimSpace(asked.Reason)}}
	if err := p.runs.Decide(ctx, r.PathValue("id"), v); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}
