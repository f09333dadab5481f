package expr

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// mapEnv has values for references, written as the template writes them, and counts what it is asked for.
type mapEnv struct {
	refs  map[string]Value
	asked []string
	kept  map[string]Value
	fails error
}

func (e *mapEnv) Ref(_ context.Context, r *Ref, inCall bool) (Value, error) {
	asked := r.String()
	if r.Template {
		asked = "template." + asked
	}
	if inCall {
		asked += " in a call"
	}
	e.asked = append(e.asked, asked)
	return e.refs[r.String()], e.fails
}

func (e *mapEnv) Kept(_ context.Context, fn, place string, _ []Value, make func() (Value, error)) (Value, error) {
	if e.kept == nil {
		e.kept = map[string]Value{}
	}
	key := fn + " at " + place
	if v, ok := e.kept[key]; ok {
		return v, nil
	}
	v, err := make()
	e.kept[key] = v
	return v, err
}

func (e *mapEnv) FetchSecret(_ context.Context, id string, _ bool) (Value, error) {
	return String("secret " + id), nil
}

func (e *mapEnv) Now() time.Time {
	return time.Date(2025, 5, 14, 22, 0, 0, 0, time.FixedZone("x", 3600))
}

func evalText(text string, env Env) (Value, error) {
	return Parse(text).Eval(context.Background(), env, "node.property")
}

func TestAStringThatIsOneExpressionKeepsTheTypeOfItsValue(t *testing.T) {
	env := &mapEnv{refs: map[string]Value{
		"args.n": Number(3), "args.s": String("x"), "args.b": Bool(false), "args.null": Null(),
		"args.list": Array([]Value{Number(1), String("a")}), "args.object": Object(Member{"a", Number(1)}), "args.empty": String(""),
	}}
	for _, test := range []struct{ text, want string }{
		{"${args.n}", `3`}, {"${args.b}", `false`}, {"${args.null}", `null`}, {"${args.list}", `[1,"a"]`}, {"${args.object}", `{"a":1}`},
		{"${ args.n }", `3`}, {"${(args.n)}", `3`},
		{" ${args.n}", `" 3"`}, {"${args.n}${args.n}", `"33"`}, {"${args.b}!", `"false!"`}, {"a${args.null}b", `"anullb"`},
		{"a${args.list}b", `"a1,ab"`}, {"a${args.object}b", `"a[object Object]b"`}, {"${args.empty}${args.empty}", `""`},
		{"text", `"text"`}, {"", `""`}, {`\${args.n}`, `"${args.n}"`}, {`\${a}${args.n}`, `"${a}3"`},
		{"${{ secrets.a }}", `"${{ secrets.a }}"`}, {"x${{secrets.a}}${args.n}", `"x${{secrets.a}}3"`},
	} {
		v, err := evalText(test.text, env)
		if got := string(v.JSON()); err != nil || got != test.want {
			t.Errorf("%s is %s (%v), want %s", test.text, got, err, test.want)
		}
	}
}

