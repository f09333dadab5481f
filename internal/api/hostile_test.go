package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// What is sent to do harm is refused, quickly, and the next request is answered.
func TestHostileRequestsAreRefused(t *testing.T) {
	embedded := local.New(local.Options{Dir: t.TempDir(), Delays: &local.Delays{}})
	t.Cleanup(func() { _ = embedded.Close() })
	h := handler(t, api.Options{Target: embedded, MaxBody: 8 << 20})
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	if w := ask(h, "POST /v1/projects", `{"name": "Home", "region": "europe-west"}`); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	const group = "PUT /v1/projects/home/secrets"
	inGroup := func(value string) string {
		return `{"name": "web", "secretType": "environment", "priority": 1, "secrets": {"variables": ` + value + `}}`
	}
	for name, test := range map[string]struct {
		line, body string
		status     int
	}{
		"arrays in arrays, a million deep":   {group, inGroup(strings.Repeat("[", 1_000_000)), 400},
		"the same with an end":               {group, inGroup(strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000)), 400},
		"objects in objects":                 {group, inGroup(strings.Repeat(`{"a":`, 500_000) + "1" + strings.Repeat("}", 500_000)), 400},
		"as deep as is just readable":        {group, inGroup(strings.Repeat(`[`, 9_000) + strings.Repeat("]", 9_000)), 400},
		"a template of workflows in another": {"POST /v1/templates", deepTemplate(5_000), 400},
		"more than fits":                     {group, inGroup(`{"a": "` + strings.Repeat("x", 9<<20) + `"}`), 413},
		"a number without an end":            {group, inGroup(`{"a": 1` + strings.Repeat("0", 1_000_000) + `}`), 400},
		"a number that fills the memory":     {group, inGroup(`{"a": 1e999999999}`), 400},
		"one that is next to nothing":        {group, inGroup(`{"a": 1e-999999999}`), 200},
		"one that is nearer to it":           {group, inGroup(`{"a": 1e-999999998}`), 200},
		"a name with a way out":              {"GET /v1/projects/..%2F..%2Fetc/secrets", "", 404},
		"a name that is a way out":           {"GET /v1/projects/%2e%2e/secrets", "", 404},
		"a name with a null":                 {"GET /v1/projects/a%00b", "", 404},
		"a name with the other slash":        {"GET /v1/projects/..%5C..%5Cwindows", "", 404},
		"a pattern that goes on for ever":    {"GET /v1/projects/home/services/web/logs?regexIncludes=" + strings.Repeat("(a*)*", 1000), "", 404},
		"a page far away":                    {"GET /v1/projects?page=9223372036854775807&per_page=100", "", 400},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			w := ask(h, test.line, test.body)
			if w.Code != test.status {
				t.Errorf("%d %.300s, want %d", w.Code, w.Body.String(), test.status)
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
			if w := ask(h, "GET /v1/projects/home", ""); w.Code != http.StatusOK {
				t.Errorf("after that: %d %s", w.Code, w.Body)
			}
		})
	}
}

// deepTemplate is a template of workflows, each in the one before.
func deepTemplate(depth int) string {
	return `{"apiVersion": "v1.2", "name": "deep", "spec": ` + strings.Repeat(`{"kind": "Workflow", "spec": {"type": "sequential", "steps": [`, depth) +
		strings.Repeat(`]}}`, depth) + `}`
}
