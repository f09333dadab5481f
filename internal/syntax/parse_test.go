package syntax

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// outline writes what a tree has understood: absent values as -, words and
// numbers as they are written, what is not closed with an ellipsis.
func outline(tree *Tree) string {
	var b strings.Builder
	for p := range tree.Parts() {
		if p.Kind.IsValue() {
			if b.Len() > 0 {
				b.WriteString(" ")
			}
			outlineValue(&b, p.Value())
		}
	}
	return b.String()
}

func outlineValue(b *strings.Builder, v Value) {
	n := 0
	next := func() {
		if n++; n > 1 {
			b.WriteString(", ")
		}
	}
	end := func(closer string) {
		if !v.Terminated() {
			b.WriteString("…")
		}
		b.WriteString(closer)
	}
	switch v.Kind() {
	case KindInvalid:
		b.WriteString("-")
	case KindObject:
		b.WriteString("{")
		for m := range v.Members() {
			next()
			outlineValue(b, m.Key())
			b.WriteString(": ")
			outlineValue(b, m.Value())
		}
		end("}")
	case KindArray:
		b.WriteString("[")
		for e := range v.Elements() {
			next()
			outlineValue(b, e)
		}
		end("]")
	case KindString:
		b.WriteString(strings.TrimSuffix(Quote(v.Text()), `"`))
		end(`"`)
	case KindExcess:
		b.WriteString("<" + v.Raw() + ">")
	default:
		b.WriteString(v.Raw())
	}
}

