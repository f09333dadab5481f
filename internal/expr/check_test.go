package expr

import (
	"fmt"
	"strings"
	"testing"
)

func sprint(v Value) string { return fmt.Sprint(v) }

func TestCheckCallReportsWhatIsProvablyWrong(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"fn.slugify('a')", "unknown-function at slugify: there is no function `fn.slugify`"},
		{"fn.Slug('a')", "unknown-function at Slug: there is no function `fn.Slug`"},
		{"fn.if(true)", "argument-count at if: `fn.if` takes at least 2 arguments, not 1: `fn.if(boolean: boolean, then: any, else?: any): any`"},
		{"fn.eq(1)", "argument-count at eq: `fn.eq` takes at least 2 arguments, not 1: `fn.eq(equal: any, ...other: any): boolean`"},
		{"fn.not(1, 2)", "argument-count at 2: `fn.not` takes 1 argument, not 2: `fn.not(boolean: boolean): boolean`"},
		{"fn.length(args.list)", "argument-type at args.list: argument 1 of `fn.length` (string) has to be a string, not a string[]; for arrays there is `fn.arrLength`"},
		{"fn.toUpper(refs.web)", "argument-type at refs.web: argument 1 of `fn.toUpper` (string) has to be a string, not an object"},
		{"fn.toUpper(undefined)", "argument-type at undefined: argument 1 of `fn.toUpper` (string) has to be a string, not undefined"},
		{"fn.arrLength(args.s)", "argument-type at args.s: argument 1 of `fn.arrLength` (array) has to be an array, not a string"},
		{"fn.map(args.list, args.s)", "argument-type at args.s: argument 2 of `fn.map` (fn) has to be a function, not a string, such as `(item, index) => fn.eq(item.name, 'web')`"},
		{"fn.add(1, 'x')", "argument-type at 'x': argument 2 of `fn.add` (b) has to be a number, not text that is no number"},
		{"fn.indexOf('a', /a/)", "argument-type at /a/: argument 2 of `fn.indexOf` (match) has to be a string, not a regex"},
		{"fn.randomSecret(0)", "argument-value at 0: argument 1 of `fn.randomSecret` (length) has to be a whole number from 1 to 65536"},
		{"fn.randomSecret(32, 'utf8')", "argument-value at 'utf8': argument 2 of `fn.randomSecret` (encoding) has to be 'base64' or 'hex'"},
		{"fn.search('a', /[z-a]/)", "invalid-regex at /[z-a]/: the regular expression is not valid: a range of a class is out of order"},
		{"fn.search('a', '(')", "invalid-regex at '(': the regular expression is not valid: a group is not closed: add `)`; `fn.search` reads its text as a regular expression"},
		{"fn.slice(args.list, 'x')", "argument-type at args.list: argument 1 of `fn.slice` (original) has to be a string, not a string[]; for arrays there is `fn.arrSlice`\n" +
			"argument-type at 'x': argument 2 of `fn.slice` (startIndex) has to be an integer, not text that is no number"},

		// What may be right is left alone.
		{"fn.toUpper(args.unknown)", ""}, {"fn.toUpper(args.maybe)", ""}, {"fn.toUpper(args.i)", ""}, {"fn.add('1', args.s)", ""}, {"fn.add(args.none, 1)", ""}, {"fn.gt(args.maybe, 1)", ""},
		{"fn.get(args.none, 'a')", ""}, {"fn.keys(args.list)", ""}, {"fn.randomSecret(args.s, args.s)", ""}, {"fn.search('a', args.s)", ""}, {"fn.slice('a', 1)", ""}, {"fn.slice('a', 1, undefined)", ""},
		{"fn.search('a', /a/v)", ""}, {"fn.search('a', /\\p{Emoji}/u)", ""}, {"fn.map(args.list, (x) => fn.slug(x.y))", ""}, {"fn.and(true)", ""}, {"fn.concat([1])", ""},
		{"template.fn.randomString(64)", ""}, {"fn.replaceAll('a', /a/, 'b')", ""},

		// Half-typed calls have an error of their own.
		{"fn.if(", ""}, {"fn.if(true", ""}, {"fn.if(true,", ""}, {"fn.if(true,)", ""}, {"fn.if", ""}, {"fn.", ""}, {"slug('a')", ""}, {"fn.not(1, ", ""}, {"fn.search('a', /(", ""},
	} {
		text := "${" + test.text + "}"
		if strings.HasSuffix(test.text, "(") || strings.HasSuffix(test.text, ", ") {
			text = "${" + test.text
		}
		ip := Parse(text)
		var got []string
		for _, p := range CheckCall(ip.Parts[0].Node.(*Call), shapes) {
			got = append(got, fmt.Sprintf("%s at %s: %s", p.Code, ip.Text[p.Start:p.End], p.Message))
		}
		if s := strings.Join(got, "\n"); s != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.text, s, test.want)
		}
	}
}

