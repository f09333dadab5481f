package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// marked cuts the marks out of a text and returns the text with the ranges between «», in order.
func marked(text string) (string, []syntax.Range) {
	var b strings.Builder
	var ranges []syntax.Range
	open := 0
	for _, r := range text {
		switch r {
		case '«':
			open = b.Len()
		case '»':
			ranges = append(ranges, syntax.Range{Start: open, End: b.Len()})
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), ranges
}

// service is a right combined service around members under test.
func service(members string) string {
	return `{"kind":"CombinedService","spec":{"name":"web","billing":{"deploymentPlan":"nf-compute-10"},
		"deployment":{"instances":1},"buildSettings":{"dockerfile":{"dockerFilePath":"/Dockerfile","dockerWorkDir":"/"}}` + members + `}}`
}

func addon(members string) string {
	return `{"kind":"Addon","spec":{"name":"database","type":"postgresql","version":"16"` + members + `}}`
}

func condition(spec string) string { return `{"kind":"Condition","spec":` + spec + `}` }

func TestProblems(t *testing.T) {
	type want struct {
		code, message string
		uncertain     bool
		suggestion    string
	}
	tests := []struct {
		name, text string
		want       []want
	}{
		{name: "a right node has none", text: service("")},
		{name: "a required property is missing: the report is at the object's start",
			text: `{"kind":"SecretGroup","spec":«{»"name":"secrets","secretType":"environment"}}`,
			want: []want{{code: validate.CodeMissingProperty, message: `a SecretGroup needs "priority".`}}},
		{name: "a node without a spec",
			text: `«{»"kind":"Workflow"}`,
			want: []want{{code: validate.CodeMissingProperty, message: `a Workflow node needs "spec".`}}},
		{name: "a node without a kind",
			text: `«{»"spec":{}}`,
			want: []want{{code: validate.CodeMissingProperty, message: `a node needs "kind".`}}},
		{name: "a misspelt kind",
			text: `{"kind":«"CombindService"»,"spec":{"zzz":1}}`,
			want: []want{{code: validate.CodeUnknownKind, message: `did you mean "CombinedService"?`, suggestion: "CombinedService"}}},
		{name: "an unknown property may be one that the reference forgets",
			text: service(`,«"portz"»:[]`),
			want: []want{{code: validate.CodeUnknownProperty, message: `a CombinedService has no property "portz"; did you mean "ports"?`, uncertain: true, suggestion: "ports"}}},
		{name: "an unknown property like no other is told what there is",
			text: `{"kind":"Approval","spec":{"amount":1,«"people"»:2}}`,
			want: []want{{code: validate.CodeUnknownProperty, message: `an Approval has no property "people".`, uncertain: true}}},
		{name: "a misspelt required property is one certain problem",
			text: `{"kind":"Approval","spec":{«"ammount"»:1}}`,
			want: []want{{code: validate.CodeUnknownProperty, message: `an Approval takes "amount", not "ammount".`, suggestion: "amount"}}},
		{name: "properties with expressions in their names are left alone",
			text: `{"kind":"Approval","spec":{"amount":1,"${args.NAME}":2}}`},
		{name: "a service condition that is given an addon",
			text: condition(`{"kind":"Service","spec":{"type":"running","data":{«"addonId"»:"${refs.payload.id}"}}}`),
			want: []want{{code: validate.CodeUnknownProperty, message: `a Service condition takes "serviceId", not "addonId".`, suggestion: "serviceId"}}},
		{name: "a condition on nothing",
			text: condition(`{"kind":"Addon","spec":{"type":"running","data":«{»}}}`),
			want: []want{{code: validate.CodeMissingProperty, message: `an Addon condition needs "addonId".`}}},
		{name: "a condition of no kind",
			text: condition(`«{»"spec":{"type":"running"}}`),
			want: []want{{code: validate.CodeMissingProperty, message: `a Condition needs "kind".`}}},
		{name: "a condition of an unknown kind: the rest is not looked at",
			text: condition(`{"kind":«"Servcie"»,"spec":{"type":"walking"}}`),
			want: []want{{code: validate.CodeNotInEnum, message: `did you mean "Service"?`, suggestion: "Service"}}},
		{name: "a condition whose kind an argument decides is not judged by one of them",
			text: condition(`{"kind":"${args.KIND}","spec":{"type":"running","data":{"serviceId":"web"}}}`)},
		{name: "a condition type that another kind has",
			text: condition(`{"kind":"Build","spec":{"type":«"running"»,"data":{"buildId":"b-1"}}}`),
			want: []want{{code: validate.CodeNotInEnum, message: `it takes "success".`}}},
		{name: "alternatives below alternatives",
			text: `{"kind":"Action","spec":{"kind":"Service","spec":{"type":"execute","data":«{»"serviceId":"web"}}}}`,
			want: []want{{code: validate.CodeMissingProperty, message: `a service command needs "command".`}}},
		{name: "properties that exclude each other: the later one is reported",
			text: strings.Replace(service(""), `"dockerWorkDir":"/"}`, `"dockerWorkDir":"/"},«"buildpack"»:{}`, 1),
			want: []want{{code: validate.CodeExclusiveProperties, message: `takes "dockerfile" or "buildpack", not both.`}}},
		{name: "a project in a region and on a cluster",
			text: `{"kind":"Project","spec":{"name":"shop","clusterId":"cluster",«"region"»:"europe-west"}}`,
			want: []want{{code: validate.CodeExclusiveProperties, message: `takes "clusterId" or "region", not both.`}}},
		{name: "alternatives of which none is begun",
			text: strings.Replace(service(""), `{"dockerfile":{"dockerFilePath":"/Dockerfile","dockerWorkDir":"/"}}`, `«{»"storage":{}}`, 1),
			want: []want{{code: validate.CodeMissingProperty, message: `needs "dockerfile" or "buildpack".`}}},
		{name: "a built-in addon without a version is no custom one",
			text: `{"kind":"Addon","spec":«{»"name":"database","type":"postgresql"}}`,
			want: []want{{code: validate.CodeMissingProperty, message: `a managed addon needs "version".`}}},
		{name: "a custom addon needs none", text: `{"kind":"Addon","spec":{"name":"database","type":"our-own-chart"}}`},
		{name: "the older name of a built-in addon", text: strings.Replace(addon(""), "postgresql", "postgres", 1)},
		{name: "a wrong type",
			text: service(`,"ports":«{"name":"p01"}»`),
			want: []want{{code: validate.CodeWrongType, message: `"ports" takes an array, not an object.`}}},
		{name: "a wrong type of an element",
			text: service(`,"ports":[«"p01"»]`),
			want: []want{{code: validate.CodeWrongType, message: `an element of "ports" takes an object, not a string.`}}},
		{name: "null stands for nothing",
			text: service(`,"description":«null»`),
			want: []want{{code: validate.CodeWrongType, message: `"description" takes a string, not null; leave it out instead.`}}},
		{name: "text that reads as a number is one", text: service(`,"healthChecks":[{"protocol":"TCP","type":"livenessProbe","port":"80",
			"initialDelaySeconds":"10","periodSeconds":" 60 ","timeoutSeconds":"1e1","failureThreshold":"3.0"}]`)},
		{name: "text that reads as a truth value is one", text: service(`,"disabledCI":"true"`)},
		{name: "a number is text where text stands", text: strings.Replace(addon(""), `"16"`, "16", 1)},
		{name: "text that is no number",
			text: `{"kind":"Approval","spec":{"amount":«"two"»}}`,
			want: []want{{code: validate.CodeWrongType, message: `"amount" takes a whole number, not a string.`}}},
		{name: "a fraction where a whole number stands",
			text: `{"kind":"Approval","spec":{"amount":«1.5»}}`,
			want: []want{{code: validate.CodeWrongType, message: `"amount" takes a whole number`}}},
		{name: "a whole number may have a point", text: `{"kind":"Approval","spec":{"amount":2.0}}`},
		{name: "a bound holds for text that reads as a number",
			text: service(`,"ports":[{"name":"p01","internalPort":«"65536"»,"protocol":"HTTP"}]`),
			want: []want{{code: validate.CodeOutOfRange, message: `"internalPort" takes a number from 1 to 65535, not 65536.`}}},
		{name: "both ends of a bound are inside", text: service(`,"ports":[{"name":"p01","internalPort":1,"protocol":"HTTP"},{"name":"p02","internalPort":65535,"protocol":"TCP"}]`)},
		{name: "a value that is none of the list, in the wrong case",
			text: `{"kind":"CronJob","spec":{"name":"job","billing":{"deploymentPlan":"nf-compute-10"},"backoffLimit":0,"concurrencyPolicy":«"Forbid"»}}`,
			want: []want{{code: validate.CodeNotInEnum, message: `did you mean "forbid"?`, suggestion: "forbid"}}},
		{name: "a number that is none of the list",
			text: strings.Replace(service(""), `{"dockerfile"`, `{"storage":{"ephemeralStorage":{"storageSize":«1000»}},"dockerfile"`, 1),
			want: []want{{code: validate.CodeNotInEnum, message: `"1000" is none of the values of "storageSize"`}}},
		{name: "a number of the list, spelt otherwise",
			text: strings.Replace(service(""), `{"dockerfile"`, `{"storage":{"ephemeralStorage":{"storageSize":16384.0}},"dockerfile"`, 1)},
		{name: "a form that does not fit is described in words",
			text: `{"kind":"Project","spec":{"name":«"my_shop"»,"region":"europe-west"}}`,
			want: []want{{code: validate.CodePatternMismatch, message: "It takes a letter first, then letters and digits with single blanks or `-` in between."}}},
		{name: "the character that does not fit is named",
			text: `{"kind":"Project","spec":{"name":"shop","description":«"fast — and small"»}}`,
			want: []want{{code: validate.CodePatternMismatch, message: `'—' is not among them.`}}},
		{name: "a description may be empty", text: `{"kind":"Project","spec":{"name":"shop","description":""}}`},
		{name: "length counts characters and not bytes",
			text: `{"kind":"LLMModelDeployment","spec":{"name":"model","description":"` + strings.Repeat("ä", 1024) + `"}}`},
		{name: "a text that is too long",
			text: service(`,"ports":[{"name":«"toolongname"»,"internalPort":80,"protocol":"HTTP"}]`),
			want: []want{{code: validate.CodeWrongLength, message: `"name" takes 1 to 8 characters; this has 11.`}}},
		{name: "a text of an exact length",
			text: `{"kind":"Build","spec":{"id":"web","type":"service","sha":«"abc123"»}}`,
			want: []want{{code: validate.CodeWrongLength, message: `"sha" takes exactly 40 characters; this has 6.`}}},
		{name: "a misspelt optional property is not taken for a missing one",
			text: condition(`{"kind":"Service","spec":{"type":"running","data":«{»«"projektId"»:"shop"}}}`),
			want: []want{
				{code: validate.CodeMissingProperty, message: `a Service condition needs "serviceId".`},
				{code: validate.CodeUnknownProperty, message: `did you mean "projectId"?`, uncertain: true, suggestion: "projectId"},
			}},
		{name: "expressions stand for anything", text: service(`,"ports":"${args.PORTS}","disabledCI":"${args.CI}","description":"${args.X} — ${args.Y}"`)},
		{name: "a node that changes an existing one may leave things out", text: `{"kind":"CombinedService","updateMode":"patch","spec":{"name":"web"}}`},
		{name: "but not a node inside it",
			text: `{"kind":"Workflow","updateMode":"patch","spec":{"type":"sequential","steps":[{"kind":"Approval","spec":«{»}}]}}`,
			want: []want{{code: validate.CodeMissingProperty, message: `an Approval needs "amount".`}}},
		{name: "the last of two members with one name counts",
			text: `{"kind":"Approval","spec":{"amount":"two","amount":2}}`},
		{name: "an older form is right, and has a newer one",
			text: service(`,"ports":[{"name":"p01","internalPort":80,"protocol":"HTTP","security":{«"ip"»:[]}}]`),
			want: []want{{code: validate.CodeDeprecatedForm, message: "\"ip\" is an older form. Write `policies`, which says the same.", uncertain: true}}},
		{name: "several problems in the order of the text",
			text: `{"kind":"Workflow","spec":{"type":«"serial"»,"steps":[{"kind":"Approval","spec":{"amount":«true»}},{"kind":«"Approve"»}]}}`,
			want: []want{
				{code: validate.CodeNotInEnum, message: `"serial" is none of the values of "type"`},
				{code: validate.CodeWrongType, message: `"amount" takes a whole number, not true or false.`},
				{code: validate.CodeUnknownKind, message: `did you mean "Approval"?`, suggestion: "Approval"},
			}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, ranges := marked(tt.text)
			got := problems(t, text, catalog.AnyNode, validate.Options{})
			slices.SortStableFunc(got, func(a, b validate.Problem) int { return a.Range.Start - b.Range.Start })
			if len(got) != len(tt.want) {
				t.Fatalf("%d problems, want %d: %+v", len(got), len(tt.want), messages(got))
			}
			for i, w := range tt.want {
				p := got[i]
				if p.Code != w.code || p.Certain == w.uncertain || p.Suggestion != w.suggestion {
					t.Errorf("problem %d is %s, certain %v, suggesting %q", i, p.Code, p.Certain, p.Suggestion)
				}
				if !strings.Contains(p.Message, w.message) {
					t.Errorf("message %q does not hold %q", p.Message, w.message)
				}
				if p.Range != ranges[i] {
					t.Errorf("points at %s, want %s", text[p.Range.Start:p.Range.End], text[ranges[i].Start:ranges[i].End])
				}
			}
		})
	}
}

