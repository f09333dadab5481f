package catalog

import (
	"slices"
	"strings"
	"testing"
)

// TestOutputsHaveWhatOperationsReturn asks for every property of the data that the operations of a kind answer with, at
// any depth: what a reference may read is the union of what creating, getting and putting return.
func TestOutputsHaveWhatOperationsReturn(t *testing.T) {
	otherwise := map[string]string{
		"Condition.":                 "it makes nothing: the operations only show whether the wait is over",
		"Template.template":          "creating answers with the template beside its first run; the reference is the template",
		"Template.templateRun":       "the same",
		"Template.kind":              "the page shows the root node of the template here",
		"Template.ref":               "the same",
		"Template.condition":         "the same",
		"Template.skipNodeExecution": "the same",
	}
	all := endpoints(t)
	paths := 0
	for _, k := range Kinds() {
		seen := map[string]bool{}
		for _, op := range k.Operations {
			if r := all[op].Response; r != nil {
				r.Properties["data"].paths("", seen)
			}
		}
		for path := range seen {
			paths++
			listed := false
			for prefix := range otherwise {
				if strings.HasPrefix(k.Name+"."+path, prefix) {
					listed = true
				}
			}
			if !listed && !hasOutput(k.Output, strings.Split(path, ".")) {
				t.Errorf("%s: an operation returns %s, which is no output", k.Name, path)
			}
		}
	}
	t.Logf("%d kinds, %d properties", len(Kinds()), paths)
}

// hasOutput reports whether a path leads somewhere in a schema; positions in arrays are left out of it. An object
// without properties may hold anything.
func hasOutput(id SchemaID, path []string) bool {
	s := id.Schema()
	if len(path) == 0 || id == 0 {
		return true
	}
	if a := s.Alternatives(); len(a) > 0 {
		return slices.ContainsFunc(a, func(a SchemaID) bool { return hasOutput(a, path) })
	}
	if s.Items != 0 {
		return hasOutput(s.Items, path)
	}
	if p, ok := s.Property(path[0]); ok {
		return hasOutput(p.Schema, path[1:])
	}
	return len(s.Properties) == 0
}

// TestNodesThatMakeSomethingHaveOutputs holds kinds without operations and without outputs to a list.
func TestNodesThatMakeSomethingHaveOutputs(t *testing.T) {
	// What the reference documents no operation for.
	without := strings.Fields("Approval BYOCRegistry CustomPlan LoopData LoopWorkflow Message OpenTofu OpenTofuDestroy " +
		"ReleaseStage SecretInheritance Workflow WorkloadIdentity")
	// What leaves nothing that a reference could read.
	silent := strings.Fields("Approval LoopData LoopWorkflow Message OpenTofuDestroy Release Workflow")
	for _, k := range Kinds() {
		if got := len(k.Operations) == 0; got != slices.Contains(without, k.Name) {
			t.Errorf("%s: %d operations", k.Name, len(k.Operations))
		}
		if got := len(k.Output.Schema().Properties) == 0; got != slices.Contains(silent, k.Name) {
			t.Errorf("%s: %d outputs", k.Name, len(k.Output.Schema().Properties))
		}
	}
}

// TestTheProjectIsThatOfTheOperation derives from the address of the first operation whether a kind needs a project.
func TestTheProjectIsThatOfTheOperation(t *testing.T) {
	all := endpoints(t)
	for _, k := range Kinds() {
		if len(k.Operations) == 0 {
			continue
		}
		inside := strings.Contains(all[k.Operations[0]].Paths[0], "/projects/{")
		if inside != k.Project {
			t.Errorf("%s: needs a project: %v, its operation %v: %s", k.Name, k.Project, inside, all[k.Operations[0]].Paths[0])
		}
	}
}