func TestTheTableOfFunctionsIsComplete(t *testing.T) {
	// The functions of the guides, in their order.
	const names = "randomSecret randomString date fetchSecret toBase64 fromBase64 slug indexOf search replace replaceAll slice length toUpper toLower split join " +
		"not or and if eq neq gt lt gte lte add subtract multiply divide remainder exp floor ceil get stringifyJSON parseJSON entries values keys " +
		"find concat some every filter map arrSlice arrLength"
	var got []string
	for _, f := range Functions() {
		got = append(got, f.Name)
		if found, ok := LookupFunction(f.Name); !ok || found != f {
			t.Errorf("fn.%s is not found", f.Name)
		}
		if f.Doc == "" || f.Family == "" || (f.apply == nil) == (f.lazy == nil) || f.Result.Shape() == 0 {
			t.Errorf("fn.%s is described incompletely", f.Name)
		}
		for _, p := range f.Params {
			if p.Doc == "" || p.Name == "" || p.TypeText == "" || !p.Type.Overlaps(p.Accepts) {
				t.Errorf("fn.%s: its parameter %s is described incompletely", f.Name, p.Name)
			}
		}
		label, ranges := f.SignatureRanges()
		for i, r := range ranges {
			if !strings.Contains(label[r[0]:r[1]], f.Params[i].Name+":") && !strings.Contains(label[r[0]:r[1]], f.Params[i].Name+"?:") {
				t.Errorf("fn.%s: parameter %d is %q in its signature", f.Name, i, label[r[0]:r[1]])
			}
		}
		ip := Parse("${" + f.Example + "}")
		call, ok := ip.Parts[0].Node.(*Call)
		if !ok || call.Name != f.Name || len(ip.Errors) > 0 || len(CheckCall(call, nil)) > 0 {
			t.Errorf("fn.%s: its example %s is not a right call of it", f.Name, f.Example)
		}
		if f.Gives != "" {
			value, ok := Fold(call)
			want, _ := Parse("${" + f.Gives + "}").Fold()
			if !ok || sprint(value) != sprint(want) {
				t.Errorf("fn.%s: %s gives %v, not %s", f.Name, f.Example, value, f.Gives)
			}
		}
	}
	if s := strings.Join(got, " "); s != names {
		t.Errorf("got  %s\nwant %s", s, names)
	}
}

func TestSignaturesAreWrittenAsTheGuidesDo(t *testing.T) {
	for name, want := range map[string]string{
		"slice":        "fn.slice(original: string, startIndex: integer, endIndex?: integer): string",
		"and":          "fn.and(...boolean: boolean): boolean",
		"join":         "fn.join(strings: string[], separator?: string): string",
		"map":          "fn.map(array: T[], fn: (item: T, index: integer) => any): array",
		"randomSecret": "fn.randomSecret(length: number, encoding?: string): string",
		"add":          "fn.add(a: number, ...b: number): number",
	} {
		f, _ := LookupFunction(name)
		if got := f.Signature(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