// mistakes are texts with what they are understood as, and what is reported:
// for each error its code, the text at its place, and its message. fixed is the
// text with all fixes made, where there are any.
var mistakes = []struct {
	name, src, outline string
	errors             []string
	fixed              string
}{
	{"a comma is missing between members", `{"a": 1 "b": 2}`, `{"a": 1, "b": 2}`,
		[]string{"missing-comma||expected a comma after the value of \"a\""}, `{"a": 1, "b": 2}`},
	{"a comma is missing between members in lines", "{\n  \"a\": {}\n  \"b\": 2\n}", `{"a": {}, "b": 2}`,
		[]string{"missing-comma||expected a comma after the value of \"a\""}, "{\n  \"a\": {},\n  \"b\": 2\n}"},
	{"a comma is missing between elements", `[1 2]`, `[1, 2]`,
		[]string{"missing-comma||expected a comma after element 1"}, `[1, 2]`},
	{"a comma is missing before a comment", "[1 // one\n2]", `[1, 2]`,
		[]string{"missing-comma||expected a comma after element 1", "comment|// one|JSON has no comments: remove this one"}, "[1, \n2]"},
	{"a comma stands behind the last member", `{"a": 1,}`, `{"a": 1}`,
		[]string{"extra-comma|,|remove the comma after the last member, \"a\""}, `{"a": 1}`},
	{"a comma stands behind the last element", `[1, ]`, `[1]`,
		[]string{"extra-comma|,|remove the comma after the last element"}, `[1 ]`},
	{"there is a comma too many", `[1,, 2]`, `[1, 2]`,
		[]string{"extra-comma|,|nothing stands before this comma: remove it"}, `[1, 2]`},
	{"there are several commas too many", `[,,, 1]`, `[1]`,
		[]string{"extra-comma|,|nothing stands before this comma: remove it"}, ""},
	{"a semicolon stands for a comma", `{"a": 1; "b": 2}`, `{"a": 1, "b": 2}`,
		[]string{"wrong-character|;|write a comma instead of `;`"}, `{"a": 1, "b": 2}`},
	{"an equals sign stands for a colon", `{"a" = 1}`, `{"a": 1}`,
		[]string{"wrong-character|=|write a colon instead of `=`"}, `{"a" : 1}`},
	{"names stand without quotes before equals signs", `{a=1; b=2}`, `{a: 1, b: 2}`,
		[]string{"unquoted-name|a|put the name a in double quotes", "wrong-character|=|write a colon instead of `=`", "wrong-character|;|write a comma instead of `;`",
			"unquoted-name|b|put the name b in double quotes", "wrong-character|=|write a colon instead of `=`"}, `{"a":1, "b":2}`},
	{"an arrow stands for a colon", `{"a" => 1}`, `{"a": 1}`,
		[]string{"wrong-character|=>|write a colon instead of `=>`"}, `{"a" : 1}`},

	{"a colon is missing", `{"a" 1, "b": 2}`, `{"a": 1, "b": 2}`,
		[]string{"missing-colon||expected a colon after \"a\""}, `{"a": 1, "b": 2}`},
	{"a colon is missing before an object", `{"a" {"b": 2}}`, `{"a": {"b": 2}}`,
		[]string{"missing-colon||expected a colon after \"a\""}, `{"a": {"b": 2}}`},
	{"there are two colons", `{"a":: 1}`, `{"a": 1}`,
		[]string{"extra-colon|:|there is a colon already: remove this one"}, `{"a": 1}`},
	{"a value is missing at the end", `{"a": }`, `{"a": -}`,
		[]string{"missing-value||expected a value after \"a\":"}, ""},
	{"a value is missing before a comma", `{"a": , "b": 1}`, `{"a": -, "b": 1}`,
		[]string{"missing-value||expected a value after \"a\":"}, ""},
	{"a value is missing before the next line", "{\"a\":\n\"b\": 1}", `{"a": -, "b": 1}`,
		[]string{"missing-value||expected a value after \"a\":"}, ""},
	{"a value is missing before a member on the same line", `{"a": "b": 1, "c": 2}`, `{"a": -, "b": 1, "c": 2}`,
		[]string{"missing-value||expected a value after \"a\":"}, ""},
	{"there is only a name", `{"a"}`, `{"a": -}`,
		[]string{"missing-colon||expected a colon and a value after \"a\""}, ""},
	{"there is only a name before the next line", "{\n\"a\"\n\"b\": 1}", `{"a": -, "b": 1}`,
		[]string{"missing-colon||expected a colon and a value after \"a\""}, ""},
	{"a name is missing", `{: 1, "b": 2}`, `{-: 1, "b": 2}`,
		[]string{"missing-name|:|expected a name in double quotes before this colon"}, ""},
	{"an object stands where a name belongs", `{"a": 1, {"b": 2}}`, `{"a": 1, -: {"b": 2}}`,
		[]string{"missing-name|{|expected a name in double quotes before this object"}, ""},
	{"an array stands where a name belongs", `{[1]}`, `{-: [1]}`,
		[]string{"missing-name|[|expected a name in double quotes before this array"}, ""},
	{"a name has no quotes", `{name: 1}`, `{name: 1}`,
		[]string{"unquoted-name|name|put the name name in double quotes"}, `{"name": 1}`},
	{"a name is a number", `{1: "a"}`, `{1: "a"}`,
		[]string{"unquoted-name|1|put the name 1 in double quotes"}, `{"1": "a"}`},
	{"a word stands where a member belongs", `{"a": 1, b}`, `{"a": 1, b: -}`,
		[]string{"invalid-word|b|expected a member, \"name\": value, instead of `b`"}, ""},
	{"text stands where members belong", `{"a": 1 what is this}`, `{"a": 1, what: is, this: -}`,
		[]string{"invalid-word|what is|expected a member, \"name\": value, instead of `what is`"}, ""},
	{"elements have names", `["a": 1, "b": 2]`, `["a", 1, "b", 2]`,
		[]string{"extra-colon|:|elements of an array have no names: remove `:`, or write {\"name\": value}", "extra-colon|:|elements of an array have no names: remove `:`, or write {\"name\": value}"}, ""},

	{"a brace is missing at the end", `{"a": 1`, `{"a": 1…}`,
		[]string{"unclosed-bracket|{|this `{` is never closed: add `}`"}, `{"a": 1}`},
	{"everything is missing at the end", `{"a": [{"b": 1,`, `{"a": [{"b": 1…}…]…}`,
		[]string{"unclosed-bracket|{|this `{` and 2 more around it are never closed: add `}]}`"}, `{"a": [{"b": 1}]}`},
	{"a value and everything behind it is missing", `{"a": [{"b":`, `{"a": [{"b": -…}…]…}`,
		[]string{"unclosed-bracket|{|this `{` and 2 more around it are never closed: add `}]}`"}, ""},
	{"the text ends within a name", "{\n  \"a\": {\n    \"ki", `{"a": {"ki…": -…}…}`,
		[]string{"unterminated-string|\"ki|this string is not closed: add a double quote at its end"}, ""},
	{"the bracket of an array is missing", `{"a": [1, 2}`, `{"a": [1, 2…]}`,
		[]string{"unclosed-bracket|[|this `[` is never closed: add `]`"}, `{"a": [1, 2]}`},
	{"the brace of an object in an array is missing", `[{"a": 1, {"b": 2}]`, `[{"a": 1…}, {"b": 2}]`,
		[]string{"unclosed-bracket|{|this `{` is never closed: add `}`"}, `[{"a": 1}, {"b": 2}]`},
	{"the brace of the last object in an array is missing", `[{"a": 1}, {"b": 2]`, `[{"a": 1}, {"b": 2…}]`,
		[]string{"unclosed-bracket|{|this `{` is never closed: add `}`"}, `[{"a": 1}, {"b": 2}]`},
	{"a name stands too far to the left, before the brace of its object", "{\n  \"a\": {\n    \"x\": 1\n  \"y\n  },\n  \"b\": 2\n}", `{"a": {"x": 1, "y…": -}, "b": 2}`,
		[]string{"missing-comma||expected a comma after the value of \"x\"", "unterminated-string|\"y|this string is not closed: add a double quote at its end"}, ""},
	{"a member stands too far to the left, before the brackets of several", "{\n  \"a\": [\n    {\n      \"x\": {\n        \"y\": 1\n  \"z\": 2\n      }\n    }\n  ],\n  \"b\": 2\n}", `{"a": [{"x": {"y": 1, "z": 2}}], "b": 2}`,
		[]string{"missing-comma||expected a comma after the value of \"y\""}, "{\n  \"a\": [\n    {\n      \"x\": {\n        \"y\": 1,\n  \"z\": 2\n      }\n    }\n  ],\n  \"b\": 2\n}"},
	{"a brace is missing before a member that is aligned with the one around it",
		"{\n  \"a\": {\n    \"x\": 1\n  \"b\": 2\n}", `{"a": {"x": 1…}, "b": 2}`,
		[]string{"unclosed-bracket|{|this `{` is never closed: add `}`"}, "{\n  \"a\": {\n    \"x\": 1},\n  \"b\": 2\n}"},
	{"two braces are missing before such a member",
		"{\n  \"a\": {\n    \"x\": {\n      \"y\": 1\n  \"b\": 2\n}", `{"a": {"x": {"y": 1…}…}, "b": 2}`,
		[]string{"unclosed-bracket|{|this `{` and 1 more around it are never closed: add `}}`"}, "{\n  \"a\": {\n    \"x\": {\n      \"y\": 1}},\n  \"b\": 2\n}"},
	{"a bracket is missing before such a member",
		"{\n  \"a\": [\n    1\n  \"b\": 2\n}", `{"a": [1…], "b": 2}`,
		[]string{"unclosed-bracket|[|this `[` is never closed: add `]`"}, "{\n  \"a\": [\n    1],\n  \"b\": 2\n}"},
	{"members that are not indented are all of one object", "{\n\"a\": {\n\"x\": 1\n\"b\": 2\n}}", `{"a": {"x": 1, "b": 2}}`,
		[]string{"missing-comma||expected a comma after the value of \"x\""}, "{\n\"a\": {\n\"x\": 1,\n\"b\": 2\n}}"},
	{"a bracket of the other kind stands at the end", `[1, 2}`, `[1, 2…]`,
		[]string{"unexpected-bracket|}|expected `]` here instead of `}`"}, `[1, 2]`},
	{"a bracket closes nothing", `{"a": ], "b": 1}`, `{"a": -, "b": 1}`,
		[]string{"missing-value||expected a value after \"a\":", "unexpected-bracket|]|this `]` closes nothing: remove it"}, ""},
	{"a brace stands in front of a value", `[{"b": 1, "a": }{"x": 1}}, 2]`, `[{"b": 1, "a": {"x": 1}}, 2]`,
		[]string{"unexpected-bracket|}|a value follows, and this `}` closes nothing: remove it"}, `[{"b": 1, "a": {"x": 1}}, 2]`},
	{"a brace stands in front of a value that is a list", `{"o": {"a": }[1]}}`, `{"o": {"a": [1]}}`,
		[]string{"unexpected-bracket|}|a value follows, and this `}` closes nothing: remove it"}, `{"o": {"a": [1]}}`},
	{"a comma stands in front of a value", `[{"b": 1, "a":, {"x": 1}}, 2]`, `[{"b": 1, "a": {"x": 1}}, 2]`,
		[]string{"extra-comma|,|a value follows, not the next member: remove this comma"}, `[{"b": 1, "a": {"x": 1}}, 2]`},
	{"a value is missing in front of the next element", "[{\"a\":,\n{\"x\": 1}]", `[{"a": -…}, {"x": 1}]`,
		[]string{"unclosed-bracket|{|this `{` is never closed: add `}`", "missing-value||expected a value after \"a\":"}, ""},
	{"a brace stands behind the end", `{"a": 1}}`, `{"a": 1}`,
		[]string{"unexpected-bracket|}|this `}` closes nothing: remove it"}, `{"a": 1}`},

	{"a string is not closed", "{\n  \"a\": \"x y\n}", `{"a": "x y…"}`,
		[]string{"unterminated-string|\"x y|this string is not closed: add a double quote at its end"}, "{\n  \"a\": \"x y\"\n}"},
	{"a string is not closed before a comma", "{\n  \"a\": \"x y,\n  \"b\": 1\n}", `{"a": "x y…", "b": 1}`,
		[]string{"unterminated-string|\"x y|this string is not closed: add a double quote at its end"}, "{\n  \"a\": \"x y\",\n  \"b\": 1\n}"},
	{"a string is not closed where a comma is missing too", "{\n  \"a\": \"x y\n  \"b\": 1\n}", `{"a": "x y…", "b": 1}`,
		[]string{"unterminated-string|\"x y|this string is not closed: add a double quote at its end"}, ""},
	{"a quote has just been typed before a comma", "{\n  \"a\": \",\n  \"b\": 1\n}", `{"a": "…", "b": 1}`,
		[]string{"unterminated-string|\"|this string is not closed: add a double quote at its end"}, "{\n  \"a\": \"\",\n  \"b\": 1\n}"},
	{"a string is not closed within an expression", "{\n  \"a\": \"${refs.x\n}", `{"a": "${refs.x…"}`,
		[]string{"unterminated-string|\"${refs.x|this string is not closed: add a double quote at its end"}, "{\n  \"a\": \"${refs.x\"\n}"},
	{"a comma in a parenthesis that is open is the string's", "{\n  \"a\": \"${fn.eq(x,\n  \"b\": 1\n}", `{"a": "${fn.eq(x,…", "b": 1}`,
		[]string{"unterminated-string|\"${fn.eq(x,|this string is not closed: add a double quote at its end"}, ""},
	{"the brace of an expression is the string's", "{\n  \"a\": \"${refs.x},\n  \"b\": 1\n}", `{"a": "${refs.x}…", "b": 1}`,
		[]string{"unterminated-string|\"${refs.x}|this string is not closed: add a double quote at its end"}, "{\n  \"a\": \"${refs.x}\",\n  \"b\": 1\n}"},
	{"the brace of an object is not", "[\n  {\"a\": \"${refs.x} },\n  2\n]", `[{"a": "${refs.x}…"}, 2]`,
		[]string{"unterminated-string|\"${refs.x}|this string is not closed: add a double quote at its end"}, "[\n  {\"a\": \"${refs.x}\" },\n  2\n]"},
	{"a string is not closed before a brace, which ends no expression", "{\"a\": {\"b\": \"${refs.x },\n  \"c\": 1}", `{"a": {"b": "${refs.x…"}, "c": 1}`,
		[]string{"unterminated-string|\"${refs.x|this string is not closed: add a double quote at its end"}, "{\"a\": {\"b\": \"${refs.x\" },\n  \"c\": 1}"},
	{"a string is not closed before a brace, and its expression has just begun", "{\"a\": {\"b\": \"${ }}", `{"a": {"b": "${…"}}`,
		[]string{"unterminated-string|\"${|this string is not closed: add a double quote at its end"}, "{\"a\": {\"b\": \"${\" }}"},
	{"a string is not closed, and its expression has spaces at both ends", "{\"a\": \"${ refs.x }\n}", `{"a": "${ refs.x }…"}`,
		[]string{"unterminated-string|\"${ refs.x }|this string is not closed: add a double quote at its end"}, "{\"a\": \"${ refs.x }\"\n}"},
	{"a string is not closed behind brackets of its own", "[\"a } ${refs.x}\n]", `["a } ${refs.x}…"]`,
		[]string{"unterminated-string|\"a } ${refs.x}|this string is not closed: add a double quote at its end"}, "[\"a } ${refs.x}\"\n]"},
	{"a string is not closed within a call that goes on", "{\"a\": {\"b\": \"${fn.if(x,  },\n  \"c\": 1}", `{"a": {"b": "${fn.if(x, …"}, "c": 1}`,
		[]string{"unterminated-string|\"${fn.if(x, |this string is not closed: add a double quote at its end"}, "{\"a\": {\"b\": \"${fn.if(x, \" },\n  \"c\": 1}"},
	{"a name is not closed", "{\n  \"na\n  \"b\": 1\n}", `{"na…": -, "b": 1}`,
		[]string{"unterminated-string|\"na|this string is not closed: add a double quote at its end"}, ""},
	{"a name is not closed before an object", "{\n  \"a: {\n    \"b\": 1\n  }\n}", `{"a…": {"b": 1}}`,
		[]string{"unterminated-string|\"a|this string is not closed: add a double quote at its end"}, "{\n  \"a\": {\n    \"b\": 1\n  }\n}"},
	{"the opening quote of a name is missing before an object", "[{\n  a\": {\n    \"b\": 1\n  }\n}, 2]", `[{a": {"b": 1}}, 2]`,
		[]string{"unquoted-name|a\"|put the name a in double quotes"}, "[{\n  \"a\": {\n    \"b\": 1\n  }\n}, 2]"},
	{"the opening quote of a name is missing before a text", `{a": "x", "b": 1}`, `{a": "x", "b": 1}`,
		[]string{"unquoted-name|a\"|put the name a in double quotes"}, `{"a": "x", "b": 1}`},
	{"a quote too many stands before an object", "[{\n  \"a\": \"{\n    \"b\": 1\n  }\n}, 2]", `[{"a": "…", -: {"b": 1}}, 2]`,
		[]string{"unterminated-string|\"|this string is not closed: add a double quote at its end"}, ""},
	{"strings stand in single quotes", `{'a': 'it\'s'}`, `{"a": "it's"}`,
		[]string{"single-quotes|'a'|strings stand in double quotes", `single-quotes|'it\'s'|strings stand in double quotes`}, `{"a": "it's"}`},
	{"a string in single quotes is not closed", `['a`, `["a…"…]`,
		[]string{"unterminated-string|'a|this string is not closed: write it in double quotes"}, ""},
	{"escapes are unknown", `["C:\dir\x", "\u12"]`, `["C:\\dir\\x", "\\u12"]`,
		[]string{`invalid-escape|\d|JSON has no escape \d: write \\d for a backslash`, `invalid-escape|\x|JSON has no escape \x: write \\x for a backslash`,
			`invalid-escape|\u12|\u takes four hexadecimal digits, as in \u00e9`}, ""},
	{"there are control characters in a string", "[\"a\tb\x00\"]", `["a\tb\u0000"]`,
		[]string{"control-character|\t|write \\t instead of the bare control character", "control-character|\x00|write \\u0000 instead of the bare control character"}, `["a\tb\u0000"]`},

	{"numbers are not as JSON has them", `[01, +1, .5, 1., -.5, -01, 0x1F, 1.2.3, 1e, -, 00]`, `[01, +1, .5, 1., -.5, -01, 0x1F, 1.2.3, 1e, -, 00]`,
		[]string{
			"invalid-number|01|JSON has no number 01: write 1", "invalid-number|+1|JSON has no number +1: write 1",
			"invalid-number|.5|JSON has no number .5: write 0.5", "invalid-number|1.|JSON has no number 1.: write 1",
			"invalid-number|-.5|JSON has no number -.5: write -0.5", "invalid-number|-01|JSON has no number -01: write -1",
			"invalid-number|0x1F|`0x1F` is no JSON number: text stands in double quotes", "invalid-number|1.2.3|`1.2.3` is no JSON number: text stands in double quotes",
			"invalid-number|1e|`1e` is no JSON number: text stands in double quotes", "invalid-word|-|`-` is no JSON value: text stands in double quotes",
			"invalid-number|00|JSON has no number 00: write 0",
		}, `[1, 1, 0.5, 1, -0.5, -1, "0x1F", "1.2.3", "1e", "-", 0]`},
	{"words are no values", `[tru, True, None, undefined, ..., “a”]`, `[tru, True, None, undefined, ..., “a”]`,
		[]string{
			"invalid-word|tru|`tru` is no JSON value: text stands in double quotes", "invalid-word|True|write true instead of True",
			"invalid-word|None|JSON has no None: write null, or leave the value out", "invalid-word|undefined|JSON has no undefined: write null, or leave the value out",
			"invalid-word|...|`...` is no JSON value: write what it stands for, or remove it", "invalid-word|“a”|strings stand in straight double quotes, not in “",
		}, ""},
	{"a text without quotes is one mistake", `{"a": some words here, "b": 1}`, `{"a": some, words: here, "b": 1}`,
		[]string{"invalid-word|some|`some` is no JSON value: text stands in double quotes"}, ""},
	{"several words in an array are one mistake", `[some words here]`, `[some, words, here]`,
		[]string{"invalid-word|some|`some` is no JSON value: text stands in double quotes"}, ""},
	{"a character cannot be seen", "[\u00a01]", "[\u00a01]",
		[]string{"invalid-word|\u00a0|unexpected invisible character U+00A0: remove it"}, "[1]"},
	{"a byte is no UTF-8", "[\xff]", "[\xff]", []string{"invalid-word|\xff|unexpected byte 0xFF: remove it"}, ""},

	{"there are comments", "{ // one\n  /* two */ \"a\": 1 }", `{"a": 1}`,
		[]string{"comment|// one|JSON has no comments: remove this one", "comment|/* two */|JSON has no comments: remove this one"}, "{ \n   \"a\": 1 }"},
	{"a comment is not closed", `{"a": 1} /* x`, `{"a": 1}`,
		[]string{"unterminated-comment|/*|this comment is never closed, and JSON has no comments: remove it"}, ""},
	{"there is a byte order mark", "\ufeff{}", `{}`,
		[]string{"byte-order-mark|\ufeff|JSON starts without a byte order mark: save the file as UTF-8 without one"}, "{}"},
	{"the text is empty", "", ``,
		[]string{"empty-document||the file is empty: expected a JSON value, usually an object in braces"}, ""},
	{"the text is space", " \n", ``,
		[]string{"empty-document||the file is empty: expected a JSON value, usually an object in braces"}, ""},
	{"there are two documents", `{"a": 1} {"b": 2}`, `{"a": 1} {"b": 2}`,
		[]string{"trailing-content|{|the document ends before this object: remove it, or put both in one array"}, ""},
	{"text follows the document", "{\"a\": 1}\nand so on, and on", `{"a": 1} and so on and on`,
		[]string{"trailing-content|and|the document ends before `and`: remove it"}, ""},
	{"the braces of the document are missing", `"a": 1, "b": 2`, `"a" 1 "b" 2`,
		[]string{"trailing-content|:|a JSON document is one value: put braces around its members"}, ""},
	{"the document starts with a comma", `, {"a": 1}`, `{"a": 1}`,
		[]string{"extra-comma|,|unexpected `,`: a JSON document is one value, usually an object in braces"}, ` {"a": 1}`},
}

