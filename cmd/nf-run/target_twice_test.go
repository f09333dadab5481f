//go:build unix

package main

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/faultproxy"
)

const groupTemplate = `{
  "apiVersion": "v1.2",
  "name": "groups",
  "arguments": {"DB_PASSWORD": ""},
  "project": {"spec": {"name": "Home", "region": "europe-west"}},
  "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
    {"kind": "SecretGroup", "ref": "a", "spec": {"name": "first", "secretType": "environment", "priority": 1, "secrets": {"variables": {"KEY": "${args.DB_PASSWORD}"}}}},
    {"kind": "SecretGroup", "ref": "b", "spec": {"name": "second", "secretType": "environment", "priority": 1, "secrets": {"variables": {"KEY": "${args.DB_PASSWORD}"}}}},
    {"kind": "SecretGroup", "ref": "c", "spec": {"name": "third", "secretType": "environment", "priority": 1, "secrets": {"variables": {"KEY": "${args.DB_PASSWORD}"}}}}
  ]}}
}`

// Of an answer that nobody has asked for, Go's client logs the text. What the platform
// says is not for logs: it holds secrets.
func TestAnAnswerThatComesTwiceIsNotShown(t *testing.T) {
	dir := t.TempDir()
	embedded := local.New(local.Options{Dir: filepath.Join(dir, "platform"), Delays: &local.Delays{}})
	t.Cleanup(func() { _ = embedded.Close() })
	handler, err := api.New(api.Options{Target: embedded})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: faultproxy.New(handler, faultproxy.Options{
		Plan: func(*http.Request) faultproxy.Fault { return faultproxy.Repeated }})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	template := filepath.Join(dir, "groups.json")
	if err := os.WriteFile(template, []byte(groupTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"NF_KEY=file", "NORTHFLANK_API_TOKEN=s3cret-value", "NORTHFLANK_API_HOST=http://" + listener.Addr().String(), "NF_ARG_DB_PASSWORD=planted-5f1e"}
	for range 3 {
		code, out, errOut := ran(t, env, "run", template, "--target", "northflank", "--state", filepath.Join(dir, "state"))
		if code != exitOK {
			t.Fatalf("it ended with %d\n%s%s", code, out, errOut)
		}
		if said := out + errOut; strings.Contains(said, "planted-5f1e") || strings.Contains(said, "Unsolicited") {
			t.Fatalf("it says\n%s", said)
		}
	}
}
