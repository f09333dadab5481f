package truth

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// hints are the hints that our templates are meant to have, each with the text
// that it points at.
var hints = map[string][]string{
	"monorepo-builds.json":   {"unknown-root NF_GIT_SHA"},
	"old-version.json":       {`deprecated-form "v1"`, `deprecated-form "postgres"`},
	"release-promotion.json": {`deprecated-form "v1.1"`},
	"web-shop.json":          {"unknown-root USER"},
}

func TestTemplatesAreSilent(t *testing.T) {
	for _, f := range templates(t) {
		var got []string
		for _, x := range findings(snapshot(f.text, nil)) {
			if x.Severity != analysis.Hint {
				t.Errorf("%s:%d: %s %s: %s", f.name, lineOf(f.text, x.Range.Start), x.Severity, x.Code, x.Message)
				continue
			}
			got = append(got, string(x.Code)+" "+f.text[x.Range.Start:x.Range.End])
		}
		if !slices.Equal(got, hints[f.name]) {
			t.Errorf("%s has the hints %q, want %q", f.name, got, hints[f.name])
		}
	}
}

// What the templates have to show between them.
func TestTemplatesShowTheWholeLanguage(t *testing.T) {
	shown := map[string]bool{}
	for _, f := range templates(t) {
		d := snapshot(f.text, nil).Doc
		shown["a "+d.Type.String()] = true
		for _, s := range d.Scopes() {
			if s.Owner != nil {
				shown["a "+s.Type.String()+" in a "+s.Owner.Kind] = true
			}
			if s.Teardown != nil {
				shown["a teardown"] = true
			}
			for _, trigger := range s.Triggers() {
				shown["a "+trigger.Value.Get("kind").Text()+" trigger"] = true
			}
		}
		for _, n := range d.Nodes() {
			shown[n.Kind] = true
			spec := n.Spec()
			inner := spec.Get("spec").Get("type").Text()
			switch n.Kind {
			case "Addon":
				shown["an addon of the type "+spec.Get("type").Text()] = true
				shown["a copy of an addon"] = shown["a copy of an addon"] || spec.Get("source").IsValid()
			case "Condition", "Action":
				shown[n.Kind+" "+n.Inner+" "+inner] = true
			case "Message":
				shown[n.Kind+" "+n.Inner] = true
			case "Release":
				shown[n.Kind+" "+spec.Get("type").Text()] = true
			}
			for range n.Facts.Expressions {
				shown["an expression"] = true
			}
		}
		version := d.Root.Get("apiVersion").Text()
		shown["version "+version] = true
		for what, has := range map[string]bool{
			"CRLF":                     strings.Contains(f.text, "\r\n"),
			"no newline at the end":    !strings.HasSuffix(f.text, "\n"),
			"tabs":                     strings.Contains(f.text, "\n\t"),
			"four blanks":              strings.Contains(f.text, "\n    \""),
			"a number as text":         regexp.MustCompile(`"storage": "\d+"`).MatchString(f.text),
			"an emoji":                 strings.Contains(f.text, "🌱"),
			"a surrogate pair":         strings.Contains(f.text, `\ud83d\ude80`),
			"an escaped literal":       strings.Contains(f.text, `\\${`),
			"what a container fills":   strings.Contains(f.text, "${{"),
			"a $schema":                d.Root.Get("$schema").IsValid(),
			"argument values of types": d.Root.Get("arguments").Get("FEATURES").Kind() == syntax.KindObject,
		} {
			shown[what] = shown[what] || has
		}
	}
	want := []string{
		"a template", "a releaseFlow", "a previewEnv", "a fragment", "a teardown", "a copy of an addon", "an expression",
		"a releaseFlow in a Pipeline", "a previewEnv in a Pipeline", "a template in a Template", "a previewEnv in a PreviewBlueprint", "a releaseFlow in a WorkflowTemplate",
		"version v1", "version v1.1", "version v1.2", "Release build", "Release deployment", "Release registry",
		"CRLF", "no newline at the end", "tabs", "four blanks", "a number as text", "an emoji", "a surrogate pair", "an escaped literal",
		"what a container fills", "a $schema", "argument values of types",
	}
	for _, k := range catalog.Kinds() {
		want = append(want, k.Name)
	}
	for _, a := range catalog.AddonTypes() {
		if a.AliasOf == "" {
			want = append(want, "an addon of the type "+a.Type)
		}
	}
	for _, kind := range []string{"vcs-push", "vcs-pr", "vcs-pr-label", "vcs-release", "vcs-check-suite", "webhook", "cron"} {
		want = append(want, "a "+kind+" trigger")
	}
	for _, kind := range []string{"Condition", "Action", "Message"} {
		want = append(want, variants(kind)...)
	}
	for _, w := range want {
		if !shown[w] {
			t.Errorf("no template shows %s", w)
		}
	}
}

// variants names what the schema of a kind distinguishes: the resource that it is
// about and, for conditions and actions, what of it.
func variants(kind string) []string {
	k, _ := catalog.Lookup(kind)
	var out []string
	for _, a := range k.Spec.Schema().Alternatives() {
		about, _ := a.Schema().Property("kind")
		name := kind + " " + about.Schema.Schema().Enum[0].Text
		if kind == "Message" {
			out = append(out, name)
			continue
		}
		inner, _ := a.Schema().Property("spec")
		forms := inner.Schema.Schema().Alternatives()
		if len(forms) == 0 {
			forms = []catalog.SchemaID{inner.Schema}
		}
		for _, form := range forms {
			what, _ := form.Schema().Property("type")
			out = append(out, name+" "+what.Schema.Schema().Enum[0].Text)
		}
	}
	return out
}

func TestThePageListsEachTemplate(t *testing.T) {
	page := read(t, templatesDir+"/README.md")
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| \\S").FindAllStringSubmatch(page, -1) {
		listed[m[1]] = true
	}
	names := map[string]bool{withMistake: true}
	for _, f := range templates(t) {
		names[f.name] = true
	}
	for name := range names {
		if !listed[name] {
			t.Errorf("the page does not say what %s shows", name)
		}
	}
	for name := range listed {
		if !names[name] {
			t.Errorf("the page lists %s, which is not there", name)
		}
	}
}
