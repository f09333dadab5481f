package engine

import (
	"github.com/nf-lsp/nf-lsp/internal/engine/mask"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// A masker hides known secrets in text that comes from elsewhere: outputs of the
// platform, messages of errors. Values that the engine computes carry marks of
// their own; the masker is for what has lost them.
type masker struct {
	mask.Masker
	outer *masker // is asked first; nil for most
}

// with returns a masker that hides some texts more.
func (m *masker) with(texts []string) *masker {
	out := &masker{outer: m}
	for _, text := range texts {
		out.Add(text)
	}
	return out
}

// add makes the secret parts of a value known.
func (m *masker) add(v expr.Value) { m.AddValue(v) }

// hide returns the text with all known secrets masked.
func (m *masker) hide(s string) string {
	if m.outer != nil {
		s = m.outer.hide(s)
	}
	return m.Text(s)
}

// hideIn masks known secrets in all texts of a JSON value, keys included. The
// value is not changed; what holds no secret may be shared.
func (m *masker) hideIn(v any) any {
	if m.outer != nil {
		v = m.outer.hideIn(v)
	}
	return m.JSON(v)
}