func TestOutsideOfCallsEveryReferenceHasToResolve(t *testing.T) {
	for _, test := range []struct{ text, at string }{
		{"${refs.db.id}", "refs.db.id"}, {"a-${args.X}-b", "args.X"}, {"${[1, args.X]}", "args.X"}, {"${VAR}", "VAR"}, {"${template.args.X}", "template.args.X"},
	} {
		_, err := evalText(test.text, &mapEnv{})
		var e *EvalError
		if !errors.As(err, &e) || e.Code != CodeUndefined || test.text[e.Start:e.End] != test.at || !strings.Contains(e.Message, strings.TrimPrefix(test.at, "template.")) {
			t.Errorf("%s gives %v", test.text, err)
		}
	}
	env := &mapEnv{}
	for _, text := range []string{"${fn.not(refs.db.id)}", "${fn.if(args.X, 1, 2)}", "${fn.or(VAR, true)}", "${fn.arrLength([args.X])}"} {
		if _, err := evalText(text, env); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if got := strings.Join(env.asked, ", "); got != "refs.db.id in a call, args.X in a call, VAR in a call, args.X in a call" {
		t.Errorf("asked for %s", got)
	}
}

func TestIfAndOrAskOnlyForWhatTheyNeed(t *testing.T) {
	env := &mapEnv{refs: map[string]Value{"args.yes": Bool(true), "args.no": Bool(false)}}
	for _, test := range []struct{ text, asked string }{
		{"${fn.if(args.yes, args.yes, refs.b.id)}", "args.yes args.yes"},
		{"${fn.if(args.no, refs.a.id, 1)}", "args.no"},
		{"${fn.and(args.no, refs.a.id)}", "args.no"},
		{"${fn.or(args.yes, refs.a.id)}", "args.yes"},
		{"${fn.or(args.no, args.yes, refs.a.id)}", "args.no args.yes"},
		{"${template.fn.if(template.args.yes, 1, 2)}", "template.args.yes"},
	} {
		env.asked = nil
		if _, err := evalText(test.text, env); err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if got := strings.ReplaceAll(strings.Join(env.asked, " "), " in a call", ""); got != test.asked {
			t.Errorf("%s asks for %s, want %s", test.text, got, test.asked)
		}
	}
}

func TestKeptValuesHaveAPlaceThatEditsElsewhereDoNotMove(t *testing.T) {
	env := &mapEnv{refs: map[string]Value{"args.l": Array([]Value{String("a"), String("b")})}}
	for _, text := range []string{
		"${fn.randomSecret(8)}",
		"a ${fn.randomSecret(8)} b ${fn.date()} c ${fn.randomSecret(9)}",
		"${fn.map(args.l, (x) => fn.map(args.l, (y) => fn.randomString(4)))}",
	} {
		first, err := evalText(text, env)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := evalText(text, env); string(again.JSON()) != string(first.JSON()) {
			t.Errorf("%s gives %s and then %s", text, first.JSON(), again.JSON())
		}
	}
	for _, place := range []string{
		"randomSecret at node.property", "randomSecret at node.property#2", "date at node.property",
		"randomString at node.property[0][0]", "randomString at node.property[0][1]", "randomString at node.property[1][0]", "randomString at node.property[1][1]",
	} {
		if _, ok := env.kept[place]; !ok {
			t.Errorf("nothing is kept for %s", place)
		}
		delete(env.kept, place)
	}
	for place := range env.kept {
		t.Errorf("something is kept for %s", place)
	}
}

func TestRandomValuesDiffer(t *testing.T) {
	for _, text := range []string{"${fn.randomSecret(32)}", "${fn.randomSecret(32, 'hex')}", "${fn.randomString(32)}"} {
		a, _ := evalText(text, &mapEnv{})
		b, _ := evalText(text, &mapEnv{})
		if a.Text() == b.Text() || len(a.Text()) != 32 {
			t.Errorf("%s gives %d characters, twice the same: %t", text, len(a.Text()), a.Text() == b.Text())
		}
	}
}

func TestDateIsTheTimeOfTheEnvironmentInUTC(t *testing.T) {
	if v, err := evalText("${fn.date()}", &mapEnv{}); err != nil || v.Text() != "2025-05-14T21:00:00.000Z" {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestErrorsSayWhatIsWrongWhereAndHowToMendIt(t *testing.T) {
	env := &mapEnv{refs: map[string]Value{"args.list": Array(nil), "args.s": String("abc")}}
	for _, test := range []struct{ text, code, at, message string }{
		{"${fn.slugify('a')}", CodeUnknownFunction, "fn.slugify('a')", "there is no function `fn.slugify`"},
		{"${fn.if(true)}", CodeArgumentCount, "if", "`fn.if` takes at least 2 arguments, not 1: `fn.if(boolean: boolean, then: any, else?: any): any`"},
		{"${fn.length('a', 'b', 'c')}", CodeArgumentCount, "'b', 'c'", "`fn.length` takes 1 argument, not 3: `fn.length(string: string): integer`"},
		{"${fn.and()}", CodeArgumentCount, "and", "`fn.and` takes at least 1 argument, not 0: `fn.and(...boolean: boolean): boolean`"},
		{"${fn.date(1, 2)}", CodeArgumentCount, "2", "`fn.date` takes at most 1 argument, not 2: `fn.date(format?: string): string`"},
		{"${fn.length(args.list)}", CodeArgumentType, "args.list", "argument 1 of `fn.length` (string) has to be a string, not an array; for arrays there is `fn.arrLength`"},
		{"${fn.slug(args.none)}", CodeArgumentType, "args.none", "argument 1 of `fn.slug` (string) has to be a string, not undefined"},
		{"${fn.add(1, args.s)}", CodeArgumentType, "args.s", "argument 2 of `fn.add` (b) has to be a number, not text that is no number"},
		{"${fn.map(args.list, 1)}", CodeArgumentType, "1", "argument 2 of `fn.map` (fn) has to be a function, not a number, such as `(item, index) => fn.eq(item.name, 'web')`"},
		{"${fn.map(1, (x) => x)}", CodeArgumentType, "1", "argument 1 of `fn.map` (array) has to be an array, not a number"},
		{"${fn.randomSecret(0)}", CodeArgumentValue, "0", "argument 1 of `fn.randomSecret` (length) has to be a whole number from 1 to 65536"},
		{"${fn.randomSecret(8, 'utf8')}", CodeArgumentValue, "'utf8'", "argument 2 of `fn.randomSecret` (encoding) has to be 'base64' or 'hex'"},
		{"${(x) => x}", CodeResultType, "(x) => x", "a function is no value of a property: it can only be an argument of a function"},
		{"${/x/}", CodeResultType, "/x/", "a regular expression is no value of a property: it can only be an argument of a function"},
		{"${[/x/]}", CodeResultType, "/x/", "a regular expression cannot be an element of an array"},
		{"${fn.divide(1, 0)}", CodeNotFinite, "fn.divide(1, 0)", "the result is no finite number: an argument does not resolve or is no number, or a division is by zero"},
		{"a${fn.add(args.none, 1)}", CodeNotFinite, "fn.add(args.none, 1)", "the result is no finite number: an argument does not resolve or is no number, or a division is by zero"},
		{"${fn.search('a', /(/)}", CodeInvalidRegex, "/(/", "the regular expression is not valid: a group is not closed: add `)`"},
		{"${fn.search('a', /a/v)}", CodeInvalidRegex, "/a/v", "the flag `v` of regular expressions is not supported: use `u`"},
		{"a ${refs.", CodeSyntax, "${", "`${` is not closed: add `}`"},
	} {
		_, err := evalText(test.text, env)
		var e *EvalError
		if !errors.As(err, &e) {
			t.Errorf("%s gives %v", test.text, err)
			continue
		}
		if e.Code != test.code || e.Message != test.message || test.text[e.Start:e.End] != test.at {
			t.Errorf("%s gives %s at %q: %s\nwant %s at %q: %s", test.text, e.Code, test.text[e.Start:e.End], e.Message, test.code, test.at, test.message)
		}
	}
}

func TestErrorsOfTheEnvironmentGetAPlaceAndKeepTheirCause(t *testing.T) {
	cause := errors.New("the node failed")
	_, err := evalText("a${refs.db.id}", &mapEnv{fails: cause})
	var e *EvalError
	if !errors.As(err, &e) || !errors.Is(err, cause) || e.Code != CodeEnvironment || e.Start != 3 || e.Message != "the node failed" {
		t.Errorf("got %#v", err)
	}
	other := &EvalError{Start: 90, End: 99, Code: CodeLimit, Message: "an argument is too long"}
	_, err = evalText("a${args.x}", &mapEnv{fails: other})
	if !errors.As(err, &e) || e.Start != 3 || e.End != 9 || e.Message != other.Message || !errors.Is(err, other) {
		t.Errorf("got %#v", err)
	}
}

func TestACancelledContextEndsTheEvaluation(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	text := "${fn.map(" + numbers(2000) + ", (x) => fn.add(x, 1))}"
	if _, err := Parse(text).Eval(ctx, &mapEnv{}, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func numbers(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }

func TestEvaluationIsBounded(t *testing.T) {
	items := make([]Value, MaxItems)
	for i := range items {
		items[i] = Number(float64(i))
	}
	env := &mapEnv{refs: map[string]Value{
		"args.many": Array(items), "args.long": String(strings.Repeat("ab", MaxText/2)), "args.some": Array(items[:2000]),
		"args.toolong": String(strings.Repeat("a", MaxText+1)),
	}}
	double := "[args.long, args.long]"
	for range 20 {
		double = "fn.map([" + double + "], (x) => [x, x])"
	}
	for name, text := range map[string]string{
		"a text that grows":          "${fn.replaceAll(args.long, 'a', 'aaaa')}",
		"a text from between":        "${fn.replaceAll(args.long, '', args.long)}",
		"a replacement by a pattern": "${fn.replaceAll(args.long, /a/g, '$`')}",
		"a text that is joined":      "${fn.join([args.long, args.long], '')}",
		"a text around":              "${args.long}${args.long}",
		"an array of characters":     "${fn.split(args.long, '')}",
		"an array of pieces":         "${fn.split(args.long, 'a')}",
		"an array by a pattern":      "${fn.split(args.long, /a/)}",
		"arrays put together":        "${fn.concat(args.many, [1])}",
		"many times the same text":   "${fn.map(args.many, (x) => args.long)}",
		"a value that doubles":       "${" + double + "}",
		"JSON of a large value":      "${fn.stringifyJSON(fn.map(args.some, (x) => args.long))}",
		"too many steps":             "${fn.map(args.some, (x) => fn.arrLength(fn.map(args.some, (y) => y)))}",
		"too much data":              "${fn.map(args.some, (x) => fn.indexOf(args.long, 'c'))}",
		"a text of the environment":  "${args.toolong}",
		"a pattern that takes long":  `${fn.search('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)}`,
	} {
		start := time.Now()
		_, err := evalText(text, env)
		var e *EvalError
		if !errors.As(err, &e) || e.Code != CodeLimit {
			t.Errorf("%s: got %v", name, err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: it took %s", name, took)
		}
	}
}

func TestAPatternThatTakesLongIsNotFoldedAgain(t *testing.T) {
	ip := Parse(`${fn.search('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)}`)
	if _, ok := ip.Fold(); ok {
		t.Fatal("it folds")
	}
	lit := ip.Parts[0].Node.(*Call).Args[1].(*RegexLit)
	if re, err := lit.regex(); err != nil || !re.slow.Load() {
		t.Errorf("the expression is not remembered as slow: %v", err)
	}
}

func ExampleInterpolation_Eval() {
	env := &mapEnv{refs: map[string]Value{"args.branch": String("main")}}
	v, err := Parse("${fn.if(fn.eq(args.branch, 'main'), 3, 1)}").Eval(context.Background(), env, "/spec/steps/0/instances")
	fmt.Println(v, v.Kind(), err)
	// Output: 3 number <nil>
}
