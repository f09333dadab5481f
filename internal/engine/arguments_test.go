package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// withArguments is a template with arguments, overrides and options.
func withArguments(arguments, more string, nodes ...string) string {
	if len(nodes) == 0 {
		nodes = []string{node("x", "")}
	}
	return `{"apiVersion": "v1.2", "name": "T", "arguments": ` + arguments + more + `, "spec": ` + sequence(nodes...) + `}`
}

func TestEachSourceOfAnArgumentIsStrongerThanTheOnesBefore(t *testing.T) {
	source := withArguments(`{"A": "arguments"}`, `, "argumentOverrides": {"A": "argumentOverrides"},
		"options": {"runOnCreation": true, "runOnCreationArgumentOverrides": {"A": "runOnCreationArgumentOverrides"}}`)
	layer := func(from Origin) Layer { return Layer{From: from, Values: map[string]any{"A": string(from)}} }
	all := Options{Stored: []Layer{layer(FromStored)}, First: true, Arguments: []Layer{layer(FromEnvironment), layer(FromFile), layer(FromFlag)}}
	weaken := []func(){
		func() {},
		func() { all.Arguments = all.Arguments[:2] },
		func() { all.Arguments = all.Arguments[:1] },
		func() { all.Arguments = nil },
		func() { all.First = false },
		func() { all.Stored = nil },
		func() {
			source = strings.Replace(source, `"argumentOverrides": {"A": "argumentOverrides"}`, `"argumentOverrides": {}`, 1)
		},
	}
	for i, want := range []Origin{FromFlag, FromFile, FromEnvironment, FromCreation, FromStored, FromOverrides, FromArguments} {
		weaken[i]()
		p, problems := compile(t, source, all)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := string(p.Arguments[0].Value); got != `"`+string(want)+`"` {
			t.Errorf("the value is %s, want that of %s", got, want)
		}
		states, _ := Arguments(template.Build(syntax.Parse(source), nil), all)
		if len(states) != 1 || states[0].From != want || !states[0].Declared || string(states[0].Value) != string(p.Arguments[0].Value) {
			t.Errorf("it is told to be %+v, want %s", states, want)
		}
	}
}

func TestOverridesOnCreationCountWhenTheTemplateIsCreatedToRun(t *testing.T) {
	for _, tt := range []struct {
		name, options string
		opts          Options
		want          bool
	}{
		{"in the first run", `"runOnCreation": true, `, Options{First: true}, true},
		{"not in later ones", `"runOnCreation": true, `, Options{}, false},
		{"not where the template does not run on creation", `"runOnCreation": false, `, Options{First: true}, false},
		{"not where it does not say so", ``, Options{First: true}, false},
		{"not in a teardown", `"runOnCreation": true, `, Options{First: true, Teardown: true}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, problems := compile(t, withArguments(`{"A": "usual"}`, `, "options": {`+tt.options+`"runOnCreationArgumentOverrides": {"A": "first"}},
				"teardownSpec": {"spec": `+sequence(node("x", ""))+`}`), tt.opts)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if got := string(p.Arguments[0].Value); (got == `"first"`) != tt.want || p.First != tt.want {
				t.Errorf("the value is %s, first is %v", got, p.First)
			}
		})
	}
}

func TestOfTwoFirstRunsOneIsNot(t *testing.T) {
	g := setUp(t).compile(withArguments(`{"A": "usual"}`, `, "options": {"runOnCreation": true, "runOnCreationArgumentOverrides": {"A": "first"}}`), Options{First: true})
	if g.run(); g.err != nil {
		t.Fatal(g.err)
	}
	if g.run(); g.err == nil || !strings.Contains(g.err.Error(), "has run before") {
		t.Errorf("a second first run: %v", g.err)
	}
	if runs, err := g.engine.Store.List(t.Context(), historyAll, Describe); err != nil || len(runs) != 1 {
		t.Errorf("%d runs are recorded, %v", len(runs), err)
	}
}

