package syntax

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
)

var fuzzSeeds = []string{
	"", " ", "{}", "[]", `"a"`, "tru", `{"a": 1, "b": [true, null, -1.5e3], "a": {"c": "\ud83d\ude00\n\q"}}`,
	"{\n  \"a\": {\n    \"x\": 1\n  \"b\": 2\n}", "{\n  \"a\": [1,\n  \"b\": 2\n}", "[{\"a\": 1, {\"b\": 2}]", `{"a" "b": 1 "c": "d": 2, , }`,
	"{\"a\": \"open,  \n\"b: {\n'c': `d`, // x\r\n/* y */ e = 1; }", "[1 2,,01 +1 .5 1. ]}", "\ufeff{}", "\ufeff", "[[[[[[", "]]}}", "/*", "//",
	"{\"na\n\"b\": 1}", "{{}: [}, :}", "\"\x00\xff\\u12\\", "{\"a\": \"b }\n", "1 2", "{\"a\":1}\r{}\r\n",
	`[{"b": 1, "a": }{"x": 1}}, {"a":, [1], "b": {"c": }{}}]`, `{a": {"b": 1, c":1}, d" :2,"e":f"}`, "{\"a\": {\"b\": /**/}{\"c\":,\n{}}, \"d\":,,{}}",
}

func FuzzParse(f *testing.F) {
	fuzzing.KeepMoving(f)
	for _, s := range fuzzSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		tree := Parse(src)
		checkTree(t, tree)
		if all, told := tree.Errors(), tree.Explained(); len(told) > len(all) || len(told) < len(all) && (len(told) != 1 || tree.Edit(told[0].Fix...).root.HasErrors()) {
			t.Fatalf("%q: %v is no explanation of %v", src, told, all)
		}
		checkTree(t, parse(newText(src, 8), limits{3, MaxSize, 4}))
		var want any
		if err := json.Unmarshal([]byte(src), &want); err == nil {
			if got := tree.Root().Interface(); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q is %#v, want %#v", src, got, want)
			}
		}
		walkValues(t, tree, tree.Root())
		for i := 0; i <= len(src) && i < 100; i++ {
			p := tree.PathAt(i)
			for k, s := range p.Steps {
				if s.Value.Kind() != KindObject && s.Value.Kind() != KindArray {
					t.Fatalf("%q: step %d at %d is a %v", src, k, i, s.Value.Kind())
				}
			}
			if p.Scalar.IsValid() && !p.Scalar.Range().Touches(i) {
				t.Fatalf("%q: %v does not touch %d", src, p.Scalar.Range(), i)
			}
			_ = p.Pointer()
		}
	})
}

// walkValues visits every value through its cursors.
func walkValues(t *testing.T, tree *Tree, v Value) {
	if r := v.Range(); v.IsValid() && v.Raw() != tree.Source()[r.Start:r.End] {
		t.Fatalf("%v reads %q", r, v.Raw())
	}
	n := 0
	for m := range v.Members() {
		n++
		if got, ok := v.GetMember(m.KeyText()); m.Key().IsValid() && (!ok || got.Range().Start < m.Range().Start) {
			t.Fatalf("%q: member %q is not found", tree.Source(), m.KeyText())
		}
		m.HasColon()
		walkValues(t, tree, m.Value())
	}
	for e := range v.Elements() {
		n++
		walkValues(t, tree, e)
	}
	if n != v.Len() {
		t.Fatalf("%q has %d items, Len says %d", v.Raw(), n, v.Len())
	}
}

func FuzzEdit(f *testing.F) {
	fuzzing.KeepMoving(f)
	for i, s := range fuzzSeeds {
		f.Add(s, uint16(i), uint16(i/3), `"`, uint16(0), uint16(1), "{")
	}
	f.Add(bigTemplate(2), uint16(300), uint16(1), "", uint16(500), uint16(0), "\n")
	f.Fuzz(func(t *testing.T, src string, start, size uint16, text string, start2, size2 uint16, text2 string) {
		tree := parse(newText(src, 8+int(size)%32), limits{3 + int(start)%16, MaxSize, 1 + int(size2)%64})
		edits := []Edit{{Range{int(start), int(start) + int(size)}, text}, {Range{int(start2), int(start2) + int(size2)}, text2}}
		context := func() string { return fmt.Sprintf("%q with %+v", src, edits) }
		together := tree.Edit(edits...)
		sameTree(t, together, context)
		first := tree.Edit(edits[0])
		sameTree(t, first, context)
		second := first.Edit(edits[1])
		sameTree(t, second, context)
		checkTree(t, second)
	})
}

