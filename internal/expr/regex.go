package expr

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dlclark/regexp2"
)

// matchTimeout is how long one match can take; the engine looks at its clock about ten times a second.
const matchTimeout = 250 * time.Millisecond

// regex is a compiled regular expression with the semantics of JavaScript.
//
// The engine matches runes. Without the flag `u` these are UTF-16 code units, as in JavaScript; halves of surrogate pairs
// are moved to where the engine takes them for characters. Two things differ from JavaScript: a group inside of a
// repetition keeps the match of an earlier round when it takes no part in the last one, and the flag `v` is not known.
type regex struct {
	engine  *regexp2.Regexp
	names   []string // names of the groups, by number - 1; empty for those without
	global  bool
	sticky  bool
	unicode bool
	slow    atomic.Bool // a match once took too long
}

type lazyRegex struct {
	once sync.Once
	re   *regex
	err  error
}

// regex compiles the literal, once.
func (n *RegexLit) regex() (*regex, error) {
	n.compiled.once.Do(func() {
		n.compiled.re, n.compiled.err = compileRegex(n.Pattern, n.Flags)
	})
	return n.compiled.re, n.compiled.err
}

// RegexError says what is wrong with a regular expression. Unsupported ones are right in JavaScript, but not known here.
type RegexError struct {
	Message     string
	Unsupported bool
}

func (e *RegexError) Error() string { return e.Message }

// Check compiles the literal and returns what is wrong with it, or nil.
func (n *RegexLit) Check() *RegexError {
	var wrong *RegexError
	if _, err := n.regex(); errors.As(err, &wrong) {
		return wrong
	}
	return nil
}

func compileRegex(pattern, flags string) (*regex, error) {
	re := &regex{}
	tr := &regexTranslator{pattern: []rune(wellFormed(pattern))}
	for i, f := range flags {
		if strings.ContainsRune(flags[:i], f) {
			return nil, &RegexError{Message: "the flag `" + string(f) + "` of the regular expression stands twice"}
		}
		switch f {
		case 'g':
			re.global = true
		case 'i':
			tr.ignoreCase = true
		case 'm':
			tr.multiline = true
		case 's':
			tr.dotAll = true
		case 'u':
			tr.unicode = true
		case 'y':
			re.sticky = true
		case 'd':
		case 'v':
			return nil, &RegexError{Message: "the flag `v` of regular expressions is not supported: use `u`", Unsupported: true}
		default:
			return nil, &RegexError{Message: "`" + string(f) + "` is no flag of regular expressions: there are d, g, i, m, s, u and y"}
		}
	}
	translated, err := tr.translate()
	if err != nil {
		return nil, err
	}
	if re.sticky {
		translated = `\G(?:` + translated + ")"
	}
	re.names, re.unicode = tr.names, tr.unicode
	if re.engine, err = regexp2.Compile(translated, regexp2.ECMAScript); err != nil {
		return nil, &RegexError{Message: "the regular expression cannot be compiled: " + err.Error(), Unsupported: true}
	}
	re.engine.MatchTimeout = matchTimeout
	return re, nil
}

// subject is a text in the form that the engine matches, with the way back to code units.
type subject struct {
	units  []uint16
	runes  []rune
	starts []int // with the flag u: the code unit that each rune begins at, and the end
}

// movedHalf is where halves of surrogate pairs stand for the engine: beyond all code units.
const movedHalf = 0x100000

func (re *regex) subject(u []uint16) *subject {
	s := &subject{units: u, runes: make([]rune, 0, len(u))}
	if !re.unicode {
		for _, c := range u {
			r := rune(c)
			if isSurrogate(r) {
				r += movedHalf
			}
			s.runes = append(s.runes, r)
		}
		return s
	}
	for i := 0; i < len(u); i++ {
		s.starts = append(s.starts, i)
		r := rune(u[i])
		if r >= 0xD800 && r < 0xDC00 && i+1 < len(u) && u[i+1] >= 0xDC00 && u[i+1] < 0xE000 {
			i++
			r = (r-0xD800)<<10 + rune(u[i]) - 0xDC00 + 0x10000
		}
		s.runes = append(s.runes, r)
	}
	s.starts = append(s.starts, len(u))
	return s
}

