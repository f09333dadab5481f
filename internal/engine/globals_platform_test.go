package engine_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/faultproxy"
)

// Global secrets that a platform keeps are those of templates, in this process and
// over HTTP, and those of the state folder stand in where it has none.
func TestGlobalSecretsOfThePlatform(t *testing.T) {
	eachWay(t, func(t *testing.T, b *bench) {
		if _, err := b.platform.Do(t.Context(), platform.OpCreateGlobalSecret, platform.Params{}, json.RawMessage(
			`{"name": "Mail server", "type": "secret", "secrets": {"values": {"host": "planted-host", "url": "smtp://${host}:25"}, "files": {"cert": {"data": "cGxhbnRlZA==", "path": "/cert"}}}}`)); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"mail-server", "own"} {
			if err := b.store.ChangeGlobal(t.Context(), id, func(s *history.Global) error {
				s.Values = map[string]any{"host": "planted-stored"}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		b.engine.Secrets = engine.NewPlatformSecrets(b.target(), engine.StoredSecrets{Store: b.store})
		p := program(t, `{"apiVersion": "v1.2", "name": "Secrets", "project": {"spec": {"name": "Secrets", "region": "europe-west"}},
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "SecretGroup", "ref": "group", "spec": {"name": "group", "secretType": "environment", "priority": 1, "secrets": {"variables": {
				"URL": "${secrets.mail-server.values.url}", "CERT": "${secrets.mail-server.files.cert.data}", "OWN": "${secrets.own.values.host}"}}}}
		]}}}`, engine.Options{})
		plan, err := b.engine.Plan(t.Context(), p)
		if err != nil || len(plan.Problems) > 0 {
			t.Fatalf("%+v, %v", plan, err)
		}
		id := b.settle(p)
		got, err := b.platform.Do(t.Context(), platform.OpGetProjectSecretDetails, platform.Params{Path: map[string]string{"projectId": "secrets", "secretId": "group"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{`"smtp://planted-host:25"`, `"cGxhbnRlZA=="`, `"planted-stored"`} {
			if !strings.Contains(string(got.Body), want) {
				t.Errorf("the group has no %s: %s", want, got.Body)
			}
		}
		shown, err := json.Marshal([]any{plan, b.view(id)})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(shown), "planted") || strings.Contains(string(shown), "cGxhbnRlZA") {
			t.Errorf("a secret is shown: %s", shown)
		}
	})
}

// A platform is asked for a secret once, and what it refuses is told.
func TestAGlobalSecretIsAskedForOnce(t *testing.T) {
	b := newBench(t, t.TempDir())
	asked, status := 0, faultproxy.None
	b.remote(faultproxy.Options{Plan: func(*http.Request) faultproxy.Fault { asked++; return status }})
	if _, err := b.platform.Do(t.Context(), platform.OpCreateGlobalSecret, platform.Params{}, json.RawMessage(`{"name": "one", "type": "config"}`)); err != nil {
		t.Fatal(err)
	}
	secrets := engine.NewPlatformSecrets(b.target(), nil)
	for range 3 {
		for _, id := range []string{"one", "nope"} {
			if v, err := secrets.Secret(t.Context(), id); err != nil || v.IsUndefined() != (id == "nope") {
				t.Errorf("%s is %v, %v", id, v, err)
			}
		}
	}
	if asked != 2 {
		t.Errorf("the platform was asked %d times", asked)
	}
	status = faultproxy.Down
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := secrets.Secret(ctx, "other"); err == nil {
		t.Error("a platform that does not answer has no secret")
	}
}

// target is what the engine of the bench drives.
func (b *bench) target() platform.Target {
	return b.engine.Platform.(*platform.Driver).Target()
}
