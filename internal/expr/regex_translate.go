package expr

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf16"
)

// regexTranslator checks a pattern by JavaScript's grammar and writes it in the engine's, which differs in dots, anchors,
// classes, case, named groups and what it takes for a mistake.
type regexTranslator struct {
	pattern []rune
	unicode bool
	modes
	pos    int
	out    strings.Builder
	depth  int
	names  []string // of the groups, by number - 1
	groups int      // in the whole pattern
	named  bool     // the pattern has named groups
}

// modes are the flags that a group can change for what is in it.
type modes struct{ ignoreCase, multiline, dotAll bool }

// maxRegexDepth is how deep groups can stand in each other.
const maxRegexDepth = 200

func (t *regexTranslator) fail(format string, args ...any) error {
	return &RegexError{Message: "the regular expression is not valid: " + fmt.Sprintf(format, args...)}
}

func (t *regexTranslator) peek(i int) rune {
	if t.pos+i < len(t.pattern) {
		return t.pattern[t.pos+i]
	}
	return -1
}

func (t *regexTranslator) eat(s string) bool {
	for i, r := range s {
		if t.peek(i) != r {
			return false
		}
	}
	t.pos += len(s)
	return true
}

func (t *regexTranslator) greatest() rune {
	if t.unicode {
		return 0x10FFFF
	}
	return 0xFFFF
}

func (t *regexTranslator) translate() (string, error) {
	t.countGroups()
	if err := t.alternatives(); err != nil {
		return "", err
	}
	if t.pos < len(t.pattern) {
		return "", t.fail("`)` closes no group")
	}
	return t.out.String(), nil
}

// countGroups finds how many groups there are: it decides what `\1` and `\k` mean before them.
func (t *regexTranslator) countGroups() {
	class := false
	for i := 0; i < len(t.pattern); i++ {
		switch t.pattern[i] {
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '(':
			if class {
				continue
			}
			at := func(n int) rune {
				if i+n < len(t.pattern) {
					return t.pattern[i+n]
				}
				return -1
			}
			if at(1) != '?' {
				t.groups++
			} else if at(2) == '<' && at(3) != '=' && at(3) != '!' {
				t.groups++
				t.named = true
			}
		}
	}
}

func (t *regexTranslator) alternatives() error {
	if t.depth++; t.depth > maxRegexDepth {
		return t.fail("its groups are nested too deeply")
	}
	defer func() { t.depth-- }()
	for t.pos < len(t.pattern) {
		switch t.peek(0) {
		case ')':
			return nil
		case '|':
			t.pos++
			t.out.WriteByte('|')
		default:
			if err := t.term(); err != nil {
				return err
			}
		}
	}
	return nil
}

// term reads an assertion or an atom with its quantifier.
func (t *regexTranslator) term() error {
	c := t.peek(0)
	t.pos++
	repeatable := true
	switch c {
	case '^':
		repeatable = false
		if t.multiline {
			t.out.WriteString(`(?<![^\n\r\u2028\u2029])`)
		} else {
			t.out.WriteByte('^')
		}
	case '$':
		repeatable = false
		if t.multiline {
			t.out.WriteString(`(?![^\n\r\u2028\u2029])`)
		} else {
			t.out.WriteString(`(?![\s\S])`)
		}
	case '.':
		if t.dotAll {
			t.out.WriteString(`[\s\S]`)
		} else {
			t.set(lineSet.complement(t.greatest()))
		}
	case '(':
		var err error
		if repeatable, err = t.group(); err != nil {
			return err
		}
	case '[':
		if err := t.class(); err != nil {
			return err
		}
	case '\\':
		var err error
		if repeatable, err = t.escape(); err != nil {
			return err
		}
	case '*', '+', '?':
		return t.fail("there is nothing to repeat before `%c`", c)
	case '{':
		t.pos--
		if _, _, ok := t.braces(); ok {
			return t.fail("there is nothing to repeat before `{`")
		}
		if t.unicode {
			return t.fail("`{` has to be written `\\{` with the flag u")
		}
		t.pos++
		t.character(c)
	case '}', ']':
		if t.unicode {
			return t.fail("`%c` has to be written `\\%c` with the flag u", c, c)
		}
		t.character(c)
	default:
		t.character(c)
	}
	return t.quantifier(repeatable)
}

