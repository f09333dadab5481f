package main

import (
	"encoding/json"
	"strings"
	"testing"
)

const template = "../../testdata/templates/payload.json"

func TestEachRequestIsAnsweredByALine(t *testing.T) {
	var out strings.Builder
	if err := serve(template, strings.NewReader("check 2\nletter 3\nquote 3\nbrace 3\nref 1\nexpression 3\n"), &out); err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(strings.NewReader(out.String()))
	for _, want := range []struct {
		what        string
		times, back int
	}{{"checks", 2, 0}, {"letters", 3, 3}, {"quotes", 3, 3}, {"braces", 3, 3}, {"a ref", 1, 1}, {"expressions", 3, 3}} {
		var a answer
		if err := answers.Decode(&a); err != nil {
			t.Fatalf("%s: %v", want.what, err)
		}
		if a.Problems != 0 || len(a.Ns) != want.times || len(a.BackNs) != want.back || a.Allocations == 0 {
			t.Errorf("%s: %+v", want.what, a)
		}
	}
}

func TestARequestThatMakesNoSenseIsRefused(t *testing.T) {
	for request, want := range map[string]string{
		"check":      "names no number of times",
		"check 0":    "names no number of times",
		"colour 1":   `nothing is known of "colour"`,
		"check many": "names no number of times",
	} {
		err := serve(template, strings.NewReader(request+"\n"), &strings.Builder{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", request, err, want)
		}
	}
}
