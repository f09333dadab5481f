package page_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/api/page"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/engine/picture"
	"github.com/nf-lsp/nf-lsp/internal/graph"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// theRun is the one run that there is.
const theRun = "20260102-030405-678-abcde"

// runs is a history of one run that does as a test says.
type runs struct {
	follow func(ctx context.Context, after int64, o engine.Observer) error
	reason string // of the abort
	abort  error
	// verdict is what was decided, undecidable why it is not taken.
	verdict     engine.Verdict
	undecidable error
	process     *engine.Process
}

func (r *runs) List(_ context.Context, f history.Filter) ([]history.Run, error) {
	return []history.Run{{ID: theRun, Template: "shop", File: "/home/ann/shop.json", Target: "local", Status: "running", Silent: r.process != nil && r.process.Silent, CreatedAt: time.Unix(1e9, 0)}}[:min(1, f.Limit)], nil
}

func (r *runs) View(_ context.Context, id string) (*engine.RunView, error) {
	if id != theRun {
		return nil, history.ErrNoRun
	}
	root := engine.NodeView{Outline: engine.Outline{NodeName: engine.NodeName{Path: "/spec", Kind: "Workflow", Label: "Workflow"}, Parent: -1, Flow: engine.Sequential}, State: engine.StateRunning}
	node := engine.NodeView{Outline: engine.Outline{NodeName: engine.NodeName{Path: "/spec/spec/steps/0", Kind: "Addon", Ref: "<db>", Label: "<db>"}}, State: engine.StateRunning,
		Attempts: []engine.AttemptView{{Attempt: 1, State: engine.StateRunning, Input: json.RawMessage(`{"given":1}`), Response: json.RawMessage(`{"answered":1}`)}}}
	return &engine.RunView{ID: id, Template: "shop", Status: engine.StateRunning, Process: r.process, Nodes: []engine.NodeView{root, node}}, nil
}

func (r *runs) Follow(ctx context.Context, _ string, after int64, o engine.Observer) error {
	return r.follow(ctx, after, o)
}

func (r *runs) Abort(_ context.Context, id, reason string) error {
	if id != theRun {
		return history.ErrNoRun
	}
	r.reason = reason
	return r.abort
}

func (r *runs) Decide(_ context.Context, id string, v engine.Verdict) error {
	if id != theRun {
		return history.ErrNoRun
	}
	r.verdict = v
	return r.undecidable
}

func (r *runs) Graph(_ context.Context, view *engine.RunView) *graph.Graph { return picture.Of(view) }

// nothing is a target that is not asked.
type nothing struct{}

func (nothing) Name() string { return "nothing" }

func (nothing) Do(context.Context, string, platform.Params, json.RawMessage) (platform.Response, error) {
	return platform.Response{}, errors.New("nothing is there")
}

// served is the page behind the checks of the API.
func served(t *testing.T, r *runs, tokens ...api.Token) (*httptest.Server, *page.Page) {
	t.Helper()
	p := page.New(r)
	handler, err := api.New(api.Options{Target: nothing{}, Tokens: tokens, Page: p})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(func() { p.Close(); server.Close() })
	return server, p
}

func send(t *testing.T, method, address string, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var text strings.Builder
	if _, err := bufio.NewReader(answer.Body).WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	return answer, text.String()
}

func TestThePageIsInTheBinaryAndLoadsNothingElse(t *testing.T) {
	server, _ := served(t, &runs{}, api.Token{Name: "ci", Value: "s3cret"})
	for path, media := range map[string]string{
		"/": "text/html", "/page/app.js": "text/javascript", "/page/style.css": "text/css", "/page/icon.svg": "image/svg+xml", "/favicon.ico": "image/svg+xml",
	} {
		answer, text := send(t, "GET", server.URL+path)
		if answer.StatusCode != http.StatusOK || !strings.HasPrefix(answer.Header.Get("Content-Type"), media) || text == "" {
			t.Errorf("%s: %s %s", path, answer.Status, answer.Header.Get("Content-Type"))
		}
		if policy := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s has the policy %q", path, policy)
		}
		if strings.Contains(strings.ReplaceAll(text, "http://www.w3.org/2000/svg", ""), "http") {
			t.Errorf("%s names an address elsewhere", path)
		}
	}
	if answer, _ := send(t, "POST", server.URL+"/"); answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /: %s", answer.Status)
	}
}

