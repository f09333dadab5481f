package settings

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// root is a folder of a project that is on no disk.
var root = filepath.FromSlash("/project")

func parse(text string) *File { return Parse(PathIn(root), syntax.Parse(text)) }

// effect writes what settings mean to a template in one line.
func effect(c *analysis.Config) string {
	var parts []string
	for _, r := range analysis.Rules() {
		if level, ok := c.Severities[r.Code]; ok {
			parts = append(parts, fmt.Sprintf("%s=%s", r.Code, level))
		}
	}
	for _, s := range c.Suppressions {
		parts = append(parts, fmt.Sprintf("%s@%s", s.Code, s.Node))
	}
	return strings.Join(parts, " ")
}

func TestWhatTheSettingsMeanToATemplate(t *testing.T) {
	const all = `{
  "$schema": "./settings.schema.json",
  "diagnostics": {
    "severity": { "unused-argument": "off", "unused-ref": "warning" },
    "overrides": [
      { "files": "examples/", "severity": { "unused-ref": "hint", "name-collision": "off" } },
      { "files": ["*.json", "!infra/"], "severity": { "name-collision": "error" } }
    ],
    "suppressions": [
      { "file": "/infra/shop.json", "node": "database", "code": "unknown-plan", "reason": "Ours." },
      { "file": "infra/*.json", "code": "secret-in-template" },
      { "file": "infra/shop.json", "node": "/spec/spec/steps/3", "code": "unknown-plan" }
    ]
  }
}`
	tests := []struct{ name, text, path, want string }{
		{"levels for the whole project", all, "other/a.yaml", "unused-ref=warning unused-argument=off"},
		{"a later override stands over an earlier one", all, "examples/a.json", "name-collision=error unused-ref=hint unused-argument=off"},
		{"what an override takes back", all, "infra/a.json", "unused-ref=warning unused-argument=off secret-in-template@"},
		{"suppressions of a file", all, "infra/shop.json", "unused-ref=warning unused-argument=off unknown-plan@database secret-in-template@ unknown-plan@/spec/spec/steps/3"},
		{"a template outside of the root", all, "../shop.json", "unused-ref=warning unused-argument=off"},
		{"a file without a name", all, "", "unused-ref=warning unused-argument=off"},
		{"nothing", `{}`, "a.json", ""},
		{"an empty file", "", "a.json", ""},
		{"a file with nothing but comments", "// none yet\n", "a.json", ""},
		{"comments and a byte order mark", "\ufeff{ // why\n \"diagnostics\": { \"severity\": { /* quiet */ \"unused-ref\": \"hint\" } } }", "a.json", "unused-ref=hint"},
		{"escapes in names", `{"diagnostics": {"severity": {"unused\u002dref": "\u0068int"}}}`, "a.json", "unused-ref=hint"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := parse(tt.text)
			if len(f.Findings) > 0 {
				t.Errorf("findings: %v", f.Findings)
			}
			path := tt.path
			if path != "" {
				path = filepath.Join(root, filepath.FromSlash(path))
			}
			if diff := cmp.Diff(tt.want, effect(f.Config(path, nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryCodeCanBeSwitchedOffInAnOverride(t *testing.T) {
	c := parse(`{"diagnostics": {"overrides": [{"files": "a.json", "severity": {"*": "off", "syntax-error": "error"}}]}}`).Config(filepath.Join(root, "a.json"), nil)
	for _, r := range analysis.Rules() {
		want := analysis.Off
		if r.Code == analysis.CodeSyntaxError {
			want = analysis.Error
		}
		if got, ok := c.Severities[r.Code]; !ok || got != want {
			t.Errorf("%s is %v", r.Code, got)
		}
	}
}

func TestTheFileStandsOverTheLevelsOfAnEditor(t *testing.T) {
	base := map[analysis.Code]analysis.Severity{"unused-ref": analysis.Error, "unused-argument": analysis.Error}
	c := parse(`{"diagnostics": {"severity": {"unused-ref": "hint"}}}`).Config(filepath.Join(root, "a.json"), base)
	if got, want := effect(c), "unused-ref=hint unused-argument=error"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if base["unused-ref"] != analysis.Error {
		t.Error("the editor's levels were changed")
	}
}

// mistakes are settings with a mistake at «...»; where there are several, in
// the order of the findings.
var mistakes = []struct{ name, text, code, message, fixed string }{
	{"a root that is no object", `«[1]»`, "invalid-settings", "an object in braces", ""},
	{"a member that is not known", `{"diagnostics": {}, «"diagnostic"»: {}}`, "unknown-setting", `did you mean "diagnostics"?`, "-"},
	{"a member of a newer version", `{«"formatting"»: {"width": 100}}`, "unknown-setting", `it has "$schema" or "diagnostics"`, ""},
	{"a section that is no object", `{"diagnostics": «true»}`, "invalid-settings", `"diagnostics" is an object`, ""},
	{"a schema that is no string", `{"$schema": «1»}`, "invalid-settings", "is a string", ""},
	{"levels that are no object", `{"diagnostics": {"severity": «"off"»}}`, "invalid-settings", "an object of codes and levels", ""},
	{"a level that is not known", `{"diagnostics": {"severity": {"unused-ref": «"warn"»}}}`, "invalid-settings", `"error", "warning"`, ""},
	{"a level with a slip", `{"diagnostics": {"severity": {"unused-ref": «"waring"»}}}`, "invalid-settings", "the level of unused-ref is", `"warning"`},
	{"a level that is no string", `{"diagnostics": {"severity": {"unused-ref": «0»}}}`, "invalid-settings", "the level of unused-ref is", ""},
	{"a code that is not known", `{"diagnostics": {"severity": {«"unusd-ref"»: "off"}}}`, "unknown-setting", `did you mean "unused-ref"?`, `"unused-ref"`},
	{"hiding mistakes of the settings", `{"diagnostics": {"severity": {«"invalid-settings"»: "off"}}}`, "invalid-settings", "cannot be hidden", ""},
	{"all codes of the project", `{"diagnostics": {"severity": {«"*"»: "off"}}}`, "invalid-settings", `in "overrides" only`, ""},
	{"all codes at another level", `{"diagnostics": {"overrides": [{"files": "a.json", "severity": {"*": «"error"»}}]}}`, "invalid-settings", `"*" can only be "off"`, `"off"`},
	{"a name that stands twice", `{"diagnostics": {"severity": {"unused-ref": "off", «"unused-ref"»: "error"}}}`, "invalid-settings", "stands twice", ""},
	{"a section that stands twice", `{"diagnostics": {"severity": {"unused-ref": "off"}}, «"diagnostics"»: {}}`, "invalid-settings", "stands twice", ""},
	{"overrides that are no list", `{"diagnostics": {"overrides": «{}»}}`, "invalid-settings", "a list in brackets", ""},
	{"an override that is no object", `{"diagnostics": {"overrides": [«"a.json"»]}}`, "invalid-settings", "an override is an object", ""},
	{"an override without files", `{"diagnostics": {"overrides": [«{»"severity": {"unused-ref": "off"}}]}}`, "invalid-settings", `needs "files"`, ""},
	{"an override without levels", `{"diagnostics": {"overrides": [«{»"files": "a.json"}]}}`, "invalid-settings", `needs "severity"`, ""},
	{"an override with a member that may limit it", `{"diagnostics": {"overrides": [{"files": "*.json", «"exclude"»: "a.json", "severity": {"unused-ref": "off"}}]}}`, "unknown-setting", `no member "exclude"`, ""},
	{"files that are no pattern", `{"diagnostics": {"overrides": [{"files": «1», "severity": {"unused-ref": "off"}}]}}`, "invalid-settings", `"files" is a pattern`, ""},
	{"one of several files that is no pattern", `{"diagnostics": {"overrides": [{"files": ["a.json", «1»], "severity": {"unused-ref": "off"}}]}}`, "invalid-settings", "a pattern is a string", ""},
	{"no files", `{"diagnostics": {"overrides": [{"files": «[]», "severity": {"unused-ref": "off"}}]}}`, "invalid-settings", "names no files", ""},
	{"files that are only taken back", `{"diagnostics": {"overrides": [{"files": «"!a.json"», "severity": {"unused-ref": "off"}}]}}`, "invalid-settings", "names no files", ""},
	{"separators of Windows", `{"diagnostics": {"overrides": [{"files": «"infra\\a.json"», "severity": {"unused-ref": "off"}}]}}`, "invalid-settings", "separated by /", `"infra/a.json"`},
	{"suppressions that are no list", `{"diagnostics": {"suppressions": «{}»}}`, "invalid-settings", "a list in brackets", ""},
	{"a suppression that is no object", `{"diagnostics": {"suppressions": [«"unused-ref"»]}}`, "invalid-settings", "a suppression is an object", ""},
	{"a suppression without a file", `{"diagnostics": {"suppressions": [«{»"code": "unused-ref"}]}}`, "invalid-settings", `needs "file"`, ""},
	{"a suppression without a code", `{"diagnostics": {"suppressions": [«{»"file": "a.json"}]}}`, "invalid-settings", `needs "code"`, ""},
	{"a suppression of a code that is not known", `{"diagnostics": {"suppressions": [{"file": "a.json", "code": «"unused-reff"»}]}}`, "unknown-setting", `did you mean "unused-ref"?`, `"unused-ref"`},
	{"a suppression of what is about the settings", `{"diagnostics": {"suppressions": [{"file": "a.json", "code": «"unused-suppression"»}]}}`, "invalid-settings", `in "severity"`, ""},
	{"a suppression with a slip that would widen it", `{"diagnostics": {"suppressions": [{"file": "a.json", «"nodes"»: "web", "code": "unused-ref"}]}}`, "unknown-setting", `did you mean "node"?`, `"node"`},
	{"a suppression of all other files", `{"diagnostics": {"suppressions": [{"file": «"!b.json"», "code": "unused-ref"}]}}`, "invalid-settings", "names the files that it is for", ""},
	{"a suppression with a list of files", `{"diagnostics": {"suppressions": [{"file": «["a.json"]», "code": "unused-ref"}]}}`, "invalid-settings", "a pattern is a string", ""},
	{"a node without a name", `{"diagnostics": {"suppressions": [{"file": "a.json", "node": «""», "code": "unused-ref"}]}}`, "invalid-settings", `"node" is empty`, ""},
	{"a node that is no string", `{"diagnostics": {"suppressions": [{"file": "a.json", "node": «3», "code": "unused-ref"}]}}`, "invalid-settings", `"node" is a string`, ""},
	{"a pointer with a wrong escape", `{"diagnostics": {"suppressions": [{"file": "a.json", "node": «"/spec/~x"», "code": "unused-ref"}]}}`, "invalid-settings", `written "~0"`, ""},
	{"a reason that is no string", `{"diagnostics": {"suppressions": [{"file": "a.json", "code": "unused-ref", "reason": «[]»}]}}`, "invalid-settings", `"reason" is a string`, ""},
	{"a comma that is missing", "{\"diagnostics\": {\"severity\": {\"unused-ref\": \"off\"«»\n\"unused-argument\": \"off\"}}}", "invalid-settings", "nothing in the file counts", ""},
	{"a file that is only half typed", `{"diagnostics": {"severity": {"unused-ref": "off"«»`, "invalid-settings", "nothing in the file counts", "-"},
}

func TestMistakesAreFoundAtTheirPlaceAndHideNothing(t *testing.T) {
	for _, tt := range mistakes {
		t.Run(tt.name, func(t *testing.T) {
			before, rest, _ := strings.Cut(tt.text, "«")
			marked, after, _ := strings.Cut(rest, "»")
			f := parse(before + marked + after)
			if len(f.Findings) == 0 {
				t.Fatal("no finding")
			}
			x := f.Findings[0]
			if string(x.Code) != tt.code || !strings.Contains(x.Message, tt.message) {
				t.Errorf("got %s: %s", x.Code, x.Message)
			}
			if want := (syntax.Range{Start: len(before), End: len(before) + len(marked)}); x.Range != want && marked != "" {
				t.Errorf("at %q", f.Tree.Source()[x.Range.Start:x.Range.End])
			}
			if f.Invalid() != (tt.code == "invalid-settings") || x.Severity != f.level(x.Code) {
				t.Errorf("the level is %s", x.Severity)
			}
			if got := effect(f.Config(filepath.Join(root, "a.json"), nil)); got != "" {
				t.Errorf("it hides %s", got)
			}
			switch {
			case tt.fixed == "-": // it is not said here
			case tt.fixed == "" && len(x.Fixes) > 0 && marked != "":
				t.Errorf("there is a fix: %v", x.Fixes)
			case tt.fixed != "":
				if len(x.Fixes) == 0 {
					t.Fatal("there is no fix")
				}
				text, err := edit.Apply(f.Tree.Source(), x.Fixes[0].Edits)
				if err != nil || text != before+tt.fixed+after {
					t.Errorf("mended it is %s: %v", text, err)
				}
				if left := parse(text).Findings; len(left) > 0 {
					t.Errorf("left is %v", left)
				}
			}
		})
	}
}

func TestAMistakeCostsNoMoreThanItsEntry(t *testing.T) {
	f := parse(`{"diagnostics": {
		"severity": {"unused-ref": "loud", "unused-argument": "off"},
		"overrides": [{"files": "..", "severity": {"name-collision": "off"}}, {"files": "a.json", "severity": {"name-collision": "hint", "port": "off"}}],
		"suppressions": [{"file": "a.json"}, {"file": "a.json", "code": "unknown-plan"}]
	}}`)
	if len(f.Findings) != 4 {
		t.Errorf("findings: %v", f.Findings)
	}
	for i := 1; i < len(f.Findings); i++ {
		if f.Findings[i].Range.Start < f.Findings[i-1].Range.Start {
			t.Errorf("they are not in the order of the text: %v", f.Findings)
		}
	}
	if got, want := effect(f.Config(filepath.Join(root, "a.json"), nil)), "name-collision=hint unused-argument=off unknown-plan@"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUnknownSettingsHaveTheLevelThatTheFileWants(t *testing.T) {
	for level, want := range map[string]int{"off": 0, "hint": 1} {
		f := parse(`{"diagnostics": {"severity": {"unknown-setting": "` + level + `"}}, "future": 1}`)
		if len(f.Findings) != want || want == 1 && f.Findings[0].Severity != analysis.Hint {
			t.Errorf("%s: %v", level, f.Findings)
		}
	}
}

func TestSuppressionsThatTakeNothingOut(t *testing.T) {
	const text = `{
  "diagnostics": {
    "suppressions": [
      { "file": "a.json", "code": "unknown-plan" },
      { "file": "b.json", "code": "unknown-plan" },
      { "file": "c.json", "code": "unknown-plan" }
    ]
  }
}
`
	f := parse(text)
	used := map[*analysis.Suppression]int{}
	for _, s := range f.Config(filepath.Join(root, "a.json"), nil).Suppressions {
		used[s]++
	}
	unused := f.Unused(used, func(matches func(string) bool) bool { return !matches(filepath.Join(root, "c.json")) })
	if len(unused) != 1 || unused[0].Severity != analysis.Hint || !strings.Contains(text[unused[0].Range.Start:unused[0].Range.End], "b.json") {
		t.Fatalf("got %v", unused)
	}
	got, err := edit.Apply(text, unused[0].Fixes[0].Edits)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(text, "      { \"file\": \"b.json\", \"code\": \"unknown-plan\" },\n", "", 1); got != want {
		t.Errorf("removed it leaves %s", got)
	}
	f = parse(strings.Replace(text, `"suppressions"`, `"severity": {"unused-suppression": "off"}, "suppressions"`, 1))
	if got := f.Unused(nil, func(func(string) bool) bool { return true }); got != nil {
		t.Errorf("switched off: %v", got)
	}
}

// FuzzParse reads any text: nothing panics, mistakes have places in the text,
// and what is not JSON hides nothing.
func FuzzParse(f *testing.F) {
	for _, m := range mistakes {
		f.Add(strings.NewReplacer("«", "", "»", "").Replace(m.text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := parse(text)
		for _, x := range file.Findings {
			if x.Range.Start < 0 || x.Range.End < x.Range.Start || x.Range.End > len(text) {
				t.Errorf("%v lies outside", x)
			}
			for _, fix := range x.Fixes {
				if _, err := edit.Apply(text, fix.Edits); err != nil {
					t.Errorf("%q: %v", fix.Title, err)
				}
			}
		}
		path := filepath.Join(root, "a.json")
		c := file.Config(path, nil)
		if file.Broken() && len(c.Severities)+len(c.Suppressions) > 0 {
			t.Error("it hides something")
		}
		s := analysis.Suppression{Code: "unused-ref", Node: "a\"b"}
		edits, err := file.Suppress(path, s)
		if err != nil {
			return
		}
		next, err := edit.Apply(text, edits)
		if err != nil {
			t.Fatal(err)
		}
		after := parse(next).Config(path, nil)
		if n := len(after.Suppressions); n != len(c.Suppressions)+1 || *after.Suppressions[n-1] != s {
			t.Errorf("suppressing makes %s", next)
		}
	})
}
