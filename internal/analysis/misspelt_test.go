package analysis_test

import (
	"strings"
	"testing"
)

// One character is typed while a workflow's steps stand under a misspelt name.
func BenchmarkOneCharacterEditBesideMisspeltSteps(b *testing.B) {
	text := strings.Replace(large(2000), `"steps":[`, `"steps":[ { "kind": "Workflow", "spec": { "type": "sequential", "step": [] } },`, 1)
	benchmarkEditsOf(b, text, `"three"`, 3, "x", "y")
}

// While properties that shape a document are misspelt, only the first node tells
// of what it misses: also then a snapshot says what a fresh one does.
func TestASnapshotBesideMisspeltPropertiesEqualsAFreshOne(t *testing.T) {
	const text = `{
  "apiVersion": "v1.2",
  "name": "Misspelt",
  "argumnts": { "BRANCH": "main" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "contxt": { "projectId": "shop" }, "steps": [
    { "kind": "Workflow", "spec": { "type": "parallel", "step": [ { "kind": "Project", "ref": "hidden" } ] } },
    { "kind": "SecretGroup", "ref": "one", "spec": { "name": "one ${args.BRANCH}", "secretType": "environment", "priority": 10, "projectId": "${refs.hidden.id}" } },
    { "kind": "SecretGroup", "ref": "two", "spec": { "name": "two ${refs.one.id}", "secretType": "environment", "priority": 10 } },
    { "kind": "SecretGroup", "ref": "three", "spec": { "name": "three ${refs.gone.id}", "secretType": "environment", "priority": 10 } },
    { "kind": "Workflow", "spec": { "type": "sequential", "contexts": { "projectId": "${refs.hidden.id}" }, "steps": [
      { "kind": "SecretGroup", "ref": "four", "spec": { "name": "four", "secretType": "environment", "priority": 10 } },
      { "kind": "SecretGroup", "spec": { "name": "five ${refs.four.id} ${refs.lost.id}", "secretType": "environment", "priority": 10 } }
    ] } }
  ] } }
}
`
	for seed := range uint64(12) {
		typeInto(t, text, seed, 120)
	}
	typeInto(t, strings.ReplaceAll(text, `"step"`, `"steps"`), 20, 200)
}