func (t *regexTranslator) quantifier(repeatable bool) error {
	text := ""
	switch c := t.peek(0); c {
	case '*', '+', '?':
		t.pos++
		text = string(c)
	case '{':
		low, high, ok := t.braces()
		if !ok {
			return nil
		}
		if high >= 0 && high < low {
			return t.fail("the bounds of a repetition are out of order")
		}
		text = fmt.Sprintf("{%d,%d}", low, high)
		if high < 0 {
			text = fmt.Sprintf("{%d,}", low)
		}
	default:
		return nil
	}
	if !repeatable {
		return t.fail("there is nothing to repeat before `%c`", text[0])
	}
	t.out.WriteString(text)
	if t.peek(0) == '?' {
		t.pos++
		t.out.WriteByte('?')
	}
	return nil
}

// braces reads `{n}`, `{n,}` or `{n,m}`; high is -1 without a bound.
func (t *regexTranslator) braces() (low, high int, ok bool) {
	i := 1
	number := func() (int, bool) {
		n, digits := 0, 0
		for ; t.peek(i) >= '0' && t.peek(i) <= '9'; i++ {
			n = min(n*10+int(t.peek(i)-'0'), math.MaxInt32-1)
			digits++
		}
		return n, digits > 0
	}
	if low, ok = number(); !ok {
		return 0, 0, false
	}
	high = low
	if t.peek(i) == ',' {
		i++
		if high, ok = number(); !ok {
			high = -1
		}
	}
	if t.peek(i) != '}' {
		return 0, 0, false
	}
	t.pos += i + 1
	return low, high, true
}

// group reads what follows `(`. Look-ahead can be repeated without the flag u, look-behind cannot.
func (t *regexTranslator) group() (repeatable bool, err error) {
	repeatable = true
	outer := t.modes
	defer func() { t.modes = outer }()
	switch {
	case t.eat("?:"), t.modifiers():
		t.out.WriteString("(?:")
	case t.eat("?="):
		t.out.WriteString("(?:(?=")
		defer t.out.WriteByte(')')
		repeatable = !t.unicode
	case t.eat("?!"):
		t.out.WriteString("(?:(?!")
		defer t.out.WriteByte(')')
		repeatable = !t.unicode
	case t.eat("?<="):
		t.out.WriteString("(?<=")
		repeatable = false
	case t.eat("?<!"):
		t.out.WriteString("(?<!")
		repeatable = false
	case t.eat("?<"):
		name, ok := t.groupName()
		if !ok {
			return false, t.fail("the name of a group is not valid")
		}
		for _, other := range t.names {
			if other == name {
				return false, t.fail("two groups have the name `%s`", name)
			}
		}
		t.names = append(t.names, name)
		t.out.WriteByte('(')
	case t.peek(0) == '?':
		return false, t.fail("`(?%s` begins no group", string(max(t.peek(1), ' ')))
	default:
		t.names = append(t.names, "")
		t.out.WriteByte('(')
	}
	if err := t.alternatives(); err != nil {
		return false, err
	}
	if t.peek(0) != ')' {
		return false, t.fail("a group is not closed: add `)`")
	}
	t.pos++
	t.out.WriteByte(')')
	return repeatable, nil
}

// modifiers reads what changes flags within a group: `?i:`, `?ms-i:`. A flag stands there once, and there is one at least.
func (t *regexTranslator) modifiers() bool {
	set, seen, off := t.modes, "", false
	for i := 1; t.peek(0) == '?'; i++ {
		c := t.peek(i)
		switch {
		case c == ':' && seen != "":
			t.modes = set
			t.pos += i + 1
			return true
		case c == '-' && !off:
			off = true
			continue
		case c < 0 || strings.ContainsRune(seen, c):
			return false
		case c == 'i':
			set.ignoreCase = !off
		case c == 'm':
			set.multiline = !off
		case c == 's':
			set.dotAll = !off
		default:
			return false
		}
		seen += string(c)
	}
	return false
}

// groupName reads a name up to `>`.
func (t *regexTranslator) groupName() (string, bool) {
	start := t.pos
	for ; t.peek(0) != '>'; t.pos++ {
		c := t.peek(0)
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$' || c >= 0x80 || t.pos > start && c >= '0' && c <= '9') {
			return "", false
		}
	}
	t.pos++
	return string(t.pattern[start : t.pos-1]), t.pos-1 > start
}

