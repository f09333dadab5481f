package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A scribe is a target with a log that grows, and commands that fail.
type scribe struct {
	mu    sync.Mutex
	lines []string
	asked []platform.Params
}

func (*scribe) Name() string { return "scribe" }

func (s *scribe) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, text)
}

func (s *scribe) Do(_ context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, platform.Params{Path: maps.Clone(params.Path), Query: maps.Clone(params.Query)}) // the next question changes them
	if params.Path["serviceId"] == "nobody" || params.Path["jobId"] == "nobody" {
		return platform.Response{}, &platform.Error{Status: 404, ID: platform.ErrorNotFound, Message: "there is no such thing"}
	}
	if strings.HasPrefix(op, "execute-command/") {
		text, err := json.Marshal(map[string]any{"data": map[string]any{"stdOut": string(body), "commandResult": map[string]any{"exitCode": 3, "status": "Failure"}}})
		return platform.Response{Status: 200, Body: text}, err
	}
	rows := []map[string]any{}
	for i := len(s.lines) - 1; i >= 0; i-- { // two lines share a moment
		at := fmt.Sprintf("2026-01-01T00:00:%02d.000Z", i/2)
		if at >= params.Query["startTime"] {
			rows = append(rows, map[string]any{"containerId": "c", "log": s.lines[i], "ts": at})
		}
	}
	text, err := json.Marshal(map[string]any{"data": rows})
	return platform.Response{Status: 200, Body: text}, err
}

// A viewer is an open WebSocket.
type viewer struct {
	t    *testing.T
	conn *websocket.Conn
}

func watch(t *testing.T, server *httptest.Server, path string) *viewer {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &viewer{t, conn}
}

func (v *viewer) say(text string) {
	v.t.Helper()
	if err := v.conn.Write(v.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		v.t.Fatal(err)
	}
}

// hear returns the next message; its error is that of the connection.
func (v *viewer) hear() (typ, data string, err error) {
	ctx, cancel := context.WithTimeout(v.t.Context(), 20*time.Second)
	defer cancel()
	_, text, err := v.conn.Read(ctx)
	if err != nil {
		return "", "", err
	}
	var m struct {
		Type string
		Data json.RawMessage
	}
	err = json.Unmarshal(text, &m)
	return m.Type, string(m.Data), err
}

// expect hears a message of a type that holds a text.
func (v *viewer) expect(typ, text string) string {
	v.t.Helper()
	got, data, err := v.hear()
	if err != nil {
		v.t.Fatalf("there is no %s: %v", typ, err)
	}
	if got != typ || !strings.Contains(data, text) {
		v.t.Fatalf("heard %s %s, want %s with %s", got, data, typ, text)
	}
	return data
}

func introduce(token string, context string) string {
	return `{"type":"init","data":{"auth":{"type":"apiToken","apiToken":"` + token + `"},"context":` + context + `}}`
}

func streaming(t *testing.T, target platform.Target, options api.Options) (*httptest.Server, *api.Handler) {
	t.Helper()
	options.Target = target
	h := handler(t, options)
	server := httptest.NewServer(h)
	t.Cleanup(func() { h.Close(); server.Close() })
	return server, h
}

var ann = api.Options{Tokens: []api.Token{{Name: "ann", Value: "secret-token"}}}

