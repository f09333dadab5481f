package local_test

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

func TestLengthsAreCountedInCharacters(t *testing.T) {
	s := newStage(t)
	body := func(description string) string {
		return `{"name":"notes","secretType":"environment","priority":1,"description":"` + description + `"}`
	}
	s.do(platform.OpPutProjectSecret, where(), body(strings.Repeat("ü", 200)))
	_, err := s.try(platform.OpPutProjectSecret, where(), body(strings.Repeat("ü", 201)))
	if platform.StatusOf(err) != 400 || !strings.Contains(err.Error(), "is 201 characters long") {
		t.Errorf("one more is answered with %v", err)
	}
}