// unit is the code unit at which a rune begins.
func (s *subject) unit(i int) int {
	if s.starts == nil {
		return i
	}
	return s.starts[i]
}

// match is a match in code units. A group that took no part has the start -1.
type match struct {
	start, end int
	groups     [][2]int
	next       int // the rune behind the match
}

// find returns the first match from a rune on, or nil.
func (re *regex) find(x *invocation, s *subject, from int) (*match, error) {
	if from > len(s.runes) {
		return nil, nil
	}
	if re.slow.Load() && x.ev.env == nil {
		return nil, errNotConstant
	}
	if err := x.ev.spend(x.call, 1); err != nil {
		return nil, err
	}
	began := time.Now()
	m, err := re.engine.FindRunesMatchStartingAt(s.runes, from)
	x.ev.regex += time.Since(began)
	if err != nil {
		re.slow.Store(true)
	}
	if err != nil || x.ev.regex > MaxRegexTime {
		return nil, errAt(x.call, CodeLimit, "the regular expression takes too long: make it simpler, above all where repetitions stand in each other")
	}
	if m == nil {
		return nil, nil
	}
	r := &match{start: s.unit(m.Index), end: s.unit(m.Index + m.Length), next: m.Index + m.Length}
	for i := 1; i < m.GroupCount(); i++ {
		g := m.GroupByNumber(i)
		span := [2]int{-1, -1}
		if len(g.Captures) > 0 {
			span = [2]int{s.unit(g.Index), s.unit(g.Index + g.Length)}
		}
		r.groups = append(r.groups, span)
	}
	return r, nil
}

// pattern returns the first two arguments as a text and a regular expression. Text becomes a pattern if asked for.
func (x *invocation) pattern(fromText bool) (string, *regex, error) {
	s, err := x.text(0)
	if err != nil {
		return "", nil, err
	}
	if x.args[1].kind == KindRegex {
		re, err := x.args[1].ext.(*RegexLit).regex()
		if err != nil {
			return "", nil, errAt(x.call.Args[1], CodeInvalidRegex, "%s", err)
		}
		return s, re, nil
	}
	if !fromText {
		return s, nil, nil
	}
	p, err := x.text(1)
	if err != nil {
		return "", nil, err
	}
	re, ok := x.ev.patterns[p]
	if !ok {
		if re, err = compileRegex(p, ""); err != nil {
			message := err.Error()
			if x.args[1].IsSecret() {
				message = "the text is no regular expression"
			}
			return "", nil, errAt(x.call.Args[1], CodeInvalidRegex, "%s", message)
		}
		if x.ev.patterns == nil {
			x.ev.patterns = map[string]*regex{}
		}
		x.ev.patterns[p] = re
	}
	return s, re, nil
}

// replace is String.prototype.replace and replaceAll. A regular expression without the flag g replaces every match in
// replaceAll too, where JavaScript refuses it.
func (x *invocation) replace(all bool) (Value, error) {
	s, re, err := x.pattern(false)
	if err != nil {
		return Value{}, err
	}
	replacement, err := x.text(2)
	if err != nil {
		return Value{}, err
	}
	b := &replacer{x: x, text: units(s), with: units(replacement)}
	if re != nil {
		b.names = re.names
		return b.regex(re, all || re.global)
	}
	search, err := x.text(1)
	if err != nil {
		return Value{}, err
	}
	match := units(search)
	for from := 0; ; {
		at := indexIn(b.text, match, from)
		if at < 0 || at > len(b.text) {
			break
		}
		if err := b.put(at, at+len(match), nil); err != nil {
			return Value{}, err
		}
		if from = at + max(len(match), 1); !all {
			break
		}
	}
	return b.result()
}

// replacer builds a text in which matches are replaced.
type replacer struct {
	x     *invocation
	text  []uint16
	with  []uint16
	names []string
	out   []uint16
	done  int // how far the text has been copied
}

func (b *replacer) regex(re *regex, all bool) (Value, error) {
	s := re.subject(b.text)
	for from := 0; ; {
		m, err := re.find(b.x, s, from)
		if err != nil {
			return Value{}, err
		}
		if m == nil {
			break
		}
		if err := b.put(m.start, m.end, m.groups); err != nil {
			return Value{}, err
		}
		if !all {
			break
		}
		if from = m.next; m.start == m.end {
			from++
		}
	}
	return b.result()
}

