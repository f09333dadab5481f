package local

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

const watchedDocument = `{"triggers": [{"ref": "web.front", "repoUrl": "https://github.com/acme/web"}, {"ref": "api", "repoUrl": "https://github.com/acme/api"}, {}]}`

func decodedDocument(t testing.TB, text string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

func TestParametersOfAWebhook(t *testing.T) {
	document := decodedDocument(t, watchedDocument)
	for _, tt := range []struct{ name, query, want, refused string }{
		{"nothing", "", `{"arguments": {}, "triggers": {}}`, ""},
		{"arguments", "foo=bar&empty=", `{"arguments": {"foo": "bar", "empty": ""}, "triggers": {}}`, ""},
		{"a name and a description", "name=one&description=of+two", `{"arguments": {}, "triggers": {}, "name": "one", "description": "of two"}`, ""},
		{"values of triggers", "api.branch=a%2Fb&api.sha=1&api.pullRequestId=12&api.repoUrl=x", `{"arguments": {}, "triggers": {"api": {"branch": "a/b", "sha": "1", "pullRequestId": 12, "repoUrl": "x"}}}`, ""},
		{"a trigger with a dot in its name", "web.front.branch=a", `{"arguments": {}, "triggers": {"web.front": {"branch": "a"}}}`, ""},
		{"an argument with a dot in its name", "other.branch=a&web.branch=b", `{"arguments": {"other.branch": "a", "web.branch": "b"}, "triggers": {}}`, ""},
		{"what no trigger has", "api.bransh=a", "", "query.api.bransh"},
		{"a pull request without a number", "api.pullRequestId=x", "", "query.api.pullRequestId"},
		{"a long value", "foo=" + strings.Repeat("x", longestParameter+1), "", "query.foo"},
		{"many values", manyParameters(mostParameters + 1), "", "query"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			values, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			query := map[string]any{}
			for name := range values {
				query[name] = values.Get(name)
			}
			got, err := webhookRequest(document, query)
			if tt.refused != "" {
				refusal, ok := err.(*platform.Error)
				if !ok || refusal.Status != 400 || refusal.Details[tt.refused] == nil {
					t.Errorf("%v, %v", got, err)
				}
				return
			}
			if err != nil || !jsonvalue.Equal(got, decodedDocument(t, tt.want)) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func manyParameters(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("&p" + strings.Repeat("x", i) + "=1")
	}
	return b.String()
}

func FuzzWebhookRequest(f *testing.F) {
	for _, query := range []string{"foo=bar", "api.branch=a", "web.front.pullRequestId=3", ".branch=x", "name=a&name=b"} {
		f.Add(query)
	}
	document := decodedDocument(f, watchedDocument)
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		query := map[string]any{}
		for name := range values {
			query[name] = values.Get(name)
		}
		body, err := webhookRequest(document, query)
		if err != nil {
			if platform.StatusOf(err) != 400 {
				t.Errorf("%v", err)
			}
			return
		}
		// Nothing that was said is lost.
		said := len(jsonvalue.Object(body, "arguments"))
		for _, commit := range jsonvalue.Object(body, "triggers") {
			said += len(commit.(map[string]any))
		}
		for _, name := range []string{"name", "description", ""} {
			if _, ok := query[name]; ok {
				said++
			}
		}
		if said != len(query) {
			t.Errorf("%d of %d parameters count: %v", said, len(query), body)
		}
	})
}

func FuzzReadEvent(f *testing.F) {
	f.Add(`{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "main", "paths": ["a"], "commits": [{"message": "m"}]}`)
	f.Add(`{"event": "closed", "repoUrl": "git@github.com:acme/shop", "branch": "a", "pullRequestId": 3, "delivery": "x"}`)
	f.Fuzz(func(t *testing.T, text string) {
		c := &call{}
		if c.decode(json.RawMessage(text)) != nil {
			return
		}
		e, _, err := readEvent(c.body)
		if err != nil {
			if platform.StatusOf(err) != 400 {
				t.Errorf("%v", err)
			}
			return
		}
		if e.Branch == "" || e.Repository == "" || e.Kind.OfPullRequest() && e.PullRequestID < 1 {
			t.Errorf("%+v", e)
		}
	})
}