func TestWhatThePageShows(t *testing.T) {
	server, _ := served(t, &runs{})
	run := "/page/runs/" + theRun
	tests := []struct {
		name, path string
		status     int
		with       []string
		without    []string
	}{
		{"the runs", "/page/runs", 200, []string{`"id":"` + theRun, `"file":"shop.json"`}, []string{"/home/ann"}},
		{"a run without what its nodes were given", run, 200, []string{`"template":"shop"`, `"label":"\u003cdb\u003e"`}, []string{"given", "answered"}},
		{"a node, whole", run + "/node?path=/spec/spec/steps/0", 200, []string{`{"given":1}`, `{"answered":1}`}, nil},
		{"a node that there is not", run + "/node?path=/x", 404, []string{"no node"}, nil},
		{"the graph, with names that are no markup", run + "/graph", 200, []string{"<svg", "&lt;db&gt;", "running"}, []string{"<db>"}},
		{"a run that there is not", "/page/runs/none", 404, []string{"error"}, nil},
		{"changes of a run that there is not", "/page/runs/none/changes", 404, []string{"error"}, nil},
		{"what there is not", "/page/none", 404, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer, text := send(t, "GET", server.URL+test.path)
			if answer.StatusCode != test.status {
				t.Errorf("%s: %s", answer.Status, text)
			}
			for _, want := range test.with {
				if !strings.Contains(text, want) {
					t.Errorf("without %q: %s", want, text)
				}
			}
			for _, unwanted := range test.without {
				if strings.Contains(text, unwanted) {
					t.Errorf("with %q: %s", unwanted, text)
				}
			}
		})
	}
}

// TestARunWhoseProcessIsSilent shows what the list and the run say of the process: who it
// is, since when it was not heard of and what can be done, and nothing of one that works.
func TestARunWhoseProcessIsSilent(t *testing.T) {
	r := &runs{process: &engine.Process{PID: 4711, Host: "desk", Since: time.Unix(1e9, 0), HeardOf: time.Unix(1e9+60, 0)}}
	server, _ := served(t, r)
	say := func() string {
		_, list := send(t, "GET", server.URL+"/page/runs")
		_, run := send(t, "GET", server.URL+"/page/runs/"+theRun)
		return list + run
	}
	if text := say(); strings.Contains(text, "silen") {
		t.Errorf("of one that works: %s", text)
	}
	r.process.Silent = true
	text := say()
	for _, want := range []string{`"silent":true,"createdAt"`, "It is being executed by process 4711 on desk; it has not been heard of since", "may be stopped"} {
		if !strings.Contains(text, want) {
			t.Errorf("without %q: %s", want, text)
		}
	}
}

func TestTheDataNeedsTheToken(t *testing.T) {
	r := &runs{}
	server, _ := served(t, r, api.Token{Name: "ann", Value: "s3cret"})
	for _, request := range []string{"GET /page/runs", "GET /page/runs/" + theRun, "GET /page/runs/" + theRun + "/graph", "GET /page/runs/" + theRun + "/changes", "POST /page/runs/" + theRun + "/abort"} {
		method, path, _ := strings.Cut(request, " ")
		if answer, _ := send(t, method, server.URL+path); answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %s", request, answer.Status)
		}
	}
	if answer, text := send(t, "POST", server.URL+"/page/runs/"+theRun+"/abort", "Authorization: Bearer s3cret"); answer.StatusCode != http.StatusAccepted || r.reason != "asked for on the page by ann" {
		t.Errorf("%s %s, reason %q", answer.Status, text, r.reason)
	}
}

func TestAnAbort(t *testing.T) {
	r := &runs{abort: errors.New("run x has ended already (success)")}
	server, _ := served(t, r)
	abort := server.URL + "/page/runs/" + theRun + "/abort"
	if answer, text := send(t, "POST", abort); answer.StatusCode != http.StatusConflict || !strings.Contains(text, "has ended already") {
		t.Errorf("%s %s", answer.Status, text)
	}
	r.reason = ""
	for _, header := range []string{"Origin: https://evil.example", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"} {
		if answer, _ := send(t, "POST", abort, header); answer.StatusCode != http.StatusForbidden || r.reason != "" {
			t.Errorf("%s: %s", header, answer.Status)
		}
	}
	if answer, _ := send(t, "GET", abort); answer.StatusCode != http.StatusMethodNotAllowed || r.reason != "" {
		t.Errorf("GET: %s", answer.Status)
	}
	if answer, _ := send(t, "POST", server.URL+"/page/runs/none/abort"); answer.StatusCode != http.StatusNotFound {
		t.Errorf("of no run: %s", answer.Status)
	}
}

