// Package documented reads the facts about the platform's API for tests, from the
// folder with the reference material that NF_REFERENCE names. It knows no platform, so
// that the tests of all of them can use it.
package documented

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Operations reads the documented operations, a list of objects, into what the pointer
// leads to. Without the reference material the test is skipped.
func Operations(t testing.TB, into any) {
	t.Helper()
	folder := os.Getenv("NF_REFERENCE")
	if folder == "" {
		t.Skip("NF_REFERENCE does not name the reference material")
	}
	text, err := os.ReadFile(filepath.Join(folder, "facts", "api.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
