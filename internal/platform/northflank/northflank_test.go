package northflank_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/northflank"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/documented"
)

// against is a target whose platform is a function.
func against(t *testing.T, serve http.HandlerFunc, change ...func(*northflank.Options)) *northflank.Target {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	options := northflank.Options{Host: server.URL, Token: "secret-token", UserAgent: "nf-run/test"}
	for _, c := range change {
		c(&options)
	}
	target, err := northflank.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target
}

func do(ctx context.Context, t *northflank.Target, op string, path map[string]string, body string) (platform.Response, error) {
	var raw json.RawMessage
	if body != "" {
		raw = json.RawMessage(body)
	}
	return t.Do(ctx, op, platform.Params{Path: path, Query: nil}, raw)
}

func TestTheRequestIsTheDocumentedOne(t *testing.T) {
	var got *http.Request
	var body []byte
	target := against(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		fmt.Fprint(w, `{"data":{"id":"x"}}`)
	}, func(o *northflank.Options) { o.Host += "/proxy/"; o.Team = "my team" })
	_, err := target.Do(t.Context(), platform.OpPatchDeploymentService,
		platform.Params{Path: map[string]string{"projectId": "a/b", "serviceId": "ü"}, Query: map[string]string{"dry": "a b&c"}}, json.RawMessage(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := "/proxy/v1/teams/my%20team/projects/a%2Fb/services/deployment/%C3%BC?dry=a+b%26c"; got.RequestURI != want {
		t.Errorf("address %s, want %s", got.RequestURI, want)
	}
	for header, want := range map[string]string{
		"Authorization": "Bearer secret-token", "Content-Type": "application/json", "Accept": "application/json", "User-Agent": "nf-run/test",
	} {
		if got.Header.Get(header) != want {
			t.Errorf("%s is %q, want %q", header, got.Header.Get(header), want)
		}
	}
	if got.Method != http.MethodPatch || string(body) != `{"a":1}` {
		t.Errorf("%s with %s", got.Method, body)
	}
}

// Some operations have no address under a team, whatever the scope is; a parameter
// of several values is sent several times.
func TestAddressesOfSomeOperationsAreTheirOwn(t *testing.T) {
	var got string
	target := against(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.RequestURI
		fmt.Fprint(w, `{"data":{}}`)
	}, func(o *northflank.Options) { o.Team = "ours" })
	for _, tt := range []struct {
		op          string
		path, query map[string]string
		want        string
	}{
		{platform.OpListPlans, nil, nil, "/v1/plans"},
		{platform.OpImportAddonBackup, map[string]string{"projectId": "p", "addonId": "a"}, nil, "/v1/projects/p/addons/a/import"},
		{platform.OpGetServiceMetrics, map[string]string{"projectId": "p", "serviceId": "s"}, map[string]string{"metricTypes": "cpu,memory"},
			"/v1/teams/ours/projects/p/services/s/metrics?metricTypes=cpu&metricTypes=memory"},
	} {
		if _, err := target.Do(t.Context(), tt.op, platform.Params{Path: tt.path, Query: tt.query}, nil); err != nil || got != tt.want {
			t.Errorf("%s: %q, want %q (%v)", tt.op, got, tt.want, err)
		}
	}
}