// escape reads what follows a backslash outside of classes.
func (t *regexTranslator) escape() (repeatable bool, err error) {
	switch c := t.peek(0); {
	case c < 0:
		return false, t.fail("it ends in a backslash")
	case c == 'b', c == 'B':
		t.pos++
		t.boundary(c == 'B')
		return false, nil
	case c >= '1' && c <= '9':
		n, width := 0, 0
		for d := t.peek(width); d >= '0' && d <= '9' && n < 1<<20; d = t.peek(width) {
			n = n*10 + int(d-'0')
			width++
		}
		if n <= t.groups {
			t.pos += width
			t.backReference(n)
			return true, nil
		}
		if t.unicode {
			return false, t.fail("there is no group %d", n)
		}
	case c == 'k' && (t.named || t.unicode):
		t.pos++
		if t.peek(0) != '<' {
			return false, t.fail("`\\k` needs the name of a group, as in `\\k<name>`")
		}
		t.pos++
		name, ok := t.groupName()
		if !ok {
			return false, t.fail("`\\k` needs the name of a group, as in `\\k<name>`")
		}
		n := t.groupNumber(name)
		if n == 0 {
			return false, t.fail("there is no group `%s`", name)
		}
		t.backReference(n)
		return true, nil
	}
	if s, ok, err := t.classEscape(); ok || err != nil {
		t.set(s)
		return true, err
	}
	r, err := t.characterEscape(false)
	if err != nil {
		return false, err
	}
	t.character(r)
	return true, nil
}

// boundary writes `\b` or `\B`, for which the engine would take the letters of all alphabets.
func (t *regexTranslator) boundary(negated bool) {
	word := wordSet
	if t.unicode && t.ignoreCase {
		word = word.ignoringCase(true)
	}
	var b strings.Builder
	word.write(&b, t.unicode)
	w := b.String()
	if negated {
		t.out.WriteString("(?:(?<=" + w + ")(?=" + w + ")|(?<!" + w + ")(?!" + w + "))")
		return
	}
	t.out.WriteString("(?:(?<=" + w + ")(?!" + w + ")|(?<!" + w + ")(?=" + w + "))")
}

func (t *regexTranslator) backReference(n int) {
	if t.ignoreCase {
		fmt.Fprintf(&t.out, `(?i:\%d)`, n)
		return
	}
	fmt.Fprintf(&t.out, `(?:\%d)`, n)
}

// groupNumber finds the group with a name, which may come later in the pattern.
func (t *regexTranslator) groupNumber(name string) int {
	n := 0
	class := false
	for i := 0; i < len(t.pattern); i++ {
		switch t.pattern[i] {
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '(':
			rest := string(t.pattern[i+1:])
			if class || strings.HasPrefix(rest, "?") && (!strings.HasPrefix(rest, "?<") || strings.HasPrefix(rest, "?<=") || strings.HasPrefix(rest, "?<!")) {
				continue
			}
			if n++; strings.HasPrefix(rest, "?<"+name+">") {
				return n
			}
		}
	}
	return 0
}

// classEscape reads `d`, `D`, `s`, `S`, `w`, `W` and, with the flag u, `p{...}` and `P{...}`.
func (t *regexTranslator) classEscape() (s runeSet, ok bool, err error) {
	c := t.peek(0)
	switch c {
	case 'd', 'D':
		s = digitSet
	case 's', 'S':
		s = spaceSet
	case 'w', 'W':
		s = wordSet
		if t.unicode && t.ignoreCase {
			s = s.ignoringCase(true)
		}
	case 'p', 'P':
		if !t.unicode {
			return nil, false, nil
		}
		end := t.pos + 1
		for end < len(t.pattern) && t.pattern[end] != '}' {
			end++
		}
		if t.peek(1) != '{' || end == len(t.pattern) {
			return nil, false, t.fail("`\\%c` needs the name of a property in braces", c)
		}
		name := string(t.pattern[t.pos+2 : end])
		if s, ok = propertySet(name); !ok {
			return nil, false, &RegexError{Message: "the Unicode property `" + name + "` is not known here", Unsupported: true}
		}
		t.pos = end
	default:
		return nil, false, nil
	}
	t.pos++
	if c < 'a' {
		s = s.complement(t.greatest())
	}
	return s, true, nil
}

