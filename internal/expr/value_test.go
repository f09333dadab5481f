package expr

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestNumbersAreWrittenAsJavaScriptDoes(t *testing.T) {
	for _, test := range []struct {
		f    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "0"}, {1, "1"}, {-1.5, "-1.5"}, {0.30000000000000004, "0.30000000000000004"}, {100, "100"}, {123456789012345680000, "123456789012345680000"},
		{1e21, "1e+21"}, {1.5e300, "1.5e+300"}, {1e-6, "0.000001"}, {1e-7, "1e-7"}, {-1.25e-9, "-1.25e-9"}, {5e-324, "5e-324"}, {math.MaxFloat64, "1.7976931348623157e+308"},
		{math.NaN(), "NaN"}, {math.Inf(1), "Infinity"}, {math.Inf(-1), "-Infinity"}, {9007199254740993, "9007199254740992"},
	} {
		if got := Number(test.f).Text(); got != test.want {
			t.Errorf("%v is written %s, want %s", test.f, got, test.want)
		}
	}
}

func TestTruthIsThatOfJavaScript(t *testing.T) {
	for _, test := range []struct {
		v    Value
		want bool
	}{
		{Undefined(), false}, {Null(), false}, {Bool(false), false}, {Bool(true), true}, {Number(0), false}, {Number(math.NaN()), false}, {Number(-1), true},
		{String(""), false}, {String("false"), true}, {Array(nil), true}, {Object(), true}, {Unknown(TypeAny), false},
	} {
		if got := test.v.Truthy(); got != test.want {
			t.Errorf("%v is %t", test.v, got)
		}
	}
}

func TestJSONKeepsTheOrderOfKeysBothWays(t *testing.T) {
	for _, text := range []string{`{"b":1,"a":{"d":[],"c":null},"1":"x"}`, `[1,-2.5,"a\"\\\n",true,{}]`, `"é😀"`, `null`, `1e-7`} {
		v, err := ParseJSON([]byte(text))
		if err != nil || string(v.JSON()) != text {
			t.Errorf("%s becomes %s (%v)", text, v.JSON(), err)
		}
	}
	v, err := ParseJSON([]byte(`{"a":1,"b":2,"a":3}`))
	if string(v.JSON()) != `{"a":3,"b":2}` || err != nil {
		t.Errorf("of two members with one key there is %s (%v)", v.JSON(), err)
	}
	for _, text := range []string{``, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `[1 2]`, `01`, `1.`, `"\x"`, "\"\n\"", `nul`, `1 2`, strings.Repeat("[", 20000)} {
		if v, err := ParseJSON([]byte(text)); err == nil {
			t.Errorf("%.20s is read as %v", text, v)
		}
	}
}

func TestValuesComeFromAndGoToWhatEncodingJSONUses(t *testing.T) {
	var decoded any
	const text = `{"a":[1,2.5,"x",null,true],"b":{"c":"d"}}`
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatal(err)
	}
	v := FromJSON(decoded)
	if !reflect.DeepEqual(v.ToAny(), decoded) || string(v.JSON()) != text {
		t.Errorf("got %#v", v.ToAny())
	}
	if got := FromJSON([]any{int(1), int64(2), json.Number("3.5"), json.RawMessage(`{"b":1,"a":2}`), []string{"x"}, String("y"), struct{}{}}); string(got.JSON()) != `[1,2,3.5,{"b":1,"a":2},["x"],"y",null]` {
		t.Errorf("got %s", got.JSON())
	}
	if got := Array([]Value{Undefined(), Number(math.NaN()), Object(Member{"gone", Undefined()}, Member{"kept", Null()})}); string(got.JSON()) != `[null,null,{"kept":null}]` {
		t.Errorf("got %s", got.JSON())
	} else if plain := got.ToAny(); !reflect.DeepEqual(plain, []any{nil, nil, map[string]any{"kept": nil}}) {
		t.Errorf("got %#v", plain)
	}
}

func TestGetFollowsPositionsAndNames(t *testing.T) {
	v, _ := ParseJSON([]byte(`{"ports":[{"dns":"a"},{"dns":"b"}],"0":"zero","length":7}`))
	for _, test := range []struct{ path, want string }{
		{"ports.0.dns", `"a"`}, {"ports.1.dns", `"b"`}, {"ports.2", "undefined"}, {"ports.01", "undefined"}, {"ports.-1", "undefined"}, {"ports.length", "2"}, {"0", `"zero"`}, {"length", "7"}, {"ports.0.dns.0", "undefined"}, {"nothing.at.all", "undefined"},
		{"ports.99999999999999999999", "undefined"},
	} {
		got := v
		for _, name := range strings.Split(test.path, ".") {
			got = got.Get(name)
		}
		if fmt.Sprint(got) != test.want {
			t.Errorf("%s is %v, want %s", test.path, got, test.want)
		}
	}
}

func TestLargeObjectsFindTheirKeys(t *testing.T) {
	var ms []Member
	for i := range 100 {
		ms = append(ms, Member{fmt.Sprint("k", i), Number(float64(i))})
	}
	ms = append(ms, Member{"k5", String("again")})
	v := Object(ms...)
	if v.Len() != 100 || v.Members()[5].Value.Text() != "again" || fmt.Sprint(v.Get("k99")) != "99" || !v.Get("k100").IsUndefined() {
		t.Errorf("got %v", v)
	}
}