func TestAddressesAndTokensThatAreRefused(t *testing.T) {
	tests := map[string]northflank.Options{
		"the address has no scheme":                     {Host: "api.example.com", Token: "t"},
		"the address is not of the web":                 {Host: "file:///etc", Token: "t"},
		"the address holds a password":                  {Host: "https://u:p@example.com", Token: "t"},
		"the address holds a query":                     {Host: "https://example.com/?a=b", Token: "t"},
		"an unencrypted connection leaves this machine": {Host: "http://example.com", Token: "t"},
		"there is no token":                             {},
		"the token holds a line break":                  {Token: "a\nX-Evil: 1"},
	}
	for name, options := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := northflank.New(options); err == nil {
				t.Error("taken")
			} else if options.Token != "t" && options.Token != "" && strings.Contains(err.Error(), options.Token) {
				t.Errorf("the error shows the token: %v", err)
			}
		})
	}
	if _, err := northflank.New(northflank.Options{Host: "http://[::1]:8080", Token: "t"}); err != nil {
		t.Errorf("this machine without encryption: %v", err)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	var followed atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	defer elsewhere.Close()
	tests := []struct {
		name      string
		serve     http.HandlerFunc
		status    int // of the refusal, 0 when the effect is unknown
		retryable bool
		says      string
	}{
		{"a refusal of the platform keeps its words", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusConflict)
			fmt.Fprint(w, `{"error":{"status":409,"message":"taken","id":"conflict","details":{"name":["is taken"]}}}`)
		}, 409, false, "taken"},
		{"a page of a proxy is told by its beginning", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<html>\n  <h1>For\x00bidden</h1>"+strings.Repeat("x", 5000))
		}, 403, false, "403 Forbidden: <html> <h1>For"},
		{"a gateway that gave up does not know what the platform did", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusGatewayTimeout)
		}, 0, false, "whether it was done is not known"},
		{"a gateway that calls itself unavailable may have asked", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, "upstream reset")
		}, 0, false, "whether it was done is not known"},
		{"the platform that calls itself unavailable has not begun", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"error":{"message":"maintenance","id":"unavailable"}}`)
		}, 503, true, "maintenance"},
		{"the platform that fails may have failed on its way", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			fmt.Fprint(w, `{"error":{"message":"oops","id":"internal"}}`)
		}, 0, false, "oops"},
		{"a redirection is not followed", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, 307, false, "redirection"},
		{"text in place of JSON", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }, 0, false, "no JSON"},
		{"an answer that breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"data"`)
		}, 0, false, "broke off"},
		{"a connection that is reset", func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = connection.Close()
			}
		}, 0, false, "no answer came"},
		{"a refusal without a limit that is known", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTooManyRequests)
			fmt.Fprint(w, `{"error":{"message":"slow down","id":"limit"}}`)
		}, 429, true, "slow down"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var requests atomic.Int32
			target := against(t, func(w http.ResponseWriter, r *http.Request) { requests.Add(1); test.serve(w, r) })
			_, err := do(t.Context(), target, platform.OpCreateProject, nil, `{"name":"p"}`)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want %q", err, test.says)
			}
			if strings.Contains(err.Error(), "secret-token") {
				t.Errorf("the error shows the token: %v", err)
			}
			if platform.StatusOf(err) != test.status {
				t.Errorf("status %d, want %d", platform.StatusOf(err), test.status)
			}
			var refusal *platform.Error
			if errors.As(err, &refusal) && (refusal.Retryable != test.retryable || refusal.Operation != platform.OpCreateProject) {
				t.Errorf("%+v", refusal)
			}
			if n := requests.Load(); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
	if followed.Load() {
		t.Error("another host got a request")
	}
}

func TestAPlatformThatDoesNotAnswerIsGivenUp(t *testing.T) {
	for name, serve := range map[string]http.HandlerFunc{
		"nothing comes": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"the answer stops on its way": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, `{"data":`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			target := against(t, func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
				defer cancel()
				serve(w, r.WithContext(ctx))
			}, func(o *northflank.Options) { o.Timeout = 50 * time.Millisecond })
			if _, err := do(t.Context(), target, platform.OpListProjects, nil, ""); err == nil || platform.StatusOf(err) != 0 {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A POST on a kept connection that the platform has closed meanwhile is not sent
// again by the transport: nobody knows what became of the first.
func TestWhatCannotBeRepeatedIsSentOnce(t *testing.T) {
	var builds atomic.Int32
	target := against(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			builds.Add(1)
			connection, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = connection.Close()
			}
			return
		}
		fmt.Fprint(w, `{"data":{}}`)
	})
	path := map[string]string{"projectId": "p", "serviceId": "s"}
	for _, body := range []string{`{}`, ""} {
		builds.Store(0)
		if _, err := do(t.Context(), target, platform.OpGetService, path, ""); err != nil { // keeps a connection
			t.Fatal(err)
		}
		if _, err := do(t.Context(), target, platform.OpStartServiceBuild, path, body); err == nil || platform.StatusOf(err) != 0 {
			t.Errorf("got %v", err)
		}
		if builds.Load() != 1 {
			t.Errorf("with the body %q the build was started %d times", body, builds.Load())
		}
	}
}

