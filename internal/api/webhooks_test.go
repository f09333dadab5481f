package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// called is what a webhook's request became.
func called(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var answer, body map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if jsonvalue.String(answer, "data.op") != platform.OpCallWebhook {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal([]byte(jsonvalue.String(answer, "data.body")), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAWebhookTakesItsParametersFromTheAddress(t *testing.T) {
	h := handler(t, api.Options{Tokens: []api.Token{{Name: "ci", Value: "secret"}}}) // which webhooks do not ask for
	for _, line := range []string{"GET /release-flows/abc?frontend%2Ebranch=feature%2Fx&foo=bar&foo=again", "POST /release-flows/abc?frontend.branch=feature/x&foo=bar"} {
		got := called(t, ask(h, line, "anything"))
		want := map[string]any{"family": "release-flows", "token": "abc", "query": map[string]any{"frontend.branch": "feature/x", "foo": "bar"}}
		if !jsonvalue.Equal(got, want) {
			t.Errorf("%s: %v", line, got)
		}
	}
	if got := called(t, ask(h, "GET /previews/abc", "")); jsonvalue.String(got, "family") != "previews" {
		t.Errorf("%v", got)
	}
}

func TestAWebhookKnowsADeliveryAgain(t *testing.T) {
	h := handler(t, api.Options{})
	for _, header := range []string{"Idempotency-Key: one", "webhook-id: one", "X-GitHub-Delivery: one", "X-Gitlab-Event-UUID: one", "X-Request-UUID: one"} {
		if got := called(t, ask(h, "POST /previews/abc", "", header)); !strings.HasSuffix(jsonvalue.String(got, "delivery"), " one") {
			t.Errorf("%s: %v", header, got)
		}
	}
	if got := called(t, ask(h, "POST /previews/abc", "")); got["delivery"] != nil {
		t.Errorf("%v", got)
	}
}

func TestWhatAWebhookDoesNotTake(t *testing.T) {
	h := handler(t, api.Options{})
	for _, tt := range []struct {
		name, line, body string
		headers          []string
		status           int
	}{
		{"other methods", "DELETE /previews/abc", "", nil, http.StatusMethodNotAllowed},
		{"a query that cannot be read", "GET /previews/abc?a=%zz", "", nil, http.StatusBadRequest},
		{"a large body", "POST /previews/abc", strings.Repeat("x", 1<<20+1), nil, http.StatusRequestEntityTooLarge},
		{"pages of other sites", "GET /previews/abc", "", []string{"Sec-Fetch-Site: cross-site"}, http.StatusForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if w := ask(h, tt.line, tt.body, tt.headers...); w.Code != tt.status {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestAWebhookIsCalledSoOften(t *testing.T) {
	now := time.Now()
	h := handler(t, api.Options{WebhookLimit: 2, Now: func() time.Time { return now }})
	for range 2 {
		called(t, ask(h, "GET /previews/abc", ""))
	}
	w := ask(h, "GET /previews/abc", "")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	called(t, ask(h, "GET /previews/other", "")) // counts for itself
	now = now.Add(time.Minute)
	called(t, ask(h, "GET /previews/abc", ""))
}

func TestAddressesOfWebhooksAreNotTriedOut(t *testing.T) {
	h := handler(t, api.Options{WebhookLimit: 2, Target: echo{fail: func(string) error {
		return &platform.Error{Status: http.StatusNotFound, ID: platform.ErrorNotFound, Message: "there is no webhook at this address"}
	}}})
	for i, want := range []int{404, 404, 429, 429} {
		if w := ask(h, "GET /previews/guess"+strings.Repeat("x", i), ""); w.Code != want {
			t.Errorf("guess %d: %d %s", i, w.Code, w.Body)
		}
	}
}

func TestTheLogShowsNoAddressOfAWebhook(t *testing.T) {
	var entries []api.Entry
	h := handler(t, api.Options{Log: func(e api.Entry) { entries = append(entries, e) }})
	for _, line := range []string{"GET /previews/s3cret?foo=s3cret", "DELETE /previews/s3cret", "GET /release-flows/s3cret/more", "GET /workflows/%733cret", "GET /previews//s3cret"} {
		ask(h, line, "", "Idempotency-Key: s3cret")
	}
	if len(entries) != 5 {
		t.Fatalf("%d entries", len(entries))
	}
	for _, e := range entries {
		text, _ := json.Marshal([]any{e.Path, e.Caller, e.Operation})
		if strings.Contains(string(text), "3cret") || e.Err != nil {
			t.Errorf("%s %v", text, e.Err)
		}
	}
}