func TestAValueKeepsTheWayBackToItsPlace(t *testing.T) {
	place := &Source{Document: "template.json", Pointer: "/arguments/branch", Start: 10, End: 16}
	env := &mapEnv{refs: map[string]Value{"args.branch": String("main").WithSource(place), "args.o": Object(Member{"a", Number(1).WithSource(place)})}}
	for _, text := range []string{"${args.branch}", "${fn.if(true, args.branch)}", "${fn.get(args.o, 'a')}", "${fn.find([args.branch], (x) => true)}"} {
		if v, err := evalText(text, env); err != nil || v.Source() != place {
			t.Errorf("%s: the place is %v (%v)", text, v.Source(), err)
		}
	}
	if v, _ := evalText("${fn.toUpper(args.branch)}", env); v.Source() != nil {
		t.Errorf("a computed value has the place %v", v.Source())
	}
}

func TestHalvesOfSurrogatePairsLeaveAsReplacementCharacters(t *testing.T) {
	v, err := evalText(`${'\ud83d'}`, &mapEnv{})
	s, _ := v.AsString()
	if err != nil || s != "\uFFFD" || v.Text() != "\uFFFD" || string(v.JSON()) != "\"\uFFFD\"" || v.ToAny() != "\uFFFD" || v.Masked() != "\uFFFD" {
		t.Errorf("got %q", s)
	}
	for _, s := range []string{"", "a", "é", "😀", "\xed\xa0\xbd", "a\xed\xb8\x80b", "\xff", "\xed\xa0"} {
		if got := fromUnits(units(s)); got != s && got != wellFormed(s) {
			t.Errorf("%q becomes %q", s, got)
		}
		if unitLen(s) != len(units(s)) {
			t.Errorf("%q has %d units, not %d", s, len(units(s)), unitLen(s))
		}
	}
}

func TestTextOfANumberIsReadAsJavaScriptDoes(t *testing.T) {
	for _, test := range []struct {
		s    string
		want float64
		ok   bool
	}{
		{"", 0, true}, {" \u00a0\ufeff", 0, true}, {"12", 12, true}, {" -1.5\n", -1.5, true}, {"+3", 3, true}, {".5", 0.5, true}, {"5.", 5, true}, {"1e3", 1000, true}, {"1E-2", 0.01, true},
		{"0x1f", 31, true}, {"0b11", 3, true}, {"0o17", 15, true}, {"Infinity", math.Inf(1), true}, {"-Infinity", math.Inf(-1), true}, {"1e999", math.Inf(1), true}, {"007", 7, true},
		{"0xfffffffffffffffff", 295147905179352830000, true},
		{"abc", 0, false}, {"1px", 0, false}, {"1 2", 0, false}, {"0x", 0, false}, {"-0x1", 0, false}, {"1_000", 0, false}, {"inf", 0, false}, {"nan", 0, false}, {"1e", 0, false}, {".", 0, false}, {"--1", 0, false}, {"0x1p3", 0, false}, {"infinity", 0, false},
	} {
		got, ok := String(test.s).number()
		if ok != test.ok || ok && got != test.want {
			t.Errorf("%q is %v (%t), want %v (%t)", test.s, got, ok, test.want, test.ok)
		}
	}
}

func TestSlugIsWhatThePlatformMakesOfAName(t *testing.T) {
	for name, want := range map[string]string{"Example Project": "example-project", "My build service": "my-build-service", "api": "api", "API 2": "api-2", "": ""} {
		if got := Slug(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func TestTheContentOfAValueIsGivenOnlyForItsKind(t *testing.T) {
	v, err := EvalNode(context.Background(), Parse("${fn.eq(1, 1)}").Parts[0].Node, &mapEnv{}, "place")
	if b, ok := v.AsBool(); err != nil || !b || !ok {
		t.Errorf("the boolean is %t, %t (%v)", b, ok, err)
	}
	if _, ok := v.AsNumber(); ok {
		t.Error("a boolean is a number")
	}
	if _, ok := v.AsString(); ok {
		t.Error("a boolean is a text")
	}
	if f, ok := Number(2).AsNumber(); f != 2 || !ok {
		t.Errorf("the number is %v, %t", f, ok)
	}
	if v.Items() != nil || v.Members() != nil || v.Len() != 0 {
		t.Error("a boolean has elements")
	}
	if path := Parse("${refs.a['b c'].0}").Parts[0].Node.(*Ref); strings.Join(path.Path(), "|") != "a|b c|0" || path.String() != "refs.a['b c'].0" {
		t.Errorf("the path is %q, written %s", path.Path(), path)
	}
}

func TestMarkedContainersMarkWhatIsTakenOut(t *testing.T) {
	list := Array([]Value{String("a")}).WithSecret()
	object := Object(Member{"a", String("b")}).WithSecret()
	if !list.Items()[0].IsSecret() || !list.Get("0").IsSecret() || !object.Members()[0].Value.IsSecret() || !object.Get("a").IsSecret() {
		t.Error("what is taken out of a secret is none")
	}
}
