package catalog

import (
	"slices"
	"strings"
	"testing"
)

// Texts of a special form have an example, but for those of which the document or the platform's offer says more than an
// example could: identifiers, what has a role, names and free texts, and what the platform sets itself.
func TestTextsOfASpecialFormHaveAnExample(t *testing.T) {
	// These patterns take nearly any text, or any name.
	plain := []string{"description", "name", "id", "createdAt", "updatedAt", "region", "targetId", "storageClass"}
	forms := 0
	seen := map[SchemaID]bool{}
	var walk func(path, name string, id SchemaID, helped bool)
	walk = func(path, name string, id SchemaID, helped bool) {
		s := id.Schema()
		helped = helped || len(s.Examples) > 0 || len(s.Enum) > 0 || s.Default != "" || len(s.RefKinds) > 0 || s.Role != "" || s.Secret
		if s.Types == TypeString && (s.Pattern != nil || s.Format != "") && !slices.Contains(plain, name) &&
			!strings.HasSuffix(name, "Id") && !strings.HasSuffix(name, "credentials") {
			forms++
			if !helped {
				t.Errorf("%s: there is no example", path)
			}
		}
		if id == 0 || seen[id] {
			return
		}
		seen[id] = true
		for _, a := range s.Alternatives() {
			walk(path, name, a, helped)
		}
		for _, p := range s.Properties {
			walk(path+"."+p.Name, p.Name, p.Schema, p.Hidden)
		}
		walk(path+"[]", name, s.Items, helped)
		walk(path+".*", name, s.Additional, false)
	}
	for _, k := range Kinds() {
		walk(k.Name, "", k.Node, false)
	}
	for _, d := range []string{"template", "releaseFlow", "previewEnv"} {
		walk(d, "", Document(d).Root, false)
	}
	t.Logf("%d forms", forms)
}