func TestChangesAreTold(t *testing.T) {
	tests := []struct {
		name  string
		ends  error
		after string
		want  string
	}{
		{"until the run has concluded", nil, "", "event: change\nid: 3\ndata: 3\n\nevent: end\ndata: concluded\n\n"},
		{"from a number on", nil, "2", "event: change\nid: 3\ndata: 3\n\nevent: end\ndata: concluded\n\n"},
		{"none after the last", nil, "3", "event: end\ndata: concluded\n\n"},
		{"until nobody executes the run", journal.ErrAbandoned, "3", "event: end\ndata: interrupted\n\n"},
		{"until it cannot be read", errors.New("disk"), "3", "event: end\ndata: failed\n\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, _ := served(t, &runs{follow: func(_ context.Context, after int64, o engine.Observer) error {
				for seq := max(after, 1); seq <= 3; seq++ {
					o.Event(engine.Event{Seq: seq})
				}
				return test.ends
			}})
			answer, text := send(t, "GET", server.URL+"/page/runs/"+theRun+"/changes?after="+test.after)
			if text != test.want || answer.Header.Get("Content-Type") != "text/event-stream" {
				t.Errorf("%q\nwant %q", text, test.want)
			}
		})
	}
}

// A stream that waits ends with the server, and lets go of the run.
func TestAStreamEndsWithTheServer(t *testing.T) {
	let := make(chan struct{})
	server, p := served(t, &runs{follow: func(ctx context.Context, _ int64, _ engine.Observer) error {
		<-ctx.Done()
		close(let)
		return ctx.Err()
	}})
	time.AfterFunc(50*time.Millisecond, p.Close)
	if _, text := send(t, "GET", server.URL+"/page/runs/"+theRun+"/changes"); text != "" {
		t.Errorf("got %q", text)
	}
	<-let
}

// TestADecision shows that whoever decides is who the server knows, and that nothing
// that is not clearly meant approves.
func TestADecision(t *testing.T) {
	r := &runs{}
	server, _ := served(t, r, api.Token{Name: "ann", Value: "s3cret"})
	post := func(run, body string, headers ...string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/page/runs/"+run+"/approve", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer s3cret")
		request.Header.Set("Content-Type", "application/json")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			request.Header.Set(name, value)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	if status, text := post(theRun, `{"node": "gate", "reason": " fine "}`); status != http.StatusAccepted || r.verdict.By != "ann" || r.verdict.Node != "gate" || r.verdict.Reject || r.verdict.Reason != "fine" || r.verdict.At.IsZero() {
		t.Errorf("%d %s: %+v", status, text, r.verdict)
	}
	if status, _ := post(theRun, `{"reject": true}`); status != http.StatusAccepted || !r.verdict.Reject {
		t.Errorf("%d: %+v", status, r.verdict)
	}
	r.verdict = engine.Verdict{}
	for name, refused := range map[string]struct {
		body    string
		headers []string
		status  int
	}{
		"a page of another origin":       {`{}`, []string{"Origin: https://evil.example"}, http.StatusForbidden},
		"a page of another site":         {`{}`, []string{"Sec-Fetch-Site: cross-site"}, http.StatusForbidden},
		"without a token":                {`{}`, []string{"Authorization: Bearer other"}, http.StatusUnauthorized},
		"a form":                         {`{}`, []string{"Content-Type: text/plain"}, http.StatusUnsupportedMediaType},
		"a member that there is not":     {`{"rejected": true}`, nil, http.StatusBadRequest},
		"a name that the caller chooses": {`{"by": "bob"}`, nil, http.StatusBadRequest},
		"no object":                      {`true`, nil, http.StatusBadRequest},
		"nothing":                        {``, nil, http.StatusBadRequest},
		"too much":                       {`{"reason": "` + strings.Repeat("x", 1<<17) + `"}`, nil, http.StatusBadRequest},
		"too long a reason":              {`{"reason": "` + strings.Repeat("x", 3000) + `"}`, nil, http.StatusBadRequest},
	} {
		if status, text := post(theRun, refused.body, refused.headers...); status != refused.status || r.verdict != (engine.Verdict{}) {
			t.Errorf("%s: %d %s, %+v", name, status, text, r.verdict)
		}
	}
	if status, _ := post("none", `{}`); status != http.StatusNotFound {
		t.Errorf("of no run: %d", status)
	}
	r.undecidable = &engine.UndecidableError{Message: "gate does not wait"}
	if status, text := post(theRun, `{}`); status != http.StatusConflict || !strings.Contains(text, "gate does not wait") {
		t.Errorf("%d %s", status, text)
	}
}
