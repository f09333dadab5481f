package settings

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

var update = flag.Bool("update", false, "write the codes into the schema")

const schemaFile = "../../schemas/settings.json"

func readSchema(t *testing.T) *syntax.Tree {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return syntax.Parse(string(data))
}

// The schema lists every code with what it is about, so that editors offer them.
func TestTheSchemaKnowsAllCodes(t *testing.T) {
	tree := readSchema(t)
	levels := func(more []analysis.Rule) string {
		var members []string
		for _, r := range append(slices.Clone(analysis.Rules()), more...) {
			members = append(members, edit.Quote(string(r.Code))+`: { "description": `+edit.Quote(r.Summary+" By default: "+r.Severity.String()+".")+`, "$ref": "#/$defs/level" }`)
		}
		return "{\n" + strings.Join(members, ",\n") + "\n}"
	}
	names := func() string {
		var quoted, summaries []string
		for _, r := range analysis.Rules() {
			quoted, summaries = append(quoted, edit.Quote(string(r.Code))), append(summaries, edit.Quote(r.Summary))
		}
		return "{\n\"description\": \"A code of a finding.\",\n\"type\": \"string\",\n\"enum\": [\n" + strings.Join(quoted, ",\n") + "\n],\n\"enumDescriptions\": [\n" + strings.Join(summaries, ",\n") + "\n]\n}"
	}
	wants := map[string]string{
		"/$defs/severity/properties":     levels(rules[1:]),
		"/$defs/severityHere/properties": strings.Replace(levels(nil), "{", `{ "*": { "description": "All codes that are not named here.", "type": "string", "const": "off" },`, 1),
		"/$defs/code":                    names(),
	}
	b := edit.New(tree)
	for pointer, want := range wants {
		at := tree.Find(pointer)
		if diff := cmp.Diff(syntax.Parse(want).Root().Interface(), at.Interface()); diff != "" && !*update {
			t.Errorf("%s: %s\nrun go test ./internal/settings -run Schema -update", pointer, diff)
		}
		if *update {
			b.Replace(at, want)
		}
	}
	if !*update {
		return
	}
	text, err := b.Apply()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(schemaFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The parser and the published schema say the same about what is right.
func TestTheSchemaAgrees(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaURL, strings.NewReader(readSchema(t).Source())); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(schemaURL)
	if err != nil {
		t.Fatal(err)
	}
	accepts := func(text string) bool {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v) == nil
	}
	// What a schema cannot tell: order, slips in texts, names that stand twice.
	beyond := []string{"stands twice", "separated by /", "names the files that it is for", "no file", `written "~0"`}
	for _, m := range mistakes {
		text := strings.NewReplacer("«", "", "»", "").Replace(m.text)
		if !json.Valid([]byte(text)) || slices.ContainsFunc(beyond, func(s string) bool { return strings.Contains(m.message, s) }) {
			continue
		}
		if accepts(text) {
			t.Errorf("%s: the schema takes %s", m.name, text)
		}
	}
	for _, text := range []string{
		`{}`, `{"$schema": "x", "diagnostics": {}}`, New("a.json", analysis.Suppression{Code: "unused-ref", Node: "/spec"}),
		`{"diagnostics": {"severity": {"unused-ref": "off", "unknown-setting": "hint", "unused-suppression": "warning"}, "overrides": [
			{"files": "a.json", "severity": {"*": "off"}}, {"files": ["a", "!b"], "severity": {"unused-ref": "information"}}
		], "suppressions": [{"file": "/a.json", "node": "web", "code": "unused-ref", "reason": "So."}]}}`,
	} {
		if !accepts(text) || len(parse(text).Findings) > 0 {
			t.Errorf("%s: the schema: %v, the parser: %v", text, accepts(text), parse(text).Findings)
		}
	}
}