func TestDeclaredTypes(t *testing.T) {
	for _, tt := range []struct{ typ, given, want string }{
		{"string", `"x"`, `"x"`}, {"string", `3`, `"3"`}, {"string", `true`, `"true"`}, {"string", `{"a": [1]}`, `"{\"a\":[1]}"`}, {"string", `null`, "a text"},
		{"secret", `"x"`, `"x"`},
		{"number", `"3"`, `3`}, {"number", `" 2.5 "`, `2.5`}, {"number", `"1e3"`, `1000`}, {"number", `"-0.5"`, `-0.5`}, {"number", `4`, `4`},
		{"number", `""`, "a number"}, {"number", `"x"`, "a number"}, {"number", `"0x10"`, "a number"}, {"number", `"1_000"`, "a number"}, {"number", `"NaN"`, "a number"},
		{"number", `"inf"`, "a number"}, {"number", `true`, "a number"}, {"number", `[3]`, "a number"},
		{"integer", `"3"`, `3`}, {"integer", `3.0`, `3`}, {"integer", `"3.5"`, "a whole number"}, {"integer", `"x"`, "a whole number"}, {"integer", `{}`, "a whole number"},
		{"boolean", `"true"`, `true`}, {"boolean", `"false"`, `false`}, {"boolean", `true`, `true`}, {"boolean", `"yes"`, "true or false"}, {"boolean", `1`, "true or false"},
		{"array", `"[1,\"a\"]"`, `[1,"a"]`}, {"array", `[1]`, `[1]`}, {"array", `"a,b"`, "an array, as JSON"}, {"array", `{}`, "an array, as JSON"},
		{"object", `"{\"b\":1,\"a\":2}"`, `{"b":1,"a":2}`}, {"object", `"[]"`, "an object, as JSON"},
	} {
		t.Run(tt.typ+" "+tt.given, func(t *testing.T) {
			var value any
			if err := json.Unmarshal([]byte(tt.given), &value); err != nil {
				t.Fatal(err)
			}
			p, problems := compile(t, withArguments(`{"A": {"type": "`+tt.typ+`"}}`, ``), Options{Arguments: []Layer{{From: FromFlag, Values: map[string]any{"A": value}}}})
			if len(problems) > 0 {
				if want := "argument A has to be " + tt.want + ", and what --arg gives is not"; len(problems) != 1 || problems[0].Message != want || problems[0].Code != CodeArgumentType {
					t.Errorf("problems %+v, want %s", problems, tt.want)
				}
				return
			}
			if got := string(p.Arguments[0].Value); got != tt.want {
				t.Errorf("the value is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestAnExpressionsValueIsBroughtIntoTheDeclaredType(t *testing.T) {
	g := setUp(t).compile(withArguments(`{"COUNT": {"type": "number", "default": "${fn.slice('x42', 1)}"}, "TEXT": {"type": "string", "default": "${args.COUNT}"}}`, ``,
		`{"kind": "Thing", "ref": "a", "spec": {"name": "a", "count": "${args.COUNT}", "text": "${args.TEXT}"}}`)).run()
	if r := g.stage.requests["a"]; part(r, "count") != 42.0 || part(r, "text") != "42" {
		t.Errorf("%v, %v", r.Spec, g.err)
	}
	g = setUp(t).compile(withArguments(`{"COUNT": {"type": "number", "default": "${fn.slice('x42', 0)}"}}`, ``, `{"kind": "Thing", "ref": "a", "spec": {"name": "a", "count": "${args.COUNT}"}}`)).run()
	if g.err == nil || !strings.Contains(g.err.Error(), "argument COUNT has to be a number, and its value is not") {
		t.Errorf("error %v", g.err)
	}
}

func TestARequiredArgumentWithoutAValueIsNamedBeforeAnythingStarts(t *testing.T) {
	declared := `{"KEY": {"type": "string", "required": true}}`
	give := func(from Origin, value any) Options {
		return Options{Arguments: []Layer{{From: from, Values: map[string]any{"KEY": value}}}}
	}
	for _, tt := range []struct {
		name, arguments, more string
		opts                  Options
		want                  string
	}{
		{"nothing gives it", declared, ``, Options{}, "argument KEY is required and has no value: give it with --arg KEY=VALUE, in a file with --args-file, in the environment as NF_ARG_KEY, or keep it with 'nf-run args set FILE KEY'"},
		{"the environment gives an empty one", declared, ``, give(FromEnvironment, ""), "has an empty value (from the environment (NF_ARG_KEY))"},
		{"its default is empty", `{"KEY": {"type": "string", "required": true, "default": ""}}`, ``, Options{}, `has an empty value (from "arguments")`},
		{"a default gives it", `{"KEY": {"type": "string", "required": true, "default": "x"}}`, ``, Options{}, ""},
		{"the file overrides it", declared, `, "argumentOverrides": {"KEY": "x"}`, Options{}, ""},
		{"it is stored", declared, ``, Options{Stored: []Layer{{From: FromStored, Values: map[string]any{"KEY": "x"}}}}, ""},
		{"the command line gives it", declared, ``, give(FromFlag, "x"), ""},
		{"it is false", `{"KEY": {"type": "boolean", "required": true}}`, ``, give(FromFlag, "false"), ""},
		{"it is not required", `{"KEY": {"type": "string"}}`, ``, Options{}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			source := withArguments(tt.arguments, tt.more)
			_, problems := compile(t, source, tt.opts)
			switch {
			case tt.want == "" && len(problems) > 0:
				t.Errorf("problems %+v", problems)
			case tt.want != "" && (len(problems) != 1 || problems[0].Code != CodeMissingArgument || !strings.Contains(problems[0].Message, tt.want) ||
				!strings.HasPrefix(source[problems[0].Range.Start:], `"KEY"`)):
				t.Errorf("problems %+v, want one at its name that says %q", problems, tt.want)
			}
		})
	}
}

func TestArgumentsThatTheTemplateDoesNotHaveAreTold(t *testing.T) {
	for _, tt := range []struct {
		name, node string
		from       Origin
		given      string
		want       string
	}{
		{"a mistyped one", node("x", ""), FromFlag, "BRNACH", "the template has no argument BRNACH, which --arg gives; did you mean BRANCH?"},
		{"one like none", node("x", ""), FromFile, "UNHEARD", "the template has no argument UNHEARD, which the arguments file gives"},
		{"a stored one", node("x", ""), FromStored, "BRANCHES", "the template has no argument BRANCHES, which the stored override gives; did you mean BRANCH?"},
		{"one that is declared", node("x", ""), FromFlag, "BRANCH", ""},
		{"one that is used", node("x", `"b": "${args.OTHER}"`), FromFlag, "OTHER", ""},
		{"one like a used one", node("x", `"b": "${args.OTHER}"`), FromFlag, "OTHERS", "did you mean OTHER?"},
		{"one that a name which is worked out may mean", node("x", `"b": "${fn.get(args, 'OTHER')}"`), FromFlag, "UNHEARD", ""},
		{"the environment is for others too", node("x", ""), FromEnvironment, "UNHEARD", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := compile(t, withArguments(`{"BRANCH": "main", "OTHER": ""}`, ``, tt.node), Options{Arguments: []Layer{{From: tt.from, Values: map[string]any{tt.given: "planted-value"}}}})
			if strings.HasPrefix(tt.name, "one like a used one") {
				p, _ = compile(t, withArguments(`{}`, ``, tt.node), Options{Arguments: []Layer{{From: tt.from, Values: map[string]any{tt.given: "planted-value"}}}})
			}
			got := fmt.Sprint(p.Warnings())
			if (len(p.Warnings()) > 0) != (tt.want != "") || !strings.Contains(got, tt.want) || strings.Contains(got, "planted") {
				t.Errorf("warnings %s, want %q", got, tt.want)
			}
		})
	}
}

func TestExpressionsOfGivenValuesWaitForWhatTheyUse(t *testing.T) {
	// The value comes from a file, and its node stands in another branch.
	g := setUp(t).compile(withArguments(`{"A": ""}`, ``, parallel(`{"kind": "Thing", "ref": "user", "spec": {"name": "user-${args.A}"}}`, node("late", `"polls": 3`))),
		Options{Arguments: []Layer{{From: FromFile, Values: map[string]any{"A": "${refs.late.id}"}}}}).run()
	if g.err != nil || g.result.State != StateSuccess {
		t.Fatalf("%+v, %v", g.result, g.err)
	}
	if got := g.stage.said(); got != "made late, late is up, made user-late" {
		t.Errorf("the platform %s", got)
	}
}

func TestArgumentsAreListedForBrokenTemplatesToo(t *testing.T) {
	for source, want := range map[string]string{
		`{"apiVersion": "v1.2", "arguments": {"A": "x", "B": {"type": "number", "required": true}, "C": `: "A:arguments B:",
		`{"apiVersion": "v1.2", "arguments": {"A"`:                                                        "A:",
		`{"apiVersion": "v1.2"`: "",
		`not even JSON`:         "",
		``:                      "",
	} {
		states, _ := Arguments(template.Build(syntax.Parse(source), nil), Options{})
		var got []string
		for _, s := range states {
			if s.Name != "C" {
				got = append(got, s.Name+":"+string(s.From))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s has %q, want %q", source, got, want)
		}
	}
}

func FuzzArguments(f *testing.F) {
	f.Add(withArguments(`{"A": {"type": "number", "default": "${fn.add(1, args.B)}", "required": true}, "B": "2"}`, `, "argumentOverrides": {"A": null}`), "A", "x")
	f.Add(`{"apiVersion": "v1.2", "arguments": {"A": "${args.A}"`, "A", "${")
	f.Fuzz(func(t *testing.T, source, name, value string) {
		opts := Options{First: true, Arguments: []Layer{{From: FromFlag, Values: map[string]any{name: value}}}}
		doc := template.Build(syntax.Parse(source), nil)
		Arguments(doc, opts)
		Compile(doc, opts)
	})
}

func TestInACallAnArgumentIsUndefinedWhereAReferenceInItHasNoValue(t *testing.T) {
	for name, value := range map[string]string{
		"its node was skipped":             "${refs.a.value}",
		"its node has no such member":      "${refs.b.nothing}",
		"it names an argument without one": "${args.NOTHING}",
		"it names no secret that there is": "${secrets.nothing.values.NAME}",
		"a text is around it":              "so: ${refs.a.value}",
	} {
		t.Run(name, func(t *testing.T) {
			g := setUp(t)
			g.engine.Secrets = noGlobals{}
			g.compile(withArguments(`{"A": "`+value+`", "YES": "true"}`, "",
				strings.Replace(node("a", `"value": 1`), `"spec"`, `"skipNodeExecution": "${args.YES}", "spec"`, 1),
				node("b", ""), node("c", `"value": "${fn.if(args.A, 'a value', 'none')}"`))).run()
			if g.err != nil || g.result.State != StateSuccess {
				t.Fatalf("%+v, %+v, %v", g.result, g.result.Error, g.err)
			}
			if out := string(g.view(g.result.ID).node("c").Attempts[0].Response); !strings.Contains(out, `"value":"none"`) {
				t.Errorf("c gave %s", out)
			}
		})
	}
}

// noGlobals has no global secrets.
type noGlobals struct{}

// Secret implements SecretSource.
func (noGlobals) Secret(context.Context, string) (expr.Value, error) { return expr.Undefined(), nil }