func (b *replacer) result() (Value, error) {
	b.out = append(b.out, b.text[b.done:]...)
	return String(fromUnits(b.out)), nil
}

// put copies the text up to a match and appends the replacement for it.
func (b *replacer) put(start, end int, groups [][2]int) error {
	b.out = append(b.out, b.text[b.done:start]...)
	b.done = end
	for i := 0; i < len(b.with); i++ {
		c := b.with[i]
		if c != '$' || i+1 == len(b.with) {
			b.out = append(b.out, c)
			continue
		}
		piece, width := b.special(b.with[i+1:], start, end, groups)
		if width == 0 {
			b.out = append(b.out, c)
			continue
		}
		b.out = append(b.out, piece...)
		i += width
		if len(b.out) > MaxText {
			break
		}
	}
	if len(b.out) > MaxText {
		return errAt(b.x.call, CodeLimit, "the text becomes longer than %d bytes", MaxText)
	}
	return nil
}

// special resolves what follows a dollar sign in a replacement: `$`, `&`, a backquote, a quote, a group. A width of 0 says
// that it is plain text.
func (b *replacer) special(rest []uint16, start, end int, groups [][2]int) (piece []uint16, width int) {
	group := func(n int) []uint16 {
		if g := groups[n-1]; g[0] >= 0 {
			return b.text[g[0]:g[1]]
		}
		return nil
	}
	switch c := rest[0]; {
	case c == '$':
		return rest[:1], 1
	case c == '&':
		return b.text[start:end], 1
	case c == '`':
		return b.text[:start], 1
	case c == '\'':
		return b.text[end:], 1
	case c >= '0' && c <= '9':
		n := int(c - '0')
		if len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9' {
			if two := n*10 + int(rest[1]-'0'); two >= 1 && two <= len(groups) {
				return group(two), 2
			}
		}
		if n >= 1 && n <= len(groups) {
			return group(n), 1
		}
	case c == '<' && hasNames(b.names):
		for i := 1; i < len(rest); i++ {
			if rest[i] != '>' {
				continue
			}
			name := fromUnits(rest[1:i])
			for n, known := range b.names {
				if known == name && n < len(groups) {
					return group(n + 1), i + 1
				}
			}
			return nil, i + 1
		}
	}
	return nil, 0
}

func hasNames(names []string) bool {
	for _, n := range names {
		if n != "" {
			return true
		}
	}
	return false
}

// splitRegex is String.prototype.split with a regular expression: the groups of the separator become pieces too.
func (x *invocation) splitRegex(text string, limit uint32) (Value, error) {
	_, re, err := x.pattern(false)
	if err != nil {
		return Value{}, err
	}
	if re.sticky {
		// Where matching goes on is up to split.
		lit := x.args[1].ext.(*RegexLit)
		if re, err = compileRegex(lit.Pattern, strings.ReplaceAll(lit.Flags, "y", "")); err != nil {
			return Value{}, errAt(x.call.Args[1], CodeInvalidRegex, "%s", err)
		}
	}
	s := re.subject(units(text))
	var items []Value
	add := func(from, to int) bool {
		items = append(items, String(fromUnits(s.units[from:to])))
		return uint32(len(items)) < limit && len(items) <= MaxItems
	}
	if len(s.units) == 0 {
		m, err := re.find(x, s, 0)
		if err == nil && m == nil {
			add(0, 0)
		}
		return Array(items), err
	}
	last := 0
	for from := 0; from < len(s.runes); {
		m, err := re.find(x, s, from)
		if err != nil {
			return Value{}, err
		}
		if m == nil || m.start >= len(s.units) {
			break
		}
		if m.end == last {
			// An empty match where the last piece ended cuts nothing.
			from++
			continue
		}
		if !add(last, m.start) {
			return Array(items), nil
		}
		last = m.end
		for _, g := range m.groups {
			if g[0] < 0 {
				items = append(items, Undefined())
				if uint32(len(items)) >= limit {
					return Array(items), nil
				}
			} else if !add(g[0], g[1]) {
				return Array(items), nil
			}
		}
		if from = m.next; m.start == m.end {
			from++
		}
	}
	add(last, len(s.units))
	return Array(items), nil
}
