package expr

import "strings"

// EscapeLiteral returns the string content whose parse is s itself: every `${` gets the backslash that makes it text.
func EscapeLiteral(s string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	return strings.ReplaceAll(s, "${", `\${`)
}
