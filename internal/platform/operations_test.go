package platform

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/documented"
)

func TestOperationTable(t *testing.T) {
	ids := []string{}
	for op := range Operations() {
		ids = append(ids, op.ID)
		if found, ok := LookupOperation(op.ID); !ok || found.Path != op.Path {
			t.Errorf("%s is not found by its ID", op.ID)
		}
		if (op.Method == http.MethodGet) != (op.Effect == Reads) {
			t.Errorf("%s is a %s and has the effect %d", op.ID, op.Method, op.Effect)
		}
		if !strings.HasPrefix(op.Path, "/v1/") {
			t.Errorf("the path of %s is %s", op.ID, op.Path)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(ids)) != len(operations) {
		t.Error("the table is not sorted by ID, each once")
	}
	if _, ok := LookupOperation("project/services/paint-service"); ok {
		t.Error("an operation was found that there is not")
	}
}

func TestPathParameters(t *testing.T) {
	op, _ := LookupOperation(OpGetServiceBuild)
	if got := strings.Join(op.PathParameters(), " "); got != "projectId serviceId buildId" {
		t.Errorf("the parameters are %s", got)
	}
	params := Params{Path: map[string]string{"projectId": "p", "buildId": "b"}}
	if got := op.Missing(params); got != "serviceId" {
		t.Errorf("missing is %q", got)
	}
}

// TestOperationsAreTheDocumentedOnes compares the table with the facts about
// the API, where they are.
func TestOperationsAreTheDocumentedOnes(t *testing.T) {
	var operations []struct {
		Page, Method string
		Paths        []string
		Query        struct{ Properties map[string]any }
	}
	documented.Operations(t, &operations)
	for op := range Operations() {
		if strings.HasPrefix(op.ID, "execute-command/") {
			continue // offered over a WebSocket
		}
		if op.Own() {
			continue // done in the browser, or by a node
		}
		i := slices.IndexFunc(operations, func(d struct {
			Page, Method string
			Paths        []string
			Query        struct{ Properties map[string]any }
		}) bool {
			return d.Page == op.ID
		})
		if i < 0 {
			t.Errorf("%s is not documented", op.ID)
			continue
		}
		d := operations[i]
		if d.Method != op.Method || d.Paths[0] != op.Path {
			t.Errorf("%s is %s %s, documented is %s %s", op.ID, op.Method, op.Path, d.Method, d.Paths[0])
		}
		if op.NoTeam != (len(d.Paths) == 1) {
			t.Errorf("%s has no address under a team: %v, documented are %v", op.ID, op.NoTeam, d.Paths)
		}
		if len(op.Query) != len(d.Query.Properties) {
			t.Errorf("%s takes the query %v, documented is %v", op.ID, op.Query, d.Query.Properties)
		}
		for _, name := range op.Query {
			if d.Query.Properties[name] == nil {
				t.Errorf("%s does not document the query parameter %s", op.ID, name)
			}
		}
	}
}
