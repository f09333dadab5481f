package crash

import "testing"

func TestParse(t *testing.T) {
	tests := []struct {
		name, given string
		passes      int // how often the point is passed until it kills; 0 is never
	}{
		{"nothing is armed without the variable", "", 0},
		{"a point alone kills the first time", "call-after", 1},
		{"a number says which time", "call-after:3", 3},
		{"an unknown point arms nothing", "call-sideways:1", 0},
		{"a number that is none arms nothing", "call-after:x", 0},
		{"zero arms nothing", "call-after:0", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, got := parse(tt.given), 0
			for i := 1; p != nil && i < 10; i++ {
				if p.passes(CallBefore) {
					t.Fatal("another point killed")
				}
				if p.passes(CallAfter) {
					got = i
				}
			}
			if got != tt.passes {
				t.Errorf("killed at pass %d, want %d", got, tt.passes)
			}
		})
	}
}