// A clock that a test sets.
type clock struct {
	now   time.Time
	slept []time.Duration
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	return ctx.Err()
}

func TestTheRateLimitIsObeyed(t *testing.T) {
	now := &clock{now: time.Unix(1e9, 0)}
	var headers []map[string]string // of one answer each
	var statuses []int
	target := against(t, func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range headers[0] {
			w.Header().Set(name, value)
		}
		w.WriteHeader(statuses[0])
		headers, statuses = headers[1:], statuses[1:]
		fmt.Fprint(w, `{"data":{}}`)
	}, func(o *northflank.Options) { o.Clock = now })
	tests := []struct {
		name     string
		statuses []int
		headers  []map[string]string
		calls    int
		slept    []time.Duration
	}{
		{"something is left", []int{200, 200}, []map[string]string{{"x-ratelimit-remaining": "1", "x-ratelimit-reset": "9"}, {}}, 2, nil},
		{"the last one was used, and the next waits", []int{200, 200}, []map[string]string{{"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}, {}}, 2, []time.Duration{9 * time.Second}},
		{"a refusal is waited out", []int{429, 200}, []map[string]string{{"x-ratelimit-reset": "7"}, {}}, 1, []time.Duration{7 * time.Second}},
		{"a refusal of a proxy has another header", []int{429, 200}, []map[string]string{{"Retry-After": "3"}, {}}, 1, []time.Duration{3 * time.Second}},
		{"the longer of two counts", []int{429, 200}, []map[string]string{{"Retry-After": "3", "x-ratelimit-reset": "5"}, {}}, 1, []time.Duration{5 * time.Second}},
		{"a year is not waited for", []int{429, 200}, []map[string]string{{"x-ratelimit-reset": "31536000"}, {}}, 1, []time.Duration{2 * time.Hour}},
		{"nonsense is not waited for", []int{200, 200}, []map[string]string{{"x-ratelimit-remaining": "none", "x-ratelimit-reset": "-4"}, {}}, 2, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			headers, statuses, now.slept = test.headers, test.statuses, nil
			for range test.calls {
				if _, err := do(t.Context(), target, platform.OpListProjects, nil, ""); err != nil {
					t.Fatal(err)
				}
			}
			if fmt.Sprint(now.slept) != fmt.Sprint(test.slept) {
				t.Errorf("waited %v, want %v", now.slept, test.slept)
			}
			if len(statuses) != 0 {
				t.Errorf("%d answers were not asked for", len(statuses))
			}
		})
	}
}

func TestAWaitForTheRateLimitEndsWithItsContext(t *testing.T) {
	target := against(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("x-ratelimit-reset", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := do(ctx, target, platform.OpListProjects, nil, ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// A deaf platform has nothing, takes everything, and notes what it was asked for.
type deaf struct{ asked []string }

func (d *deaf) Name() string { return "deaf" }

func (d *deaf) Do(_ context.Context, op string, _ platform.Params, _ json.RawMessage) (platform.Response, error) {
	d.asked = append(d.asked, op)
	if operation, _ := platform.LookupOperation(op); operation.Method == http.MethodGet {
		return platform.Response{}, &platform.Error{Status: http.StatusNotFound, ID: platform.ErrorNotFound, Message: "there is nothing"}
	}
	return platform.Response{Status: http.StatusOK, Body: json.RawMessage(`{"data": {}}`)}, nil
}

// A kind whose driver uses operations that the API does not document has to be on the
// list of those that run in templates.
func TestKindsWithoutOperationsRunInTemplates(t *testing.T) {
	var operations []struct{ Page string }
	documented.Operations(t, &operations)
	known := map[string]bool{platform.OpExecuteJobCommand: true, platform.OpExecuteServiceCommand: true} // over a WebSocket
	for _, o := range operations {
		known[o.Page] = true
	}
	target, err := northflank.New(northflank.Options{Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range platform.Kinds() {
		d := &deaf{}
		_, _ = platform.NewDriver(d).Start(t.Context(), platform.NodeRequest{Kind: kind, ProjectID: "p", Token: "t", Spec: map[string]any{"name": "Any", "projectId": "p"}})
		for _, op := range d.asked {
			if !known[op] && !target.OnlyInTemplates(kind, nil) {
				t.Errorf("%s nodes use %s, which the API does not document: add the kind to OnlyInTemplates", kind, op)
			}
		}
	}
}

func TestWhatTheHostedPlatformHasNoOperationForIsNotAskedOfIt(t *testing.T) {
	target, err := northflank.New(northflank.Options{Host: "https://platform.invalid", Token: "secret-token"})
	if err != nil {
		t.Fatal(err)
	}
	for op := range platform.Operations() {
		if !op.Own() {
			continue
		}
		path := map[string]string{}
		for _, name := range op.PathParameters() {
			path[name] = "x"
		}
		var refused *platform.Error
		if _, err := do(t.Context(), target, op.ID, path, ""); !errors.As(err, &refused) || refused.ID != platform.ErrorUnknownOp || !strings.Contains(err.Error(), op.Title()) {
			t.Errorf("%s: %v", op.ID, err)
		}
	}
}

// Of some kinds only nodes of one form have no operation.
func TestFormsWithoutOperationsRunInTemplates(t *testing.T) {
	target, err := northflank.New(northflank.Options{Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		kind, of string
		want     bool
	}{
		{"Action", "VCS", true}, {"Action", "Service", false}, {"Condition", "VCS", true}, {"Condition", "Addon", false},
		{"Template", "ResourceTemplate", false}, {"Template", "ReleaseFlow", true}, {"Template", "PreviewEnv", true},
	} {
		if got := target.OnlyInTemplates(tt.kind, map[string]any{"kind": tt.of}); got != tt.want {
			t.Errorf("%s of kind %s: %v", tt.kind, tt.of, got)
		}
	}
}

func TestDocumentsAndBuildsThatNoOperationRunsAreRunInTemplates(t *testing.T) {
	target, err := northflank.New(northflank.Options{Token: "t"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		kind string
		spec map[string]any
		want bool
	}{
		{"RunTemplate", map[string]any{"templateType": "template"}, false},
		{"RunTemplate", map[string]any{"templateType": "workflow"}, false},
		{"RunTemplate", map[string]any{"templateType": "release-flow-template"}, false},
		{"RunTemplate", map[string]any{"templateType": "preview-env-template"}, false},
		{"RunTemplate", map[string]any{"templateType": "workflow-teardown"}, false},
		{"RunTemplate", map[string]any{"templateType": "nothing"}, false},
		{"Build", map[string]any{"branch": "main"}, false},
		{"Build", map[string]any{"buildRuleFallThroughHandling": "fail"}, false},
		{"Build", map[string]any{"buildRules": map[string]any{"pathIgnoreRules": []any{"*.md"}}}, true},
		{"BuildSource", map[string]any{"buildRules": map[string]any{"ciIgnoreFlagsEnabled": true}}, true},
		{"BuildSource", map[string]any{"buildRules": map[string]any{"ciIgnoreFlags": []any{"[skip ci]"}}}, false},
	} {
		if got := target.OnlyInTemplates(tt.kind, tt.spec); got != tt.want {
			t.Errorf("%s %v: %v", tt.kind, tt.spec, got)
		}
	}
}