func TestMistakes(t *testing.T) {
	for _, c := range mistakes {
		t.Run(c.name, func(t *testing.T) {
			tree := Parse(c.src)
			checkTree(t, tree)
			if got := outline(tree); got != c.outline {
				t.Errorf("understood as\n%s\nwant\n%s", got, c.outline)
			}
			var got []string
			var fixes []Edit
			for _, e := range tree.Errors() {
				got = append(got, fmt.Sprintf("%s|%s|%s", e.Code, c.src[e.Range.Start:e.Range.End], e.Message))
				fixes = append(fixes, e.Fix...)
			}
			if !reflect.DeepEqual(got, c.errors) {
				t.Errorf("errors\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.errors, "\n"))
			}
			if fixed := tree.Edit(fixes...); c.fixed != "" && (fixed.Source() != c.fixed || len(fixed.Errors()) > 0) {
				t.Errorf("fixed to\n%s\n%v\nwant\n%s", fixed.Source(), fixed.Errors(), c.fixed)
			}
		})
	}
}

func TestEveryErrorCodeHasACase(t *testing.T) {
	seen := map[string]bool{string(ErrTooDeep): true, string(ErrTooLarge): true} // in tests of their own
	for _, c := range mistakes {
		for _, e := range c.errors {
			code, _, _ := strings.Cut(e, "|")
			seen[code] = true
		}
	}
	src, err := os.ReadFile("errors.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(src)) {
		if _, code, ok := strings.Cut(line, `ErrorCode = "`); ok {
			n++
			if code, _, _ := strings.Cut(code, `"`); !seen[code] {
				t.Errorf("no case has the error %s", code)
			}
		}
	}
	if n == 0 {
		t.Error("no error codes found")
	}
}

func TestHalfTypedMembersLeaveTheOthersAlone(t *testing.T) {
	// A member is typed letter by letter above others, in an editor that closes
	// nothing by itself.
	const before, after = "{\n  \"kind\": \"Addon\",\n  ", "\n  \"ref\": \"db\",\n  \"spec\": {\"name\": \"x\"}\n}\n"
	const typed = `"description": "a \"b\" ${refs.x.id} c", "n": 1, "o": {"p": [1, {"q": null}]},`
	for i := range len(typed) + 1 {
		src := before + typed[:i] + after
		tree := Parse(src)
		checkTree(t, tree)
		if i > strings.Index(typed, "{\"p\"") && strings.Count(typed[:i], "{") != strings.Count(typed[:i], "}") {
			continue // within an object the others may be its members
		}
		root := tree.Root()
		if root.Get("kind").Text() != "Addon" || root.Get("ref").Text() != "db" || root.Get("spec").Get("name").Text() != "x" {
			t.Errorf("after %q the text is understood as\n%s", typed[:i], outline(tree))
		}
		if n := len(tree.Errors()); n > 2 {
			t.Errorf("after %q there are %d errors: %v", typed[:i], n, tree.Errors())
		}
	}
}

func TestNestingHasALimit(t *testing.T) {
	for _, c := range []struct {
		name, src, outline string
		errors             int
	}{
		{"as deep as can be", `[[[1]]]`, `[[[1]]]`, 0},
		{"what is deeper is one token", `[[[1, [2, {"a": "]"}], 3], 4]]`, `[[[1, <[2, {"a": "]"}]>, 3], 4]]`, 1},
		{"so is a deep value of a member", `[[{"a": {"b": 1}, "c": 2}]]`, `[[{"a": <{"b": 1}>, "c": 2}]]`, 1},
		{"what is deeper may lack its end", `[[[[[[`, `[[[<[[[>…]…]…]`, 2},
		{"several may be too deep", `[[[[1], [2]]]]`, `[[[<[1]>, <[2]>]]]`, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := parse(newText(c.src, chunkSize), limits{3, MaxSize, firstWindow})
			checkTree(t, tree)
			if got := outline(tree); got != c.outline {
				t.Errorf("understood as %s, want %s", got, c.outline)
			}
			if len(tree.Errors()) != c.errors {
				t.Errorf("errors %v, want %d", tree.Errors(), c.errors)
			}
		})
	}
	t.Run("ten thousand levels are all there", func(t *testing.T) {
		tree := Parse(strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth))
		depth := 0
		for v := tree.Root(); v.IsValid(); v = v.Index(0) {
			depth++
		}
		if depth != MaxDepth || len(tree.Errors()) > 0 {
			t.Errorf("%d levels, errors %v", depth, tree.Errors())
		}
	})
	t.Run("millions of brackets are no harm", func(t *testing.T) {
		for _, s := range []string{"[", "{", `[{"a":`, "]", "[]", "{}", `"a":`} {
			tree := Parse(strings.Repeat(s, 1<<20/len(s)))
			if n := len(tree.Errors()); n == 0 {
				t.Errorf("%q many times has %d errors", s, n)
			}
			if tree.Source() != strings.Repeat(s, 1<<20/len(s)) {
				t.Error("the source has changed")
			}
			tree.Root().Interface()
			tree.PathAt(1 << 19)
		}
	})
}

