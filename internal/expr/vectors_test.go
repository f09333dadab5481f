package expr

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const vectorFolder = "../../testdata/expr/vectors"

// vector is one line of the vector files, which are written by testdata/expr/generate.mjs.
type vector struct {
	Function  string
	Name      string
	Text      string
	Env       vectorEnv
	Value     json.RawMessage
	Undefined bool
	Error     string
}

type vectorEnv struct {
	Args    json.RawMessage
	Refs    json.RawMessage
	Secrets json.RawMessage
	Time    time.Time `json:"now"`
}

func (e vectorEnv) root(name string) (Value, bool) {
	raw := map[string]json.RawMessage{"args": e.Args, "refs": e.Refs, "secrets": e.Secrets}[name]
	if raw == nil {
		return Value{}, false
	}
	v, err := ParseJSON(raw)
	return v, err == nil
}

func (e vectorEnv) Ref(_ context.Context, r *Ref, _ bool) (Value, error) {
	v, ok := e.root(r.Root)
	if !ok || len(r.Segments) == 0 {
		return Undefined(), nil
	}
	for _, s := range r.Segments {
		v = v.Get(s.Name)
	}
	if r.Root == "secrets" {
		v = v.WithSecret()
	}
	return v, nil
}

func (e vectorEnv) Kept(_ context.Context, _, _ string, _ []Value, make func() (Value, error)) (Value, error) {
	return make()
}

func (e vectorEnv) FetchSecret(_ context.Context, id string, _ bool) (Value, error) {
	v, _ := e.root("secrets")
	if v = v.Get(id); v.IsUndefined() {
		return Value{}, errors.New("there is no secret with that identifier")
	}
	return v, nil
}

// Now is the time of the vector, or a fixed one.
func (e vectorEnv) Now() time.Time {
	if e.Time.IsZero() {
		return time.Date(2025, 5, 14, 22, 0, 0, 0, time.UTC)
	}
	return e.Time
}

func readVectors(t testing.TB) []vector {
	files, err := filepath.Glob(filepath.Join(vectorFolder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s: %v", vectorFolder, err)
	}
	// More vectors, such as random ones from testdata/expr/random.mjs.
	if more := os.Getenv("NF_EXPR_VECTORS"); more != "" {
		files = append(files, more)
	}
	var all []vector
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var vectors []vector
		if err := json.Unmarshal(text, &vectors); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, vectors...)
	}
	return all
}

func TestEvaluatorAndFolderGiveTheValuesOfTheVectors(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.Function+"/"+v.Name, func(t *testing.T) {
			ip := Parse(v.Text)
			got, err := ip.Eval(context.Background(), v.Env, "place")
			v.check(t, ip, got, err)

			folded, ok := ip.Fold()
			switch {
			case ok && err != nil:
				t.Errorf("%s folds to %v, but fails: %v", v.Text, folded, err)
			case ok && (string(folded.JSON()) != string(got.JSON()) || folded.Kind() != got.Kind()):
				t.Errorf("%s folds to %s, but evaluates to %s", v.Text, folded.JSON(), got.JSON())
			case !ok && err == nil && constant(ip):
				t.Errorf("%s is constant but does not fold", v.Text)
			}
		})
	}
}

// constant reports whether nothing in the string asks the environment.
func constant(ip *Interpolation) bool {
	yes := true
	ip.Walk(func(n Node, _ bool) bool {
		switch n := n.(type) {
		case *Ref:
			yes = yes && n.Param
		case *Call:
			f, ok := LookupFunction(n.Name)
			yes = yes && ok && f.Pure
		}
		return true
	})
	return yes
}

func (v vector) check(t *testing.T, ip *Interpolation, got Value, err error) {
	t.Helper()
	if v.Error != "" {
		code := ""
		var e *EvalError
		switch {
		case len(ip.Errors) > 0:
			code = ip.Errors[0].Code
		case errors.As(err, &e):
			code = e.Code
			if e.Start < 0 || e.End > len(v.Text) || e.Start > e.End {
				t.Errorf("the error of %s is at %d..%d, outside of the text", v.Text, e.Start, e.End)
			}
		}
		if code != v.Error {
			t.Errorf("%s gives %v and error %v (%q), want error %q", v.Text, got, err, code, v.Error)
		}
		return
	}
	if err != nil {
		t.Errorf("%s fails: %v", v.Text, err)
		return
	}
	if v.Undefined {
		if !got.IsUndefined() {
			t.Errorf("%s is %v, want undefined", v.Text, got)
		}
		return
	}
	want, err := ParseJSON(v.Value)
	if err != nil {
		t.Fatal(err)
	}
	if got.Kind() != want.Kind() || string(got.JSON()) != string(want.JSON()) {
		t.Errorf("%s is the %s %s, want the %s %s", v.Text, got.Kind(), got.JSON(), want.Kind(), want.JSON())
	}
}

func TestEveryFunctionHasAtLeastADozenVectors(t *testing.T) {
	count := map[string]int{}
	for _, v := range readVectors(t) {
		count[v.Function]++
	}
	for _, f := range Functions() {
		if count[f.Name] < 12 {
			t.Errorf("fn.%s has %d vectors, want 12 or more", f.Name, count[f.Name])
		}
	}
}
