package lsp

import (
	"strings"

	"go.lsp.dev/protocol"
)

// markup wraps Markdown for a client that shows it, and its text for one that
// does not.
func markup(text string, markdown bool) *protocol.MarkupContent {
	if markdown {
		return &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: text}
	}
	return &protocol.MarkupContent{Kind: protocol.MarkupKindPlainText, Value: plainText(text)}
}

// plainText takes the marks out of the Markdown that the analysis writes:
// fences, emphasis, code, links and escapes.
func plainText(markdown string) string {
	var out []string
	fenced := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
			continue
		}
		if !fenced {
			line = plainLine(strings.TrimLeft(line, "#>"))
		}
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

func plainLine(line string) string {
	var out strings.Builder
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && isMark(line[i+1]):
			i++
			out.WriteByte(line[i])
		case c == '`':
			i += codeSpan(&out, line[i:]) - 1
		case strings.HasPrefix(line[i:], "**"):
			i++
		case c == '[':
			text, length := link(line[i:])
			if length == 0 {
				out.WriteByte(c)
				continue
			}
			out.WriteString(plainLine(text))
			i += length - 1
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

func isMark(c byte) bool { return strings.IndexByte("\\`*_{}[]()<>#+-.!|$~", c) >= 0 }

// codeSpan writes the content of the code span at the start of s and returns
// the span's length.
func codeSpan(out *strings.Builder, s string) int {
	ticks := len(s) - len(strings.TrimLeft(s, "`"))
	fence := s[:ticks]
	end := strings.Index(s[ticks:], fence)
	if end < 0 {
		out.WriteString(fence)
		return ticks
	}
	out.WriteString(strings.TrimSpace(s[ticks : ticks+end]))
	return ticks + end + ticks
}

// link returns the text of the link at the start of s and the link's length, or
// 0 if it is none.
func link(s string) (text string, length int) {
	mid := strings.Index(s, "](")
	if mid < 0 {
		return "", 0
	}
	end := strings.IndexByte(s[mid:], ')')
	if end < 0 {
		return "", 0
	}
	return s[1:mid], mid + end + 1
}
