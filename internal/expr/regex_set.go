package expr

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"unicode"
)

// runeSet is a set of code units or code points, as ranges in ascending order that do not touch once normalized.
type runeSet []runeRange

type runeRange struct{ low, high rune }

func (s runeSet) normalize() runeSet {
	if len(s) < 2 {
		return s
	}
	sort.Slice(s, func(i, j int) bool { return s[i].low < s[j].low })
	out := s[:1]
	for _, r := range s[1:] {
		last := &out[len(out)-1]
		if r.low <= last.high+1 {
			last.high = max(last.high, r.high)
			continue
		}
		out = append(out, r)
	}
	return out
}

// complement returns what is not in a normalized set, up to the greatest rune.
func (s runeSet) complement(greatest rune) runeSet {
	var out runeSet
	next := rune(0)
	for _, r := range s {
		if r.low > next {
			out = append(out, runeRange{next, r.low - 1})
		}
		next = r.high + 1
	}
	if next <= greatest {
		out = append(out, runeRange{next, greatest})
	}
	return out
}

func (s runeSet) contains(r rune) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].high >= r })
	return i < len(s) && s[i].low <= r
}

var (
	digitSet = runeSet{{'0', '9'}}
	wordSet  = runeSet{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	spaceSet = runeSet{
		{'\t', '\r'}, {' ', ' '}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
		{0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF},
	}
	lineSet = runeSet{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}
)

// foldings are the characters with several cases, in groups that Unicode folds into one.
var foldings = sync.OnceValue(func() (groups []folding) {
	for r := rune(0); r < 0x1F000; r++ {
		var members []rune
		for next := unicode.SimpleFold(r); next > r; next = unicode.SimpleFold(next) {
			members = append(members, next)
		}
		// A group is listed once, at its smallest member.
		if len(members) == 0 || unicode.SimpleFold(members[len(members)-1]) != r {
			continue
		}
		g := folding{members: append([]rune{r}, members...)}
		for _, m := range g.members {
			g.upper = append(g.upper, unitUpper(m))
		}
		groups = append(groups, g)
	}
	return groups
})

type folding struct {
	members []rune
	upper   []rune // what each becomes where JavaScript compares code units without regard to case
}

// unitUpper is the canonical form of a code unit where case is ignored without the flag u: its capital, if that is a
// single unit and does not lead from other characters into ASCII.
func unitUpper(r rune) rune {
	if r > 0xFFFF {
		return r
	}
	s := []rune(upper(string(r)))
	if len(s) != 1 || s[0] > 0xFFFF || r >= 128 && s[0] < 128 {
		return r
	}
	return s[0]
}

// ignoringCase adds to a normalized set every rune that differs from one in it by case only.
func (s runeSet) ignoringCase(byPoint bool) runeSet {
	out := append(runeSet(nil), s...)
	for _, g := range foldings() {
		for i, m := range g.members {
			if !s.contains(m) {
				continue
			}
			for j, other := range g.members {
				if i != j && (byPoint || g.upper[i] == g.upper[j]) {
					out = append(out, runeRange{other, other})
				}
			}
		}
	}
	return out.normalize()
}

// write writes a normalized set as a class of the engine.
func (s runeSet) write(b *strings.Builder, byPoint bool) {
	switch {
	case len(s) == 0:
		b.WriteString("(?!)")
		return
	case len(s) == 1 && s[0].low == 0 && s[0].high >= 0xFFFF:
		b.WriteString(`[\s\S]`)
		return
	}
	b.WriteByte('[')
	for _, r := range s {
		if byPoint {
			writeRange(b, r.low, r.high)
			continue
		}
		// Halves of surrogate pairs stand elsewhere for the engine.
		writeRange(b, r.low, min(r.high, 0xD7FF))
		writeRange(b, max(r.low, 0xD800)+movedHalf, min(r.high, 0xDFFF)+movedHalf)
		writeRange(b, max(r.low, 0xE000), r.high)
	}
	b.WriteByte(']')
}

func writeRange(b *strings.Builder, low, high rune) {
	if low > high {
		return
	}
	writeRune(b, low)
	if high > low {
		b.WriteByte('-')
		writeRune(b, high)
	}
}

// writeRune writes one character so that the engine takes it literally, in classes and outside of them.
func writeRune(b *strings.Builder, r rune) {
	switch {
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
		b.WriteRune(r)
	case r <= 0xFFFF:
		fmt.Fprintf(b, `\u%04X`, r)
	default:
		b.WriteRune(r)
	}
}

// propertySet returns the characters with a Unicode property, as `\p{...}` names it.
func propertySet(name string) (runeSet, bool) {
	key, value, found := strings.Cut(name, "=")
	if !found {
		value = key
		switch name {
		case "Any":
			return runeSet{{0, unicode.MaxRune}}, true
		case "ASCII":
			return runeSet{{0, 0x7F}}, true
		case "Alphabetic", "Alpha":
			return tableSet(unicode.L, unicode.Nl, unicode.Other_Alphabetic), true
		case "Lowercase", "Lower":
			return tableSet(unicode.Ll, unicode.Other_Lowercase), true
		case "Uppercase", "Upper":
			return tableSet(unicode.Lu, unicode.Other_Uppercase), true
		}
	}
	switch {
	case !found && unicode.Properties[name] != nil:
		return tableSet(unicode.Properties[name]), true
	case !found, key == "General_Category", key == "gc":
		if t, ok := unicode.Categories[value]; ok {
			return tableSet(t), true
		}
		if alias, ok := unicode.CategoryAliases[value]; ok {
			return tableSet(unicode.Categories[alias]), true
		}
	case key == "Script", key == "sc":
		if t, ok := unicode.Scripts[value]; ok {
			return tableSet(t), true
		}
	}
	return nil, false
}

func tableSet(tables ...*unicode.RangeTable) runeSet {
	var s runeSet
	add := func(low, high, stride rune) {
		if stride == 1 {
			s = append(s, runeRange{low, high})
			return
		}
		for r := low; r <= high; r += stride {
			s = append(s, runeRange{r, r})
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return s.normalize()
}
