package engine

import (
	"slices"
	"testing"
)

func TestIterationsAreTakenOutOfNames(t *testing.T) {
	for _, tt := range []struct {
		name, declared string
		iterations     []string
		byNumber       bool
	}{
		{"web", "web", nil, false},
		{"web[acme]", "web", []string{"acme"}, false},
		{"web[eu][a b]", "web", []string{"eu", "a b"}, false},
		{"web[]", "web", []string{""}, false},
		{"[acme]", "[acme]", nil, false},
		{"web]", "web]", nil, false},
		{"Volume data", "Volume data", nil, false},
		{"/spec/spec/steps/1", "/spec/spec/steps/1", nil, true},
		{"/spec/spec/steps/1/spec/iterations/2/steps/0", "/spec/spec/steps/1/spec/steps/0", []string{"2"}, true},
		{"/spec/spec/iterations/0/steps/1/spec/iterations/3/steps/0", "/spec/spec/steps/1/spec/steps/0", []string{"0", "3"}, true},
		{"/spec/iterations/2", "/spec/iterations/2", nil, true},
	} {
		declared, iterations, byNumber := iterationIn(tt.name)
		if declared != tt.declared || !slices.Equal(iterations, tt.iterations) || byNumber != tt.byNumber {
			t.Errorf("%s: %q, %q, %v", tt.name, declared, iterations, byNumber)
		}
	}
}
