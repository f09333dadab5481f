package expr

import (
	"strings"
	"testing"
)

// typeEnv has types for references, written as the template writes them.
type typeEnv map[string]Type

func (e typeEnv) RefType(r *Ref) Type {
	if t, ok := e[r.String()]; ok {
		return t
	}
	return TypeAny
}

var shapes = typeEnv{
	"args.s": TypeString, "args.i": TypeInteger, "args.n": TypeNumber, "args.b": TypeBool, "args.list": ArrayOf(TypeString), "args.maybe": TypeString.Union(TypeUndefined),
	"refs.web":       ObjectOf([]Field{{"id", TypeString}, {"ports", ArrayOf(ObjectOf([]Field{{"name", TypeString}, {"port", TypeInteger}}, false))}}, true),
	"refs.web.ports": ArrayOf(ObjectOf([]Field{{"name", TypeString}, {"port", TypeInteger}}, false)),
	"args.none":      TypeUndefined, "args.object": TypeObject,
}

func TestExpressionsHaveStaticTypes(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"'a'", "string"}, {"1", "integer"}, {"1.5", "number"}, {"true", "boolean"}, {"null", "null"}, {"undefined", "undefined"}, {"/a/", "regex"}, {"(x) => x", "function"},
		{"[]", "array"}, {"[1, 2]", "integer[]"}, {"[1, 'a']", "(string or integer)[]"}, {"[[1]]", "integer[][]"},
		{"args.s", "string"}, {"args.unknown", "any"}, {"refs.web", "object"},
		{"fn.toUpper(args.s)", "string"}, {"fn.length(args.s)", "integer"}, {"fn.eq(args.s, 'a')", "boolean"}, {"fn.split(args.s, ',')", "string[]"},
		{"fn.split(args.s, /(a)|b/)", "(string or undefined)[]"}, {"fn.add(args.i, 1)", "integer"}, {"fn.add(args.n, 1)", "number"}, {"fn.divide(4, 2)", "number"}, {"fn.floor(args.n)", "integer"},
		{"fn.if(args.b, 1, 2)", "integer"}, {"fn.if(args.b, 1, 'a')", "string or integer"}, {"fn.if(args.b, 1)", "integer or undefined"},
		{"fn.if(true, 1, 'a')", "integer"}, {"fn.if(false, 1)", "undefined"}, {"fn.if(args.list, 1, 'a')", "integer"}, {"fn.if(args.none, 1, 'a')", "string"},
		{"fn.get(refs.web, 'ports.0.name')", "string or undefined"}, {"fn.get(refs.web, 'id')", "string"}, {"fn.get(refs.web, args.s)", "any"}, {"fn.get(refs.web, 'other')", "any"},
		{"fn.map(refs.web.ports, (p) => p.port)", "integer[]"}, {"fn.map(refs.web.ports, (p) => p.nothing)", "undefined[]"}, {"fn.map(args.list, (x, i) => i)", "integer[]"}, {"fn.map(args.list, (x, i, z) => z)", "undefined[]"},
		{"fn.map(args.list, (x) => fn.map([1], (y) => [x, y]))", "(string or integer)[][][]"},
		{"fn.find(args.list, (x) => x)", "string or undefined"}, {"fn.filter(args.list, (x) => x)", "string[]"}, {"fn.arrSlice(args.list, 1)", "string[]"}, {"fn.concat(args.list, [1])", "(string or integer)[]"},
		{"fn.some(args.list, (x) => x)", "boolean"}, {"fn.keys(refs.web)", "string[]"}, {"fn.values(args.object)", "array"}, {"fn.entries(args.object)", "array[]"},
		{"fn.stringifyJSON(args.s)", "string"}, {"fn.stringifyJSON(args.maybe)", "string or undefined"}, {"fn.parseJSON(args.s)", "any"}, {"fn.randomSecret(8)", "string"}, {"fn.fetchSecret('a')", "any"},
		{"fn.nothing(1)", "any"}, {"fn.if(", "any"}, {"fn.", "any"},
	} {
		ip := Parse("${" + test.text + "}")
		if got := TypeOf(ip.Parts[0].Node, shapes).String(); got != test.want {
			t.Errorf("%s has the type %s, want %s", test.text, got, test.want)
		}
	}
	if got := Parse("a${args.i}").TypeOf(shapes).String(); got != "string" {
		t.Errorf("a joined text has the type %s", got)
	}
}

