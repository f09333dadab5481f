package importer

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// documentsOf are the documents in the spec of a kind, as patterns of JSON pointers.
// Their expressions are for their own runs, and stay as they are; what the template
// puts into them is spelt `${template...}` there.
func documentsOf(kind string) []string {
	switch kind {
	case "Pipeline":
		return []string{"/stages/*/releaseFlow/spec", "/preview/spec"}
	case "WorkflowTemplate", "PreviewBlueprint":
		return []string{""}
	}
	return nil
}

// nodeSpec are the forms of the spec of a node in such a document, whose secrets it takes
// note of; none for what is no node.
func (w *writer) nodeSpec(v map[string]any, pointer string) []catalog.SchemaID {
	kind := jsonvalue.String(v, "kind")
	k, ok := catalog.Lookup(kind)
	if !ok || v["spec"] == nil {
		return nil
	}
	for _, at := range platform.Expand(v["spec"], platform.SecretProperties(kind)) {
		w.secret = append(w.secret, pointer+"/spec"+at)
	}
	return formsOf([]catalog.SchemaID{k.Spec})
}

// inDocument tells of a JSON pointer whether it is in such a document.
func (w *writer) inDocument(pointer string) bool {
	for _, d := range w.documents {
		if pointer == d || strings.HasPrefix(pointer, d+"/") {
			return true
		}
	}
	return false
}
