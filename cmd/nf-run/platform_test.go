package main

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/runner"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/tofu"
)

// platformThatRuns serves a platform in a folder, without delays, that runs the documents
// which it stores. end waits for their runs.
func platformThatRuns(t *testing.T, dir string) (embedded *local.Platform, server *httptest.Server, end func()) {
	t.Helper()
	return platformBehind(t, dir, nil)
}

// platformBehind is platformThatRuns with something in front of what drives the nodes of
// its own runs, given what seals its secrets.
func platformBehind(t *testing.T, dir string, front func(platform.NodeDriver, tofu.Sealer) platform.NodeDriver) (embedded *local.Platform, server *httptest.Server, end func()) {
	t.Helper()
	store, err := history.OpenWith(t.Context(), filepath.Join(dir, "platform"), history.Options{})
	if err != nil {
		t.Fatal(err)
	}
	embedded = local.New(local.Options{Dir: filepath.Join(dir, "resources"), Delays: &local.Delays{}})
	var before func(platform.NodeDriver) platform.NodeDriver
	if front != nil {
		before = func(next platform.NodeDriver) platform.NodeDriver { return front(next, store.Sealer()) }
	}
	documents := runner.New(engine.Engine{Store: store, Checker: engine.CatalogChecker{Assert: assert.Node}}, embedded, before)
	embedded.RunWith(documents)
	handler, err := api.New(api.Options{Target: embedded})
	if err != nil {
		t.Fatal(err)
	}
	server = httptest.NewServer(handler)
	return embedded, server, func() {
		server.Close()
		documents.Wait()
		documents.Close()
		_ = embedded.Close()
		_ = store.Close()
	}
}
