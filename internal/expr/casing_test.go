package expr

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A casing is what a line of testdata/expr/casing.txt says of a run of characters.
type casing struct {
	from, to, step rune
	upper, lower   string // how far away, code points with +, or =
	sigma          string // cased, ignorable, other
}

// of applies what the line says of a case to a character.
func (casing) of(c rune, said string) string {
	switch {
	case said == "=":
		return string(c)
	case said[0] == '+' || said[0] == '-':
		far, err := strconv.Atoi(said)
		if err != nil {
			panic(err)
		}
		return string(c + rune(far))
	}
	var text strings.Builder
	for point := range strings.SplitSeq(said, "+") {
		r, err := strconv.ParseInt(point, 16, 32)
		if err != nil {
			panic(err)
		}
		text.WriteRune(rune(r))
	}
	return text.String()
}

// Upper and lower case, and what a character is beside a sigma, are JavaScript's
// in the whole of Unicode.
func TestCasesAreThoseOfNode(t *testing.T) {
	text, err := os.ReadFile("../../testdata/expr/casing.txt")
	if err != nil {
		t.Fatal(err)
	}
	told := map[rune]casing{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var run casing
		if _, err := fmt.Sscanf(line, "%x %x %d %s %s %s", &run.from, &run.to, &run.step, &run.upper, &run.lower, &run.sigma); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		for c := run.from; c <= run.to; c += run.step {
			told[c] = run
		}
	}
	if len(told) < 4000 {
		t.Fatalf("only %d characters", len(told))
	}
	wrong := 0
	step := rune(1)
	if testing.Short() {
		step = 17
	}
	for c := rune(0); c <= 0x10FFFF; c += step {
		if isSurrogate(c) {
			continue
		}
		is, ok := told[c]
		if !ok {
			is = casing{upper: "=", lower: "=", sigma: "other"}
		}
		s := string(c)
		sigma := "other"
		if strings.HasPrefix(lower("aΣ"+s), "aσ") {
			sigma = "cased"
		} else if strings.HasPrefix(lower("aΣ"+s+"b"), "aσ") {
			sigma = "ignorable"
		}
		if upper(s) != is.of(c, is.upper) || lower(s) != is.of(c, is.lower) || sigma != is.sigma {
			if wrong++; wrong <= 400 {
				t.Errorf("%x: upper %+q, want %+q; lower %+q, want %+q; %s, want %s", c, upper(s), is.of(c, is.upper), lower(s), is.of(c, is.lower), sigma, is.sigma)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d characters differ", wrong)
	}
}
