package analysis_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// FuzzRefactor asks for changes at any place of any text: they are worked out or
// refused, and what was JSON stays JSON.
func FuzzRefactor(f *testing.F) {
	fuzzing.KeepMoving(f)
	files, err := filepath.Glob("testdata/refactor/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for i := range archive.Files {
			if strings.HasSuffix(archive.Files[i].Name, ".json") {
				c := parseRefactor(&archive.Files[i])
				f.Add(c.snapshot.Tree.Source(), uint16(c.at.Start), uint16(c.at.Len()))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string, at, length uint16) {
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		for _, end := range []int{int(at), int(at) + int(length)} {
			for _, thorough := range []bool{false, true} {
				for _, o := range s.Refactorings(syntax.Range{Start: int(at), End: end}, analysis.Question{Thorough: thorough}) {
					edits, err := s.Refactor(o.At, o.ID)
					if err != nil {
						continue
					}
					if o.Disabled != "" {
						t.Fatalf("%q is disabled (%s) and made all the same", o.Title, o.Disabled)
					}
					got, err := edit.Apply(text, edits)
					if err != nil {
						t.Fatalf("%q: %v", o.Title, err)
					}
					if json.Valid([]byte(text)) && !json.Valid([]byte(got)) {
						t.Fatalf("%q makes of\n%s\nthis:\n%s", o.Title, text, got)
					}
				}
			}
		}
	})
}

// FuzzInline inlines an argument with any value into any text: what the text
// comes to stays the same.
func FuzzInline(f *testing.F) {
	fuzzing.KeepMoving(f)
	for _, s := range []struct{ value, text string }{
		{`"main"`, `a ${args.X} b`}, {`"it's \\${b}"`, `${fn.if(fn.eq(args.X, 'a'), args.X, "c")}`}, {`"{b}"`, `$${args.X}`}, {`"\\"`, `${args.X}${args.X}{`},
		{`12.50`, `${args.X}-${fn.add(args.X, 1)}`}, {`true`, `${args.X}`}, {`[1,"a",null]`, `${fn.join(args.X, '-')} ${args.X.1}`}, {`{"a":{"b":"c"}}`, `${args.X.a.b}`},
		{`"${fn.toLower('A')}"`, `x${args.X}${fn.toUpper(args['X'])}`}, {`"a\u00e9\ud83d\ude00\n\r\t"`, `${[args.X, 1]}`}, {`"a$"`, `${args.X}{b}`}, {`"${{ X }}"`, `${fn.slug(args.X)}`},
	} {
		f.Add(s.value, s.text)
	}
	f.Fuzz(func(t *testing.T, value, text string) {
		source := `{"apiVersion":"v1.2","name":"Shop","arguments":{"X":` + value + `},"spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[{"kind":"Message","ref":"m","spec":{"message":` + edit.Quote(text) + `}}]}}}`
		if !json.Valid([]byte(source)) {
			return
		}
		s := analysis.NewSnapshot(syntax.Parse(source), nil, nil)
		at := strings.Index(source, `"X"`) + 1
		edits, err := s.Refactor(syntax.Range{Start: at, End: at}, "inline-argument")
		if err != nil {
			return
		}
		after := s.Tree.Edit(edits...)
		before, is := message(s.Tree, s.Tree.Find("/arguments/X")), message(after, syntax.Value{})
		if before != is {
			t.Fatalf("%s\ngives %s\n%s\ngives %s", source, before, after.Source(), is)
		}
	})
}

// message evaluates the message of the node, with the value of the argument X.
func message(tree *syntax.Tree, x syntax.Value) string {
	v := tree.Find("/spec/spec/steps/0/spec/message")
	got, err := evaluated(v, argumentEnv{x})
	if err != nil {
		return "an error"
	}
	return got.Kind().String() + " " + string(got.JSON())
}

func evaluated(v syntax.Value, env expr.Env) (expr.Value, error) {
	if v.Kind() != syntax.KindString {
		return expr.ParseJSON([]byte(v.Raw()))
	}
	return expr.Parse(v.Text()).Eval(context.Background(), env, "")
}

// argumentEnv gives args.X a value.
type argumentEnv struct{ x syntax.Value }

func (e argumentEnv) Ref(_ context.Context, r *expr.Ref, _ bool) (expr.Value, error) {
	if r.Root != "args" || len(r.Segments) == 0 || r.Segments[0].Name != "X" || !e.x.IsValid() {
		return expr.Undefined(), nil
	}
	v, err := evaluated(e.x, argumentEnv{})
	for _, s := range r.Segments[1:] {
		v = v.Get(s.Name)
	}
	return v, err
}

func (e argumentEnv) Kept(_ context.Context, _, _ string, _ []expr.Value, made func() (expr.Value, error)) (expr.Value, error) {
	return made()
}
func (e argumentEnv) FetchSecret(context.Context, string, bool) (expr.Value, error) {
	return expr.Undefined(), nil
}
func (e argumentEnv) Now() time.Time { return time.Unix(0, 0) }