func TestTypesAreUnitedAndCompared(t *testing.T) {
	object := func(open bool, fields ...Field) Type { return ObjectOf(fields, open) }
	both := object(false, Field{"a", TypeString}, Field{"b", TypeBool}).Union(object(false, Field{"a", TypeInteger}))
	if got := both.Field("a").String() + ", " + both.Field("b").String() + ", " + both.Field("c").String(); got != "string or integer, boolean or undefined, undefined" {
		t.Errorf("the fields of united objects are %s", got)
	}
	open := object(true, Field{"a", TypeString}).Union(object(false))
	if got := open.Field("a").String() + ", " + open.Field("c").String(); got != "string or undefined, any" {
		t.Errorf("the fields of an open object are %s", got)
	}
	if got := ArrayOf(TypeString).Union(TypeArray).Elem(); !got.IsAny() {
		t.Errorf("an array of text or of anything has the elements %s", got)
	}
	for _, test := range []struct {
		a, b             Type
		within, overlaps bool
	}{
		{TypeInteger, TypeNumber, true, true}, {TypeNumber, TypeInteger, false, true}, {TypeString, TypeNumber, false, false},
		{TypeAny, TypeString, false, true}, {TypeString, TypeAny, true, true}, {TypeRegex, TypeAny, false, false}, {UnionOf(TypeString, TypeNull), TypeString, false, true},
	} {
		if test.a.Within(test.b) != test.within || test.a.Overlaps(test.b) != test.overlaps {
			t.Errorf("%s within %s: %t, overlaps: %t", test.a, test.b, test.a.Within(test.b), test.a.Overlaps(test.b))
		}
	}
	if got := UnionOf().String() + ", " + TypeAny.Without(ShapeUndefined).String() + ", " + TypeAny.Only(ShapeString).String(); got != "nothing, string or number or boolean or array or object or null, string" {
		t.Errorf("got %s", got)
	}
}

func TestParamsAtGivesTheParametersThatACursorSees(t *testing.T) {
	ip := Parse("${fn.map(refs.web.ports, (p, i) => fn.filter(args.list, (x) => x.))}")
	_, path := ip.PathAt(strings.LastIndex(ip.Text, "x.") + 2)
	var got []string
	for _, p := range ParamsAt(ip.Parts[0].Node, path[len(path)-1], shapes) {
		got = append(got, p.Name+": "+p.Type.String())
	}
	if s := strings.Join(got, ", "); s != "p: object, i: integer, x: string" {
		t.Errorf("got %s", s)
	}
	if outside := ParamsAt(ip.Parts[0].Node, ip.Parts[0].Node, shapes); len(outside) != 0 {
		t.Errorf("outside of the lambdas there are %v", outside)
	}
}

func TestOutcomesAreTheConstantsThatAnExpressionCanGive(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"'a'", `"a"`}, {"fn.if(args.b, 'x', 'y')", `"x" "y"`}, {"fn.if(args.b, 1)", "1 undefined"}, {"fn.if(args.b, fn.if(args.s, 1, 2), fn.add(1, 2))", "1 2 3"},
		{"fn.if(true, 'x', args.s)", `"x"`}, {"fn.if(false, args.s)", "undefined"}, {"fn.if(args.b, args.s, 'y')", "none"}, {"args.s", "none"}, {"fn.toUpper(args.s)", "none"},
		{"fn.if(args.b)", "none"}, {"fn.if(args.b, 1", "none"}, {"fn.randomString(3)", "none"},
	} {
		values, ok := Outcomes(Parse("${" + test.text + "}").Parts[0].Node)
		var got []string
		for _, v := range values {
			got = append(got, strings.TrimSpace(strings.Trim(sprint(v), "\n")))
		}
		s := strings.Join(got, " ")
		if !ok {
			s = "none"
		}
		if s != test.want {
			t.Errorf("%s gives %s, want %s", test.text, s, test.want)
		}
	}
}

func TestFoldLeavesAloneWhatIsNotConstant(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"${fn.add(1, 2)}", "3"}, {"a${1}b", `"a1b"`}, {"${fn.if(true, 1, args.x)}", "1"}, {"${fn.and(false, args.x)}", "false"}, {"${fn.map([1], (x) => fn.add(x, 1))}", "[2]"},
		{"${args.x}", "no"}, {"${fn.if(args.x, 1, 2)}", "no"}, {"${fn.and(args.x, false)}", "no"}, {"${fn.date()}", "no"}, {"${fn.length(fn.randomString(3))}", "no"}, {"${fn.fetchSecret('a')}", "no"},
		{"${fn.slice('a')}", "no"}, {"${fn.nothing()}", "no"}, {"${fn.divide(1, 0)}", "no"}, {"${", "no"}, {"${fn.if(", "no"}, {"text", `"text"`},
	} {
		got := "no"
		if v, ok := Parse(test.text).Fold(); ok {
			got = sprint(v)
		}
		if got != test.want {
			t.Errorf("%s folds to %s, want %s", test.text, got, test.want)
		}
	}
}
