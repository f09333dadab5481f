package engine

import (
	"io"
	"log"
	"os"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
)

// The tests leave the keyring of whoever runs them alone.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // Go's HTTP client writes down answers that nobody has asked for
	_ = os.Setenv(seal.PlaceVariable, string(seal.File))
	os.Exit(m.Run())
}