func TestATailTellsWhatIsThereAndWhatComes(t *testing.T) {
	target := &scribe{lines: []string{"one", "two", "three"}}
	server, h := streaming(t, target, ann)
	v := watch(t, server, "/v1/projects/p/services/s/logs?queryType=tail&textIncludes=e&type=runtime")
	v.say(introduce("secret-token", "null"))
	v.expect("init", "successful")
	if got := v.expect("log-lines", "three"); strings.Index(got, "one") > strings.Index(got, "two") || strings.Index(got, "two") > strings.Index(got, "three") {
		t.Errorf("the lines come as %s", got)
	}
	target.write("four")
	if got := v.expect("log-lines", "four"); strings.Contains(got, "three") {
		t.Errorf("a line comes twice: %s", got)
	}
	target.write("five")
	v.expect("log-lines", "five")
	target.mu.Lock()
	if q := target.asked[0].Query; q["queryType"] != "range" || q["textIncludes"] != "e" || q["type"] != "runtime" || target.asked[0].Path["serviceId"] != "s" {
		t.Errorf("the target was asked for %v", q)
	}
	target.mu.Unlock()
	done := make(chan struct{})
	go func() { h.Close(); close(done) }()
	if _, _, err := v.hear(); err == nil {
		t.Error("the stream goes on after the end of the server")
	}
	<-done
	if _, _, err := websocket.Dial(t.Context(), server.URL+"/v1/projects/p/services/s/logs?queryType=tail", nil); err == nil {
		late := watch(t, server, "/v1/projects/p/services/s/logs?queryType=tail")
		if _, _, err := late.hear(); websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
			t.Errorf("a stream opens after the end: %v", err)
		}
	}
}

func TestACommandOverAWebSocket(t *testing.T) {
	server, _ := streaming(t, &scribe{}, ann)
	for _, path := range []string{"/v1/command-exec/projects/p/services/s", "/v1/command-exec/teams/t/projects/p/jobs/j"} {
		v := watch(t, server, path)
		v.say(introduce("secret-token", `{"command":["ls","-l"],"shell":"none","instanceName":"x"}`))
		v.expect("init", "successful")
		v.expect("stdOut", `{\"command\":[\"ls\",\"-l\"],\"shell\":\"none\"}`)
		v.expect("completion", `"exitCode":3`)
		if _, _, err := v.hear(); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
			t.Errorf("%s: it ends with %v", path, err)
		}
	}
	v := watch(t, server, "/v1/command-exec/projects/p/services/nobody")
	v.say(introduce("secret-token", `{"command":"ls"}`))
	v.expect("init", "successful")
	v.expect("error", "there is no such thing")
}

func TestAStreamIsForThoseWhoMayHaveIt(t *testing.T) {
	server, _ := streaming(t, &scribe{lines: []string{"secret line"}}, ann)
	const path = "/v1/projects/p/services/s/logs?queryType=tail"
	for name, first := range map[string]string{
		"a wrong token": introduce("other", "null"), "no token": `{"type":"init"}`, "no introduction": `{"type":"payload","data":"x"}`, "no JSON": `hello`,
	} {
		v := watch(t, server, path)
		v.say(first)
		for {
			typ, data, err := v.hear()
			if err != nil {
				if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
					t.Errorf("%s: it ends with %v", name, err)
				}
				break
			}
			if typ != "init" || !strings.Contains(data, "failed") {
				t.Errorf("%s: heard %s %s", name, typ, data)
			}
		}
	}
	_, answer, err := websocket.Dial(t.Context(), server.URL+path, &websocket.DialOptions{HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
	if err == nil || answer == nil || answer.StatusCode != http.StatusForbidden {
		t.Errorf("a page of another origin: %v, %v", answer, err)
	}
	for _, nowhere := range []string{"/v1/projects/p/services/s/logs?queryType=range", "/v1/projects/p/services/s", "/v1/command-exec/projects/p/services", "/v1/command-exec/projects/p/addons/a", "/"} {
		if _, answer, err := websocket.Dial(t.Context(), server.URL+nowhere, nil); err == nil || answer == nil || answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %v, %v", nowhere, answer, err)
		}
	}
}

func TestStreamsAreCountedAndBounded(t *testing.T) {
	limited := ann
	limited.RateLimit = 1
	server, _ := streaming(t, &scribe{}, limited)
	const path = "/v1/projects/p/services/s/logs?queryType=tail"
	first := watch(t, server, path)
	first.say(introduce("secret-token", "null"))
	first.expect("init", "successful")
	second := watch(t, server, path)
	second.say(introduce("secret-token", "null"))
	second.expect("init", "limit of requests")

	server, _ = streaming(t, &scribe{}, ann)
	for range 64 {
		watch(t, server, path)
	}
	if _, _, err := watch(t, server, path).hear(); websocket.CloseStatus(err) != websocket.StatusTryAgainLater {
		t.Errorf("one too many ends with %v", err)
	}
}
