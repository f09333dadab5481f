package gitignore

import "strings"

// A token is one part of a pattern.
type token struct {
	kind kind
	// set holds the bytes that a set takes.
	set *[256]bool
	// literal is the byte of a literal.
	literal byte
}

type kind uint8

const (
	literal kind = iota
	one          // ?, one byte of a name
	set          // [...], one byte of a name
	many         // *, bytes of a name
	deep         // ** at the end, or in a rule for names: any bytes
	folders      // **/, no folders or any number of them
)

// compile reads a pattern. whole says that slashes part it into names. It answers false
// for what Git takes to match nothing.
func compile(text string, whole bool) ([]token, bool) {
	var tokens []token
	// Git takes off the beginning of a rule that is spelt out before it looks at the
	// rest: two stars right behind it count as if a slash stood before them.
	spelt := strings.IndexAny(text, `*?[\`)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\\':
			if i++; i == len(text) {
				return nil, false
			}
			tokens = append(tokens, token{literal: text[i]})
		case '?':
			tokens = append(tokens, token{kind: one})
		case '[':
			bytes, next, ok := compileSet(text, i+1)
			if !ok {
				return nil, false
			}
			tokens = append(tokens, token{kind: set, set: bytes})
			i = next
		case '*':
			begin := i
			for i+1 < len(text) && text[i+1] == '*' {
				i++
			}
			t := token{kind: many}
			switch rest := text[i+1:]; {
			case !whole:
				t.kind = deep
			case i == begin || begin != spelt && text[begin-1] != '/': // one star, or two that stand in a name
			case rest == "", strings.HasPrefix(rest, `\/`):
				t.kind = deep
			case rest[0] == '/':
				t.kind = folders
				i++
			}
			tokens = append(tokens, t)
		default:
			tokens = append(tokens, token{literal: c})
		}
	}
	return tokens, true
}

// spelt is the text of a pattern of literals, empty for others.
func spelt(pattern []token) string {
	text := make([]byte, len(pattern))
	for i, t := range pattern {
		if t.kind != literal {
			return ""
		}
		text[i] = t.literal
	}
	return string(text)
}

// compileSet reads what stands between brackets, and answers the position of the one
// that closes.
func compileSet(text string, i int) (*[256]bool, int, bool) {
	var bytes [256]bool
	negated := i < len(text) && (text[i] == '!' || text[i] == '^')
	if negated {
		i++
	}
	var before byte // what a range may begin with; 0 for nothing
	for first := true; ; first = false {
		if i >= len(text) {
			return nil, 0, false
		}
		c := text[i]
		if c == ']' && !first {
			break
		}
		switch {
		case c == '\\':
			if i++; i >= len(text) {
				return nil, 0, false
			}
			c = text[i]
			bytes[c], before = true, c
		case c == '-' && before != 0 && i+1 < len(text) && text[i+1] != ']':
			i++
			end := text[i]
			if end == '\\' {
				if i++; i >= len(text) {
					return nil, 0, false
				}
				end = text[i]
			}
			for b := int(before); b <= int(end); b++ {
				bytes[b] = true
			}
			before = 0
		case c == '[' && i+1 < len(text) && text[i+1] == ':':
			length := strings.IndexByte(text[i+2:], ']')
			if length < 0 {
				return nil, 0, false
			}
			name, closed := strings.CutSuffix(text[i+2:i+2+length], ":")
			if !closed {
				bytes['['], before = true, '['
				break
			}
			in := classOf(name)
			if in == nil {
				return nil, 0, false
			}
			for b := range 256 {
				bytes[b] = bytes[b] || in(byte(b))
			}
			i, before = i+2+length, 0
		default:
			bytes[c], before = true, c
		}
		i++
	}
	for b := range bytes {
		bytes[b] = bytes[b] != negated && b != '/' // a set never takes a slash
	}
	return &bytes, i, true
}

func within(low, high byte) func(byte) bool {
	return func(b byte) bool { return low <= b && b <= high }
}

func either(all ...func(byte) bool) func(byte) bool {
	return func(b byte) bool {
		for _, in := range all {
			if in(b) {
				return true
			}
		}
		return false
	}
}

// classOf is a class of ASCII characters, nil for one that there is not.
func classOf(name string) func(byte) bool {
	lower, upper, digit := within('a', 'z'), within('A', 'Z'), within('0', '9')
	alnum := either(lower, upper, digit)
	switch name {
	case "alnum":
		return alnum
	case "alpha":
		return either(lower, upper)
	case "blank":
		return either(within(' ', ' '), within('\t', '\t'))
	case "cntrl":
		return either(within(0, 31), within(127, 127))
	case "digit":
		return digit
	case "graph":
		return within('!', '~')
	case "lower":
		return lower
	case "print":
		return within(' ', '~')
	case "punct":
		return func(b byte) bool { return '!' <= b && b <= '~' && !alnum(b) }
	case "space":
		return either(within('\t', '\r'), within(' ', ' '))
	case "upper":
		return upper
	case "xdigit":
		return either(digit, within('a', 'f'), within('A', 'F'))
	}
	return nil
}

// match tells whether a pattern takes a text as a whole. It follows all ways through
// the pattern at once, so that the work is bounded by the product of the two lengths
// whatever the stars in it.
func match(pattern []token, text string) bool {
	// at[i] says that the first i tokens have taken the text so far; inside[i], that
	// the folders of token i have begun and not ended.
	at, next := make([]bool, len(pattern)+1), make([]bool, len(pattern)+1)
	inside, nextInside := make([]bool, len(pattern)), make([]bool, len(pattern))
	at[0] = true
	skip(pattern, at)
	for i := range len(text) {
		c, alive := text[i], false
		clear(next)
		clear(nextInside)
		for p := range pattern {
			t := &pattern[p]
			if t.kind == folders {
				if at[p] || inside[p] {
					nextInside[p], alive = true, true
					next[p+1] = next[p+1] || c == '/'
				}
				continue
			}
			if !at[p] {
				continue
			}
			switch t.kind {
			case literal:
				next[p+1] = next[p+1] || c == t.literal
			case one:
				next[p+1] = next[p+1] || c != '/'
			case set:
				next[p+1] = next[p+1] || t.set[c]
			case many:
				next[p] = next[p] || c != '/'
			case deep:
				next[p] = true
			}
		}
		skip(pattern, next)
		for _, reached := range next {
			alive = alive || reached
		}
		if !alive {
			return false
		}
		at, next, inside, nextInside = next, at, nextInside, inside
	}
	return at[len(pattern)]
}

// skip goes over what takes nothing.
func skip(pattern []token, at []bool) {
	for p := range pattern {
		if at[p] && (pattern[p].kind == many || pattern[p].kind == deep || pattern[p].kind == folders) {
			at[p+1] = true
		}
	}
}
