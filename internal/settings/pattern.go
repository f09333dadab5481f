package settings

import (
	"errors"
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// pattern chooses files as a line of a .gitignore does: a slash at the front or
// in the middle ties it to the root, one at the end means folders, a folder
// means all that is in it, an exclamation mark takes back.
type pattern struct {
	glob    string // for doublestar
	folder  bool   // only folders, which stand for what is in them
	negated bool
}

// A patternError says why a pattern can choose no file as it is written. Better,
// if there is one, is what was probably meant.
type patternError struct{ message, better string }

func (e *patternError) Error() string { return e.message }

// parsePattern reads a pattern. It refuses what could only be a slip, so that
// nobody believes a file to be chosen which is not.
func parsePattern(text string) (pattern, error) {
	var p pattern
	glob := trimSpaces(text)
	if strings.HasPrefix(glob, "!") {
		p.negated, glob = true, glob[1:]
	}
	if glob == "" || strings.Trim(glob, "/") == "" {
		return p, errors.New(`a pattern names files, for instance "infra/*.json"`)
	}
	if i := foreignBackslash(glob); i >= 0 {
		return p, &patternError{
			fmt.Sprintf("folders are separated by /, also on Windows; \\ takes the meaning of the character behind it, and %q needs none.", glob[i+1:i+2]),
			separators(text),
		}
	}
	if len(glob) > 2 && glob[0] != '/' && glob[1:3] == ":/" {
		return p, errors.New("a pattern counts from the folder that holds .northflank and cannot name a drive")
	}
	if rest, ok := strings.CutPrefix(glob, "./"); ok {
		better := "/" + rest
		if p.negated {
			better = "!" + better
		}
		return p, &patternError{`"./" matches nothing; a slash at the front ties a pattern to the folder that holds .northflank.`, better}
	}
	for part := range strings.SplitSeq(glob, "/") {
		if part == ".." {
			return p, errors.New(`".." matches nothing; a pattern counts from the folder that holds .northflank and cannot leave it`)
		}
	}
	glob, p.folder = strings.CutSuffix(glob, "/")
	glob, rooted := strings.CutPrefix(glob, "/")
	if !rooted && !strings.Contains(glob, "/") {
		glob = "**/" + glob
	}
	// What doublestar has beyond .gitignore is text there.
	glob = literalBraces(glob)
	if strings.HasSuffix(glob, "/**") {
		glob += "/*" // what is in the folder, and not the folder
	}
	if !doublestar.ValidatePattern(glob) {
		return p, errors.New(`the pattern is not complete: "[" is closed by "]", and a "\" stands before the character that it is for`)
	}
	p.glob = glob
	return p, nil
}

// trimSpaces takes spaces at the end away that have no backslash before them.
func trimSpaces(s string) string {
	for strings.HasSuffix(s, " ") && !strings.HasSuffix(s, `\ `) {
		s = s[:len(s)-1]
	}
	return s
}

// foreignBackslash returns the place of a backslash that stands before a
// character without a special meaning, as on Windows; -1 if there is none.
func foreignBackslash(glob string) int {
	for i := 0; i < len(glob); i++ {
		if glob[i] != '\\' {
			continue
		}
		if i+1 < len(glob) && !strings.ContainsRune(`*?[]\!# {}`, rune(glob[i+1])) {
			return i
		}
		i++
	}
	return -1
}

// separators writes a Windows path with slashes.
func separators(text string) string { return strings.ReplaceAll(text, `\`, "/") }

// literalBraces takes the meaning away from braces, which choose alternatives in
// doublestar.
func literalBraces(glob string) string {
	if !strings.ContainsAny(glob, "{}") {
		return glob
	}
	var b strings.Builder
	for i := 0; i < len(glob); i++ {
		switch c := glob[i]; {
		case c == '\\' && i+1 < len(glob):
			b.WriteString(glob[i : i+2])
			i++
		case c == '{' || c == '}':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// matches reports whether the pattern is for a file, by its path from the root
// with slashes: by the whole path or by one of the folders that it lies in.
func (p pattern) matches(path string) bool {
	for i := 0; i <= len(path); i++ {
		if i < len(path) && path[i] != '/' || i == len(path) && p.folder {
			continue
		}
		if doublestar.MatchUnvalidated(p.glob, path[:i]) {
			return true
		}
	}
	return false
}

// patterns are a list of which the last that matches counts.
type patterns []pattern

func (l patterns) matches(path string) bool {
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].matches(path) {
			return !l[i].negated
		}
	}
	return false
}

// Patterns choose files by their paths from a root, with slashes, as the lines of
// a .gitignore do. The zero value chooses none.
type Patterns struct{ list patterns }

// NewPatterns reads patterns; those that can choose nothing as they are written
// are passed over.
func NewPatterns(lines []string) Patterns {
	var p Patterns
	for _, line := range lines {
		if one, err := parsePattern(line); err == nil {
			p.list = append(p.list, one)
		}
	}
	return p
}

// Match reports whether a file is chosen.
func (p Patterns) Match(path string) bool { return p.list.matches(path) }

// patternFor returns the pattern that means one file only, by its path from the
// root with slashes.
func patternFor(path string) string {
	var b strings.Builder
	b.WriteByte('/')
	for i, c := range path {
		if strings.ContainsRune(`*?[]\{}`, c) || c == ' ' && i == len(path)-1 {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}
