package local_test

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest"
)

// open returns a platform with a state folder of its own.
func open(t testing.TB, options local.Options) *local.Platform {
	t.Helper()
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	p := local.New(options)
	p.RunWith(platformtest.NewRunner())
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

func TestConformance(t *testing.T) {
	platformtest.Run(t, func(t *testing.T) platform.Target { return open(t, local.Options{}) })
}
