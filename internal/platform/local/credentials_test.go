package local

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// An addon has the connection details that the catalog knows for its type and settings,
// by which templates are checked.
func TestAddonsHaveTheConnectionDetailsOfTheirType(t *testing.T) {
	for _, typ := range catalog.AddonTypes() {
		for _, sentinel := range []bool{false, true} {
			if sentinel && typ.Type != "redis" {
				continue
			}
			p := New(Options{Dir: t.TempDir(), Delays: &Delays{}})
			t.Cleanup(func() { _ = p.Close() })
			do := func(op, body string, path map[string]string) platform.Response {
				t.Helper()
				r, err := p.Do(t.Context(), op, platform.Params{Path: path}, json.RawMessage(body))
				if err != nil {
					t.Fatalf("%s: %v", typ.Type, err)
				}
				return r
			}
			settings := ""
			if sentinel {
				settings = `"typeSpecificSettings": {"redisSentinelEnabled": true}, `
			}
			do(platform.OpCreateProject, `{"name": "Data", "region": "europe-west"}`, nil)
			do(platform.OpCreateAddon, `{"name": "store", "type": "`+typ.Type+`", "version": "latest", "tlsEnabled": true, "externalAccessEnabled": true, `+settings+`
				"billing": {"deploymentPlan": "nf-compute-20", "storageClass": "nvme", "storage": 6144, "replicas": 3}}`, map[string]string{"projectId": "data"})
			var data struct{ Envs map[string]any }
			answer := do(platform.OpGetAddonCredentials, "", map[string]string{"projectId": "data", "addonId": "store"})
			if err := answer.Data(&data); err != nil {
				t.Fatal(err)
			}
			for _, key := range typ.Keys {
				_, there := data.Envs[key.Name]
				want := !strings.Contains(key.When, "redisSentinelEnabled") || strings.Contains(key.When, "no redisSentinelEnabled") != sentinel
				if there != want {
					t.Errorf("%s, Sentinel %v: that it has %s is %v", typ.Type, sentinel, key.Name, there)
				}
			}
		}
	}
}
