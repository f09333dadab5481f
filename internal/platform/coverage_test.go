package platform

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unserved says why documented operations are not in the table, by the beginning of
// their IDs; the longest beginning counts.
var unserved = map[string]string{
	"org/":                       "an installation on one machine has one organisation, without roles, members or teams",
	"team/billing/":              "nothing is billed here",
	"team/team-members/":         "who may call is a matter of the server's tokens",
	"team/team-roles/":           "who may call is a matter of the server's tokens",
	"team/integrations/":         "tokens of a version control provider come from the provider",
	"team/opentofu/":             "no node runs OpenTofu yet",
	"project/pipelines/":         "not built yet",
	"project/preview-blueprints": "not built yet",
	"project/secrets/":           "not built yet: the addon links of a secret group by themselves",
	"project/workflows/":         "not built yet",
}

// TestUnservedOperationsHaveAReason prints how many of the documented operations are
// served, and those that are not with the reason. It fails for one without a reason,
// and for a reason that nothing needs any more.
func TestUnservedOperationsHaveAReason(t *testing.T) {
	folder := os.Getenv("NF_REFERENCE")
	if folder == "" {
		t.Skip("NF_REFERENCE does not name the reference material")
	}
	text, err := os.ReadFile(filepath.Join(folder, "facts", "api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var documented []struct{ Page string }
	if err := json.Unmarshal(text, &documented); err != nil {
		t.Fatal(err)
	}
	missing := map[string][]string{}
	served := 0
	for _, d := range documented {
		if _, ok := LookupOperation(d.Page); ok {
			served++
			continue
		}
		best := ""
		for beginning := range unserved {
			if strings.HasPrefix(d.Page, beginning) && len(beginning) > len(best) {
				best = beginning
			}
		}
		if best == "" {
			t.Errorf("%s is not served, and nobody says why", d.Page)
		}
		missing[best] = append(missing[best], d.Page)
	}
	t.Logf("%d of the %d documented operations are served", served, len(documented))
	for beginning, why := range unserved {
		if missing[beginning] == nil {
			t.Errorf("all of %s is served: the reason %q is not needed any more", beginning, why)
		}
		slices.Sort(missing[beginning])
		t.Logf("%s (%d): %s\n\t%s", beginning, len(missing[beginning]), why, strings.Join(missing[beginning], "\n\t"))
	}
}
