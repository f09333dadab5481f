package main

import (
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// A platform behind a proxy, whose certificate no system knows: it is reached with the
// environment's proxy and the certificate authority that is named, and not without.
func TestAPlatformBehindAProxyWithACertificateOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	embedded := local.New(local.Options{Dir: filepath.Join(dir, "platform"), Delays: &local.Delays{}})
	t.Cleanup(func() { _ = embedded.Close() })
	handler, err := api.New(api.Options{Target: embedded, Tokens: []api.Token{{Name: "t", Value: "s3cret-value"}}})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	var tunnels atomic.Int32
	var seen atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tunnels.Add(1)
		seen.Store(r.Method + " " + r.Host + " " + r.Header.Get("Authorization"))
		tunnel(w, server.Listener.Addr().String())
	}))
	t.Cleanup(proxy.Close)
	authority := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	template := filepath.Join(dir, "web.json")
	if err := os.WriteFile(template, []byte(webTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	// The name is in the certificate, and leads nowhere but through the proxy.
	env := []string{"NF_KEY=file", "NORTHFLANK_API_TOKEN=s3cret-value", "NORTHFLANK_API_HOST=https://example.com", "HTTPS_PROXY=" + proxy.URL,
		"NO_PROXY=", "NF_STATE=" + filepath.Join(dir, "state")}
	plan := []string{"plan", template, "--target", "northflank"}

	if code, _, errOut := ran(t, env, plan...); code != exitFailed || !strings.Contains(errOut, "certificate") {
		t.Errorf("without the authority: %d %s", code, errOut)
	}
	for name, with := range map[string]struct{ env, args []string }{
		"the flag":        {nil, []string{"--ca-file", authority}},
		"the environment": {[]string{"NF_CA_FILE=" + authority}, nil},
	} {
		before := tunnels.Load()
		if code, out, errOut := ran(t, append(env, with.env...), append(with.args, plan...)...); code != exitOK {
			t.Errorf("%s: %d\n%s%s", name, code, out, errOut)
		}
		if tunnels.Load() == before {
			t.Errorf("%s: it did not go through the proxy", name)
		}
	}
	if text, _ := seen.Load().(string); text != "CONNECT example.com:443 " {
		t.Errorf("the proxy was asked for %q", text)
	}
	if code, out, errOut := ran(t, env, "--ca-file", authority, "run", template, "--target", "northflank", "--detach", "--json"); code != exitOK {
		t.Errorf("detached: %d\n%s%s", code, out, errOut)
	} else if code, out, errOut := ran(t, env, "show", "latest", "--follow"); code != exitOK {
		t.Errorf("what was detached ended with %d\n%s%s", code, out, errOut)
	}
	for text, why := range map[string]string{"": "no certificate in PEM form", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n": "no certificate in PEM form"} {
		wrong := filepath.Join(dir, "wrong.pem")
		if err := os.WriteFile(wrong, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, errOut := ran(t, env, append([]string{"--ca-file", wrong}, plan...)...); code != exitFailed || !strings.Contains(errOut, why) {
			t.Errorf("%q: %d %s", text, code, errOut)
		}
	}
	if code, _, errOut := ran(t, env, append([]string{"--ca-file", filepath.Join(dir, "none")}, plan...)...); code != exitFailed || !strings.Contains(errOut, "--ca-file") {
		t.Errorf("%d %s", code, errOut)
	}
}

// tunnel connects a client that has asked a proxy for it with an address.
func tunnel(w http.ResponseWriter, address string) {
	there, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = there.Close() }()
	w.WriteHeader(http.StatusOK)
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = here.Close() }()
	go func() { _, _ = io.Copy(there, here) }()
	_, _ = io.Copy(here, there)
}
