package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// An echo is a target that answers with what it was asked.
type echo struct{ fail func(op string) error }

func (echo) Name() string { return "echo" }

func (e echo) Do(_ context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	if e.fail != nil {
		if err := e.fail(op); err != nil {
			return platform.Response{}, err
		}
	}
	asked := map[string]any{"op": op, "path": params.Path, "query": params.Query, "body": string(body)}
	text, err := json.Marshal(map[string]any{"data": asked})
	return platform.Response{Status: http.StatusOK, Body: text}, err
}

func handler(t testing.TB, options api.Options) *api.Handler {
	t.Helper()
	if options.Target == nil {
		options.Target = echo{}
	}
	h, err := api.New(options)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// ask sends "METHOD /path" with headers, "Name: value" each, and a body.
func ask(h http.Handler, line, body string, headers ...string) *httptest.ResponseRecorder {
	method, address, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, address, strings.NewReader(body))
	r.Host = "127.0.0.1:4000"
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestARequestBecomesAnOperation(t *testing.T) {
	h := handler(t, api.Options{})
	tests := []struct{ name, line, body, want string }{
		{"a collection", "GET /v1/projects", "", `{"body":"","op":"team/projects/list-projects","path":{},"query":null}`},
		{"the query holds what the operation takes", "GET /v1/projects?per_page=3&cursor=a%26b&drop=1", "", `{"body":"","op":"team/projects/list-projects","path":{},"query":{"cursor":"a\u0026b","per_page":"3"}}`},
		{"a resource", "GET /v1/projects/p/services/s", "", `{"body":"","op":"project/services/get-service","path":{"projectId":"p","serviceId":"s"},"query":null}`},
		{"a word of the address wins over an identifier", "POST /v1/projects/p/services/combined", "{}", `{"body":"{}","op":"project/services/create-combined-service","path":{"projectId":"p"},"query":null}`},
		{"an identifier may be such a word", "GET /v1/projects/p/services/combined", "", `{"body":"","op":"project/services/get-service","path":{"projectId":"p","serviceId":"combined"},"query":null}`},
		{"a parameter that is given twice", "GET /v1/projects/p/services/s/metrics?metricTypes=cpu&metricTypes=memory", "", `{"body":"","op":"project/services/get-service-metrics","path":{"projectId":"p","serviceId":"s"},"query":{"metricTypes":"cpu,memory"}}`},
		{"the scope of a team", "DELETE /v1/teams/t/projects/p/addons/a", "", `{"body":"","op":"project/addons/delete-addon","path":{"addonId":"a","projectId":"p"},"query":null}`},
		{"an escaped identifier", "GET /v1/projects/%C3%BC%20x", "", `{"body":"","op":"team/projects/get-project","path":{"projectId":"ü x"},"query":null}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := ask(h, test.line, test.body)
			if got := w.Body.String(); w.Code != 200 || got != `{"data":`+test.want+`}` {
				t.Errorf("%d %s\nwant %s", w.Code, got, test.want)
			}
		})
	}
}

// Every operation of the contract is reached under its documented address, with
// and without a team.
func TestEveryOperationHasItsRoute(t *testing.T) {
	h := handler(t, api.Options{})
	for op := range platform.Operations() {
		path := strings.NewReplacer("{", "the-", "}", "").Replace(op.Path)
		for _, address := range []string{path, "/v1/teams/the-team" + strings.TrimPrefix(path, "/v1")} {
			w := ask(h, op.Method+" "+address, "")
			if want := fmt.Sprintf(`"op":%q`, op.ID); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s %s: %d %s, want %s", op.Method, address, w.Code, w.Body, want)
			}
			for _, name := range op.PathParameters() {
				if want := fmt.Sprintf(`%q:"the-%s"`, name, name); !strings.Contains(w.Body.String(), want) {
					t.Errorf("%s: %s, want %s", address, w.Body, want)
				}
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	failing := func(err error) echo { return echo{func(string) error { return err }} }
	tests := []struct {
		name    string
		options api.Options
		line    string
		body    string
		headers []string
		status  int
		says    string
	}{
		{"no such address", api.Options{}, "GET /v2/projects", "", nil, 404, "there is no operation at /v2/projects"},
		{"a folder in place of an identifier", api.Options{}, "GET /v1/projects/%2e%2e", "", nil, 404, "no operation"},
		{"an identifier with a slash", api.Options{}, "GET /v1/projects/a%2f..%2fb", "", nil, 404, "no operation"},
		{"an identifier with a NUL", api.Options{}, "GET /v1/projects/a%00b", "", nil, 404, "no operation"},
		{"an empty identifier", api.Options{}, "GET /v1/projects//services", "", nil, 404, "no operation"},
		{"a method that the address does not take", api.Options{}, "PUT /v1/projects/p", "", nil, 405, "takes DELETE and GET and PATCH"},
		{"a body that is too large", api.Options{MaxBody: 10}, "POST /v1/projects", "{\"name\":\"long\"}", nil, 413, "more than 10 bytes"},
		{"a form", api.Options{}, "POST /v1/projects", "a=b", []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "application/json"},
		{"a query that cannot be read", api.Options{}, "GET /v1/projects?a=%zz", "", nil, 400, "query"},
		{"a page of another origin", api.Options{}, "POST /v1/projects", "{}", []string{"Origin: https://evil.example"}, 403, "another origin"},
		{"a page of another site that reads", api.Options{}, "GET /v1/projects", "", []string{"Sec-Fetch-Site: cross-site"}, 403, "another site"},
		{"a name that a stranger's DNS leads here", api.Options{}, "GET /v1/projects", "", []string{"Host: evil.example:4000"}, 403, "loopback address only"},
		{"an address of the network without a token", api.Options{}, "GET /v1/projects", "", []string{"Host: 192.168.1.5:4000"}, 403, "loopback address only"},
		{"no token", api.Options{Tokens: []api.Token{{"ci", "s3cret"}}}, "GET /v1/projects", "", nil, 401, "no valid token"},
		{"another token", api.Options{Tokens: []api.Token{{"ci", "s3cret"}}}, "GET /v1/projects", "", []string{"Authorization: Bearer s3cre"}, 401, "no valid token"},
		{"another scheme", api.Options{Tokens: []api.Token{{"ci", "s3cret"}}}, "GET /v1/projects", "", []string{"Authorization: Basic s3cret"}, 401, "no valid token"},
		{"a refusal of the target", api.Options{Target: failing(platform.Invalid("name", "is missing"))}, "POST /v1/projects", "{}", nil, 400, "name is missing"},
		{"a failure of the target does not show", api.Options{Target: failing(errors.New("disk /var/x is full"))}, "POST /v1/projects", "{}", nil, 500, "the server has failed"},
		{"a panic does not show", api.Options{Target: echo{func(string) error { panic("at /var/x") }}}, "POST /v1/projects", "{}", nil, 500, "the server has failed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var logged api.Entry
			test.options.Log = func(e api.Entry) { logged = e }
			w := ask(handler(t, test.options), test.line, test.body, test.headers...)
			var problem struct {
				Error struct {
					Status  int    `json:"status"`
					Message string `json:"message"`
				} `json:"error"`
			}
			if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil {
				t.Fatalf("%v: %s", err, w.Body)
			}
			if w.Code != test.status || problem.Error.Status != test.status || !strings.Contains(problem.Error.Message, test.says) {
				t.Errorf("%d %s, want %d %q", w.Code, w.Body, test.status, test.says)
			}
			if strings.Contains(w.Body.String(), "/var/x") || strings.Contains(w.Body.String(), "s3cret") {
				t.Errorf("the answer tells what it must not: %s", w.Body)
			}
			if logged.Status != test.status || (logged.Err != nil) != (test.status == 500) {
				t.Errorf("logged %+v", logged)
			}
		})
	}
}

func TestWhoMayCall(t *testing.T) {
	two := []api.Token{{"ci", "s3cret"}, {"ann", "other"}}
	tests := []struct {
		name    string
		options api.Options
		headers []string
		caller  string
	}{
		{"anybody on this machine, without tokens", api.Options{}, nil, "anonymous"},
		{"under the name localhost", api.Options{}, []string{"Host: localhost:80"}, "anonymous"},
		{"under an IPv6 address", api.Options{}, []string{"Host: [::1]:80"}, "anonymous"},
		{"under a name that was given", api.Options{Hosts: []string{"box.internal"}}, []string{"Host: Box.internal:80"}, "anonymous"},
		{"a token that nobody asked for does no harm", api.Options{}, []string{"Authorization: Bearer x"}, "anonymous"},
		{"the first token", api.Options{Tokens: two}, []string{"Authorization: Bearer s3cret"}, "ci"},
		{"the second token, the scheme in small letters", api.Options{Tokens: two}, []string{"Authorization: bearer other"}, "ann"},
		{"a token under any name", api.Options{Tokens: two}, []string{"Authorization: Bearer other", "Host: box.example"}, "ann"},
		{"a page of the server's own origin", api.Options{}, []string{"Origin: http://127.0.0.1:4000", "Sec-Fetch-Site: same-origin"}, "anonymous"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var logged api.Entry
			test.options.Log = func(e api.Entry) { logged = e }
			w := ask(handler(t, test.options), "POST /v1/projects", "{}", test.headers...)
			if w.Code != 200 || logged.Caller != test.caller {
				t.Errorf("%d %s, logged %+v", w.Code, w.Body, logged)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]api.Token{
		"abc":       {"token", "abc"},
		"ci=abc":    {"ci", "abc"},
		"ci=ab==":   {"ci", "ab=="},
		"ü=abc":     {},
		"":          {},
		"ci=":       {},
		"ci=a b":    {},
		"-x=abc":    {"token", "-x=abc"},
		"ci=a\r\nb": {},
	} {
		got, err := api.ParseToken(text)
		if got != want || (err == nil) != (want != api.Token{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for name, list := range map[string][]api.Token{
		"two of one name":  {{"a", "1"}, {"a", "2"}},
		"two of one value": {{"a", "1"}, {"b", "1"}},
	} {
		if _, err := api.New(api.Options{Target: echo{}, Tokens: list}); err == nil {
			t.Errorf("%s were taken", name)
		}
	}
}

func TestTheRateLimit(t *testing.T) {
	now := time.Unix(1e9, 0)
	h := handler(t, api.Options{RateLimit: 2, Now: func() time.Time { return now }, Tokens: []api.Token{{"a", "1"}, {"b", "2"}}})
	expect := func(token string, status int, left, reset string) {
		t.Helper()
		w := ask(h, "GET /v1/projects", "", "Authorization: Bearer "+token)
		got := []string{w.Header().Get("x-ratelimit-limit"), w.Header().Get("x-ratelimit-remaining"), w.Header().Get("x-ratelimit-reset")}
		if want := []string{"2", left, reset}; w.Code != status || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d %v, want %d %v", w.Code, got, status, want)
		}
	}
	expect("1", 200, "1", "3600")
	now = now.Add(90 * time.Second)
	expect("1", 200, "0", "3510")
	expect("1", 429, "0", "3510")
	expect("2", 200, "1", "3600")
	now = now.Add(3510 * time.Second)
	expect("1", 200, "1", "3600")
}

// The platform tells its limit in each response, and clients read it there. Those that
// obey it have nothing to wait for on a server that has none.
func TestAServerWithoutALimitTellsThePlatformsAndThatItIsWhole(t *testing.T) {
	h := handler(t, api.Options{})
	for _, request := range []string{"GET /v1/projects", "GET /v1/projects/none/of/these", "GET /v1/login", "DELETE /v1/projects"} {
		for range 2 {
			w := ask(h, request, "")
			got := []string{w.Header().Get("x-ratelimit-limit"), w.Header().Get("x-ratelimit-remaining"), w.Header().Get("x-ratelimit-reset")}
			if want := []string{"1000", "1000", "3600"}; !slices.Equal(got, want) {
				t.Errorf("%s: %d with %v, want %v", request, w.Code, got, want)
			}
		}
	}
}

func TestTheOfficialCLILogsIn(t *testing.T) {
	h := handler(t, api.Options{Tokens: []api.Token{{"ci", "s3cret"}}})
	if w := ask(h, "GET /v1/login", "", "Authorization: Bearer s3cret"); w.Code != 200 || w.Body.String() != `{"data":{}}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(h, "GET /v1/login", "", "Authorization: Bearer wrong"); w.Code != 401 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestHeadAnswersAsGet(t *testing.T) {
	server := httptest.NewServer(handler(t, api.Options{}))
	defer server.Close()
	response, err := http.Head(server.URL + "/v1/projects")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK || response.ContentLength <= 0 {
		t.Errorf("%s, %d bytes", response.Status, response.ContentLength)
	}
}

// Whatever the address is, there is an answer, it is JSON, and an identifier that
// reaches the target is a single name.
func FuzzAddresses(f *testing.F) {
	for op := range platform.Operations() {
		f.Add(op.Method, op.Path)
	}
	for _, path := range []string{"/v1/projects/%2e%2e/services", "/v1/teams/x/teams/y/projects", "/v1//", "/%", "/v1/projects/%00"} {
		f.Add("GET", path)
	}
	h, err := api.New(api.Options{Target: echo{}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, path string) {
		r, err := http.NewRequest(method, "http://127.0.0.1"+path, nil)
		if err != nil || r.Host != "127.0.0.1" {
			return
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var answer struct {
			Data struct {
				Path map[string]string `json:"path"`
			} `json:"data"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%s %s: %d %q", method, path, w.Code, w.Body)
		}
		for name, value := range answer.Data.Path {
			if value == "" || value == "." || value == ".." || strings.ContainsAny(value, "/\\\x00") {
				t.Errorf("%s is %q", name, value)
			}
		}
		if w.Code == http.StatusInternalServerError {
			t.Errorf("%s %s failed", method, path)
		}
	})
}
