package catalog

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// An endpoint is a page of the reference about one operation.
type endpoint struct {
	Page     string
	Method   string
	Paths    []string
	Request  *fact
	Response *fact
}

func endpoints(t *testing.T) map[string]endpoint {
	t.Helper()
	dir := os.Getenv("NF_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "reference")
	}
	text, err := os.ReadFile(filepath.Join(dir, "facts", "api.json"))
	if err != nil {
		t.Skip("the reference is not at hand: set NF_REFERENCE")
	}
	var pages []endpoint
	if err := json.Unmarshal(text, &pages); err != nil {
		t.Fatal(err)
	}
	all := map[string]endpoint{}
	for _, p := range pages {
		all[p.Page] = p
	}
	return all
}

// paths adds the dotted paths of all properties, alternatives included.
func (f *fact) paths(prefix string, to map[string]bool) {
	if f == nil {
		return
	}
	for name, p := range f.Properties {
		to[prefix+name] = true
		p.paths(prefix+name+".", to)
	}
	for _, a := range f.alternatives() {
		a.paths(prefix, to)
	}
}

// updates are the operations that change what exists: PATCH of the resource and
// POST to it, or to a part of it that is named like a property.
func updates(all map[string]endpoint, k *Kind) map[string]bool {
	taken := map[string]bool{}
	flavour := regexp.MustCompile(`/(combined|build|deployment|cron|manual)/\{`)
	for _, op := range k.Operations[1:] {
		e := all[op]
		if e.Method != http.MethodPatch && e.Method != http.MethodPost || len(e.Paths) == 0 || !strings.HasSuffix(e.Paths[0], "}") {
			continue
		}
		e.Request.paths("", taken)
		resource := flavour.ReplaceAllString(e.Paths[0], "/{") + "/"
		for _, part := range all {
			if part.Method == http.MethodGet || part.Method == http.MethodDelete || len(part.Paths) == 0 {
				continue
			}
			if name, ok := strings.CutPrefix(part.Paths[0], resource); ok && !strings.Contains(name, "/") {
				taken[name] = true
				part.Request.paths(name+".", taken)
			}
		}
	}
	return taken
}

// What counts as fixed is what a creation takes and no update does. Nothing else
// may: a change that the platform would make must not be refused.
func TestNoUpdateTakesWhatIsFixed(t *testing.T) {
	all := endpoints(t)
	fixed := 0
	for _, k := range Kinds() {
		if len(k.Fixed) == 0 {
			continue
		}
		created := map[string]bool{}
		all[k.Operations[0]].Request.paths("", created)
		taken := updates(all, k)
		if len(taken) == 0 {
			t.Errorf("%s: no operation updates it", k.Name)
		}
		for _, path := range k.Fixed {
			fixed++
			if !created[path] {
				t.Errorf("%s: creating one takes no %s", k.Name, path)
			}
			if taken[path] {
				t.Errorf("%s: an update takes %s", k.Name, path)
			}
		}
	}
	if fixed < 15 {
		t.Errorf("only %d properties are fixed", fixed)
	}
}

// And all that no update takes is fixed, but for what is listed here.
func TestWhatNoUpdateTakesIsFixed(t *testing.T) {
	all := endpoints(t)
	otherwise := map[string]string{
		"name":                          "it identifies the resource: another name is another resource",
		"projectId":                     "it says where the resource is",
		"source":                        "read at creation only",
		"createOptions":                 "read at creation only",
		"stageId":                       "volumes: read at creation only",
		"tags":                          "volumes: read at creation only",
		"deployment.vcs":                "jobs: changed by another operation, build-source",
		"deployment.storage":            "jobs: changed by another operation, scale",
		"deployment.gpu":                "jobs: PUT takes it, and the operation that sets the deployment does not list all that it takes",
		"deployment.metadata":           "jobs: the same",
		"deployment.gracePeriodSeconds": "jobs: the same",
		"attachedObjects":               "volumes: attached and detached by operations of their own",
		"owningObject":                  "volumes: the same",
	}
	for _, k := range Kinds() {
		if len(k.Fixed) == 0 {
			continue
		}
		created := map[string]bool{}
		all[k.Operations[0]].Request.paths("", created)
		taken := updates(all, k)
		for path := range created {
			if taken[path] || known(otherwise, path) || slices.ContainsFunc(k.Fixed, func(f string) bool {
				return f == path || strings.HasPrefix(path, f+".") || strings.HasPrefix(f, path+".")
			}) {
				continue
			}
			t.Errorf("%s: no update takes %s, and it is not said to be fixed", k.Name, path)
		}
	}
}

// known tells whether a path, or what it stands in, is listed.
func known(list map[string]string, path string) bool {
	for p := range list {
		if p == path || strings.HasPrefix(path, p+".") {
			return true
		}
	}
	return false
}
