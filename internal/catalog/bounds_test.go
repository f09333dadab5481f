package catalog

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// referenceText reads a file of the reference; a test that needs it is skipped where it is not at hand.
func referenceText(t *testing.T, pattern string) string {
	t.Helper()
	dir := os.Getenv("NF_REFERENCE")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "reference")
	}
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) != 1 {
		t.Skip("the reference is not at hand: set NF_REFERENCE")
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A bound is what a number may be, for a property of any place.
type bound struct {
	property, least, most string
}

// documentedBounds reads the page on the operation that creates a service, which has a line for each property, and
// "min" or "max" with the number in the line after.
func documentedBounds(text string) map[bound]bool {
	bullet := regexp.MustCompile(`^\s*• (\S+)$`)
	out := map[bound]bool{}
	var at bound
	keep := func() {
		if at.least != "" || at.most != "" {
			out[at] = true
		}
	}
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if m := bullet.FindStringSubmatch(l); m != nil {
			keep()
			at = bound{property: m[1]}
		}
		switch strings.TrimSpace(l) {
		case "min":
			at.least = strings.TrimSpace(lines[i+1])
		case "max":
			at.most = strings.TrimSpace(lines[i+1])
		}
	}
	keep()
	return out
}

// publishedBounds are those of our schemas for the same operation. An enumeration bounds a number as well.
func publishedBounds(id SchemaID) map[bound]bool {
	out := map[bound]bool{}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	seen := map[SchemaID]bool{}
	var walk func(name string, id SchemaID)
	walk = func(name string, id SchemaID) {
		s := id.Schema()
		if s.HasMinimum || s.HasMaximum {
			b := bound{property: name}
			if s.HasMinimum {
				b.least = number(s.Minimum)
			}
			if s.HasMaximum {
				b.most = number(s.Maximum)
			}
			out[b] = true
		} else if n := len(s.Enum); n > 0 && s.Types.Has(TypeInteger) {
			out[bound{name, s.Enum[0].Text, s.Enum[n-1].Text}] = true
		}
		if id == 0 || seen[id] {
			return
		}
		seen[id] = true
		for _, p := range s.Properties {
			walk(p.Name, p.Schema)
		}
		for _, a := range append(s.Alternatives(), s.Items, s.Additional) {
			walk(name, a)
		}
	}
	walk("spec", id)
	return out
}

// TestNumbersAreBoundedAsThePageSays compares all numbers of a CombinedService, whose shapes the other kinds share.
func TestNumbersAreBoundedAsThePageSays(t *testing.T) {
	request, _, _ := strings.Cut(referenceText(t, filepath.Join("seeds", "004_*.txt")), "Response body\n")
	theirs := documentedBounds(request)
	// The page gives a highest size that is less than sizes that it lists: the largest one listed counts.
	contradictory := map[bound]bound{
		{"storageSize", "1024", "204800"}: {"storageSize", "1024", "512000"},
		{"storageSize", "16384", "65536"}: {"storageSize", "16384", "524288"},
		{"shmSize", "64", "61440"}:        {"shmSize", "64", "143360"},
	}
	kind, _ := Lookup("CombinedService")
	ours := publishedBounds(kind.Spec)
	for b := range theirs {
		if c, ok := contradictory[b]; ok {
			b = c
		}
		if !ours[b] {
			t.Errorf("%s lies between %q and %q, which the schemas do not say", b.property, b.least, b.most)
		}
		delete(ours, b)
	}
	for b := range ours {
		t.Errorf("%s between %q and %q is invented", b.property, b.least, b.most)
	}
	t.Logf("compared %d bounds", len(theirs))
}
