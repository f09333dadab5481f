package expr

import (
	"context"
	"strings"
	"testing"
	"time"
)

// A worldEnv has secrets of one world. All worlds look the same to whoever does
// not know the secrets: what is no secret is the same in all of them, and where a
// value is a secret as a whole, so are its length, its members and their names.
type worldEnv struct{ args Value }

func (e worldEnv) Ref(_ context.Context, r *Ref, _ bool) (Value, error) {
	if r.Root != "args" {
		return Undefined(), nil
	}
	v := e.args
	for _, s := range r.Segments {
		v = v.Get(s.Name)
	}
	return v, nil
}

func (e worldEnv) Kept(_ context.Context, fn, _ string, _ []Value, make func() (Value, error)) (Value, error) {
	if fn == "date" {
		return make()
	}
	return e.args.Get("TEXT"), nil
}

func (e worldEnv) FetchSecret(context.Context, string, bool) (Value, error) {
	return e.args.Get("WHOLEOBJECT"), nil
}

func (e worldEnv) Now() time.Time { return time.Unix(0, 0) }

func world(text string, number float64, truth bool, whole []Value, members ...Member) worldEnv {
	secret := String(text).WithSecret()
	return worldEnv{Object(
		Member{"TEXT", secret},
		Member{"NUMBER", Number(number).WithSecret()},
		Member{"TRUTH", Bool(truth).WithSecret()},
		Member{"LIST", Array([]Value{String("plain"), secret})},
		Member{"WHOLE", Array(whole).WithSecret()},
		Member{"OBJECT", Object(Member{"plain", String("p")}, Member{"password", secret})},
		Member{"WHOLEOBJECT", Object(members...).WithSecret()},
		Member{"JSON", String(`{"` + text + `":["` + text + `",` + strings.Repeat("1,", len(text)) + `2]}`).WithSecret()},
		Member{"PATTERN", String("(" + text).WithSecret()},
	)}
}

var worlds = []worldEnv{
	world("Xq7zVk9w", 73501986241, true, []Value{String("Xq7zVk9w"), String("b")}, Member{"Xq7zVk9w", String("Xq7zVk9w")}),
	world("pLm3-and-longer", 2, false, []Value{String("c"), Number(3), Bool(true), Null()}, Member{"a", Number(1)}, Member{"b", String("x")}),
	world("", 0, false, nil),
	world("1", 1, true, []Value{Number(1)}, Member{"values", String("1")}, Member{"0", Null()}),
}

// Texts of errors may say that something about a secret was wrong, and nothing
// of it.
func checkWorlds(t *testing.T, text string) (called bool) {
	t.Helper()
	seen, first := "", ""
	for i, w := range worlds {
		v, err := Parse(text).Eval(context.Background(), w, "place")
		if err != nil {
			for _, secret := range []string{"Xq7zVk9w", "73501986241", "pLm3-and-longer"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the error shows the secret: %v", text, err)
				}
			}
			continue
		}
		called = true
		shown := string(v.MaskedJSON()) + " " + v.MaskedText()
		if seen == "" {
			seen, first = shown, worlds[i].args.Get("TEXT").Text()
		} else if shown != seen {
			t.Errorf("%s tells the secret %q from %q: it is shown as %s and %s", text, first, w.args.Get("TEXT").Text(), seen, shown)
		}
	}
	return called
}

var worldSecrets = map[Shape][]string{
	ShapeString: {"args.TEXT", "args.JSON", "args.PATTERN"},
	ShapeNumber: {"args.NUMBER"},
	ShapeBool:   {"args.TRUTH"},
	ShapeArray:  {"args.LIST", "args.WHOLE", "[args.TEXT, args.NUMBER]"},
	ShapeObject: {"args.OBJECT", "args.WHOLEOBJECT"},
}

var worldLambdas = []string{
	"(x) => args.TEXT", "(x) => fn.eq(x, args.TEXT)", "(x, i) => fn.join([x, i, args.TEXT], '')", "(x, i) => fn.gt(i, args.NUMBER)", "(x) => args.TRUTH",
}

// worldCalls lists calls of the function with the secret at each place that takes
// one. What stands at the others is plain.
func worldCalls(f *Function, secrets []string) []string {
	var out []string
	for at := range f.Params {
		choices := secrets
		if f.Params[at].Accepts.Can(ShapeFunction) {
			choices = worldLambdas
		}
		for _, choice := range choices {
			args := make([]string, len(f.Params))
			for i, p := range f.Params {
				switch {
				case i == at:
					args[i] = choice
				case p.Enum != nil:
					args[i] = "'" + p.Enum[0] + "'"
				case p.Accepts.Can(ShapeFunction):
					args[i] = "(x) => x"
				case p.Accepts.Can(ShapeString):
					args[i] = "'1'"
				case p.Accepts.Can(ShapeArray):
					args[i] = "['plain', 'p']"
				case p.Accepts.Can(ShapeObject):
					args[i] = "args.OBJECT"
				default:
					args[i] = "1"
				}
			}
			out = append(out, "fn."+f.Name+"("+strings.Join(args, ", ")+")")
		}
	}
	return out
}

func TestNoFunctionTellsOneSecretFromAnother(t *testing.T) {
	var secrets []string
	for _, s := range []Shape{ShapeString, ShapeNumber, ShapeBool, ShapeArray, ShapeObject} {
		secrets = append(secrets, worldSecrets[s]...)
	}
	called := map[string]bool{}
	var results []string // calls that give something of a secret
	for _, f := range Functions() {
		for _, call := range worldCalls(f, secrets) {
			if checkWorlds(t, "${"+call+"}") {
				called[f.Name] = true
				results = append(results, call)
			}
			checkWorlds(t, "before ${"+call+"} behind")
		}
	}
	for _, f := range Functions() {
		if len(f.Params) > 0 && !called[f.Name] {
			t.Errorf("fn.%s was not called without an error", f.Name)
		}
	}
	// What one function has made of a secret is given to every other one.
	for _, f := range Functions() {
		for _, inner := range results {
			for _, call := range worldCalls(f, []string{inner}) {
				checkWorlds(t, "${"+call+"}")
			}
		}
	}
}
