package message_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/message"
)

// A receiver takes messages down.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	requests []received
	answer   func(w http.ResponseWriter, r *http.Request)
}

type received struct {
	method, path, body string
	header             http.Header
}

func receive(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.requests = append(r.requests, received{q.Method, q.URL.RequestURI(), string(body), q.Header.Clone()})
		r.mu.Unlock()
		if r.answer != nil {
			r.answer(w, q)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.requests...)
}

func driver(t *testing.T, options message.Options) *message.Driver {
	t.Helper()
	d, err := message.New(nil, options)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var here = message.Options{Allowed: []string{"127.0.0.1"}, UserAgent: "nf-run/test"}

func to(kind, spec string) platform.NodeRequest {
	var value any
	if err := json.Unmarshal([]byte(spec), &value); err != nil {
		panic(err)
	}
	return platform.NodeRequest{Kind: "Message", Spec: map[string]any{"kind": kind, "spec": value}, Token: "run-1-1"}
}

func TestEachKindOfMessageHasItsForm(t *testing.T) {
	tests := []struct{ name, kind, spec, body string }{
		{"Slack takes text", "SLACK", `{"webhookUrl": "%s/services/T/B/x", "message": "Deployed \"web\""}`, `{"text":"Deployed \"web\""}`},
		{"an address takes text", "RAW_WEBHOOK", `{"webhookUrl": "%s/hook", "message": "Deployed."}`, `{"text":"Deployed."}`},
		{"an address takes an object as it is", "RAW_WEBHOOK", `{"webhookUrl": "%s/hook", "message": " {\"content\": \"a\",  \"n\": 1.0} "}`, `{"content": "a",  "n": 1.0}`},
		{"what only begins like an object is text", "RAW_WEBHOOK", `{"webhookUrl": "%s/hook", "message": "{done"}`, `{"text":"{done"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := receive(t, nil)
			result, err := driver(t, here).Start(t.Context(), to(test.kind, strings.ReplaceAll(test.spec, "%s", r.URL)))
			if err != nil || result.Wait != nil || result.Action != platform.ActionRun {
				t.Fatalf("%+v, %v", result, err)
			}
			got := r.got()
			if len(got) != 1 || got[0].method != "POST" || got[0].body != test.body && !sameJSON(got[0].body, test.body) {
				t.Fatalf("received %+v", got)
			}
			if h := got[0].header; h.Get("Content-Type") != "application/json" || h.Get("User-Agent") != "nf-run/test" || h.Get("Idempotency-Key") != "run-1-1" {
				t.Errorf("header %v", h)
			}
		})
	}
}

func sameJSON(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && jsonvalue.Equal(x, y)
}

// comments are what the hosts document of a comment on a pull request.
var comments = []struct {
	service, token, api, repository string
	wants                           received
	answer                          string
	url                             string
}{
	{"github", "GITHUB_TOKEN", "GITHUB_API_URL", "https://github.com/acme/shop.git",
		received{"POST", "/repos/acme/shop/issues/7/comments", `{"body":"Preview is up\n\n<!-- nf-run run-1-1 -->"}`, http.Header{"Authorization": {"Bearer t0ken"}, "X-Github-Api-Version": {"2022-11-28"}}},
		`{"id": 5, "html_url": "https://github.com/acme/shop/pull/7#issuecomment-5"}`, "https://github.com/acme/shop/pull/7#issuecomment-5"},
	{"gitlab", "GITLAB_TOKEN", "GITLAB_API_URL", "gitlab.com/acme/group/shop",
		received{"POST", "/projects/acme%2Fgroup%2Fshop/merge_requests/7/notes", `{"body":"Preview is up\n\n<!-- nf-run run-1-1 -->"}`, http.Header{"Private-Token": {"t0ken"}}}, `{"id": 5}`, ""},
	{"bitbucket", "BITBUCKET_TOKEN", "BITBUCKET_API_URL", "https://bitbucket.org/acme/shop",
		received{"POST", "/repositories/acme/shop/pullrequests/7/comments", `{"content":{"raw":"Preview is up"}}`, http.Header{"Authorization": {"Bearer t0ken"}}},
		`{"id": 5, "links": {"html": {"href": "https://bitbucket.org/acme/shop/pull-requests/7/_/diff#comment-5"}}}`, "https://bitbucket.org/acme/shop/pull-requests/7/_/diff#comment-5"},
	{"azure", "AZURE_DEVOPS_EXT_PAT", "AZURE_DEVOPS_API_URL", "https://dev.azure.com/acme/web/_git/shop",
		received{"POST", "/acme/web/_apis/git/repositories/shop/pullRequests/7/threads?api-version=7.1",
			`{"status":"active","comments":[{"parentCommentId":0,"content":"Preview is up","commentType":"text"}]}`, http.Header{"Authorization": {"Basic OnQwa2Vu"}}}, `{"id": 5}`, ""},
	{"self-hosted", "NF_VCS_TOKEN", "NF_VCS_API_URL", "https://git.example.com/acme/shop",
		received{"POST", "/projects/acme%2Fshop/merge_requests/7/notes", `{"body":"Preview is up\n\n<!-- nf-run run-1-1 -->"}`, http.Header{"Private-Token": {"t0ken"}}}, `{}`, ""},
}

func TestACommentIsWrittenAsItsHostDocuments(t *testing.T) {
	for _, test := range comments {
		t.Run(test.service, func(t *testing.T) {
			r := receive(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, test.answer) })
			variables := map[string]string{test.token: "t0ken", test.api: r.URL + "/", "NF_VCS_FORM": "gitlab"}
			d := driver(t, message.Options{Variables: func(name string) string { return variables[name] }})
			req := to("VCS", fmt.Sprintf(`{"vcsService": %q, "repoUrl": %q, "pullRequestId": "7", "message": "Preview is up"}`, test.service, test.repository))
			if err := d.Supports("Message", req.Spec); err != nil {
				t.Fatal(err)
			}
			result, err := d.Start(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			got := r.got()
			if len(got) != 1 || got[0].method != test.wants.method || got[0].path != test.wants.path || !sameJSON(got[0].body, test.wants.body) {
				t.Fatalf("received %+v", got)
			}
			for name := range test.wants.header {
				if got[0].header.Get(name) != test.wants.header.Get(name) {
					t.Errorf("%s: %q", name, got[0].header.Get(name))
				}
			}
			if got := jsonvalue.String(result.Output, "url"); got != test.url {
				t.Errorf("url %q", got)
			}
		})
	}
}

func TestACommentWithoutATokenIsFoundOutBeforeAnythingRuns(t *testing.T) {
	d := driver(t, message.Options{})
	for _, service := range []string{"github", "gitlab", "bitbucket", "azure", "self-hosted"} {
		err := d.Supports("Message", map[string]any{"kind": "VCS", "spec": map[string]any{"vcsService": service}})
		if platform.StatusOf(err) != http.StatusUnauthorized || !strings.Contains(err.Error(), "token") {
			t.Errorf("%s: %v", service, err)
		}
	}
	if err := d.Supports("Message", map[string]any{"kind": "VCS", "spec": map[string]any{"vcsService": "${args.HOST}"}}); err != nil {
		t.Error(err)
	}
	if err := d.Supports("Message", map[string]any{"kind": "VCS", "spec": map[string]any{"vcsService": "sourceforge"}}); err == nil {
		t.Error("a service that is none is accepted")
	}
	if err := d.Supports("Message", map[string]any{"kind": "VCS", "spec": map[string]any{"vcsService": platform.Unknown}}); err != nil {
		t.Error(err)
	}
	leaky := driver(t, message.Options{Variables: func(name string) string {
		return map[string]string{"GITHUB_TOKEN": "t0ken", "GITHUB_API_URL": "http://git.example.com"}[name]
	}})
	if err := leaky.Supports("Message", map[string]any{"kind": "VCS", "spec": map[string]any{"vcsService": "github"}}); err == nil {
		t.Error("a token would leave unencrypted")
	}
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	r := receive(t, nil)
	variables := func(name string) string {
		return map[string]string{"GITHUB_TOKEN": "t0ken", "GITHUB_API_URL": r.URL}[name]
	}
	options := here
	options.Variables = variables
	tests := []struct{ name, kind, spec, want string }{
		{"no text", "SLACK", `{"webhookUrl": "https://hooks.slack.com/x"}`, "spec.message is missing"},
		{"no address", "SLACK", `{"message": "a"}`, "spec.webhookUrl is missing"},
		{"no address that is one", "RAW_WEBHOOK", `{"webhookUrl": "hooks/secret-path", "message": "a"}`, "spec.webhookUrl is no address"},
		{"another scheme", "RAW_WEBHOOK", `{"webhookUrl": "file:///etc/passwd", "message": "a"}`, "spec.webhookUrl is no address"},
		{"an integration that cannot be looked up", "SLACK", `{"integrationInternalId": "team-slack", "message": "a"}`, "give a webhookUrl"},
		{"no pull request", "VCS", `{"vcsService": "github", "repoUrl": "https://github.com/a/b", "message": "a"}`, "spec.pullRequestId"},
		{"a pull request that leads elsewhere", "VCS", `{"vcsService": "github", "repoUrl": "https://github.com/a/b", "pullRequestId": "7/../../x", "message": "a"}`, "spec.pullRequestId"},
		{"a repository that leads elsewhere", "VCS", `{"vcsService": "github", "repoUrl": "https://github.com/../b", "pullRequestId": "7", "message": "a"}`, "spec.repoUrl"},
		{"no repository", "VCS", `{"vcsService": "github", "repoUrl": "https://github.com/a", "pullRequestId": "7", "message": "a"}`, "spec.repoUrl"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := driver(t, options).Start(t.Context(), to(test.kind, test.spec))
			if platform.StatusOf(err) != http.StatusBadRequest || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret-path") {
				t.Errorf("%v", err)
			}
		})
	}
	if got := r.got(); len(got) > 0 {
		t.Errorf("received %+v", got)
	}
}

// TestAddressesThatAreNotPublicAreRefused covers names that lead there and receivers
// that send on.
func TestAddressesThatAreNotPublicAreRefused(t *testing.T) {
	r := receive(t, nil)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(r.URL, "http://"))
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1.2.3", "0.0.0.0", "[::]", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254",
		"[fe80::1]", "[fc00::1]", "100.64.0.1", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255"} {
		d := driver(t, message.Options{})
		_, err := d.Start(t.Context(), to("RAW_WEBHOOK", fmt.Sprintf(`{"webhookUrl": "http://%s:%s/secret-path", "message": "a"}`, host, port)))
		var refused *platform.Error
		if !errors.As(err, &refused) || refused.ID != "address-refused" && !(refused.ID == "unreachable" && strings.Contains(host, ":")) || refused.ID == "address-refused" && refused.Retryable || strings.Contains(err.Error(), "secret-path") {
			t.Errorf("%s: %v", host, err)
		}
	}
	if got := r.got(); len(got) > 0 {
		t.Errorf("received %+v", got)
	}
	for _, allow := range []string{"127.0.0.1", "127.0.0.0/8", " 127.0.0.1 "} {
		if _, err := driver(t, message.Options{Allowed: []string{allow}}).Start(t.Context(), to("RAW_WEBHOOK", fmt.Sprintf(`{"webhookUrl": "%s/", "message": "a"}`, r.URL))); err != nil {
			t.Errorf("%q: %v", allow, err)
		}
	}
	if _, err := driver(t, message.Options{Allowed: []string{"localhost"}}).Start(t.Context(), to("RAW_WEBHOOK", fmt.Sprintf(`{"webhookUrl": "http://localhost:%s/", "message": "a"}`, port))); err != nil {
		t.Errorf("a name that is allowed: %v", err)
	}
	// A receiver that is allowed leads to one that is not.
	leads := receive(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, "http://127.0.0.2:"+port+"/inside", http.StatusTemporaryRedirect)
	})
	before := len(r.got())
	if _, err := driver(t, here).Start(t.Context(), to("RAW_WEBHOOK", fmt.Sprintf(`{"webhookUrl": "%s/", "message": "a"}`, leads.URL))); platform.StatusOf(err) != http.StatusForbidden || len(r.got()) != before {
		t.Errorf("%v", err)
	}
	for _, wrong := range []string{"http://a", "10.0.0.0/99", "*.example.com", "a b"} {
		if _, err := message.New(nil, message.Options{Allowed: []string{wrong}}); err == nil {
			t.Errorf("%q is allowed", wrong)
		}
	}
}

func TestRedirects(t *testing.T) {
	last := receive(t, nil)
	for _, test := range []struct {
		status   int
		received int
		want     string
	}{
		{http.StatusTemporaryRedirect, 1, ""}, {http.StatusPermanentRedirect, 1, ""},
		{http.StatusFound, 0, "without the message"}, {http.StatusMovedPermanently, 0, "without the message"}, {http.StatusSeeOther, 0, "without the message"},
	} {
		before := len(last.got())
		leads := receive(t, func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, last.URL+"/there", test.status) })
		_, err := driver(t, here).Start(t.Context(), to("SLACK", fmt.Sprintf(`{"webhookUrl": "%s/", "message": "a"}`, leads.URL)))
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) || len(last.got())-before != test.received {
			t.Errorf("%d: %v, received %d", test.status, err, len(last.got())-before)
		}
	}
	var circle *receiver
	circle = receive(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, circle.URL, http.StatusTemporaryRedirect)
	})
	if _, err := driver(t, here).Start(t.Context(), to("SLACK", fmt.Sprintf(`{"webhookUrl": "%s/", "message": "a"}`, circle.URL))); err == nil || len(circle.got()) > 4 {
		t.Errorf("a circle: %v, %d requests", err, len(circle.got()))
	}
	// A token goes to one host only.
	away := receive(t, func(w http.ResponseWriter, q *http.Request) {
		http.Redirect(w, q, last.URL+"/there", http.StatusTemporaryRedirect)
	})
	before := len(last.got())
	d := driver(t, message.Options{Variables: func(name string) string {
		return map[string]string{"GITLAB_TOKEN": "t0ken", "GITLAB_API_URL": away.URL}[name]
	}})
	if _, err := d.Start(t.Context(), to("VCS", `{"vcsService": "gitlab", "repoUrl": "https://gitlab.com/a/b", "pullRequestId": "1", "message": "a"}`)); err == nil || len(last.got()) != before {
		t.Errorf("the token was sent on: %v", err)
	}
}

func TestWhatAReceiverAnswersInPlaceOfTakingAMessage(t *testing.T) {
	r := receive(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "invalid_token\n\x1b[31m"+strings.Repeat("x", 1000))
	})
	_, err := driver(t, here).Start(t.Context(), to("SLACK", fmt.Sprintf(`{"webhookUrl": "%s/services/secret-path", "message": "a"}`, r.URL)))
	if platform.StatusOf(err) != http.StatusForbidden || !strings.Contains(err.Error(), "127.0.0.1 answered 403 Forbidden: invalid_token") || len(err.Error()) > 500 || strings.ContainsAny(err.Error(), "\x1b\n") {
		t.Errorf("%v", err)
	}
	// Nothing was sent, so that it can be sent once more.
	closed := receive(t, nil)
	closed.Close()
	_, err = driver(t, here).Start(t.Context(), to("SLACK", fmt.Sprintf(`{"webhookUrl": "%s/services/secret-path", "message": "a"}`, closed.URL)))
	var refused *platform.Error
	if !errors.As(err, &refused) || !refused.Retryable || strings.Contains(err.Error(), "secret-path") {
		t.Errorf("%v", err)
	}
}

// TestAMessageWithoutAnAnswer shows that nobody knows whether it has arrived: only of
// comments can that be found out.
func TestAMessageWithoutAnAnswer(t *testing.T) {
	for _, how := range []string{"the connection breaks", "no answer comes"} {
		t.Run(how, func(t *testing.T) {
			done := make(chan struct{})
			r := receive(t, func(w http.ResponseWriter, q *http.Request) {
				if how == "no answer comes" {
					<-done
					return
				}
				c, _, err := http.NewResponseController(w).Hijack()
				if err == nil {
					_ = c.Close()
				}
			})
			defer close(done)
			d := driver(t, here)
			req := to("SLACK", fmt.Sprintf(`{"webhookUrl": "%s/services/secret-path", "message": "a"}`, r.URL))
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			_, err := d.Start(ctx, req)
			var refused *platform.Error
			if err == nil || errors.As(err, &refused) || strings.Contains(err.Error(), "secret-path") {
				t.Errorf("%v", err)
			}
			var undecided *platform.UndecidedError
			if _, _, err := d.Find(t.Context(), req); !errors.As(err, &undecided) || d.Repeatable(req) {
				t.Errorf("%v", err)
			}
		})
	}
	for _, there := range []bool{true, false} {
		text := "other"
		if there {
			text = "Preview is up\n\n<!-- nf-run run-1-1 -->"
		}
		r := receive(t, func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode([]any{map[string]any{"id": 4, "body": "first"}, map[string]any{"id": 5, "body": text}})
		})
		d := driver(t, message.Options{Variables: func(name string) string {
			return map[string]string{"GITHUB_TOKEN": "t0ken", "GITHUB_API_URL": r.URL}[name]
		}})
		result, found, err := d.Find(t.Context(), to("VCS", `{"vcsService": "github", "repoUrl": "https://github.com/a/b", "pullRequestId": "1", "message": "a"}`))
		if err != nil || found != there || found && !jsonvalue.Equal(jsonvalue.Get(result.Output, "id"), 5.0) {
			t.Errorf("%+v, %v, %v", result, found, err)
		}
	}
}

func TestARehearsalSendsNothing(t *testing.T) {
	r := receive(t, nil)
	options := here
	options.Silent = true
	d := driver(t, options)
	for _, req := range []platform.NodeRequest{
		to("SLACK", fmt.Sprintf(`{"webhookUrl": "%s/", "message": "a"}`, r.URL)), to("SLACK", `{"integrationInternalId": "team", "message": "a"}`),
		to("VCS", `{"vcsService": "github", "repoUrl": "https://github.com/a/b", "pullRequestId": "1", "message": "a"}`),
	} {
		if err := d.Supports(req.Kind, req.Spec); err != nil {
			t.Error(err)
		}
		if _, err := d.Start(t.Context(), req); err != nil && !strings.Contains(err.Error(), "integration") {
			t.Error(err)
		}
		if _, found, err := d.Find(t.Context(), req); found || err != nil {
			t.Error(err)
		}
	}
	if got := r.got(); len(got) > 0 {
		t.Errorf("received %+v", got)
	}
}

func TestAPlanSaysWhereAMessageGoesWithoutItsSecret(t *testing.T) {
	d := driver(t, message.Options{})
	change, err := d.Preview(t.Context(), to("RAW_WEBHOOK", `{"webhookUrl": "https://hooks.example.com/secret-path", "message": "Deployed"}`))
	if err != nil || !jsonvalue.Equal(change.Desired, map[string]any{"to": "a webhook at hooks.example.com", "message": "Deployed"}) {
		t.Errorf("%+v, %v", change, err)
	}
}

// integrations is a target that has one integration.
type integrations struct{ kind, address string }

func (integrations) Name() string { return "integrations" }

func (i integrations) Do(_ context.Context, op string, params platform.Params, _ json.RawMessage) (platform.Response, error) {
	if op != platform.OpGetNotificationIntegration || params.Path["notificationId"] != "team" {
		return platform.Response{}, &platform.Error{Status: http.StatusNotFound, Message: "not there"}
	}
	body, err := json.Marshal(map[string]any{"data": map[string]any{"type": i.kind, "webhook": i.address}})
	return platform.Response{Status: http.StatusOK, Body: body}, err
}

func TestAnIntegrationOfTheTeamHasTheAddress(t *testing.T) {
	r := receive(t, nil)
	for kind, want := range map[string]string{"SLACK": `{"text": "a"}`, "DISCORD": `{"content": "a"}`, "TEAMS": `{"text": "a"}`} {
		options := here
		options.Target = integrations{kind, r.URL + "/" + kind}
		if _, err := driver(t, options).Start(t.Context(), to("SLACK", `{"integrationInternalId": "team", "message": "a"}`)); err != nil {
			t.Fatal(err)
		}
		got := r.got()
		if last := got[len(got)-1]; last.path != "/"+kind || !sameJSON(last.body, want) {
			t.Errorf("%s: %+v", kind, last)
		}
		if _, err := driver(t, options).Start(t.Context(), to("SLACK", `{"integrationInternalId": "other", "message": "a"}`)); platform.StatusOf(err) != http.StatusBadRequest {
			t.Errorf("%v", err)
		}
	}
}
