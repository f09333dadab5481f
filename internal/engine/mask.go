package engine

import (
	"github.com/nf-lsp/nf-lsp/internal/engine/mask"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// A masker hides known secrets in text that comes from elsewhere: outputs of the
// platform, messages of errors. Values that the engine computes carry marks of
// their own; the masker is for what has lost them.
type masker struct{ mask.Masker }

// add makes the secret parts of a value known.
func (m *masker) add(v expr.Value) { m.AddValue(v) }

// hide returns the text with all known secrets masked.
func (m *masker) hide(s string) string { return m.Text(s) }

// hideIn masks known secrets in all texts of a JSON value, keys included. The
// value is not changed; what holds no secret may be shared.
func (m *masker) hideIn(v any) any { return m.JSON(v) }
