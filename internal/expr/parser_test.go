package expr

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

const parseFile = "../../testdata/expr/parse.txt"

// The cases of parse.txt: a name behind `===`, the text, and behind `---` its parts and nodes as dump writes them, then
// the errors.
func TestParseKeepsWhatIsThereAndReportsEachMistakeOnce(t *testing.T) {
	content, err := os.ReadFile(parseFile)
	if err != nil {
		t.Fatal(err)
	}
	var golden strings.Builder
	for _, c := range strings.Split("\n"+string(content), "\n=== ")[1:] {
		name, rest, _ := strings.Cut(c, "\n")
		text, want, found := strings.Cut(rest, "\n---")
		if !found {
			t.Fatalf("%s: no result", name)
		}
		ip := Parse(text)
		got := "\n" + dump(ip)
		if e := dumpErrors(ip); e != "" {
			got += "\n" + e
		}
		golden.WriteString("=== " + name + "\n" + text + "\n---" + got + "\n")
		if want = strings.TrimSuffix(want, "\n"); got != want && !*update {
			t.Errorf("%s: %s\ngot:%s\nwant:%s", name, text, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(parseFile, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSpansOfNodesAreTheTextThatTheyWereWrittenWith(t *testing.T) {
	ip := Parse(`x-${fn.if(refs.db-1.ports[0].dns, [ 1 , 'b' ], (item) => item.a)}`)
	var got []string
	ip.Walk(func(n Node, inCall bool) bool {
		start, end := n.Span()
		s := ip.Text[start:end]
		if inCall {
			s = "in call: " + s
		}
		got = append(got, s)
		return true
	})
	want := []string{
		`fn.if(refs.db-1.ports[0].dns, [ 1 , 'b' ], (item) => item.a)`,
		`in call: refs.db-1.ports[0].dns`, `in call: [ 1 , 'b' ]`, `in call: 1`, `in call: 'b'`, `in call: (item) => item.a`, `in call: item.a`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	call := ip.Parts[1].Node.(*Call)
	ref := call.Args[0].(*Ref)
	for i, want := range []string{"db-1", "ports", "0", "dns"} {
		if s := ref.Segments[i]; ip.Text[s.Start:s.End] != want || s.Name != want {
			t.Errorf("segment %d is %q at %q, want %q", i, s.Name, ip.Text[s.Start:s.End], want)
		}
	}
	if got := ip.Text[ref.RootStart:ref.RootEnd]; got != "refs" {
		t.Errorf("the root stands at %q", got)
	}
	if got := ip.Text[call.NameStart:call.NameEnd]; got != "if" {
		t.Errorf("the function's name stands at %q", got)
	}
}

func TestPathAtFindsWhatIsBeingTyped(t *testing.T) {
	// The cursor stands at the bar. What is found is the innermost node.
	for _, test := range []struct{ name, text, want string }{
		{"behind the opening brace", "${|", "_"},
		{"in an empty expression", "${|}", "_"},
		{"in a root", "${re|", "re"},
		{"in a root with text behind", "a${re|}b", "re"},
		{"behind a dot", "${refs.|", "refs.…"},
		{"behind a dot, closed", "${refs.|}", "refs.…"},
		{"in a segment", "${refs.we|b.id}", "refs.web.id"},
		{"in a function's name", "${fn.i|}", "fn.i…"},
		{"in the first argument", "${fn.if(|", "_"},
		{"in an argument's hole", "${fn.if(a, |, b)}", "_"},
		{"behind the comma", "${fn.if(a,|", "_"},
		{"in an argument", "${fn.if(arg|s.x, 1)}", "args.x"},
		{"at the end of an argument", "${fn.if(args.|, 1)}", "args.…"},
		{"in the body of a lambda", "${fn.map(a, (x) => x.|)}", "$x.…"},
		{"where the body is missing", "${fn.map(a, (x) => |)}", "_"},
		{"in a string", "${fn.eq(a, 'm|')}", "'m'"},
		{"between two expressions", "${a}|${b}", ""},
		{"in a runtime part", "${{ secrets.d|b }}", "secrets.db"},
		{"in text", "ab|c ${a}", ""},
		{"behind a closed expression", "${a}|", ""},
	} {
		offset := strings.Index(test.text, "|")
		ip := Parse(strings.Replace(test.text, "|", "", 1))
		_, path := ip.PathAt(offset)
		got := ""
		if len(path) > 0 {
			got = dumpNode(path[len(path)-1])
		}
		if got != test.want {
			t.Errorf("%s: %s: got %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

func TestArgAtCountsTheCommasBeforeTheCursor(t *testing.T) {
	text := "${fn.if(fn.eq(a, b), 'x', 'y')}"
	call := Parse(text).Parts[0].Node.(*Call)
	for _, test := range []struct {
		before string
		want   int
	}{{"${fn.if", -1}, {"${fn.if(", 0}, {"${fn.if(fn.eq(a, b)", 0}, {"${fn.if(fn.eq(a, b),", 1}, {"${fn.if(fn.eq(a, b), 'x', '", 2}, {"${fn.if(fn.eq(a, b), 'x', 'y'", 2}, {text, -1}} {
		if got := call.ArgAt(len(test.before)); got != test.want {
			t.Errorf("behind %s: argument %d, want %d", test.before, got, test.want)
		}
	}
}

func TestEscapedTextIsParsedAsItself(t *testing.T) {
	for _, text := range []string{"", "a", "${x}", `\${x}`, `\\${x}`, "${{x}}", "$${x}", "${", "$", "a${b}c${d", `\`} {
		ip := Parse(EscapeLiteral(text))
		got := ""
		for _, p := range ip.Parts {
			if p.Kind != Literal {
				t.Errorf("%q: escaped it still holds an expression: %s", text, dump(ip))
			}
			got += p.Text
		}
		if got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestHostileTextIsParsedInLinearTimeAndBoundedDepth(t *testing.T) {
	const n = 100_000
	for name, text := range map[string]string{
		"parentheses":          "${" + strings.Repeat("(", n),
		"closed parentheses":   "${" + strings.Repeat("(", n) + "a" + strings.Repeat(")", n) + "}",
		"brackets":             "${" + strings.Repeat("[", n),
		"calls":                "${" + strings.Repeat("fn.if(", n),
		"lambdas":              "${" + strings.Repeat("x=>", n),
		"lambdas in brackets":  "${" + strings.Repeat("(x)=>(", n),
		"expressions":          strings.Repeat("${", n),
		"runtime expressions":  strings.Repeat("${{", n),
		"open strings":         strings.Repeat("${'", n),
		"open strings, mixed":  strings.Repeat(`${'"`, n),
		"escaped quotes":       "${" + strings.Repeat(`\'`, n),
		"open expressions":     strings.Repeat("${'}", n),
		"regular expressions":  "${" + strings.Repeat("[/[", n),
		"open regexes":         strings.Repeat("${/[", n),
		"operators":            "${" + strings.Repeat("! ", n) + "}",
		"commas":               "${fn.x(" + strings.Repeat(",", n),
		"parameters":           "${" + strings.Repeat("(a,", n),
		"dots":                 "${a" + strings.Repeat("..", n),
		"object literals":      "${fn.x(" + strings.Repeat("{", n),
		"backquotes":           "${fn.x(" + strings.Repeat("`", n),
		"braces after bracket": "${a" + strings.Repeat("[{", n),
		"escapes":              strings.Repeat(`\${`, n),
		"braces":               "${" + strings.Repeat("}${", n),
	} {
		ip := Parse(text)
		if err := invariants(ip); err != "" {
			t.Errorf("%s: %s", name, err)
		}
	}
}
