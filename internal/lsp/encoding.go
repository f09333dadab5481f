package lsp

import (
	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// positionEncoding is the protocol's name of an encoding.
func positionEncoding(e syntax.Encoding) protocol.PositionEncodingKind {
	if e == syntax.UTF8 {
		return protocol.PositionEncodingKindUTF8
	}
	return protocol.PositionEncodingKindUTF16
}
