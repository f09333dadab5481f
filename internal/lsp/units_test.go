package lsp_test

import (
	"time"
	"unicode/utf16"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
)

// pushSoon are the options of a server that does not keep tests waiting.
var pushSoon = lsp.Options{PushDelay: time.Millisecond}

// line is a text as editors count it.
type line []uint16

func utf16Units(s string) line { return utf16.Encode([]rune(s)) }

func (l line) text(from, to int) string { return string(utf16.Decode(l[from:to])) }
