package syntax

import (
	"fmt"
	"strings"
	"testing"
)

func TestPathAt(t *testing.T) {
	spots := map[Spot]string{SpotNone: "none", SpotName: "name", SpotColon: "colon", SpotValue: "value"}
	for _, c := range []struct {
		name, src string // | marks the offset
		want      string // pointer, spot, scalar, whether items stand before and behind
	}{
		{"in an empty text", `|`, ` value`},
		{"in a scalar document", `tr|ue`, ` value true`},
		{"before the root", `| {"a": 1}`, ` value`},
		{"behind the root", `{"a": 1} |`, ` none`},
		{"directly behind the root", `{"a": 1}|`, ` none`},
		{"in a name", `{"na|me": 1}`, `/name name "name"`},
		{"at the start of a name", `{|"name": 1}`, `/name name "name"`},
		{"at the end of a name", `{"name"|: 1}`, `/name name "name"`},
		{"between a name and its colon", `{"name" | : 1}`, `/name colon`},
		{"behind a colon", `{"name":| 1}`, `/name value`},
		{"at the start of a value", `{"name": |"x"}`, `/name value "x"`},
		{"in a value", `{"name": "|x"}`, `/name value "x"`},
		{"at the end of a value", `{"name": "x"|}`, `/name value "x"`},
		{"in an empty object", `{|}`, ` name`},
		{"in an empty object with space", `{"a": {  |  }}`, `/a name`},
		{"behind a member", `{"a": 1 | }`, ` name after`},
		{"behind a comma", `{"a": 1, | }`, ` name`},
		{"between members", `{"a": 1, | "b": 2}`, ` name before`},
		{"between members without a comma", `{"a": 1 | "b": 2}`, ` name after before`},
		{"before the first member", `{ | "b": 2}`, ` name before`},
		{"behind a name without a colon", `{"a" |}`, `/a colon`},
		{"where a value is missing", `{"a": |}`, `/a value`},
		{"where a value is missing before another member", "{\"a\": |\n\"b\": 1}", `/a value before`},
		{"in an empty array", `[|]`, ` value`},
		{"in an element", `[1, 2|3]`, `/1 value 23`},
		{"behind an element", `[1 | ]`, ` value after`},
		{"behind a comma in an array", `[1, |]`, ` value`},
		{"between elements", `[1, | 2]`, ` value before`},
		{"deep inside", `{"a": [{"b": [1, {"c/~d": "|"}]}]}`, `/a/0/b/1/c~1~0d value ""`},
		{"before an element that is an object", `[|{"a": 1}]`, ` value before`},
		{"behind an element that is an object", `[{"a": 1}|]`, ` value after`},
		{"in a comment", `{"a": 1, // co|mment` + "\n}", ` none`},
		{"at the end of a line comment", "{// c|\n}", ` none`},
		{"at the end of a block comment", "{/* c */|}", ` name`},
		{"in a comment between a name and its value", `{"a": /* c| */ 1}`, ` none`},
		{"in a string that is not closed", "{\n\"a\": \"${refs.|\n}", `/a value "${refs.`},
		{"in a name that is not closed", "{\n\"re|\n\"b\": 1}", `/re name "re`},
		{"at the end of a text that closes nothing", `{"a": [{"b": 1, |`, `/a/0 name`},
		{"behind a colon at such an end", `{"a": [{"b": |`, `/a/0/b value`},
		{"on the line behind an array that is not closed", "{\"a\": [1,\n |", `/a value`},
		{"behind a quote at such an end", `{"a": "|`, `/a value "`},
		{"in a name without quotes", `{na|me: 1}`, `/name name name`},
		{"in a lone word", `{na|me}`, `/name name name`},
		{"in a word that is no value", `{"a": fal|s}`, `/a value fals`},
		{"behind the text is its end", `[1]`, ` none`},
		{"in text behind the root", `{} fo|o`, ` value foo`},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after, found := strings.Cut(c.src, "|")
			offset := len(before)
			if !found {
				offset = len(before) + 10
			}
			p := Parse(before + after).PathAt(offset)
			got := fmt.Sprintf("%s %s", p.Pointer(), spots[p.Spot])
			if p.Scalar.IsValid() {
				got += " " + p.Scalar.Raw()
			}
			if p.AfterItem {
				got += " after"
			}
			if p.BeforeItem {
				got += " before"
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAPathHoldsContainersMembersAndIndexes(t *testing.T) {
	src := `{"x": 0, "a": [10, {"b": [], "c": "d"}]}`
	p := Parse(src).PathAt(strings.Index(src, `d"`))
	if len(p.Steps) != 3 {
		t.Fatalf("%d steps", len(p.Steps))
	}
	if s := p.Steps[0]; s.Value.Kind() != KindObject || s.Member.KeyText() != "a" || s.Index != 1 {
		t.Errorf("step 0 is %v %q %d", s.Value.Kind(), s.Member.KeyText(), s.Index)
	}
	if s := p.Steps[1]; s.Value.Kind() != KindArray || s.Member.IsValid() || s.Index != 1 {
		t.Errorf("step 1 is %v %q %d", s.Value.Kind(), s.Member.KeyText(), s.Index)
	}
	if p.Container().Raw() != `{"b": [], "c": "d"}` || p.Member().KeyText() != "c" || p.Steps[2].Index != 1 {
		t.Errorf("step 2 is %s %q", p.Container().Raw(), p.Member().KeyText())
	}
	if p.Token.Kind != KindString || p.Token.Range != p.Scalar.Range() {
		t.Errorf("the token is %v", p.Token)
	}
	if p := Parse(`1`).PathAt(0); p.Container().IsValid() || p.Member().IsValid() {
		t.Error("a scalar document has a container")
	}
}

func TestTokensAtAnOffset(t *testing.T) {
	for _, c := range []struct {
		src  string // | marks the offset
		kind Kind
	}{
		{`{| }`, KindOpenBrace}, {`{ |}`, KindCloseBrace}, {`{ | }`, KindSpace}, {`[1|,2]`, KindNumber}, {`[1,|2]`, KindNumber},
		{`[1 |, 2]`, KindComma}, {`{"a"|: 1}`, KindString}, {`{"a" |: 1}`, KindColon}, {`{"a": 1 /|* */}`, KindBlockComment}, {"\ufeff|{}", KindBOM},
	} {
		before, after, _ := strings.Cut(c.src, "|")
		if got := Parse(before + after).PathAt(len(before)).Token; got.Kind != c.kind {
			t.Errorf("%s: %v, want %v", c.src, got.Kind, c.kind)
		}
	}
}

func TestFind(t *testing.T) {
	tree := Parse(`{"a": {"b/c": [1, {"~": 2}], "": 3, "x": 4, "x": 5}, "01": [6]}`)
	for _, c := range []struct{ pointer, want string }{
		{"/a/b~1c/0", "1"}, {"/a/b~1c/1/~0", "2"}, {"/a/", "3"}, {"/a/x", "5"}, {"/01/0", "6"},
		{"/a/b~1c/2", ""}, {"/a/b~1c/-", ""}, {"/a/b~1c/01", ""}, {"/a/b~1c/-1", ""}, {"/a/x/y", ""}, {"/q", ""}, {"a", ""},
	} {
		if got := tree.Find(c.pointer); got.Raw() != c.want || got.IsValid() != (c.want != "") {
			t.Errorf("%s is %q, want %q", c.pointer, got.Raw(), c.want)
		}
	}
	if tree.Find("") != tree.Root() {
		t.Error("the empty pointer is not the root")
	}
	if Parse("").Find("/a").IsValid() {
		t.Error("an empty text has values")
	}
}
