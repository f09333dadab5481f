package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

func TestAt(t *testing.T) {
	tests := []struct {
		name, text, path string
		has, lacks       string // properties of the schemas there
		values           string // values of their enumerations
	}{
		{name: "a node", text: `{"kind":"Addon"}`, has: "spec skipNodeExecution updateMode", lacks: "context"},
		{name: "a workflow has a context of its own", text: `{"kind":"Workflow"}`, has: "context spec"},
		{name: "a node whose kind is not known yet", text: `{"kind":"Addn"}`, has: "ref kind spec"},
		{name: "a spec that is not there yet", text: `{"kind":"Workflow"}`, path: "spec", has: "type steps context"},
		{name: "a step that is not there yet", text: `{"kind":"Workflow","spec":{"steps":[]}}`, path: "spec/steps/0", has: "kind ref spec"},
		{name: "a step of a kind", text: `{"kind":"Workflow","spec":{"steps":[{"kind":"Approval","spec":{}}]}}`, path: "spec/steps/0/spec", has: "amount", lacks: "type"},
		{name: "the kinds of a condition", text: `{"kind":"Condition","spec":{}}`, path: "spec/kind", values: "Addon AddonBackup AddonImport Build BYOCCluster JobRun Service VCS"},
		{name: "the kind decides", text: `{"kind":"Condition","spec":{"kind":"Service"}}`, path: "spec/spec/data", has: "serviceId projectId timeoutDuration", lacks: "addonId buildId"},
		{name: "a kind that an argument decides leaves all open", text: `{"kind":"Condition","spec":{"kind":"${args.KIND}"}}`, path: "spec/spec/data", has: "serviceId addonId buildId"},
		{name: "a misspelt kind leaves all open", text: `{"kind":"Condition","spec":{"kind":"Servce"}}`, path: "spec/spec/type", values: "running success createRepoFromSourceSuccess"},
		{name: "the members that are there decide", text: `{"kind":"Project","spec":{"clusterId":"c"}}`, path: "spec", has: "name clusterId", lacks: "region"},
		{name: "without any, all alternatives count", text: `{"kind":"Project","spec":{}}`, path: "spec", has: "region clusterId"},
		{name: "a half-typed member decides nothing", text: `{"kind":"Project","spec":{"clusterId"`, path: "spec", has: "region clusterId"},
		{name: "the build settings are one or the other", text: `{"kind":"CombinedService","spec":{"buildSettings":{"buildpack":{}}}}`, path: "spec/buildSettings/buildpack/builder", values: "HEROKU_24"},
		{name: "values with an expression beside them", text: `{"kind":"CombinedService"}`, path: "spec/deployment/type", values: "deployment statefulSet"},
		{name: "an element of a list", text: `{"kind":"CombinedService"}`, path: "spec/ports/0", has: "name internalPort protocol"},
		{name: "nowhere", text: `{"kind":"Approval"}`, path: "spec/nothing/more"},
		{name: "below a scalar", text: `{"kind":"Approval","spec":{"amount":1}}`, path: "spec/amount/x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var path []string
			if tt.path != "" {
				path = strings.Split(tt.path, "/")
			}
			var names, values []string
			ids := validate.At(syntax.Parse(tt.text).Root(), catalog.AnyNode, path)
			for i, id := range ids {
				s := id.Schema()
				if len(s.Alternatives()) > 0 || slices.Contains(ids[:i], id) {
					t.Errorf("schema %d has alternatives, or stands twice", id)
				}
				for _, p := range s.Properties {
					names = append(names, p.Name)
				}
				for _, e := range s.Enum {
					values = append(values, e.Text)
				}
			}
			for _, n := range strings.Fields(tt.has) {
				if !slices.Contains(names, n) {
					t.Errorf("%q is not among %q", n, names)
				}
			}
			for _, n := range strings.Fields(tt.lacks) {
				if slices.Contains(names, n) {
					t.Errorf("%q is among %q", n, names)
				}
			}
			for _, v := range strings.Fields(tt.values) {
				if !slices.Contains(values, v) {
					t.Errorf("%q is not among the values %q", v, values)
				}
			}
			if tt.has+tt.values == "" && len(ids) > 0 {
				t.Errorf("schemas %v apply", ids)
			}
		})
	}
}

func TestAtInADocument(t *testing.T) {
	text := `{"apiVersion":"v1.2","project":{"spec":{}},"options":{},"spec":{"kind":"Workflow","spec":{"steps":[{"kind":"Pipeline","spec":{"preview":{"spec":{"triggers":[{}]}}}}]}}}`
	root := syntax.Parse(text).Root()
	id := catalog.Document("template").Root
	for path, want := range map[string]string{
		"":             "apiVersion",
		"options":      "concurrencyPolicy",
		"project":      "id",
		"project/spec": "region",
		"spec/spec/steps/0/spec/preview/spec/triggers/0": "branchRestrictions",
	} {
		var steps []string
		if path != "" {
			steps = strings.Split(path, "/")
		}
		found := false
		for _, id := range validate.At(root, id, steps) {
			_, ok := id.Schema().Property(want)
			found = found || ok
		}
		if !found {
			t.Errorf("no %q at %q", want, path)
		}
	}
}
