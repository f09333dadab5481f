package expr

import (
	"fmt"
	"math"
	"strings"
)

// Problem is something in a call that is provably wrong.
type Problem struct {
	Start, End int    // bytes in the parsed text
	Code       string // CodeUnknownFunction, CodeArgumentCount, CodeArgumentType, CodeArgumentValue or CodeInvalidRegex
	Message    string
	Argument   int // index of the argument, -1 for the call itself
}

// CheckCall returns what is provably wrong with a call: its name, the number of its arguments, their types, the values of
// constant ones. Half-typed calls have syntax errors of their own and are not counted. Calls in the arguments are not
// looked at: Walk finds them. params are those of the lambdas that the call stands in (see ParamsAt); without them each can
// be anything.
func CheckCall(c *Call, env TypeEnv, params ...ParamType) []Problem {
	if c.Bare || c.Name == "" || c.Open < 0 {
		return nil
	}
	f, ok := LookupFunction(c.Name)
	if !ok {
		return []Problem{{c.NameStart, c.NameEnd, CodeUnknownFunction, "there is no function `fn." + c.Name + "`", -1}}
	}
	var problems []Problem
	if p := countProblem(f, c); p != nil && c.Closed {
		problems = append(problems, *p)
	}
	for i, a := range c.Args {
		p, ok := f.Param(i)
		if _, hole := a.(*Missing); hole || !ok {
			continue
		}
		start, end := a.Span()
		if r, ok := a.(*RegexLit); ok {
			if err := r.Check(); err != nil && r.Closed && !err.Unsupported {
				problems = append(problems, Problem{start, end, CodeInvalidRegex, err.Message, i})
				continue
			}
		}
		t := (&typer{env: env, scope: params}).typeOf(a)
		if t.shape != 0 && !t.Overlaps(p.Accepts) {
			problems = append(problems, Problem{start, end, CodeArgumentType, typeMessage(f, p, i, t.String()), i})
			continue
		}
		if v, ok := Fold(a); ok {
			if code, message := constantProblem(f, p, i, v); message != "" {
				problems = append(problems, Problem{start, end, code, message, i})
			}
		}
	}
	return problems
}

// constantProblem checks the value of a constant argument.
func constantProblem(f *Function, p *Param, i int, v Value) (code, message string) {
	if p.Type.Within(TypeNumber) && v.kind == KindString {
		if _, ok := v.number(); !ok {
			return CodeArgumentType, typeMessage(f, p, i, "text that is no number")
		}
	}
	if p.Enum != nil && v.kind == KindString {
		for _, e := range p.Enum {
			if e == v.str {
				return "", ""
			}
		}
		return CodeArgumentValue, fmt.Sprintf("argument %d of `fn.%s` (%s) has to be %s", i+1, f.Name, p.Name, enumText(p.Enum))
	}
	if f.Name == "search" && i == 1 && v.kind == KindString {
		if _, err := compileRegex(v.str, ""); err != nil {
			return CodeInvalidRegex, err.Error() + "; `fn.search` reads its text as a regular expression"
		}
	}
	if isRandom(f) && i == 0 {
		if n, ok := v.number(); ok && !randomLength(n) {
			return CodeArgumentValue, randomLengthMessage(f)
		}
	}
	return "", ""
}

func enumText(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = "'" + v + "'"
	}
	return strings.Join(quoted, " or ")
}

func isRandom(f *Function) bool { return f.Name == "randomSecret" || f.Name == "randomString" }

func randomLength(n float64) bool { return n == math.Trunc(n) && n >= 1 && n <= maxRandom }

func randomLengthMessage(f *Function) string {
	return fmt.Sprintf("argument 1 of `fn.%s` (length) has to be a whole number from 1 to %d", f.Name, maxRandom)
}

// countProblem checks the number of arguments.
func countProblem(f *Function, c *Call) *Problem {
	n := len(c.Args)
	for _, a := range c.Args {
		if _, hole := a.(*Missing); hole {
			return nil
		}
	}
	if n >= f.MinArgs && (f.MaxArgs < 0 || n <= f.MaxArgs) {
		return nil
	}
	var needs string
	switch {
	case f.MaxArgs < 0:
		needs = "at least " + plural(f.MinArgs)
	case f.MinArgs == f.MaxArgs:
		needs = plural(f.MinArgs)
	case n < f.MinArgs:
		needs = "at least " + plural(f.MinArgs)
	default:
		needs = "at most " + plural(f.MaxArgs)
	}
	p := &Problem{c.NameStart, c.NameEnd, CodeArgumentCount, fmt.Sprintf("`fn.%s` takes %s, not %d: `%s`", f.Name, needs, n, f.Signature()), -1}
	if f.MaxArgs >= 0 && n > f.MaxArgs {
		// The superfluous ones.
		p.Start, _ = c.Args[f.MaxArgs].Span()
		_, p.End = c.Args[n-1].Span()
		p.Argument = f.MaxArgs
	}
	return p
}

func plural(n int) string {
	switch n {
	case 0:
		return "no arguments"
	case 1:
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// typeMessage says that an argument is of a wrong type. is names what it is, as Kind and Type do.
func typeMessage(f *Function, p *Param, i int, is string) string {
	want := withArticle(p.TypeText)
	hint := ""
	list := is == "array" || strings.HasSuffix(is, "[]")
	switch {
	case p.Accepts.Can(ShapeFunction):
		want, hint = "a function", ", such as `(item, index) => fn.eq(item.name, 'web')`"
	case p.TypeText == "T[]":
		want = "an array"
	case f.Name == "length" && list:
		hint = "; for arrays there is `fn.arrLength`"
	case f.Name == "slice" && list && i == 0:
		hint = "; for arrays there is `fn.arrSlice`"
	}
	return fmt.Sprintf("argument %d of `fn.%s` (%s) has to be %s, not %s%s", i+1, f.Name, p.Name, want, withArticle(is), hint)
}

// withArticle puts an article before the name of a type.
func withArticle(s string) string {
	switch {
	case strings.HasPrefix(s, "undefined"), strings.HasPrefix(s, "null"), strings.HasPrefix(s, "text"), strings.HasPrefix(s, "any"):
		return s
	case strings.IndexByte("aeiou", s[0]) >= 0:
		return "an " + s
	}
	return "a " + s
}
