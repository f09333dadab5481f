package catalog

import (
	"slices"
	"strings"
	"sync"
)

var secretPaths sync.Map // of []string by kind

// SecretPaths returns where nodes of a kind take secrets, as JSON pointers from the node with "*" for every element or
// member: "/spec/credentials/password". What stands in nodes and documents that the node carries is not among them. The
// result is shared and must not be changed.
func SecretPaths(kind string) []string {
	if found, ok := secretPaths.Load(kind); ok {
		return found.([]string)
	}
	var found []string
	if k, ok := Lookup(kind); ok {
		p := pathFinder{around: map[SchemaID]bool{}}
		for _, property := range k.Node.Schema().Properties {
			if property.Name != "kind" {
				p.walk(property.Schema, "/"+escape(property.Name))
			}
		}
		slices.Sort(p.found)
		found = slices.Compact(p.found)
	}
	secretPaths.Store(kind, found)
	return found
}

type pathFinder struct {
	found  []string
	around map[SchemaID]bool // schemas that are being walked: some hold themselves
}

func (p *pathFinder) walk(id SchemaID, path string) {
	s := id.Schema()
	if id == 0 || s.Node || p.around[id] {
		return
	}
	p.around[id] = true
	defer delete(p.around, id)
	if s.Secret {
		p.found = append(p.found, path)
		return
	}
	for _, a := range s.Alternatives() {
		p.walk(a, path)
	}
	for _, property := range s.Properties {
		p.walk(property.Schema, path+"/"+escape(property.Name))
	}
	p.walk(s.Additional, path+"/*")
	p.walk(s.Items, path+"/*")
}

func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
