package api_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/trigger/githost"
)

// hosts has two hooks, and remembers what was heard.
type hosts struct{ heard []githost.Told }

const hookSecret = "a-secret-that-nobody-guesses"

func (h *hosts) Hook(_ context.Context, name string) (api.GitHook, bool, error) {
	switch name {
	case "any":
		return api.GitHook{Name: name, Host: githost.GitHub, Secret: hookSecret}, true, nil
	case "one":
		return api.GitHook{Name: name, Host: githost.GitHub, Secret: hookSecret, Repository: "git@github.com:acme/shop.git"}, true, nil
	case "broken":
		return api.GitHook{}, false, errors.New("the key is gone")
	}
	return api.GitHook{}, false, nil
}

func (h *hosts) Heard(_ context.Context, _ api.GitHook, told githost.Told) (any, error) {
	h.heard = append(h.heard, told)
	return map[string]any{"event": told.What}, nil
}

func signature(body string) string {
	m := hmac.New(sha256.New, []byte(hookSecret))
	m.Write([]byte(body))
	return "X-Hub-Signature-256: sha256=" + hex.EncodeToString(m.Sum(nil))
}

const pushOfShop = `{"ref": "refs/heads/main", "after": "0123456789abcdef0123456789abcdef01234567", "repository": {"clone_url": "https://github.com/Acme/shop.git"}}`

func TestAGitHostIsHeardBySignature(t *testing.T) {
	all := &hosts{}
	// Neither a token nor a name of this machine is asked for.
	h := handler(t, api.Options{GitHooks: all})
	w := ask(h, "POST /git-hooks/any", pushOfShop, signature(pushOfShop), "X-GitHub-Event: push", "Host: tunnel.example.com")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"event":"push"`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = ask(h, "POST /git-hooks/one", pushOfShop, signature(pushOfShop), "X-GitHub-Event: push")
	if w.Code != http.StatusOK || len(all.heard) != 2 || all.heard[1].Events[0].Repository != "git@github.com:acme/shop.git" {
		t.Fatalf("%d %s: %+v", w.Code, w.Body, all.heard)
	}
}

func TestWhoIsNoGitHostIsNotHeard(t *testing.T) {
	other := strings.Replace(pushOfShop, "Acme", "evil", 1)
	for _, tt := range []struct {
		name, line, body string
		headers          []string
		status           int
	}{
		{"another name", "POST /git-hooks/none", pushOfShop, []string{signature(pushOfShop)}, http.StatusNotFound},
		{"no signature", "POST /git-hooks/any", pushOfShop, nil, http.StatusUnauthorized},
		{"the signature of another body", "POST /git-hooks/any", pushOfShop, []string{signature("{}")}, http.StatusUnauthorized},
		{"another method", "GET /git-hooks/any", "", []string{signature("")}, http.StatusMethodNotAllowed},
		{"what is no JSON", "POST /git-hooks/any", "{", []string{signature("{")}, http.StatusBadRequest},
		{"another repository", "POST /git-hooks/one", other, []string{signature(other)}, http.StatusForbidden},
		{"too large a body", "POST /git-hooks/any", strings.Repeat(" ", 25<<20+1), nil, http.StatusRequestEntityTooLarge},
		{"a hook that cannot be opened", "POST /git-hooks/broken", pushOfShop, []string{signature(pushOfShop)}, http.StatusInternalServerError},
	} {
		t.Run(tt.name, func(t *testing.T) {
			all := &hosts{}
			h := handler(t, api.Options{GitHooks: all})
			w := ask(h, tt.line, tt.body, append(tt.headers, "X-GitHub-Event: push")...)
			if w.Code != tt.status || len(all.heard) != 0 {
				t.Errorf("%d %s, heard %v", w.Code, w.Body, all.heard)
			}
			if strings.Contains(w.Body.String(), hookSecret) {
				t.Error("the answer shows the secret")
			}
		})
	}
}

func TestWhoGuessesSignaturesGetsFewAnswersAndCostsTheHostNone(t *testing.T) {
	all := &hosts{}
	h := handler(t, api.Options{GitHooks: all, WebhookLimit: 3})
	limited := 0
	for range 5 {
		if ask(h, "POST /git-hooks/any", pushOfShop, signature("guess")).Code == http.StatusTooManyRequests {
			limited++
		}
	}
	if limited != 2 {
		t.Errorf("%d guesses were limited", limited)
	}
	for range 5 {
		if w := ask(h, "POST /git-hooks/any", pushOfShop, signature(pushOfShop), "X-GitHub-Event: push"); w.Code != http.StatusOK {
			t.Errorf("the host itself was answered with %d", w.Code)
		}
	}
}

func TestWithoutATargetOnlyGitHostsAreAnswered(t *testing.T) {
	h, err := api.New(api.Options{GitHooks: &hosts{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"GET /v1/projects", "POST /previews/abc", "GET /", "GET /v1/projects/p/services/s/logs"} {
		if w := ask(h, line, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", line, w.Code)
		}
	}
	if w := ask(h, "POST /git-hooks/any", pushOfShop, signature(pushOfShop), "X-GitHub-Event: push"); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
