package platform

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/documented"
)

var update = flag.Bool("update", false, "write the list of unserved operations anew")

// unservedList is the kept list of the documented operations that are not served.
const unservedList = "testdata/unserved.txt"

// unserved says why documented operations are not in the table, by the beginning of
// their IDs; the longest beginning counts.
var unserved = map[string]string{
	"org/org-roles/list-directory-group-members": "groups come from a directory that the organisation is connected to: there is none",
	"team/integrations/":                         "tokens of a version control provider come from the provider",
	"team/opentofu/":                             "what an OpenTofu job writes comes from OpenTofu, which nothing runs here",
}

// TestUnservedOperationsHaveAReason compares the documented operations that are not
// served with the kept list of them. It fails for one without a reason, and for a
// reason that nothing needs any more.
func TestUnservedOperationsHaveAReason(t *testing.T) {
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
	missing := map[string]bool{}
	served := 0
	var list []string
	for _, d := range operations {
		if _, ok := LookupOperation(d.Page); ok || addresses[d.Method+" "+d.Paths[0]] {
			served++
			continue
		}
		list = append(list, d.Page)
		best := ""
		for beginning := range unserved {
			if strings.HasPrefix(d.Page, beginning) && len(beginning) > len(best) {
				best = beginning
			}
		}
		if best == "" {
			t.Errorf("%s is not served, and nobody says why", d.Page)
		}
		missing[best] = true
	}
	for beginning, why := range unserved {
		if !missing[beginning] {
			t.Errorf("all of %s is served: the reason %q is not needed any more", beginning, why)
		}
	}
	slices.Sort(list)
	found := fmt.Sprintf("%d of the %d documented operations are served; these are not:\n%s\n", served, len(operations), strings.Join(list, "\n"))
	if *update {
		if err := os.WriteFile(unservedList, []byte(found), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(unservedList)
	if err != nil {
		t.Fatal(err)
	}
	if found != string(kept) {
		t.Errorf("%s is not true any more (write it anew with -update):\n%s", unservedList, found)
	}
}
