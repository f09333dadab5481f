package northflank_test

import (
	"net/http/httptest"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/northflank"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest"
)

// served is the hosted target in front of the API of an embedded platform.
func served(t testing.TB, team string, options api.Options) *northflank.Target {
	t.Helper()
	embedded := local.New(local.Options{Dir: t.TempDir()})
	embedded.RunWith(platformtest.NewRunner())
	options.Target, options.Tokens = embedded, []api.Token{{Name: "test", Value: "secret-token"}}
	handler, err := api.New(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	target, err := northflank.New(northflank.Options{Host: server.URL, Token: "secret-token", Team: team})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = target.Close()
		server.Close()
		if err := embedded.Close(); err != nil {
			t.Error(err)
		}
	})
	return target
}

// What a target has to do, it does over HTTP as well.
func TestConformance(t *testing.T) {
	for _, team := range []string{"", "my-team"} {
		name := "in the scope of the token"
		if team != "" {
			name = "in the scope of a team"
		}
		t.Run(name, func(t *testing.T) {
			platformtest.Run(t, func(t *testing.T) platform.Target { return served(t, team, api.Options{}) })
		})
	}
}
