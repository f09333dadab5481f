package validate

import (
	"math/bits"
	"unicode/utf8"
)

// Closest returns the candidate that a mistyped name most probably stands for; "" if none is near. Letter case counts
// for nothing, and a swap of neighbours is one slip. Of two that are as near, the one of the same length is meant: the
// first two of "enq", "neq" are nearer to it than "eq" is.
func Closest(name string, candidates []string) string {
	size := utf8.RuneCountInString(name)
	best, least := "", slips(size)+1
	var n *Nearest // most candidates are told by their length, without it
	for _, c := range candidates {
		if c == name || c == "" {
			continue
		}
		limit := least
		if best != "" && len(c) == len(name) && len(best) != len(name) {
			limit++
		}
		if d := utf8.RuneCountInString(c) - size; d >= limit || -d >= limit {
			continue
		}
		if n == nil {
			n = NewNearest(name)
		}
		if d := n.Distance(c, limit); d < limit {
			best, least = c, d
		}
	}
	return best
}

// Nearest compares candidates with a mistyped name.
type Nearest struct {
	// Limit is the distance from which on a candidate is not near.
	Limit int

	name      []rune // all of these in lower case
	letters   letters
	candidate []rune
	rows      []int
}

// NewNearest prepares a name for comparison.
func NewNearest(name string) *Nearest {
	n := &Nearest{name: appendLower(nil, name)}
	n.letters, _ = lettersOf(name)
	n.Limit = slips(len(n.name)) + 1
	return n
}

func appendLower(list []rune, s string) []rune {
	for _, r := range s {
		list = append(list, lower(r))
	}
	return list
}

// slips is how many mistakes a name of n characters may hold and still be recognised.
func slips(n int) int {
	switch {
	case n < 3:
		return 0
	case n < 5:
		return 1
	case n < 12:
		return 2
	}
	return 3
}

// Distance is the Damerau-Levenshtein distance (optimal string alignment) between the name and a candidate without
// regard to the case of ASCII letters. It gives up at limit, and returns that.
func (n *Nearest) Distance(candidate string, limit int) int {
	if len(n.name)-len(candidate) >= limit || len(candidate) >= 4*(len(n.name)+limit) { // a character has four bytes at most
		return limit
	}
	if letters, ascii := lettersOf(candidate); n.letters.atLeast(letters) >= limit || ascii && len(candidate)-len(n.name) >= limit {
		return limit
	}
	n.candidate = appendLower(n.candidate[:0], candidate)
	s, t := n.name, n.candidate
	if d := len(s) - len(t); d >= limit || -d >= limit {
		return limit
	}
	// What both start and end with is the same in the best alignment.
	for len(s) > 0 && len(t) > 0 && s[0] == t[0] {
		s, t = s[1:], t[1:]
	}
	for len(s) > 0 && len(t) > 0 && s[len(s)-1] == t[len(t)-1] {
		s, t = s[:len(s)-1], t[:len(t)-1]
	}
	if len(s) == 0 || len(t) == 0 {
		return min(len(s)+len(t), limit)
	}
	width := len(t) + 1
	if len(n.rows) < 3*width {
		n.rows = make([]int, 3*width)
	}
	before, last, row := n.rows[:width], n.rows[width:2*width], n.rows[2*width:3*width]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return min(last[len(t)], limit)
}

// letters are the ASCII characters that a name has, without regard to their case; a
// few share a bit.
type letters uint64

func lettersOf(name string) (l letters, ascii bool) {
	ascii = true
	for i := range len(name) {
		switch c := name[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
		case c >= '@':
			l |= 1 << (32 + c&31)
		default:
			l |= 1 << (c & 31)
		}
	}
	return l, ascii
}

// atLeast is how many edits it takes at least from a name with these letters to one
// with others: each takes one of them away at most, and brings one.
func (l letters) atLeast(others letters) int {
	return max(bits.OnesCount64(uint64(l&^others)), bits.OnesCount64(uint64(others&^l)))
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
