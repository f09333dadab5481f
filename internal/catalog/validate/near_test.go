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
