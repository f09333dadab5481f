package expr

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// hidden is a secret that no other text contains by chance.
const hidden = "Xq7zVk9w"

// secretEnv has secrets of every kind among its arguments.
type secretEnv struct{}

func (secretEnv) Ref(_ context.Context, r *Ref, _ bool) (Value, error) {
	v := Object(
		Member{"TEXT", String(hidden).WithSecret()},
		Member{"NUMBER", Number(73501986241).WithSecret()},
		Member{"TRUTH", Bool(true).WithSecret()},
		Member{"LIST", Array([]Value{String("plain"), String(hidden).WithSecret()})},
		Member{"WHOLE", Array([]Value{String(hidden), String("b")}).WithSecret()},
		Member{"OBJECT", Object(Member{"plain", String("p")}, Member{"password", String(hidden).WithSecret()})},
		Member{"WHOLEOBJECT", Object(Member{hidden, String(hidden)}).WithSecret()},
		Member{"JSON", String(`{"` + hidden + `":["` + hidden + `"]}`).WithSecret()},
		Member{"BASE64", String("WHE3elZrOXc=").WithSecret()}, // of hidden
		Member{"PLAIN", String("plain")},
	)
	if r.Root != "args" {
		return Undefined(), nil
	}
	for _, s := range r.Segments {
		v = v.Get(s.Name)
	}
	return v, nil
}

func (secretEnv) Kept(_ context.Context, _, _ string, _ []Value, _ func() (Value, error)) (Value, error) {
	return String(hidden), nil
}

func (secretEnv) FetchSecret(context.Context, string, bool) (Value, error) {
	return Object(Member{"values", String(hidden)}), nil
}

func (secretEnv) Now() time.Time { return time.Unix(0, 0) }

// leaks looks for the secrets, whatever a function has made of them.
func leaks(t *testing.T, where string, v Value) {
	t.Helper()
	shown, _ := json.Marshal(v.Masked())
	all := strings.Join([]string{string(shown), string(v.MaskedJSON()), v.MaskedText(), fmt.Sprintf("%v %+v %#v %s %q %d", v, v, v, v, v, v)}, "\n")
	for _, secret := range []string{hidden, "73501986241", "73501986242", "7.3501986241", strings.ToUpper(hidden), strings.ToLower(hidden), "WHE3elZrOXc", hidden[:4], hidden[4:], "kV9"} {
		if strings.Contains(all, secret) {
			t.Errorf("%s shows %q in\n%s", where, secret, all)
		}
	}
}

func TestNoFunctionShowsASecretInItsMaskedResult(t *testing.T) {
	// Every function is called with a secret at each place that takes one, and with plain arguments at the others.
	texts := []string{"args.TEXT", "args.NUMBER", "args.TRUTH", "args.JSON", "args.BASE64", "fn.join(['a', args.TEXT, 'b'], '-')"}
	lists := []string{"args.LIST", "args.WHOLE", "[args.TEXT, 1]", "fn.split(args.TEXT, 'z')"}
	objects := []string{"args.OBJECT", "args.WHOLEOBJECT", "fn.parseJSON(args.JSON)"}
	numbers := []string{"args.NUMBER", "fn.length(args.TEXT)"}
	lambdas := []string{"(x) => x", "(x) => args.TEXT", "(x) => fn.eq(x, args.TEXT)", "(x, i) => fn.join([x, i, args.TEXT], '')"}
	called := map[string]bool{}
	for _, f := range Functions() {
		for at := range f.Params {
			choices := append(append(append(append([]string{}, texts...), lists...), objects...), numbers...)
			if f.Params[at].Accepts.Can(ShapeFunction) {
				choices = lambdas
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
						args[i] = "['plain', args.PLAIN]"
					default:
						args[i] = "1"
					}
				}
				text := "${fn." + f.Name + "(" + strings.Join(args, ", ") + ")}"
				for _, text := range []string{text, "before " + text + " behind"} {
					v, err := Parse(text).Eval(context.Background(), secretEnv{}, "place")
					if err != nil {
						if e := err.Error(); strings.Contains(e, hidden) || strings.Contains(e, "73501986241") {
							t.Errorf("%s: the error shows the secret: %s", text, e)
						}
						continue
					}
					called[f.Name] = true
					leaks(t, text, v)
				}
			}
		}
	}
	for _, f := range Functions() {
		if !called[f.Name] {
			t.Errorf("fn.%s was not called without an error", f.Name)
		}
	}
}

