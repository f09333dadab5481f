package telemetry

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// A collector takes spans as one of OpenTelemetry does.
type collector struct {
	*httptest.Server
	mu      sync.Mutex
	spans   []span
	headers http.Header
	bodies  []string
}

func newCollector(t *testing.T, answer func(n int) int) *collector {
	t.Helper()
	c := &collector{}
	n := 0
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				t.Error(err)
				return
			}
			body = z
		}
		text, _ := io.ReadAll(body)
		if n++; answer != nil && answer(n) != http.StatusOK {
			w.WriteHeader(answer(n))
			return
		}
		var request struct {
			ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
		}
		if err := json.Unmarshal(text, &request); err != nil {
			t.Errorf("a request is %s: %v", text, err)
		}
		c.bodies, c.headers = append(c.bodies, string(text)), r.Header
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				c.spans = append(c.spans, scope.Spans...)
			}
		}
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(c.Close)
	return c
}

func settings(t *testing.T, environment map[string]string) *Settings {
	t.Helper()
	s, err := Read(func(name string) string { return environment[name] })
	if err != nil || s == nil {
		t.Fatalf("settings are %v, %v", s, err)
	}
	return s
}

func TestTheEnvironmentSaysWhetherAndWhere(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for name, c := range map[string]struct {
		environment string
		endpoint    string // empty where nothing is sent
		wrong       string // in the error
	}{
		"nothing is set":                                  {"", "", ""},
		"a service name alone asks for nothing":           {"OTEL_SERVICE_NAME=x", "", ""},
		"the path of traces is added to an endpoint":      {"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318/", "http://c:4318/v1/traces", ""},
		"an endpoint of traces is taken as it is":         {"OTEL_EXPORTER_OTLP_ENDPOINT=http://c OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://d/x", "http://d/x", ""},
		"an exporter has a default endpoint":              {"OTEL_TRACES_EXPORTER=otlp", "http://localhost:4318/v1/traces", ""},
		"none is none":                                    {"OTEL_TRACES_EXPORTER=none OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "", ""},
		"the SDK is disabled":                             {"OTEL_SDK_DISABLED=true OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "", ""},
		"a parent that is recorded":                       {"TRACEPARENT=" + parent + " OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "http://c/v1/traces", ""},
		"a parent that is not recorded":                   {"TRACEPARENT=" + parent[:len(parent)-1] + "0 OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "", ""},
		"a parent that is none is left alone":             {"TRACEPARENT=00-0-0-00 OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "http://c/v1/traces", ""},
		"an exporter that there is not":                   {"OTEL_TRACES_EXPORTER=zipkin", "", "not \"zipkin\""},
		"a protocol that is not spoken":                   {"OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "", "http/json"},
		"an endpoint that is no address":                  {"OTEL_EXPORTER_OTLP_ENDPOINT=c:4318", "", "no http or https address"},
		"headers that are none are an error without them": {"OTEL_EXPORTER_OTLP_HEADERS=planted OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "", "NAME=VALUE"},
	} {
		t.Run(name, func(t *testing.T) {
			environment := map[string]string{}
			for _, pair := range strings.Fields(c.environment) {
				key, value, _ := strings.Cut(pair, "=")
				environment[key] = value
			}
			s, err := Read(func(name string) string { return environment[name] })
			if (err != nil) != (c.wrong != "") || err != nil && (!strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "planted")) {
				t.Fatalf("the error is %v", err)
			}
			if s == nil != (c.endpoint == "") || s != nil && s.Endpoint != c.endpoint {
				t.Errorf("settings are %+v, want endpoint %q", s, c.endpoint)
			}
		})
	}
}

// story is a run of two nodes: the first is tried twice.
func story(run, traceparent string, at time.Time) []engine.Event {
	steps, a := &engine.NodeName{Path: "/spec", Kind: "Workflow", Label: "Workflow"}, &engine.NodeName{Path: "/spec/spec/steps/0", Kind: "Project", Ref: "shop", Label: "shop"}
	var out []engine.Event
	add := func(n *engine.NodeName, p engine.Payload) {
		out = append(out, engine.Event{Seq: int64(len(out) + 1), At: at.Add(time.Duration(len(out)) * time.Second), Run: run, Node: n, Payload: p})
	}
	add(nil, &engine.RunCreated{Template: "Shop", Target: "local", Traceparent: traceparent, Nodes: []engine.Outline{{NodeName: *steps, Parent: -1, Flow: "sequential"}, {NodeName: *a, Parent: 0}}})
	add(nil, &engine.RunState{State: engine.StateRunning})
	add(steps, &engine.NodeState{State: engine.StateRunning})
	add(a, &engine.NodeAttempt{Phase: engine.PhaseStarted, State: engine.StateRunning, Attempt: 1})
	add(a, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateRetrying, Attempt: 1, Error: &engine.ErrorInfo{Code: 503, Message: "no capacity"}})
	add(a, &engine.NodeAttempt{Phase: engine.PhaseStarted, State: engine.StateRunning, Attempt: 2})
	add(a, &engine.NodeAttempt{Phase: engine.PhaseEnded, State: engine.StateSuccess, Attempt: 2, Action: "create"})
	add(steps, &engine.NodeState{State: engine.StateSuccess})
	add(nil, &engine.RunState{State: engine.StateSuccess, Concluded: true})
	return out
}

func tell(t *testing.T, s *Settings, events []engine.Event) (warnings []string) {
	t.Helper()
	tracer := New(s, io.Discard, func(text string) { warnings = append(warnings, text) })
	for _, e := range events {
		tracer.Event(e)
	}
	tracer.Close()
	return warnings
}

func (s span) value(key string) any {
	for _, a := range s.Attributes {
		if a.Key == key {
			for _, v := range a.Value {
				return v
			}
		}
	}
	return nil
}

func byName(spans []span) map[string]span {
	out := map[string]span{}
	for _, s := range spans {
		out[s.Name] = s
	}
	return out
}

func TestARunIsATreeOfSpans(t *testing.T) {
	c := newCollector(t, nil)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	s := settings(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b, y = c", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
		"OTEL_RESOURCE_ATTRIBUTES": "team=shop%2Cweb,service.name=other", "OTEL_SERVICE_NAME": "deployer", "TRACEPARENT": parent})
	if w := tell(t, s, story("run-1", s.Parent, time.Now())); len(w) > 0 {
		t.Fatal(w)
	}
	if len(c.spans) != 5 || c.headers.Get("X-Key") != "a b" || c.headers.Get("Y") != "c" || c.headers.Get("Content-Type") != "application/json" {
		t.Fatalf("%d spans with %v", len(c.spans), c.headers)
	}
	for _, want := range []string{`"service.name","value":{"stringValue":"deployer"}`, `"team","value":{"stringValue":"shop,web"}`} {
		if !strings.Contains(c.bodies[0], want) {
			t.Errorf("the resource has no %s: %s", want, c.bodies[0])
		}
	}
	spans := byName(c.spans)
	root, flow, node, first, second := spans["run Shop"], spans["Workflow"], spans["shop"], spans["attempt 1"], spans["attempt 2"]
	if root.TraceID != parent[3:35] || root.Parent != parent[36:52] || flow.Parent != root.SpanID || node.Parent != flow.SpanID || first.Parent != node.SpanID || second.Parent != node.SpanID {
		t.Errorf("spans do not hang together: %+v", c.spans)
	}
	if node.value("nf.node.retries") != "1" || node.value("nf.node.kind") != "Project" || node.value("nf.node.ref") != "shop" || node.value("nf.node.state") != "success" || node.value("nf.node.action") != "create" {
		t.Errorf("the node is %+v", node)
	}
	if first.Status.Code != codeError || first.Status.Message != "no capacity" || first.value("http.response.status_code") != "503" || second.Status.Code != codeOK || root.Status.Code != codeOK {
		t.Errorf("attempts are %+v, %+v", first, second)
	}
	if first.Start >= first.End || second.Start < first.End || node.Start != first.Start || node.End != second.End {
		t.Errorf("times do not fit: %+v, %+v, %+v", node, first, second)
	}
}

func TestARunThatIsGoneOnWithStaysInItsTrace(t *testing.T) {
	c := newCollector(t, nil)
	s := settings(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL})
	past := story("run-1", "", time.Now().Add(-time.Hour))
	tell(t, s, past[:6]) // killed in the second attempt
	killed := byName(c.spans)
	c.spans = nil
	tell(t, s, past)
	resumed := byName(c.spans)
	if len(killed) != 1 || len(resumed) != 5 || killed["attempt 1"].SpanID != resumed["attempt 1"].SpanID || killed["attempt 1"].TraceID != resumed["run Shop"].TraceID {
		t.Errorf("a resumed run has other spans: %+v, %+v", killed, resumed)
	}
	// A retry tells what it does, in the same trace.
	failed := append(past[:6:6], past[8])
	failed[6].Payload = &engine.RunState{State: engine.StateFailure, Concluded: true}
	again := append(failed, past[1], past[3], past[6], past[8])
	for i := 7; i < len(again); i++ {
		again[i].At = time.Now()
	}
	again[8].Payload = &engine.NodeAttempt{Phase: engine.PhaseStarted, State: engine.StateRunning, Attempt: 2}
	c.spans = nil
	tell(t, s, again)
	retried := byName(c.spans)
	if len(c.spans) != 3 || retried["run Shop"].TraceID != resumed["run Shop"].TraceID || retried["run Shop"].SpanID == resumed["run Shop"].SpanID || retried["run Shop"].value("nf.run.retries") != "1" {
		t.Errorf("the retry is %+v", c.spans)
	}
}

func TestACollectorThatDoesNotAnswerHoldsNothingUp(t *testing.T) {
	hang := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	defer slow.Close()
	defer close(hang)
	for name, endpoint := range map[string]string{"it hangs": slow.URL, "it is not there": "http://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			warnings := tell(t, settings(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_HEADERS": "key=planted"}), story("run-1", "", time.Now()))
			if took := time.Since(began); took > patience+5*time.Second { // a busy machine is given time; without a bound it would be 10 s
				t.Errorf("it took %s", took)
			}
			if len(warnings) != 1 || !strings.Contains(warnings[0], "traces were not delivered") || strings.Contains(warnings[0], "planted") {
				t.Errorf("warnings are %q", warnings)
			}
		})
	}
}

func TestWhatACollectorCannotTakeNowIsSentAgain(t *testing.T) {
	c := newCollector(t, func(n int) int {
		if n == 1 {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	})
	x := newExporter(settings(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL}), io.Discard, func(string) {})
	x.add(span{Name: "a"})
	x.send()
	if len(c.spans) != 0 {
		t.Fatalf("spans are %+v", c.spans)
	}
	x.close()
	if len(c.spans) != 1 {
		t.Errorf("spans are %+v", c.spans)
	}
}

func FuzzTraceparentsAreReadOrLeftAlone(f *testing.F) {
	f.Add("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	f.Add("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")
	f.Fuzz(func(t *testing.T, text string) {
		if p, ok := parseParent(text); ok && !strings.Contains(text, hexOf(p.trace[:])) {
			t.Errorf("%q is read as %x", text, p.trace)
		}
	})
}
