package syntax

import (
	"strings"
	"testing"
)

func TestOneMistakeExplainsWhatFollowsFromIt(t *testing.T) {
	const right = `{
  "steps": [
    { "kind": "A", "spec": {
      "list": [
        "x"
      ],
      "empty": {},
      "none": [],
      "deep": { "b": [ { "c": 1 } ] }
    } },
    { "kind": "B", "spec": { "d": "e" } }
  ],
  "last": 1
}
`
	if Parse(right).root.HasErrors() {
		t.Fatal("the text is not right to begin with")
	}
	tests := []struct{ name, old, new, message string }{
		{"a brace is missing behind a colon", `"spec": {` + "\n", `"spec": ` + "\n", "expected `{` here, which is closed below"},
		{"a bracket is missing behind a colon", `"steps": [`, `"steps": `, "expected `[` here, which is closed below"},
		{"a bracket is missing in front of a text", `"list": [`, `"list": `, "expected `[` here, which is closed below"},
		{"an empty object has lost its brace", `"empty": {}`, `"empty": }`, "write `{` instead of `}`|expected `{` here, which is closed below"},
		{"an empty list has lost its bracket", `"none": []`, `"none": ]`, "expected `[` here, which is closed below"},
		{"a brace stands there twice", `{ "c": 1 }`, `{ "c": 1 }}`, "this `}` closes nothing: remove it"},
		{"a bracket stands there twice", "\n      ],", "\n      ]],", "this `]` closes nothing: remove it"},
		{"a closing brace stands in the place of an opening one", `"spec": {` + "\n", `"spec": }` + "\n", "write `{` instead of `}`"},
		{"a comma stands in the place of a colon", `"spec": {` + "\n", `"spec", {` + "\n", "write `:` instead of `,`"},
		{"a brace stands in the place of a colon", `"kind": "B"`, `"kind"} "B"`, "write `:` instead of `}`"},
		{"a bracket stands in the place of a quote", `"spec": {` + "\n", `[spec": {` + "\n", "write `\"` instead of `[`"},
		{"a brace closes a list on a line of its own", "\n      ],", "\n      },", "write `]` instead of `}`"},
		{"a brace closes a list behind its last element", "} }\n  ],", "} }\n  },", "write `]` instead of `}`"},
		{"a bracket closes an object", `{ "c": 1 }`, `{ "c": 1 ]`, "write `}` instead of `]`"},
		{"a list of texts has lost its bracket", "\"list\": [\n        \"x\"\n", "\"list\": \"x\", \"y\"\n", "expected `[` here, which is closed below"},
		{"an object has lost its brace, and the lines tell which", `"d": "e" } }` + "\n  ]", `"d": "e" } }` + "\n  ],\n  \"more\": { \"f\": 1", "this `{` is never closed: add `}`"},
		{"a name has lost its closing quote in front of an object", `"deep": {`, `"deep: {`, "a double quote is missing in this string, which ends too late"},
		{"a text has lost its opening quote", `"kind": "B"`, `"kind": B"`, "a double quote is missing in front of this text"},
		{"an address has lost its opening quote", `"kind": "B", `, `"kind": https://example.com",` + "\n", "a double quote is missing in front of this text"},
		{"a bracket opens an object", `"spec": {` + "\n", `"spec": [` + "\n", "write `{` instead of `[`"},
		{"a bracket opens the document", "{\n  \"steps\"", "[\n  \"steps\"", "write `{` instead of `[`"},
		{"an object stands in brackets", `{ "kind": "B", "spec": { "d": "e" } }`, `[ "kind": "B", "spec": { "d": "e" } ]`, "members stand in braces: write `{` and `}` instead of `[` and `]`"},
		{"a quote stands in the place of a brace", `"spec": {` + "\n", `"spec": "` + "\n", "write `{` instead of `\"`"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.Replace(right, tt.old, tt.new, 1)
			tree := Parse(broken)
			got := tree.Explained()
			if len(got) != 1 || !strings.Contains("|"+tt.message+"|", "|"+got[0].Message+"|") {
				for _, e := range got {
					t.Logf("%v %s", e.Range, e.Message)
				}
				t.Fatalf("%d mistakes in\n%s", len(got), broken)
			}
			if fixed := tree.Edit(got[0].Fix...); len(fixed.Errors()) > 0 {
				t.Errorf("the fix makes\n%s", fixed.Source())
			}
		})
	}
}

// Any bracket, quote, comma or colon of a template is taken out, or written
// twice: what is said of it is no more than what the parser found, and where it is
// one thing that several errors come from, its fix makes JSON of the text.
func TestExplanationsHold(t *testing.T) {
	text := bigTemplate(3)
	explained := 0
	for i := range len(text) {
		if strings.IndexByte(`"{}[],:`, text[i]) < 0 {
			continue
		}
		for _, broken := range []string{text[:i] + text[i+1:], text[:i] + text[i:i+1] + text[i:]} {
			tree := Parse(broken)
			all, got := tree.Errors(), tree.Explained()
			switch {
			case len(got) > len(all) || len(all) > 0 && len(got) == 0:
				t.Errorf("%d errors became %d at %q", len(all), len(got), text[max(0, i-20):i+1])
			case len(got) < len(all):
				explained++
				if len(got) != 1 || tree.Edit(got[0].Fix...).root.HasErrors() {
					t.Errorf("%q does not explain what is wrong behind %q", got[0].Message, text[max(0, i-20):i])
				}
			}
		}
	}
	if explained < 20 {
		t.Errorf("only %d times one mistake was found behind several", explained)
	}
}

func TestMistakesOfTheirOwnStay(t *testing.T) {
	for _, text := range []string{`{"a": tru, "b" 1}`, "{\"a\": \"x,\n\"b\": [1}", `]`, ``, `{"a": 1]`, "[1 2,, }"} {
		tree := Parse(text)
		if all, got := tree.Errors(), tree.Explained(); len(all) != len(got) && tree.Edit(got[0].Fix...).root.HasErrors() {
			t.Errorf("of %d mistakes in %q %d are told", len(all), text, len(got))
		}
	}
}
