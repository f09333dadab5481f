package format

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// TestCases formats the sections of testdata/*.txtar: "NAME" is the text as
// somebody wrote it, "NAME/formatted" what becomes of it; where that is missing
// the text has to stay as it is.
func TestCases(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/cases.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range archive.Files {
		if strings.HasSuffix(f.Name, "/formatted") {
			continue
		}
		want := string(f.Data)
		if i+1 < len(archive.Files) && archive.Files[i+1].Name == f.Name+"/formatted" {
			want = string(archive.Files[i+1].Data)
		}
		t.Run(f.Name, func(t *testing.T) {
			if got := document(t, string(f.Data), Options{}); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestDocument(t *testing.T) {
	for _, c := range []struct {
		name, src, want string
		options         Options
	}{
		{"an empty text has nothing to format", "", "", Options{}},
		{"a scalar alone loses the space around it", " \n 1 ", "1", Options{}},
		{"a text without a line end at its end gets none", `{"a":1}`, "{\n  \"a\": 1\n}", Options{}},
		{"the line ends at the end of the text stay, all of them", "{ }  \n \n", "{}\n\n", Options{}},
		{"CRLF stays", "{\r\n\"a\":1,\"b\":2}\r\n", "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}\r\n", Options{}},
		{"CR stays", "{\r\"a\":1,\"b\":2}", "{\r  \"a\": 1,\r  \"b\": 2\r}", Options{}},
		{"each line keeps its own line end where the text uses both", "{\n\"a\":1,\r\n\"b\":2\n}", "{\n  \"a\": 1,\r\n  \"b\": 2\n}", Options{}},
		{"a byte order mark stays, and the space behind it goes", "\ufeff {}", "\ufeff{}", Options{}},
		{"numbers and strings keep their spelling", `[1.50, -0, 1E+02, "\u0041\/", "ü", ""]`, `[1.50, -0, 1E+02, "\u0041\/", "ü", ""]`, Options{}},
		{"names that are given twice stay", `{"a":1,"a":2}`, "{\n  \"a\": 1,\n  \"a\": 2\n}", Options{}},
		{"tabs where they are asked for", `{"a":[{}]}`, "{\n\t\"a\": [\n\t\t{}\n\t]\n}", Options{Indent: "\t"}},
		{"four spaces where they are asked for", "{\n\t\"a\": 1}", "{\n    \"a\": 1\n}", Options{Indent: "    "}},
		{"a text that is too long for its line is no reason to break it", `{"a":"` + strings.Repeat("x", 200) + `"}`, "{\n  \"a\": \"" + strings.Repeat("x", 200) + "\"\n}", Options{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := document(t, c.src, c.options); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAnArrayOnOneLineStaysThereUpToColumn100(t *testing.T) {
	for _, c := range []struct {
		name  string
		width int // of the line, a comma behind the array included
		comma bool
		line  bool
	}{
		{"100 columns", 100, false, true},
		{"101 columns", 101, false, false},
		{"100 columns with the comma", 100, true, true},
		{"101 columns with the comma", 101, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			tail := ""
			n := c.width - len(`  "a": ["", 1]`)
			if c.comma {
				tail = `,"b":1`
				n--
			}
			// Characters count, not bytes.
			src := `{"a":["` + strings.Repeat("ü", n) + `",1]` + tail + `}`
			if got := document(t, src, Options{}); strings.Contains(got, `", 1]`) != c.line {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestEditsTouchNothingThatIsRightAlready(t *testing.T) {
	src := "{\n  \"a\": 1,\n   \"b\":2,\n\n  \"c\": 3\n}\n"
	want := []syntax.Edit{
		{Range: syntax.Range{Start: 14, End: 15}},
		{Range: syntax.Range{Start: 19, End: 19}, NewText: " "},
		{Range: syntax.Range{Start: 22, End: 23}},
	}
	if got := Document(syntax.Parse(src), Options{}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAnEditNeverDividesALineEnd(t *testing.T) {
	src := "[  \n \r\n{}]"
	for _, e := range Document(syntax.Parse(src), Options{}) {
		if splitsLineEnd(src, e.Start) || splitsLineEnd(src, e.End) {
			t.Errorf("%v does", e)
		}
	}
}

func TestBracketsWithinBracketsAreNotIndentedForEver(t *testing.T) {
	const deep = 9000
	src := strings.Repeat("[", deep) + strings.Repeat("]", deep)
	if got := document(t, src, Options{}); len(got) > 2*deep*(maxIndent+2) {
		t.Errorf("%d bytes become %d", len(src), len(got))
	}
}

func TestRange(t *testing.T) {
	for _, c := range []struct {
		name, src, want string // the lines between « and » are formatted
	}{
		{"only the lines of the range change", "{\n\"a\":1,\n«\"b\":2»,\n\"c\":3\n}", "{\n\"a\":1,\n\"b\": 2,\n\"c\":3\n}"},
		{"the indentation is that of the members before", "{\n      \"a\":1,\n«\"b\":2»\n}", "{\n      \"a\":1,\n      \"b\": 2\n}"},
		{"else it is one level more than that of the bracket's line", "{\n   \"a\": {\n«\"b\":2,»\n\"c\":3}}", "{\n   \"a\": {\n     \"b\": 2,\n\"c\":3}}"},
		{"a range that ends where a line starts leaves that line out", "{\n«\"a\":1,\n»\"b\":2\n}", "{\n  \"a\": 1,\n\"b\":2\n}"},
		{"a cursor stands for its line", "{\n\"a\"«»:1,\n\"b\":2\n}", "{\n  \"a\": 1,\n\"b\":2\n}"},
		{"what is on one line is taken apart", "{\n  \"a\": 1,\n  «\"b\":{\"c\":1}»\n}", "{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 1\n  }\n}"},
		{"the space at the end of the line before stays", "{   \n«\"a\":1»\n}", "{   \n  \"a\": 1\n}"},
		{"lines are not joined with lines outside of the range", "{\n  \"a\":\n«1»\n}", "{\n  \"a\":\n1\n}"},
		{"a closing bracket goes under the line of its partner", "{\n    \"a\": [\n      {}\n«]»}", "{\n    \"a\": [\n      {}\n    ]\n}"},
		{"blank lines in the range go", "{\n  \"a\": 1,\n«\n\n  \"b\": 2\n}»\n\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n\n"},
		{"everything is as the document", "«{\"a\":1 }  \n»", "{\n  \"a\": 1\n}\n"},
		{"CRLF before the range stays whole", "{\r\n\"a\":1,\r\n«\"b\":2»\r\n}", "{\r\n\"a\":1,\r\n\"b\": 2\r\n}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			start, end := strings.Index(c.src, "«"), strings.Index(c.src, "»")-len("«")
			src := strings.NewReplacer("«", "", "»", "").Replace(c.src)
			edits := Range(syntax.Parse(src), syntax.Range{Start: start, End: end}, Options{})
			got := apply(src, edits)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			checkTokens(t, src, got)
		})
	}
}

func TestARangeOutsideOfTheTextIsMovedIntoIt(t *testing.T) {
	tree := syntax.Parse("{}")
	if edits := Range(tree, syntax.Range{Start: -5, End: 99}, Options{}); len(edits) > 0 {
		t.Errorf("got %v", edits)
	}
	if edits := Line(tree, 99, Options{}); len(edits) > 0 {
		t.Errorf("got %v", edits)
	}
}

func TestLine(t *testing.T) {
	for _, c := range []struct {
		name, src, want string // the line of | is indented
	}{
		{"an empty line behind an opening brace", "{\n|\n}", "{\n  \n}"},
		{"an empty line behind an opening brace that is not closed", "{\n  \"a\": {\n|", "{\n  \"a\": {\n    "},
		{"an empty line behind a member", "{\n    \"a\": 1,\n|\n}", "{\n    \"a\": 1,\n    \n}"},
		{"an empty line behind a member without a comma", "{\n  \"a\": 1\n|\n}", "{\n  \"a\": 1\n  \n}"},
		{"an empty line behind a colon", "{\n  \"a\":\n|\n}", "{\n  \"a\":\n    \n}"},
		{"a closing brace", "{\n  \"a\": {\n    \"b\": 1\n    }|\n}", "{\n  \"a\": {\n    \"b\": 1\n  }\n}"},
		{"a closing bracket", "[\n  1\n  ]|", "[\n  1\n]"},
		{"a closing brace behind a member that lacks its value", "{\n  \"a\":\n  }|", "{\n  \"a\":\n}"},
		{"a closing brace behind other text stays where it is", "{\n\"a\": {}|\n}", "{\n  \"a\": {}\n}"},
		{"a closing brace that closes nothing stays", "[\n      }|\n]", "[\n      }\n]"},
		{"a member under its siblings", "{\n   \"a\": 1,\n|\"b\": 2\n}", "{\n   \"a\": 1,\n   \"b\": 2\n}"},
		{"a line within a comment stays", "{\n  /* a\n|      b */\n}", "{\n  /* a\n      b */\n}"},
		{"the first line stays", "  |{}", "  {}"},
		{"a line behind the document stays", "{}\n  |", "{}\n  "},
	} {
		t.Run(c.name, func(t *testing.T) {
			at := strings.Index(c.src, "|")
			src := strings.Replace(c.src, "|", "", 1)
			if got := apply(src, Line(syntax.Parse(src), at, Options{})); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTemplatesKeepTheirForm(t *testing.T) {
	for _, path := range []string{"payload.json", "payload-mistake.json"} {
		src, err := os.ReadFile("../../../testdata/templates/" + path)
		if err != nil {
			t.Fatal(err)
		}
		document(t, string(src), Options{})
	}
}

// document formats src and checks what holds for any text.
func document(t *testing.T, src string, o Options) string {
	t.Helper()
	edits := Document(syntax.Parse(src), o)
	end := 0
	for _, e := range edits {
		if e.Start < end || e.End < e.Start || e.End > len(src) || strings.Trim(src[e.Start:e.End]+e.NewText, " \t\r\n") != "" {
			t.Fatalf("%q: edit %v", src, e)
		}
		if src[e.Start:e.End] == e.NewText {
			t.Fatalf("%q: %v changes nothing", src, e)
		}
		end = e.End
	}
	out := apply(src, edits)
	checkTokens(t, src, out)
	if again := Document(syntax.Parse(out), o); len(again) > 0 {
		t.Fatalf("%q is formatted as %q, and that as %q", src, out, apply(out, again))
	}
	return out
}

func checkTokens(t *testing.T, src, out string) {
	t.Helper()
	if !sameTokens(syntax.Parse(src), syntax.Parse(out)) {
		t.Fatalf("%q has other tokens than %q", out, src)
	}
	var want, got any
	if json.Unmarshal([]byte(src), &want) == nil {
		if err := json.Unmarshal([]byte(out), &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q means %v (%v), %q meant %v", out, got, err, src, want)
		}
	}
}

func FuzzDocument(f *testing.F) {
	fuzzing.KeepMoving(f)
	for _, s := range []string{
		"", "{}", `{"a": 1, "b": [true, null, -1.5e3], "c": {"d": "\u00e4", "e": [[], {}]}}`, "[1,2 , 3\n]\n", "\ufeff { } \r\n",
		"{\n  \"a\": {\n    \"x\": 1\n  \"b\": 2\n}", "{\n  \"a\": [1,\n  \"b\": 2\n}", "[{\"a\": 1, {\"b\": 2}]", `{"a" "b": 1 "c": "d": 2, , }`,
		"{\"a\": \"open,  \n\"b: {\n'c': `d`, // x\r\n/* y */ e = 1; }", "[1 2,,01 +1 .5 1. ]}", "[[[[[[", "]]}}", "/*", "//", "/* a */ // b\n{ /* c */ \"a\" /* d */ : // e\n 1 /* f */ , /* g */ }",
		" \ufeff{}", "{{}: [}, :}", "\"\x00\xff\\u12\\", "1 2", "{\"a\":1}\r{}\r\n", "[/ /1, = > ]",
	} {
		f.Add(s, uint16(0), uint16(len(s)))
	}
	f.Fuzz(func(t *testing.T, src string, start, end uint16) {
		document(t, src, Options{})
		document(t, src, Options{Indent: "\t"})
		tree := syntax.Parse(src)
		r := syntax.Range{Start: int(start), End: int(end)}
		checkTokens(t, src, apply(src, Range(tree, r, Options{})))
		lines := tree.Lines()
		first := lines.LineRange(int(lines.Position(r.Start, syntax.UTF8).Line))
		last := lines.LineRange(int(lines.Position(max(r.Start, r.End), syntax.UTF8).Line))
		for _, e := range Range(tree, r, Options{}) {
			if e.Start < first.Start || e.End > last.End {
				t.Fatalf("%q: %v is out of the lines of %v", src, e, r)
			}
		}
		checkTokens(t, src, apply(src, Line(tree, r.Start, Options{})))
		if tree.Green().HasErrors() {
			return
		}
		// On JSON, the range of all lines is the document.
		all := syntax.Range{End: len(src)}
		if startsLine(src, len(src)) {
			return // a range does not hold the empty last line
		}
		if a, b := Document(tree, Options{}), Range(tree, all, Options{}); !reflect.DeepEqual(a, b) {
			t.Fatalf("%q: the document is formatted by %v, its range by %v", src, a, b)
		}
	})
}

func BenchmarkDocument(b *testing.B) {
	formatted := bigTemplate(1500)
	for _, c := range []struct{ name, src string }{
		{"formatted", formatted},
		{"one-line", compact(b, formatted)},
		{"one-line-and-a-comma-missing", strings.Replace(compact(b, formatted), `"ref":"service-750",`, `"ref":"service-750"`, 1)},
	} {
		tree := syntax.Parse(c.src)
		tree.Errors()
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.src)))
			b.ReportAllocs()
			for b.Loop() {
				Document(tree, Options{})
			}
		})
	}
}

func BenchmarkLine(b *testing.B) {
	src := bigTemplate(1500)
	tree := syntax.Parse(src)
	at := strings.Index(src, `"ref": "service-750"`)
	b.ReportAllocs()
	for b.Loop() {
		Line(tree, at, Options{})
	}
}

// bigTemplate writes a template of n nodes, about 370 bytes each.
func bigTemplate(n int) string {
	var s strings.Builder
	s.WriteString("{\n  \"apiVersion\": \"v1.2\",\n  \"spec\": {\n    \"steps\": [\n")
	for i := range n {
		if i > 0 {
			s.WriteString(",\n")
		}
		fmt.Fprintf(&s, `      {
        "kind": "CombinedService",
        "ref": "service-%d",
        "spec": {
          "name": "Service %d",
          "description": "Serves \"things\" for ${args.REGION} – and elsewhere",
          "billing": {
            "deploymentPlan": "nf-compute-20"
          },
          "deployment": {
            "instances": %d,
            "storage": {
              "ephemeralStorage": {
                "storageSize": 1024
              }
            },
            "docker": {
              "configType": "default"
            }
          },
          "tags": ["a", "b"],
          "ports": [
            {
              "name": "p01",
              "internalPort": 8080,
              "public": true
            }
          ]
        }
      }`, i, i, i%4+1)
	}
	s.WriteString("\n    ]\n  }\n}\n")
	return s.String()
}

func compact(b *testing.B, src string) string {
	var value any
	if err := json.Unmarshal([]byte(src), &value); err != nil {
		b.Fatal(err)
	}
	out, err := json.Marshal(value)
	if err != nil {
		b.Fatal(err)
	}
	return string(out)
}