func messages(list []validate.Problem) []string {
	var out []string
	for _, p := range list {
		out = append(out, p.Code+": "+p.Message)
	}
	return out
}

func TestHalfTypedTextHasNoProblemsOfItsOwn(t *testing.T) {
	for _, text := range []string{
		`{"kind":`, `{"kind":"Project","spec":{`, `{"kind":"Project","spec":{"na`, `{"kind":"Project","spec":{"name"`, `{"kind":"Project","spec":{"name":`,
		`{"kind":"Project","spec":{"name":}}`, `{"kind":"Project","spec":{"name": tru}}`, `{"kind":"Project","spec":{"name" "shop"}}`,
		`{"kind":"Condition","spec":{"kind":}}`, `{"kind":"Condition","spec":{"kind"}}`, `{"kind":"Condition","spec":{`,
		`{"kind":"Workflow","spec":{"type":"sequential","steps":[`, `{"kind":"Workflow","spec":{"type":"sequential","steps":[{`,
		`{"kind":"Project","spec":{"name":"${"}}`, `{"kind":"Project","spec":{"name":"${refs.}"}}`,
	} {
		if got := problems(t, text, catalog.AnyNode, validate.Options{}); len(got) > 0 {
			t.Errorf("%s: %q", text, messages(got))
		}
	}
}

