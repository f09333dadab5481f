package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The hashes are those of GitHub's own tests of its upload.
func TestLinesAreHashedAsCodeScanningDoesIt(t *testing.T) {
	greetings := []string{"8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1", "c6805c5e1288b612:1", "b86d3392aea1be30:1", "e6ceba753e1a442:1"}
	tests := []struct {
		name, text string
		want       []string
	}{
		{"an empty file", "", []string{"c129715d7a2bc9a3:1"}},
		{"spaces and tabs", " a\nb\n  \t\tc\n d", []string{"271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"}},
		{"LF", " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End", greetings},
		{"CRLF", strings.ReplaceAll(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End", "\n", "\r\n"), greetings},
		{"CR", strings.ReplaceAll(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End", "\n", "\r"), greetings},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, lineHashes(tt.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEqualLinesAreCounted(t *testing.T) {
	lines := lineHashes(strings.Repeat("Lorem ipsum dolor sit amet.\n", 10))
	if len(lines) != 11 || !strings.HasSuffix(lines[0], ":1") || lines[3] != strings.TrimSuffix(lines[0], ":1")+":4" {
		t.Errorf("got %v", lines)
	}
}
