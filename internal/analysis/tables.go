package analysis

import (
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
)

// The tables are made when a value is first looked up.
var (
	planTable = sync.OnceValue(func() *table {
		t := newTable("plan")
		for _, p := range catalog.Plans() {
			t.add(p.ID, "", p.Hidden)
		}
		return t
	})
	regionTable = sync.OnceValue(func() *table {
		t := newTable("region")
		for _, r := range catalog.Regions() {
			t.add(r.ID, "", false)
		}
		return t
	})
	addonTypeTable = sync.OnceValue(func() *table {
		t := newTable("addon type")
		for _, a := range catalog.AddonTypes() {
			t.add(a.Type, a.AliasOf, a.Hidden)
		}
		return t
	})
)
