package telemetry

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// got is a span as a collector understands it.
type got struct {
	TraceID    string `json:"traceId"`
	SpanID     string `json:"spanId"`
	Parent     string `json:"parentSpanId"`
	Name       string `json:"name"`
	Kind       int    `json:"kind"`
	Start      string `json:"startTimeUnixNano"`
	End        string `json:"endTimeUnixNano"`
	Attributes []pair `json:"attributes"`
	Events     []struct {
		Time       string `json:"timeUnixNano"`
		Name       string `json:"name"`
		Attributes []pair `json:"attributes"`
	} `json:"events"`
	Dropped int `json:"droppedEventsCount"`
	Status  struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"status"`
}

type pair struct {
	Key   string         `json:"key"`
	Value map[string]any `json:"value"`
}

// A collector takes spans as one of OpenTelemetry does.
type collector struct {
	*httptest.Server
	mu       sync.Mutex
	spans    []got
	resource map[string]any
	headers  http.Header
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
		c.headers = r.Header
		if r.Header.Get("Content-Type") == "application/x-protobuf" {
			text = decoded(t, text)
		}
		c.take(t, text)
	}))
	t.Cleanup(c.Close)
	return c
}

// decoded reads a request with the definitions of OpenTelemetry. TracesData has the
// same form as the request, whose own definition asks for gRPC.
func decoded(t *testing.T, body []byte) []byte {
	var data tracepb.TracesData
	if err := proto.Unmarshal(body, &data); err != nil {
		t.Errorf("a request is no protocol buffer: %v", err)
	}
	if unknown := data.ProtoReflect().GetUnknown(); len(unknown) > 0 {
		t.Errorf("a request has unknown fields: %x", unknown)
	}
	out, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(&data)
	if err != nil {
		t.Error(err)
	}
	// Identifiers are bytes, which this writes in base64 and OTLP in hexadecimal digits.
	return regexp.MustCompile(`("(?:traceId|spanId|parentSpanId)": *)"([^"]+)"`).ReplaceAllFunc(out, func(m []byte) []byte {
		i := bytes.LastIndexByte(m[:len(m)-1], '"')
		raw, err := base64.StdEncoding.DecodeString(string(m[i+1 : len(m)-1]))
		if err != nil {
			t.Error(err)
		}
		return fmt.Appendf(nil, `%s"%x"`, m[:i], raw)
	})
}

func (c *collector) take(t *testing.T, text []byte) {
	var request struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes []pair }
			ScopeSpans []struct {
				Scope struct{ Name, Version string }
				Spans []got
			}
		}
	}
	if err := json.Unmarshal(text, &request); err != nil {
		t.Errorf("a request is %s: %v", text, err)
	}
	for _, resource := range request.ResourceSpans {
		c.resource = map[string]any{}
		for _, a := range resource.Resource.Attributes {
			c.resource[a.Key] = a.Value["stringValue"]
		}
		for _, scope := range resource.ScopeSpans {
			if scope.Scope.Name != "nf-run" || scope.Scope.Version == "" {
				t.Errorf("the scope is %+v", scope.Scope)
			}
			c.spans = append(c.spans, scope.Spans...)
		}
	}
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
		"a protocol that is not spoken":                   {"OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "", "http/protobuf"},
		"a protocol that there is not":                    {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=smoke OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "", "not \"smoke\""},
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

func (s got) value(key string) any {
	for _, a := range s.Attributes {
		if a.Key == key {
			for _, v := range a.Value {
				return v
			}
		}
	}
	return nil
}

func byName(spans []got) map[string]got {
	out := map[string]got{}
	for _, s := range spans {
		out[s.Name] = s
	}
	return out
}

func TestARunIsATreeOfSpans(t *testing.T) {
	for protocol, contentType := range map[string]string{"": "application/x-protobuf", "http/protobuf": "application/x-protobuf", "http/json": "application/json"} {
		t.Run(protocol, func(t *testing.T) { testTree(t, protocol, contentType) })
	}
}

func testTree(t *testing.T, protocol, contentType string) {
	c := newCollector(t, nil)
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	s := settings(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL, "OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b, y = c", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
		"OTEL_RESOURCE_ATTRIBUTES": "team=shop%2Cweb,service.name=other", "OTEL_SERVICE_NAME": "deployer", "TRACEPARENT": parent})
	if w := tell(t, s, story("run-1", s.Parent, time.Now())); len(w) > 0 {
		t.Fatal(w)
	}
	if len(c.spans) != 5 || c.headers.Get("X-Key") != "a b" || c.headers.Get("Y") != "c" || c.headers.Get("Content-Type") != contentType {
		t.Fatalf("%d spans with %v", len(c.spans), c.headers)
	}
	if c.resource["service.name"] != "deployer" || c.resource["team"] != "shop,web" || c.resource["service.version"] == "" {
		t.Errorf("the resource is %v", c.resource)
	}
	spans := byName(c.spans)
	root, flow, node, first, second := spans["run Shop"], spans["Workflow"], spans["shop"], spans["attempt 1"], spans["attempt 2"]
	if root.TraceID != parent[3:35] || root.Parent != parent[36:52] || flow.Parent != root.SpanID || node.Parent != flow.SpanID || first.Parent != node.SpanID || second.Parent != node.SpanID {
		t.Errorf("spans do not hang together: %+v", c.spans)
	}
	if node.value("nf.node.retries") != "1" || node.value("nf.node.kind") != "Project" || node.value("nf.node.ref") != "shop" || node.value("nf.node.state") != "success" || node.value("nf.node.action") != "create" {
		t.Errorf("the node is %+v", node)
	}
	if first.Status.Code != codeError || first.Status.Message != "no capacity" || first.value("http.response.status_code") != "503" || first.value("error.type") != "503" || second.value("error.type") != nil || second.Status.Code != codeOK || root.Status.Code != codeOK {
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
	for name, endpoint := range map[string]string{"it hangs": slow.URL + "?key=planted", "it is not there": "http://127.0.0.1:1/?key=planted"} {
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
		if p, ok := parseParent(text); ok && !strings.Contains(text, hex.EncodeToString(p.trace[:])) {
			t.Errorf("%q is read as %x", text, p.trace)
		}
	})
}

func TestAWaitThatNeverEndsIsKeptShort(t *testing.T) {
	c := newCollector(t, nil)
	s := settings(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.URL})
	events := story("run-1", "", time.Now())
	attempt := events[3]
	attempt.Payload = &engine.NodeAttempt{Phase: engine.PhaseProgress, State: engine.StateWaiting, Attempt: 1, Subject: "build b", Detail: "step 2 \xff"}
	long := append(events[:4:4], slices.Repeat([]engine.Event{attempt}, mostEvents+7)...)
	tell(t, s, append(long, events[4:]...))
	first := byName(c.spans)["attempt 1"]
	if len(first.Events) != mostEvents || first.Dropped != 7 || first.Events[0].Name != "progress" || first.Events[0].Attributes[1].Value["stringValue"] != "step 2 \uFFFD" {
		t.Errorf("%d events, %d dropped, the first is %+v", len(first.Events), first.Dropped, first.Events[:1])
	}
}