func TestTheMarkOfASecretSurvivesWhatIsDoneWithIt(t *testing.T) {
	for _, test := range []struct{ text, masked string }{
		{"${args.TEXT}", `"***"`},
		{"${args.NUMBER}", `"***"`},
		{"${fn.toUpper(args.TEXT)}", `"***"`},
		{"postgres://user:${args.TEXT}@host", `"postgres://user:***@host"`},
		{"${args.TEXT}${args.TEXT}", `"***"`},
		{"${args.TEXT}-${args.PLAIN}-${args.TEXT}", `"***-plain-***"`},
		{"${fn.join(['a', args.TEXT, 'b'], '-')}", `"a-***-b"`},
		{"${fn.join(['a', 'b'], args.TEXT)}", `"a***b"`},
		{"${fn.toLower(fn.join(['a', args.TEXT], '-'))}", `"***"`},
		{"${fn.eq(args.TEXT, 'x')}", `"***"`},
		{"${fn.if(args.TEXT, 'a', 'b')}", `"***"`},
		{"${fn.if(true, args.TEXT, 'b')}", `"***"`},
		{"${fn.if(true, 'a', args.TEXT)}", `"a"`},
		{"${fn.or(true, args.TEXT)}", `true`},
		{"${fn.or(args.TEXT, true)}", `"***"`},
		{"${args.LIST}", `["plain","***"]`},
		{"${fn.get(args.LIST, 0)}", `"plain"`},
		{"${fn.get(args.LIST, 1)}", `"***"`},
		{"${fn.get(args.WHOLE, 1)}", `"***"`},
		{"${fn.arrLength(args.LIST)}", `2`},
		{"${fn.arrLength(args.WHOLE)}", `"***"`},
		{"${fn.concat(args.LIST, ['x'])}", `["plain","***","x"]`},
		{"${fn.concat(args.WHOLE, ['x'])}", `"***"`},
		{"${fn.keys(args.OBJECT)}", `["plain","password"]`},
		{"${fn.keys(args.WHOLEOBJECT)}", `"***"`},
		{"${fn.values(args.OBJECT)}", `["p","***"]`},
		{"${fn.entries(args.OBJECT)}", `[["plain","p"],["password","***"]]`},
		{"${args.OBJECT}", `{"plain":"p","password":"***"}`},
		{"${fn.stringifyJSON(args.OBJECT)}", `"***"`},
		{"${fn.map(args.LIST, (x) => fn.length(x))}", `[5,"***"]`},
		{"${fn.filter(['a'], (x) => args.TRUTH)}", `"***"`},
		{"list: ${args.LIST}", `"list: ***"`},
		{"${fn.randomSecret(8)}", `"***"`},
		{"${fn.get(fn.fetchSecret('x'), 'values')}", `"***"`},
	} {
		v, err := Parse(test.text).Eval(context.Background(), secretEnv{}, "place")
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got := string(v.MaskedJSON()); got != test.masked {
			t.Errorf("%s is shown as %s, want %s", test.text, got, test.masked)
		}
		if v.IsSecret() != strings.Contains(test.masked, Mask) {
			t.Errorf("%s: IsSecret is %t", test.text, v.IsSecret())
		}
	}
}

func TestASecretThatIsJoinedStillHasItsValue(t *testing.T) {
	v, err := Parse("a-${args.TEXT}-b").Eval(context.Background(), secretEnv{}, "place")
	if got, _ := v.AsString(); err != nil || got != "a-"+hidden+"-b" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestHalvesOfACharacterThatMeetAcrossASecretStayMasked(t *testing.T) {
	var b textBuilder
	b.value(String("\xed\xa0\xbd").WithSecret())
	b.value(String("\xed\xb8\x80"))
	if v := b.text(); v.MaskedText() != Mask || v.Text() != "😀" {
		t.Errorf("got %q of %q", v.MaskedText(), v.Text())
	}
	b = textBuilder{}
	b.value(String("\xed\xa0\xbd"))
	b.value(String("\xed\xb8\x80").WithSecret())
	if v := b.text(); v.MaskedText() != Mask || v.Text() != "😀" {
		t.Errorf("got %q of %q", v.MaskedText(), v.Text())
	}
}
