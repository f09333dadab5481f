package terminal

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Width is how many columns a terminal takes for text without control
// characters: none for what combines with the character before, two for wide
// characters and for emoji.
func Width(text string) int {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return uniseg.StringWidth(text)
		}
	}
	return len(text)
}

// Cut shortens text to at most width columns, which an ellipsis at its end
// tells. It parts no character from what combines with it.
func Cut(text string, width int) string {
	if len(text) <= width { // no character has more columns than bytes
		return text
	}
	if Width(text) <= width {
		return text
	}
	if width <= 0 {
		return ""
	}
	end, used := 0, 1 // the ellipsis
	state := -1
	for rest := text; rest != ""; {
		var w int
		_, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used+w > width {
			break
		}
		used += w
		end = len(text) - len(rest)
	}
	return strings.TrimRight(text[:end], " ") + "…"
}

// rowsOf is how many rows of a terminal a line takes when it wraps; colours take
// no room.
func rowsOf(line string, width int) int {
	rows, used, state := 1, 0, -1
	for line != "" {
		if strings.HasPrefix(line, "\x1b[") {
			_, line, _ = strings.Cut(line, "m")
			state = -1
			continue
		}
		var w int
		_, line, w, state = uniseg.FirstGraphemeClusterInString(line, state)
		if used+w > width && used > 0 {
			rows, used = rows+1, 0
		}
		used += w
	}
	return rows
}

// Printable makes a single line of text from anywhere that does nothing to a
// terminal but show: white space becomes a space, and what would move the
// cursor, change colours or turn the direction of writing around a replacement
// character.
func Printable(text string) string {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f {
			return strings.Map(printable, strings.ToValidUTF8(text, "\uFFFD"))
		}
	}
	return text
}

func printable(r rune) rune {
	switch {
	case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
		return ' '
	case unicode.IsControl(r), r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069', r == '\u200E', r == '\u200F', r == '\uFEFF':
		return '\uFFFD'
	}
	return r
}
