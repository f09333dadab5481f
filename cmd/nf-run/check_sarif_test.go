package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/settings"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// sarifOf runs check in a folder and returns what it writes, which has to be what
// the published schema of SARIF takes.
func sarifOf(t *testing.T, dir string, args ...string) (log sarifLog, raw string) {
	t.Helper()
	t.Chdir(dir)
	var out, said bytes.Buffer
	run(context.Background(), append([]string{"check", "--format", "sarif"}, args...), strings.NewReader(shopWithMistakes), &out, &said)
	if said.Len() > 0 {
		t.Errorf("it also says %s", said.String())
	}
	var v any
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	if err := sarifValidator(t).Validate(v); err != nil {
		t.Errorf("%#v", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(out.Bytes()))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) != 1 {
		t.Fatalf("%d runs", len(log.Runs))
	}
	return log, out.String()
}

var compiledSARIF *jsonschema.Schema

func sarifValidator(t *testing.T) *jsonschema.Schema {
	t.Helper()
	if compiledSARIF == nil {
		data, err := os.ReadFile(filepath.Join(sourceFolder, "testdata", "sarif-2.1.0.schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat = true
		if err := compiler.AddResource("sarif.json", bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		if compiledSARIF, err = compiler.Compile("sarif.json"); err != nil {
			t.Fatal(err)
		}
	}
	return compiledSARIF
}

// sourceFolder is where the tests start, before they go elsewhere.
var sourceFolder, _ = os.Getwd()

// shopWithMistakes has an error with a fix behind characters of several widths, a
// warning in a node with a ref, and one with a place that it is related to.
const shopWithMistakes = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "project": { "id": "shop" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Volume", "ref": "data", "spec": { "name": "größe 😀", "extra": 1 } },
    { "kind": "SecretGroup", "ref": "data", "spec": { "name": "é😀", "secretType": "enviroment", "priority": 10, "secrets": {} } }
  ] } }
}
`

// project makes a folder with files.
func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSARIFSaysWhatTextSays(t *testing.T) {
	dir := project(t, map[string]string{".git/config": "", "infra/Größe #1.json": shopWithMistakes})
	log, raw := sarifOf(t, dir, "infra")
	r := log.Runs[0]
	if log.Version != "2.1.0" || r.ColumnKind != "utf16CodeUnits" || r.Tool.Driver.Name != "nf-run" || r.Tool.Driver.Version == "" {
		t.Errorf("the run is %+v", r.Tool.Driver)
	}
	if strings.Contains(raw, dir) {
		t.Error("it tells where the folder lies")
	}
	if i := r.Invocations[0]; !i.ExecutionSuccessful || i.ExitCode != 1 || len(i.Notifications) > 0 {
		t.Errorf("the invocation is %+v", i)
	}
	snapshot := analysis.NewSnapshot(syntax.Parse(shopWithMistakes), nil, nil)
	findings := snapshot.Findings()
	if len(r.Results) != len(findings) || len(findings) < 3 {
		t.Fatalf("%d results, %d findings", len(r.Results), len(findings))
	}
	const uri = "infra/Gr%C3%B6%C3%9Fe%20%231.json"
	if len(r.Artifacts) != 1 || r.Artifacts[0].Location.URI != uri {
		t.Errorf("the files are %+v", r.Artifacts)
	}
	related, fixed := 0, 0
	for i, x := range findings {
		got := r.Results[i]
		rule := r.Tool.Driver.Rules[got.RuleIndex]
		if got.RuleID != string(x.Code) || rule.ID != got.RuleID || rule.HelpURI != x.Code.DocumentationURL() || got.Message.Text != x.Message || got.Level != sarifLevel(x.Severity) {
			t.Errorf("result %d is %+v", i, got)
		}
		at := got.Locations[0].Physical
		if at.Artifact.URI != uri || at.Artifact.URIBaseID != "%SRCROOT%" || *at.Artifact.Index != 0 {
			t.Errorf("result %d is in %+v", i, at.Artifact)
		}
		if want := sarifRegionOf(snapshot.Tree.Lines(), x.Range); *at.Region != want {
			t.Errorf("result %d is at %+v, want %+v", i, *at.Region, want)
		}
		if x.Node != "" && got.Locations[0].Logical[0].FullyQualifiedName != x.Node {
			t.Errorf("result %d is at the node %+v", i, got.Locations[0].Logical)
		}
		related += len(got.Related)
		for _, fix := range got.Fixes {
			fixed++
			if replaced := replace(t, shopWithMistakes, fix.Changes[0].Replacements); replaced == shopWithMistakes {
				t.Errorf("%s changes nothing", fix.Description.Text)
			}
		}
		if got.Fingerprints["primaryLocationLineHash"] == "" || got.Fingerprints["findingHash/v1"] == "" {
			t.Errorf("result %d has the fingerprints %v", i, got.Fingerprints)
		}
	}
	if related == 0 || fixed == 0 {
		t.Errorf("%d related places, %d fixes", related, fixed)
	}
}

// replace applies replacements as a reader of the log does, by lines and columns.
func replace(t *testing.T, text string, replacements []sarifReplacement) string {
	t.Helper()
	lines := syntax.NewLines(text)
	for i := len(replacements) - 1; i >= 0; i-- {
		r := replacements[i]
		start := lines.Offset(syntax.Position{Line: uint32(r.Deleted.StartLine - 1), Character: uint32(r.Deleted.StartColumn - 1)}, syntax.UTF16)
		end := lines.Offset(syntax.Position{Line: uint32(r.Deleted.EndLine - 1), Character: uint32(r.Deleted.EndColumn - 1)}, syntax.UTF16)
		inserted := ""
		if r.Inserted != nil {
			inserted = r.Inserted.Text
		}
		text = text[:start] + inserted + text[end:]
	}
	return text
}

func TestSARIFListsEveryRule(t *testing.T) {
	log, _ := sarifOf(t, project(t, map[string]string{"a.json": `{"apiVersion":"v1.2","name":"Shop","project":{"id":"shop"},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[]}}}`}), "a.json")
	rules := log.Runs[0].Tool.Driver.Rules
	if want := len(analysis.Rules()) + len(settings.Rules()); len(rules) != want {
		t.Errorf("%d rules, want %d", len(rules), want)
	}
	for _, r := range rules {
		rule, ok := analysis.LookupRule(analysis.Code(r.ID))
		if ok && r.DefaultConfiguration.Enabled != (rule.Severity != analysis.Off) {
			t.Errorf("%s is %+v", r.ID, r.DefaultConfiguration)
		}
		if r.ShortDescription.Text == "" || r.Help.Text == "" || r.HelpURI == "" {
			t.Errorf("%+v is not described", r)
		}
	}
	run := log.Runs[0]
	if run.Results == nil || len(run.Results) != 0 || run.Invocations[0].ExitCode != 0 {
		t.Errorf("a right template has %v", run.Results)
	}
}

func TestSARIFTellsOfFilesThatCannotBeRead(t *testing.T) {
	dir := project(t, map[string]string{"empty.json": "", "broken.json": `{"apiVersion": "v1.2" "name": "x"`})
	log, _ := sarifOf(t, dir, "none.json", "empty.json", "broken.json")
	i := log.Runs[0].Invocations[0]
	if i.ExecutionSuccessful || i.ExitCode != 1 || len(i.Notifications) != 2 {
		t.Fatalf("the invocation is %+v", i)
	}
	if n := i.Notifications[0]; n.Level != "error" || n.Message.Text != "none.json: there is no such file" || n.Locations[0].Physical.Artifact.URI != "none.json" {
		t.Errorf("it says %+v", n)
	}
	if len(log.Runs[0].Results) == 0 {
		t.Error("the broken file has no results")
	}
}

func TestAddressesInSARIF(t *testing.T) {
	dir := project(t, map[string]string{"repo/.git/config": "", "repo/sub/a.json": shopWithMistakes, "repo/b:1 %.json": shopWithMistakes, "outside.json": shopWithMistakes})
	log, _ := sarifOf(t, filepath.Join(dir, "repo", "sub"), "a.json", filepath.Join("..", "b:1 %.json"), filepath.Join("..", "..", "outside.json"), "-")
	var got []string
	for _, a := range log.Runs[0].Artifacts {
		got = append(got, a.Location.URIBaseID+" "+a.Location.URI)
	}
	outside := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "outside.json"))}
	want := []string{"%SRCROOT% sub/a.json", "%SRCROOT% ./b:1%20%25.json", " " + outside.String(), " "}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A finding keeps its fingerprints when lines are put before it, and nodes; two
// findings never share those of their own.
func TestFingerprintsSurviveMovedLines(t *testing.T) {
	prints := func(text string) map[string][]string {
		f := (&command{in: strings.NewReader(text)}).readFile("-", nil)
		f.look()
		p := newFingerprints(&f)
		out := map[string][]string{}
		own := map[string]bool{}
		for _, x := range f.findings {
			got := p.of(x.Finding)
			if own[got["findingHash/v1"]] {
				t.Errorf("%s has the fingerprint of another", x.Message)
			}
			own[got["findingHash/v1"]] = true
			key := string(x.Code) + " " + text[x.Range.Start:x.Range.End]
			out[key] = append(out[key], got["primaryLocationLineHash"], got["findingHash/v1"])
		}
		return out
	}
	t.Chdir(t.TempDir())
	before := prints(shopWithMistakes)
	after := prints(strings.Replace(shopWithMistakes, `    { "kind": "Volume", "ref"`, "\n\n    { \"kind\": \"Volume\", \"spec\": { \"name\": \"first\" } },\n\n    { \"kind\": \"Volume\", \"ref\"", 1))
	if len(before) < 3 {
		t.Fatalf("the findings are %v", before)
	}
	for key, want := range before {
		if got := after[key]; strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("%s: %v, was %v", key, got, want)
		}
	}
}
