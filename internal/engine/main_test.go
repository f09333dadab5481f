package engine

import (
	"os"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
)

// The tests leave the keyring of whoever runs them alone.
func TestMain(m *testing.M) {
	_ = os.Setenv(seal.PlaceVariable, string(seal.File))
	os.Exit(m.Run())
}