func TestHoles(t *testing.T) {
	tests := []struct {
		name, text string
		hole       validate.Hole
		literal    bool // the string holds no expression after all
		code       string
	}{
		{name: "nothing is known", text: `{"kind":"Approval","spec":{"amount":"${X}"}}`},
		{name: "a type that cannot become the wanted one", text: `{"kind":"Approval","spec":{"amount":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeBoolean}, code: validate.CodeResultType},
		{name: "a text may read as a number", text: `{"kind":"Approval","spec":{"amount":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeString}},
		{name: "one of several types will do", text: `{"kind":"Approval","spec":{"amount":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeBoolean | catalog.TypeInteger}},
		{name: "an object where a text stands", text: `{"kind":"Project","spec":{"name":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeObject}, code: validate.CodeResultType},
		{name: "a list where a list stands", text: service(`,"ports":"${X}"`), hole: validate.Hole{Types: catalog.TypeArray}},
		{name: "a text where a list stands", text: service(`,"ports":"${X}"`), hole: validate.Hole{Types: catalog.TypeString}, code: validate.CodeResultType},
		{name: "a fixed value is checked like a literal", text: `{"kind":"Workflow","spec":{"type":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeString, Text: "serial", Fixed: true}, code: validate.CodeNotInEnum},
		{name: "a fixed value that is right", text: `{"kind":"Workflow","spec":{"type":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeString, Text: "parallel", Fixed: true}},
		{name: "a fixed number is checked for its bounds", text: service(`,"ports":[{"name":"p01","internalPort":"${X}","protocol":"HTTP"}]`), hole: validate.Hole{Types: catalog.TypeInteger, Text: "0", Fixed: true}, code: validate.CodeOutOfRange},
		{name: "a fixed text that is no number", text: `{"kind":"Approval","spec":{"amount":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeString, Text: "two", Fixed: true}, code: validate.CodeResultType},
		{name: "a fixed truth value among alternatives", text: `{"kind":"Approval","skipNodeExecution":"${X}","spec":{"amount":1}}`, hole: validate.Hole{Types: catalog.TypeBoolean, Text: "true", Fixed: true}},
		{name: "a text that is too long whatever is filled in", text: `{"kind":"Project","spec":{"name":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeString, MinLength: 40}, code: validate.CodeWrongLength},
		{name: "a text that may be short enough", text: `{"kind":"Project","spec":{"name":"${X}"}}`, hole: validate.Hole{Types: catalog.TypeString, MinLength: 39}},
		{name: "a string that only looks like an expression", text: `{"kind":"Project","spec":{"name":"${X}"}}`, literal: true, code: validate.CodePatternMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := problems(t, tt.text, catalog.AnyNode, validate.Options{Hole: func(v syntax.Value) (validate.Hole, bool) {
				if v.Text() != "${X}" {
					t.Errorf("asked about %s", v.Raw())
				}
				return tt.hole, !tt.literal
			}})
			switch {
			case tt.code == "" && len(got) > 0:
				t.Errorf("problems: %q", messages(got))
			case tt.code != "" && (len(got) != 1 || got[0].Code != tt.code):
				t.Errorf("problems: %q, want one of %s", messages(got), tt.code)
			}
		})
	}
}

func TestSkippedObjectsAndArraysAreNotLookedAt(t *testing.T) {
	text := `{"kind":"Workflow","spec":{"type":"sequential","steps":[{"kind":"Nothing"},{"kind":"Approval","spec":{}}]}}`
	root := syntax.Parse(text).Root()
	var asked []string
	validate.Value(root, catalog.AnyNode, validate.Options{Skip: func(v syntax.Value) bool {
		asked = append(asked, v.Raw()[:8])
		return v.Get("kind").IsValid()
	}}, func(p validate.Problem) { t.Errorf("reported: %s", p.Message) })
	if want := []string{`{"type":`, `[{"kind"`, `{"kind":`, `{"kind":`}; !slices.Equal(asked, want) {
		t.Errorf("asked about %q, want %q", asked, want)
	}
}

func TestValuesThatMeanMoreAreNoted(t *testing.T) {
	text := `{"kind":"CombinedService","spec":{"name":"web","billing":{"deploymentPlan":"nf-compute-20"},"deployment":{"instances":"${args.instances}"},
		"vcsData":{"projectUrl":"https://github.com/acme/web","projectType":"github","projectBranch":"main"},
		"buildSettings":{"dockerfile":{"buildEngine":"kaniko","dockerFilePath":"/Dockerfile","dockerWorkDir":"/"}},
		"ports":[{"name":"http","internalPort":80,"public":true,"protocol":"HTTP","security":{
			"policies":"${args.rules}","credentials":[{"username":"admin","password":"hunter2","type":"basic-auth"}]}}]}}`
	var noted, places []string
	validate.Value(syntax.Parse(text).Root(), catalog.AnyNode, validate.Options{
		Hole: func(syntax.Value) (validate.Hole, bool) { return validate.Hole{}, true },
		Note: func(n validate.Noted) {
			what := string(n.Schema.Role)
			if n.Schema.Secret {
				what = "secret"
			}
			noted = append(noted, what+" "+n.Member.KeyText())
		},
		Place: func(v syntax.Value, types catalog.TypeSet) { places = append(places, v.Text()+": "+types.String()) },
	}, func(p validate.Problem) { t.Errorf("reported: %s", p.Message) })
	for _, want := range []string{"resourceName name", "plan deploymentPlan", "secret password"} {
		if !slices.Contains(noted, want) {
			t.Errorf("%q is not noted, but %q", want, noted)
		}
	}
	if want := []string{"${args.instances}: integer", "${args.rules}: array"}; !slices.Equal(places, want) {
		t.Errorf("strings in the places of other types are %q, want %q", places, want)
	}
}

func TestFixesPutRightWhatTheyPointAt(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a member", condition(`{"kind":"Service","spec":{"type":"running","data":{"addonId":"a"}}}`), condition(`{"kind":"Service","spec":{"type":"running","data":{"serviceId":"a"}}}`)},
		{"a value", `{"kind":"Workflow","spec":{"type":"Parallel"}}`, `{"kind":"Workflow","spec":{"type":"parallel"}}`},
		{"a kind", `{"kind":"projct","spec":{}}`, `{"kind":"Project","spec":{}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := problems(t, tt.text, catalog.AnyNode, validate.Options{})
			if len(got) == 0 || len(got[0].Fixes()) != 1 {
				t.Fatalf("no fix in %q", messages(got))
			}
			e := got[0].Fixes()[0].Edits[0]
			if text := tt.text[:e.Range.Start] + e.NewText + tt.text[e.Range.End:]; text != tt.want {
				t.Errorf("fixed text is %s, want %s", text, tt.want)
			}
		})
	}
}