func TestALongTextIsKeptAsOneError(t *testing.T) {
	small := limits{MaxDepth, 10, firstWindow}
	tree := parse(newText(`{"a": "123456"}`, chunkSize), small)
	if e := tree.Errors(); len(e) != 1 || e[0].Code != ErrTooLarge {
		t.Errorf("errors %v", e)
	}
	shorter := tree.Edit(Edit{Range{7, 13}, ""})
	if shorter.Root().Get("a").Kind() != KindString || len(shorter.Errors()) > 0 {
		t.Errorf("shortened, it is %s, with %v", outline(shorter), shorter.Errors())
	}
	if longer := shorter.Edit(Edit{Range{7, 7}, "123456"}); longer.Errors()[0].Code != ErrTooLarge {
		t.Errorf("made longer again, it is %s", outline(longer))
	}
}

func TestValuesEqualThoseOfEncodingJSON(t *testing.T) {
	for _, src := range []string{
		`{}`, `[]`, `0`, `-0`, `1e2`, `1E+2`, `-1.5e-3`, `123456789012345678901234567890`, `1e-400`, `true`, `null`, `""`,
		`{"a": 1, "b": {"c": [1, 2, {"d": null}]}, "a": 2}`, `"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`, `"\ud800"`, `"\ude00\ud800\u0041"`, `"\ud83d\n"`,
		"\"\xff\"", "\"\xc3\x28\xe2\x82\"", "\"\u2028\x7f\"", " \t\r\n[1 ,\r2\n] ", `{"": 0, "\u0061": 1, "a": 2}`, `[[[[1]]]]`,
	} {
		var want any
		if err := json.Unmarshal([]byte(src), &want); err != nil {
			t.Fatal(err)
		}
		tree := Parse(src)
		if got := tree.Root().Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v, want %#v", src, got, want)
		}
		if len(tree.Errors()) > 0 {
			t.Errorf("%s has errors %v", src, tree.Errors())
		}
	}
}

func TestRealFilesEqualEncodingJSON(t *testing.T) {
	roots := []string{"../../testdata"}
	if corpus := os.Getenv("NF_CORPUS"); corpus != "" {
		roots = append(roots, corpus)
	}
	files := 0
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".json" || d.IsDir() {
				return err
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			tree := Parse(string(src))
			checkTree(t, tree)
			var want any
			if json.Unmarshal(src, &want) == nil && !reflect.DeepEqual(tree.Root().Interface(), want) {
				t.Errorf("%s differs", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files == 0 {
		t.Error("no files")
	}
}
