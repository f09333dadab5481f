package analysis

// closest returns the candidate that a mistyped name most probably stands for,
// or "" where none is close enough.
func closest(name string, candidates []string) string {
	best, bestDistance := "", maxDistance(len(name))+1
	for _, c := range candidates {
		if c == name {
			continue
		}
		if d := distance(name, c, bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// maxDistance is how many slips a name of n bytes may have.
func maxDistance(n int) int {
	switch {
	case n <= 2:
		return 0
	case n <= 4:
		return 1
	case n <= 8:
		return 2
	default:
		return 3
	}
}

// distance counts insertions, deletions, substitutions and swaps of neighbours
// between a and b (optimal string alignment), letter case aside; it gives up at limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	two := make([]int, len(b)+1)
	one := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if lower(a[i-1]) == lower(b[j-1]) {
				cost = 0
			}
			v := min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && lower(a[i-1]) == lower(b[j-2]) && lower(a[i-2]) == lower(b[j-1]) {
				v = min(v, two[j-2]+1)
			}
			row[j] = v
			least = min(least, v)
		}
		if least >= limit {
			return limit
		}
		two, one, row = one, row, two
	}
	return one[len(b)]
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
