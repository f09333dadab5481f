package validate

import "unicode/utf8"

// Closest returns the candidate that a mistyped name most probably stands for; "" if none is near. Letter case counts
// for nothing, and a swap of neighbours is one slip. Of two that are as near, the one of the same length is meant: the
// first two of "enq", "neq" are nearer to it than "eq" is.
func Closest(name string, candidates []string) string {
	best, least := "", slips(utf8.RuneCountInString(name))+1
	for _, c := range candidates {
		if c == name || c == "" {
			continue
		}
		limit := least
		if best != "" && len(c) == len(name) && len(best) != len(name) {
			limit++
		}
		if d := distance(name, c, limit); d < limit {
			best, least = c, d
		}
	}
	return best
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

// distance is the Damerau-Levenshtein distance (optimal string alignment) between two names without regard to the
// case of ASCII letters. It gives up at limit.
func distance(a, b string, limit int) int {
	s, t := []rune(a), []rune(b)
	if d := len(s) - len(t); d >= limit || -d >= limit {
		return limit
	}
	width := len(t) + 1
	rows := make([]int, 3*width)
	before, last, row := rows[:width], rows[width:2*width], rows[2*width:]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if lower(s[i-1]) == lower(t[j-1]) {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && lower(s[i-1]) == lower(t[j-2]) && lower(s[i-2]) == lower(t[j-1]) {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least >= limit {
			return limit
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}