// characterEscape reads an escape that stands for one character.
func (t *regexTranslator) characterEscape(inClass bool) (rune, error) {
	c := t.peek(0)
	t.pos++
	switch c {
	case -1:
		return 0, t.fail("it ends in a backslash")
	case 't':
		return '\t', nil
	case 'n':
		return '\n', nil
	case 'v':
		return '\v', nil
	case 'f':
		return '\f', nil
	case 'r':
		return '\r', nil
	case 'c':
		l := t.peek(0)
		letter := l >= 'a' && l <= 'z' || l >= 'A' && l <= 'Z'
		if letter || inClass && !t.unicode && (l >= '0' && l <= '9' || l == '_') {
			t.pos++
			return l & 0x1F, nil
		}
		if t.unicode {
			return 0, t.fail("`\\c` needs a letter")
		}
		t.pos--
		return '\\', nil
	case 'x', 'u':
		rest := string(t.pattern[t.pos-1 : min(len(t.pattern), t.pos+12)])
		if c == 'u' && !t.unicode && strings.HasPrefix(rest, "u{") {
			return c, nil
		}
		r, width, ok := hexEscape(rest)
		if !ok {
			if t.unicode {
				return 0, t.fail("`\\%c` needs hexadecimal digits", c)
			}
			return c, nil
		}
		t.pos += width - 1
		if t.unicode && c == 'u' && r >= 0xD800 && r < 0xDC00 && t.peek(0) == '\\' && t.peek(1) == 'u' {
			low, width, ok := hexEscape(string(t.pattern[t.pos+1 : min(len(t.pattern), t.pos+6)]))
			if ok && low >= 0xDC00 && low < 0xE000 {
				t.pos += 1 + width
				return utf16.DecodeRune(r, low), nil
			}
		}
		return r, nil
	case '0', '1', '2', '3', '4', '5', '6', '7':
		next := t.peek(0)
		if t.unicode {
			if c == '0' && (next < '0' || next > '9') {
				return 0, nil
			}
			return 0, t.fail("`\\%c` is neither a group nor a character", c)
		}
		n := c - '0'
		for i := 0; i < 2 && t.peek(0) >= '0' && t.peek(0) <= '7' && n*8+t.peek(0)-'0' < 256; i++ {
			n = n*8 + t.peek(0) - '0'
			t.pos++
		}
		return n, nil
	case '-':
		if t.unicode && !inClass {
			return 0, t.fail("`\\-` is no escape outside of a class with the flag u")
		}
		return c, nil
	case 'b':
		if inClass {
			return '\b', nil
		}
	}
	if t.unicode && !strings.ContainsRune(`^$\.*+?()[]{}|/`, c) {
		return 0, t.fail("`\\%c` is no escape with the flag u", c)
	}
	return c, nil
}

// class reads what follows `[`.
func (t *regexTranslator) class() error {
	negated := t.eat("^")
	var s runeSet
	for {
		if t.peek(0) < 0 {
			return t.fail("a class is not closed: add `]`")
		}
		if t.eat("]") {
			break
		}
		low, first, err := t.classAtom()
		if err != nil {
			return err
		}
		if t.peek(0) != '-' || t.peek(1) == ']' || t.peek(1) < 0 {
			s = append(s, first...)
			continue
		}
		t.pos++
		high, second, err := t.classAtom()
		switch {
		case err != nil:
			return err
		case low < 0 || high < 0:
			if t.unicode {
				return t.fail("a range of a class ends in a class")
			}
			s = append(append(append(s, first...), second...), runeRange{'-', '-'})
		case low > high:
			return t.fail("a range of a class is out of order")
		default:
			// With characters of two code units the range is between the halves that stand next to the hyphen.
			s = append(append(append(s, first...), second...), runeRange{low, high})
		}
	}
	s = s.normalize()
	if t.ignoreCase {
		s = s.ignoringCase(t.unicode)
	}
	if negated {
		s = s.complement(t.greatest())
	}
	s.write(&t.out, t.unicode)
	return nil
}

// classAtom reads one member of a class. r is the character that a range would begin or end with, -1 for a class escape.
func (t *regexTranslator) classAtom() (r rune, s runeSet, err error) {
	c := t.peek(0)
	t.pos++
	if c == '\\' {
		set, ok, err := t.classEscape()
		if ok || err != nil {
			return -1, append(runeSet(nil), set...), err
		}
		if c, err = t.characterEscape(true); err != nil {
			return 0, nil, err
		}
	}
	if c > 0xFFFF && !t.unicode {
		high, low := utf16.EncodeRune(c)
		before := t.pos < len(t.pattern) && t.peek(0) == '-'
		if before {
			return low, runeSet{{high, high}, {low, low}}, nil
		}
		return high, runeSet{{high, high}, {low, low}}, nil
	}
	return c, runeSet{{c, c}}, nil
}

// character writes one character.
func (t *regexTranslator) character(r rune) {
	if r > 0xFFFF && !t.unicode {
		// A quantifier behind it repeats its second half only, as in JavaScript.
		high, low := utf16.EncodeRune(r)
		t.set(runeSet{{high, high}})
		r = low
	}
	t.set(runeSet{{r, r}})
}

// set writes a set, with regard to case.
func (t *regexTranslator) set(s runeSet) {
	if t.ignoreCase {
		s = append(runeSet(nil), s...).ignoringCase(t.unicode)
	}
	if len(s) == 1 && s[0].low == s[0].high && (t.unicode || !isSurrogate(s[0].low)) {
		writeRune(&t.out, s[0].low)
		return
	}
	s.write(&t.out, t.unicode)
}
