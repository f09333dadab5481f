package expr

import (
	"context"
	"errors"
	"testing"
)

func TestAPlanComputesWithWhatOnlyARunCanTell(t *testing.T) {
	service := ObjectOf([]Field{{"id", TypeString}, {"ports", ArrayOf(ObjectOf([]Field{{"dns", TypeString}, {"port", TypeInteger}}, true))}}, true)
	env := &mapEnv{refs: map[string]Value{
		"refs.web": Unknown(service), "refs.web.id": Unknown(TypeString), "refs.n": Unknown(TypeInteger), "refs.x": Unknown(TypeAny),
		"refs.list": Unknown(ArrayOf(TypeString)), "args.main": String("main"), "args.mixed": Array([]Value{String("a"), Unknown(TypeString)}),
		"refs.secret": Unknown(TypeString).WithSecret(),
	}}
	const later = `"(known after run)"`
	for _, test := range []struct{ text, shown, typ string }{
		{"${refs.web.id}", later, "string"},
		{"https://${refs.web.id}/api", `"https://(known after run)/api"`, "string"},
		{"${fn.toUpper(refs.web.id)}", later, "string"},
		{"${fn.add(refs.n, 1)}", later, "integer"},
		{"${fn.add(refs.x, 1)}", later, "number"},
		{"${fn.get(refs.web, 'ports.0.dns')}", later, "string or undefined"},
		{"${fn.if(fn.eq(args.main, 'main'), 1, refs.x)}", "1", "integer"},
		{"${fn.if(refs.x, 1, 2)}", later, "integer"},
		{"${fn.if(refs.x, 1, 'a')}", later, "string or integer"},
		{"${fn.if(refs.list, 1, 'a')}", "1", "integer"}, // an array is truthy, whatever is in it
		{"${fn.not(refs.x)}", later, "boolean"},
		{"${fn.not(refs.list)}", "false", "boolean"},
		{"${fn.and(refs.x, false)}", "false", "boolean"},
		{"${fn.or(refs.x, true)}", "true", "boolean"},
		{"${fn.or(refs.x, false)}", later, "boolean"},
		{"${fn.eq(refs.web.id, 'a')}", later, "boolean"},
		{"${fn.eq(refs.web.id, 1)}", "false", "boolean"}, // a text is never a number
		{"${fn.eq(args.mixed, ['b', 'x'])}", "false", "boolean"},
		{"${fn.eq(args.mixed, ['a', 'x'])}", later, "boolean"},
		{"${fn.arrLength(args.mixed)}", "2", "integer"},
		{"${fn.arrLength(refs.list)}", later, "integer"},
		{"${fn.concat(args.mixed, ['c'])}", `["a","(known after run)","c"]`, "string[]"},
		{"${fn.concat(refs.list, [1])}", later, "(string or integer)[]"},
		{"${fn.join(args.mixed, '-')}", `"a-(known after run)"`, "string"},
		{"${fn.map(args.mixed, (x) => fn.length(x))}", `[1,"(known after run)"]`, "integer[]"},
		{"${fn.filter(args.mixed, (x) => fn.eq(x, 'a'))}", later, "string[]"},
		{"${fn.some(args.mixed, (x) => fn.eq(x, 'a'))}", "true", "boolean"},
		{"${fn.every(args.mixed, (x) => fn.eq(x, 'a'))}", later, "boolean"},
		{"${fn.find(args.mixed, (x) => fn.eq(x, 'b'))}", later, "string or undefined"},
		{"${fn.stringifyJSON(args.mixed)}", later, "string"},
		{"${fn.keys(refs.web)}", later, "string[]"},
		{"${fn.date(refs.web.id)}", later, "string"},
		{"${refs.secret}", `"***"`, "string"},
		{"a-${refs.secret}", `"a-***"`, "string"},
		{"${fn.toUpper(refs.secret)}", `"***"`, "string"},
	} {
		v, err := evalText(test.text, env)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got := string(v.MaskedJSON()); got != test.shown {
			t.Errorf("%s is shown as %s, want %s", test.text, got, test.shown)
		}
		if got := v.Type().String(); got != test.typ {
			t.Errorf("%s has the type %s, want %s", test.text, got, test.typ)
		}
	}
}

func TestAnUnknownArgumentOfAWrongTypeFailsInThePlan(t *testing.T) {
	env := &mapEnv{refs: map[string]Value{"refs.list": Unknown(ArrayOf(TypeString))}}
	_, err := Parse("${fn.toUpper(refs.list)}").Eval(context.Background(), env, "")
	var e *EvalError
	if !errors.As(err, &e) || e.Code != CodeArgumentType {
		t.Errorf("got %v", err)
	}
}

func TestKnownLooksIntoArraysAndObjects(t *testing.T) {
	open := Unknown(TypeString)
	for _, test := range []struct {
		v    Value
		want bool
	}{
		{String("a"), true}, {open, false}, {Array([]Value{String("a")}), true}, {Array([]Value{open}), false},
		{Object(Member{"a", Array([]Value{open})}), false}, {Object(Member{"a", Null()}), true},
	} {
		if test.v.Known() != test.want {
			t.Errorf("%v is known: %t", test.v, !test.want)
		}
	}
}
