package platform

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/documented"
)

// TestEveryDocumentedOperationIsServed compares the table with the facts about the API,
// where they are.
func TestEveryDocumentedOperationIsServed(t *testing.T) {
	var operations []struct {
		Page, Method string
		Paths        []string
	}
	documented.Operations(t, &operations)
	// The operations of an organisation on clouds and bills have the addresses of those
	// of a team: who serves these serves those.
	addresses := map[string]bool{}
	for op := range Operations() {
		addresses[op.Method+" "+op.Path] = true
	}
	for _, d := range operations {
		if _, ok := LookupOperation(d.Page); !ok && !addresses[d.Method+" "+d.Paths[0]] {
			t.Errorf("%s is not served", d.Page)
		}
	}
}
