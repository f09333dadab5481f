// Package gitignore tells which paths rules in the syntax of a `.gitignore` file name,
// as Git itself would: the last rule that matches decides, and what lies below a folder
// that is named cannot be taken out again.
//
// Paths and rules are bytes, compared by case. The package must not know what the rules
// are for, and reads no files.
//
// Source: https://git-scm.com/docs/gitignore; what that page leaves open, such as sets
// of characters, is as `git check-ignore` does it, which the tests ask.
package gitignore

import "strings"

// Rules are the rules of one list, which stands at the root of a repository.
type Rules struct {
	rules []rule
}

// A rule is one line.
type rule struct {
	pattern []token
	// name is what a pattern spells out; empty for one with other tokens.
	name    string
	negated bool
	// folder rules name folders only.
	folder bool
	// whole rules are compared with a path from the root; others with a name in any
	// folder.
	whole bool
}

// Compile reads rules, one or more lines each. Blank lines and comments name nothing,
// and so does a line that Git would not understand.
func Compile(lines []string) Rules {
	var r Rules
	for i, text := range lines {
		if i == 0 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		for line := range strings.SplitSeq(text, "\n") {
			if one, ok := parse(line); ok {
				r.rules = append(r.rules, one)
			}
		}
	}
	return r
}

// Empty tells whether there is no rule.
func (r Rules) Empty() bool { return len(r.rules) == 0 }

// Match tells whether the rules name a file, by its path from the root with slashes.
func (r Rules) Match(file string) bool {
	file = strings.TrimPrefix(file, "/")
	for i := 0; i < len(file); i++ {
		if file[i] == '/' && r.decide(file[:i], true) {
			return true // with the folder; nothing below can be taken out again
		}
	}
	return r.decide(file, false)
}

// decide asks the rules about one path, the last one first.
func (r Rules) decide(path string, folder bool) bool {
	if path == "" {
		return false
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	for i := len(r.rules) - 1; i >= 0; i-- {
		one := &r.rules[i]
		if one.folder && !folder {
			continue
		}
		text := name
		if one.whole {
			text = path
		}
		if one.takes(text) {
			return !one.negated
		}
	}
	return false
}

func (r *rule) takes(text string) bool {
	if r.name != "" {
		return r.name == text
	}
	return match(r.pattern, text)
}

// parse reads a line, false for one that holds no rule.
func parse(line string) (rule, bool) {
	line = strings.TrimSuffix(line, "\r")
	if strings.HasPrefix(line, "#") {
		return rule{}, false
	}
	line = trimSpaces(line)
	var r rule
	if line, r.negated = strings.CutPrefix(line, "!"); line == "" {
		return rule{}, false
	}
	line, r.folder = strings.CutSuffix(line, "/")
	r.whole = strings.Contains(line, "/")
	pattern, ok := compile(strings.TrimPrefix(line, "/"), r.whole)
	r.pattern, r.name = pattern, spelt(pattern)
	return r, ok && line != ""
}

// trimSpaces takes the spaces at the end away, but for those behind a backslash.
func trimSpaces(line string) string {
	kept := 0
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			if i++; i == len(line) { // a backslash that quotes nothing
				return line
			}
			kept = i + 1
		case line[i] != ' ':
			kept = i + 1
		}
	}
	return line[:kept]
}
