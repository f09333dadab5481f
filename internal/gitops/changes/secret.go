package changes

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Shown writes a value of the place in one line of JSON for readers: what is or may be a
// secret, by the schema, by its name or by its form, is masked.
func (p Place) Shown(v syntax.Value) string {
	text, err := json.Marshal(p.hide(v, p.Pointer))
	if err != nil {
		return ""
	}
	return string(text)
}

func (p Place) hide(v syntax.Value, pointer string) any {
	switch v.Kind() {
	case syntax.KindObject:
		out := map[string]any{}
		for m := range v.Members() {
			out[m.KeyText()] = p.hide(m.Value(), pointer+"/"+escape(m.KeyText()))
		}
		return out
	case syntax.KindArray:
		out := []any{}
		for e := range v.Elements() {
			out = append(out, p.hide(e, pointer+"/"+strconv.Itoa(len(out))))
		}
		return out
	case syntax.KindNull, syntax.KindTrue, syntax.KindFalse:
		return v.Interface()
	}
	text := v.Raw()
	if v.Kind() == syntax.KindString {
		text = v.Text()
	}
	if text != "" && !isExpression(text) && p.secret(pointer, text) {
		return expr.Mask
	}
	if v.Kind() == syntax.KindNumber && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return text
}

// isExpression reports whether a text is one expression: that says where a value comes
// from and not what it is.
func isExpression(text string) bool {
	return strings.HasPrefix(text, "${") && strings.IndexByte(text, '}') == len(text)-1
}

// secret reports whether what stands at a pointer is not for readers.
func (p Place) secret(pointer, text string) bool {
	if len(p.kinds) == 0 { // of the document
		top, rest, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
		if top == "argumentOverrides" || strings.HasPrefix(rest, "runOnCreationArgumentOverrides") {
			return true
		}
		return analysis.Confidential(nameOf(pointer), text) || analysis.LooksRandom(text)
	}
	for _, kind := range p.kinds {
		for _, pattern := range catalog.SecretPaths(kind) {
			if covers(pattern, pointer) {
				return true
			}
		}
		for _, pattern := range platform.SecretProperties(kind) {
			if covers("/spec"+pattern, pointer) {
				return true
			}
		}
	}
	return analysis.Confidential(nameOf(pointer), text)
}

func nameOf(pointer string) string { return unescape(pointer[strings.LastIndexByte(pointer, '/')+1:]) }

// covers reports whether a pattern, in which "*" stands for any step, leads to what stands
// at a pointer or around it.
func covers(pattern, pointer string) bool {
	steps := strings.Split(pointer, "/")
	for i, token := range strings.Split(pattern, "/") {
		if i >= len(steps) || token != "*" && token != steps[i] {
			return false
		}
	}
	return true
}
