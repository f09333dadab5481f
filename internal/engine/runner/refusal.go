package runner

import (
	"net/http"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// refused collects what is wrong with a document, by the dotted path of the
// property, as refusals of the platform name it.
type refused struct {
	details  map[string]any
	messages []string
}

func (r *refused) add(at, message string) {
	if r.details == nil {
		r.details = map[string]any{}
	}
	if at == "" {
		at = "spec"
	}
	problems, _ := r.details[at].([]any)
	r.details[at] = append(problems, message)
	r.messages = append(r.messages, at+": "+message)
}

func (r *refused) err() error {
	if len(r.messages) == 0 {
		return nil
	}
	return &platform.Error{Status: http.StatusBadRequest, ID: platform.ErrorValidation, Message: strings.Join(r.messages, "; "), Details: r.details}
}

// placeOf is the dotted path of what stands at a place.
func placeOf(tree *syntax.Tree, at syntax.Range) string {
	return dotted(tree.PathAt(at.Start).Pointer())
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// dotted spells a JSON pointer with dots.
func dotted(pointer string) string {
	segments := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, s := range segments {
		segments[i] = unescape.Replace(s)
	}
	return strings.Join(segments, ".")
}