func FuzzDecode(f *testing.F) {
	fuzzing.KeepMoving(f)
	for _, s := range []string{`a`, `\n\u00e9x`, `\ud83d\ude00`, `\ud83d\u0041`, `\ude00`, `\q\u12`, "\xff\xc3", `\\\"`, `😀é`, `\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if strings.ContainsAny(content, "\r\n") {
			return
		}
		src := ` "` + content + `"`
		v := Parse(src).Root()
		d := v.Decode()
		if d.Text != v.Text() || !utf8.ValidString(d.Text) {
			t.Fatalf("%q decodes to %q and reads %q", src, d.Text, v.Text())
		}
		var want string
		if err := json.Unmarshal([]byte(src), &want); err == nil && d.Text != want {
			t.Fatalf("%q decodes to %q, want %q", src, d.Text, want)
		}
		inner := Range{v.Range().Start + 1, v.Range().End}
		if v.Terminated() {
			inner.End--
		}
		if got := d.SourceRange(0, len(d.Text)); got != inner && len(d.Text) > 0 {
			t.Fatalf("%q: all of the text is at %v, want %v", src, got, inner)
		}
		// Going there and back, rune by rune: the pieces follow one another.
		at := inner.Start
		for i, r := range d.Text {
			n := utf8.RuneLen(r)
			got := d.SourceRange(i, i+n)
			if got.Start != at || got.End <= got.Start || got.End > inner.End {
				t.Fatalf("%q: text %d is at %v, want one that starts at %d", src, i, got, at)
			}
			if back := d.TextOffset(got.Start); back != i {
				t.Fatalf("%q: text %d is at %d, and back is %d", src, i, got.Start, back)
			}
			piece := src[got.Start:got.End]
			if r != '\\' || piece != `\` { // which is an escape that JSON does not know
				piece = Parse(`"` + piece + `"`).Root().Text()
			}
			if piece != string(r) {
				t.Fatalf("%q: %q stands for %q, not %q", src, src[got.Start:got.End], piece, string(r))
			}
			at = got.End
		}
		for i := -2; i < len(src)+2; i++ {
			if o := d.TextOffset(i); o < 0 || o > len(d.Text) {
				t.Fatalf("%q: offset %d is out of the text", src, o)
			}
		}
	})
}

func FuzzLines(f *testing.F) {
	fuzzing.KeepMoving(f)
	for i, s := range []string{"", "a\nb", "a\r\nb\r\n", "a\rb\r\r\n\n", "é😀\n\xff\xff\x80x", strings.Repeat("0123456789é\r\n", 3000), strings.Repeat("x😀", 9000), strings.Repeat("\x80", 20000)} {
		f.Add(s, uint16(i*7), uint16(i), "x\r", uint32(1), uint32(i))
	}
	f.Fuzz(func(t *testing.T, src string, start, size uint16, text string, line, character uint32) {
		checkLines(t, NewLines(src))
		small := &Lines{text: newText(src, 1+int(start%16))}
		checkLines(t, small)
		checkLines(t, small.Edit(Range{int(start), int(start) + int(size)}, text))
		edited := NewLines(src).Edit(Range{int(start), int(start) + int(size)}, text)
		checkLines(t, edited)
		again := edited.Edit(Range{int(size), int(start)}, text+"\n")
		checkLines(t, again)
		for _, enc := range []Encoding{UTF8, UTF16} {
			for _, p := range []Position{{line, character}, {line, math.MaxUint32}, {math.MaxUint32, character}} {
				if o := again.Offset(p, enc); o < 0 || o > len(again.Text()) {
					t.Fatalf("offset %d of %v is out of the text", o, p)
				}
			}
		}
	})
}
