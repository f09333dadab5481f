package validate_test

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
)

func TestClosest(t *testing.T) {
	tests := []struct {
		name, typed string
		candidates  []string
		want        string
	}{
		{"a letter too few", "databse", []string{"database", "data"}, "database"},
		{"two neighbours swapped are one slip", "srevice", []string{"service"}, "service"},
		{"letter case counts for nothing", "Forbid", []string{"allow", "forbid"}, "forbid"},
		{"the nearest wins", "addonId", []string{"addonsId", "adonsIds"}, "addonsId"},
		{"short names are not guessed", "ab", []string{"ac"}, ""},
		{"nothing is near", "people", []string{"amount"}, ""},
		{"long names may have three slips", "horizntalAutoscling", []string{"horizontalAutoscaling"}, "horizontalAutoscaling"},
		{"the name itself is no suggestion", "kind", []string{"kind"}, ""},
		{"characters and not bytes", "größe", []string{"grösse", "große"}, "große"},
		{"of two that are as near, the one of the same length", "enq", []string{"eq", "neq"}, "neq"},
		{"no candidates", "kind", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := validate.Closest(tt.typed, tt.candidates); got != tt.want {
				t.Errorf("validate.Closest(%q) = %q, want %q", tt.typed, got, tt.want)
			}
		})
	}
}

// The distance is that of the definition, whatever is left out to find it sooner.
func FuzzDistance(f *testing.F) {
	for _, seed := range [][2]string{{"web", "web1"}, {"srevice", "service"}, {"app-1-database", "axpp-2-dtabase"}, {"größe", "GRÖSSE"}, {"", "x"}, {"abab", "baba"}} {
		f.Add(seed[0], seed[1], 4)
	}
	f.Fuzz(func(t *testing.T, a, b string, limit int) {
		if len(a) > 40 || len(b) > 40 || limit < 0 || limit > 50 {
			return
		}
		if got, want := validate.NewNearest(a).Distance(b, limit), min(distance(lower(a), lower(b)), limit); got != want {
			t.Errorf("the distance of %q and %q is %d, want %d, at most %d", a, b, got, want, limit)
		}
	})
}

// lower returns the characters of a text, the ASCII letters among them in lower case.
func lower(s string) []rune {
	runes := []rune(s)
	for i, r := range runes {
		if 'A' <= r && r <= 'Z' {
			runes[i] = r + 'a' - 'A'
		}
	}
	return runes
}

// distance is the definition: the fewest edits that make b of a, no piece edited twice.
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for j := range d[i] {
			switch {
			case i == 0 || j == 0:
				d[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				d[i][j] = d[i-1][j-1]
			default:
				d[i][j] = d[i-1][j-1] + 1
			}
			d[i][j] = min(d[i][j], d[i-1][j]+1, d[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
