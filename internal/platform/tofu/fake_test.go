package tofu_test

import (
	"os"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/tofu/faketofu"
)

// TestMain lets this program be an OpenTofu too, with FAKE_TOFU set.
func TestMain(m *testing.M) {
	if os.Getenv("FAKE_TOFU") != "" {
		os.Exit(faketofu.Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}
