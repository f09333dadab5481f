package template

import (
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// nestedDocument is a document in a node's spec.
type nestedDocument struct {
	value syntax.Value
	typ   Type
	// pointer leads from the node to the document.
	pointer string
}

// carriesDocuments reports whether nodes of the kind may carry documents.
func carriesDocuments(kind string) bool {
	switch kind {
	case "Pipeline", "Template", "WorkflowTemplate", "PreviewBlueprint":
		return true
	}
	return false
}

// carrierOf returns the kind by which a node's spec is looked through for nested
// documents: its own or, where no kind has that name, the one that the spec looks
// like. What stands in the documents is theirs while the kind is misspelt.
func carrierOf(kind string, spec syntax.Value) string {
	if definition(kind) != nil {
		return kind
	}
	switch inner := spec.Get("spec"); {
	case inner.Get("kind").IsValid() && spec.Get("apiVersion").IsValid():
		return "WorkflowTemplate"
	case inner.Get("spec").IsValid() && inner.Get("apiVersion").IsValid():
		return "Template"
	case spec.Get("stages").IsValid() || spec.Get("preview").IsValid():
		return "Pipeline"
	}
	return kind
}

// nestedDocuments finds the documents that a node's spec carries, by kind.
// Sources: "Template nodes", pipeline node; facts of Template, WorkflowTemplate
// and PreviewBlueprint.
func nestedDocuments(kind string, spec syntax.Value) []nestedDocument {
	switch kind = carrierOf(kind, spec); kind {
	case "Pipeline":
		return pipelineDocuments(spec)
	case "Template":
		v := spec.Get("spec")
		if v.Kind() != syntax.KindObject {
			return nil
		}
		t := Template
		switch spec.Get("kind").Text() {
		case "ReleaseFlow":
			t = ReleaseFlow
		case "PreviewEnv":
			t = PreviewEnv
		}
		return []nestedDocument{{v, t, "/spec/spec"}}
	case "WorkflowTemplate":
		return ownSpec(spec, ReleaseFlow)
	case "PreviewBlueprint":
		return ownSpec(spec, PreviewEnv)
	}
	return nil
}

func pipelineDocuments(spec syntax.Value) []nestedDocument {
	var out []nestedDocument
	if v := spec.Get("preview").Get("spec"); v.Kind() == syntax.KindObject {
		out = append(out, nestedDocument{v, PreviewEnv, "/spec/preview/spec"})
	}
	i := 0
	for stage := range spec.Get("stages").Elements() {
		if v := stage.Get("releaseFlow").Get("spec"); v.Kind() == syntax.KindObject {
			out = append(out, nestedDocument{v, ReleaseFlow, "/spec/stages/" + strconv.Itoa(i) + "/releaseFlow/spec"})
		}
		i++
	}
	return out
}

// ownSpec is for kinds whose spec is itself the nested document.
func ownSpec(spec syntax.Value, t Type) []nestedDocument {
	if spec.Get("spec").Kind() != syntax.KindObject {
		return nil
	}
	return []nestedDocument{{spec, t, "/spec"}}
}
