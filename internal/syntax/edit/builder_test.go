package edit

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/fuzzing"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// change is what a case does with a builder; find looks a value up by its JSON
// pointer.
type change func(b *Builder, find func(pointer string) syntax.Value)

func member(v syntax.Value, key string) syntax.Member {
	m, _ := v.GetMember(key)
	return m
}

func TestBuilder(t *testing.T) {
	type F = func(string) syntax.Value
	lines := func(s ...string) string { return strings.Join(s, "\n") }
	for _, c := range []struct {
		name          string
		before, after string
		change        change
	}{
		{
			"a member goes behind the last one, on a line of its own as that one",
			lines(`{`, `  "a": 1`, `}`),
			lines(`{`, `  "a": 1,`, `  "b": 2`, `}`),
			func(b *Builder, f F) { b.Insert(f(""), Last(), "b", "2") },
		},
		{
			"elements are enclosed with their text and indented further",
			lines(`{`, `  "steps": [`, `    { "a": 1 }, // one`, `    {`, `      "b":2`, ``, `    },`, `    { "c": 3 }`, `  ]`, `}`),
			lines(`{`, `  "steps": [`, `    {`, `      "kind": "W",`, `      "in": [`, `        { "a": 1 }, // one`, `        {`, `          "b":2`, ``, `        }`, `      ]`, `    },`, `    { "c": 3 }`, `  ]`, `}`),
			func(b *Builder, f F) { b.Enclose(f("/steps/0"), f("/steps/1"), `{"kind":"W","in":[`+Enclosed+`]}`) },
		},
		{
			"a value on one line is enclosed on that line",
			`{ "a": [1, 2], "b": 3 }`, `{ "a": { "x": [1, 2] }, "b": 3 }`,
			func(b *Builder, f F) { b.Enclose(f("/a"), f("/a"), `{"x":`+Enclosed+`}`) },
		},
		{
			"a member's value in lines is enclosed with the file's line ends and tabs",
			"{\r\n\t\"a\": {\r\n\t\t\"b\": 1\r\n\t}\r\n}",
			"{\r\n\t\"a\": {\r\n\t\t\"x\": [\r\n\t\t\t{\r\n\t\t\t\t\"b\": 1\r\n\t\t\t}\r\n\t\t]\r\n\t}\r\n}",
			func(b *Builder, f F) { b.Enclose(f("/a"), f("/a"), `{"x":[`+Enclosed+`]}`) },
		},
		{
			"an array's elements take the place of the value that holds them",
			lines(`[`, `  {`, `    "in": [`, `      1, // one`, `      {`, `        "a": 2`, `      }`, `    ]`, `  },`, `  3`, `]`),
			lines(`[`, `  1, // one`, `  {`, `    "a": 2`, `  },`, `  3`, `]`),
			func(b *Builder, f F) { b.Dissolve(f("/0"), f("/0/in")) },
		},
		{
			"elements on one line stay on it",
			`[{ "in": [1, 2] }, 3]`, `[1, 2, 3]`,
			func(b *Builder, f F) { b.Dissolve(f("/0"), f("/0/in")) },
		},
		{
			"what goes behind an item that is not closed needs no second comma",
			lines(`[`, `  { "a": 1,`, `  { "b": 2 }`, `]`),
			lines(`[`, `  { "a": 1,`, `  { "x": 3 },`, `  { "b": 2 }`, `]`),
			func(b *Builder, f F) { b.InsertElement(f(""), 1, `{"x":3}`) },
		},
		{
			"a member goes before the first one",
			lines(`{`, `    "a": 1`, `}`, ``),
			lines(`{`, `    "b": 2,`, `    "a": 1`, `}`, ``),
			func(b *Builder, f F) { b.Insert(f(""), First(), "b", "2") },
		},
		{
			"a member goes behind the one that is named",
			lines(`{`, `  "a": 1,`, `  "b": 2`, `}`),
			lines(`{`, `  "a": 1,`, `  "x": null,`, `  "b": 2`, `}`),
			func(b *Builder, f F) { b.Insert(f(""), After("a"), "x", "null") },
		},
		{
			"a member goes before the one that is named",
			lines(`{`, `  "a": 1,`, `  "b": 2`, `}`),
			lines(`{`, `  "a": 1,`, `  "x": null,`, `  "b": 2`, `}`),
			func(b *Builder, f F) { b.Insert(f(""), Before("b"), "x", "null") },
		},
		{
			"behind or before a member that is not there is behind all",
			`{"a":1}`, `{"a":1,"x":2,"y":3}`,
			func(b *Builder, f F) { b.Insert(f(""), After("q"), "x", "2").Insert(f(""), Before("q"), "y", "3") },
		},
		{
			"several members inserted at one place keep their order",
			`{"a": 1, "b": 2}`, `{"a": 1, "x": 3, "y": 4, "b": 2}`,
			func(b *Builder, f F) { b.Insert(f(""), After("a"), "x", "3").Insert(f(""), Before("b"), "y", "4") },
		},
		{
			"an object on one line stays on one line",
			`{ "a": 1 }`, `{ "a": 1, "b": { "c": [1, 2] } }`,
			func(b *Builder, f F) { b.Insert(f(""), Last(), "b", `{"c":[1,2]}`) },
		},
		{
			"a file without any space gets none",
			`{"a":1,"b":2}`, `{"a":1,"b":2,"c":{"d":[1,2]}}`,
			func(b *Builder, f F) { b.Insert(f(""), Last(), "c", `{ "d": [1, 2] }`) },
		},
		{
			"an empty object of a file in lines opens up",
			lines(`{`, `   "spec": {}`, `}`),
			lines(`{`, `   "spec": {`, `      "a": 1`, `   }`, `}`),
			func(b *Builder, f F) { b.Insert(f("/spec"), Last(), "a", "1") },
		},
		{
			"an empty object whose braces stand on two lines keeps them there",
			lines(`{`, `  "spec": {`, `  }`, `}`),
			lines(`{`, `  "spec": {`, `    "a": 1`, `  }`, `}`),
			func(b *Builder, f F) { b.Insert(f("/spec"), Last(), "a", "1") },
		},
		{
			"an empty object within a line stays within it",
			lines(`{`, `  "a": { "b": {} }`, `}`),
			lines(`{`, `  "a": { "b": { "c": 1 } }`, `}`),
			func(b *Builder, f F) { b.Insert(f("/a/b"), Last(), "c", "1") },
		},
		{
			"an empty document opens up",
			"{}\n", "{\n  \"a\": {\n    \"b\": []\n  }\n}\n",
			func(b *Builder, f F) { b.Insert(f(""), Last(), "a", `{"b":[]}`) },
		},
		{
			"tabs and CRLF are kept",
			"{\r\n\t\"a\": {\r\n\t\t\"b\": 1\r\n\t}\r\n}\r\n",
			"{\r\n\t\"a\": {\r\n\t\t\"b\": 1,\r\n\t\t\"c\": {\r\n\t\t\t\"d\": 2\r\n\t\t}\r\n\t}\r\n}\r\n",
			func(b *Builder, f F) { b.Insert(f("/a"), Last(), "c", `{"d":2}`) },
		},
		{
			"a name is quoted",
			`{}`, "{\n  \"a\\\"<b>\": 1\n}",
			func(b *Builder, f F) { b.Insert(f(""), Last(), `a"<b>`, "1") },
		},
		{
			"an element goes to its index",
			lines(`[`, `  1,`, `  3`, `]`),
			lines(`[`, `  1,`, `  2,`, `  3`, `]`),
			func(b *Builder, f F) { b.InsertElement(f(""), 1, "2") },
		},
		{
			"an index behind the end is the end, one before the start is the start",
			`[1, 2]`, `[0, 1, 2, 9]`,
			func(b *Builder, f F) { b.InsertElement(f(""), 99, "9").InsertElement(f(""), -1, "0") },
		},
		{
			"an element of an array whose braces share lines goes there too",
			lines(`{`, `  "ports": [{`, `    "a": 1`, `  }, {`, `    "a": 2`, `  }]`, `}`),
			lines(`{`, `  "ports": [{`, `    "a": 1`, `  }, {`, `    "a": 2`, `  }, {`, `    "a": 3`, `  }]`, `}`),
			func(b *Builder, f F) { b.InsertElement(f("/ports"), 2, `{"a":3}`) },
		},
		{
			"the first element of an empty array within a compact file",
			`{"a":[]}`, `{"a":["x"]}`,
			func(b *Builder, f F) { b.InsertElement(f("/a"), 0, `"x"`) },
		},
		{
			"a value is replaced and written as the file is",
			lines(`{`, `    "a": 1,`, `    "b": 2`, `}`),
			lines(`{`, `    "a": {`, `        "x": [`, `            1.0,`, `            "\u00e9"`, `        ],`, `        "y": {}`, `    },`, `    "b": 2`, `}`),
			func(b *Builder, f F) { b.Replace(f("/a"), `{"x":[1.0,"\u00e9"],"y":{ }}`) },
		},
		{
			"a container on one line is replaced by one on one line",
			lines(`{`, `  "a": [1, 2]`, `}`),
			lines(`{`, `  "a": [3, 4]`, `}`),
			func(b *Builder, f F) { b.Replace(f("/a"), `[3,4]`) },
		},
		{
			"what is no JSON is inserted as it is",
			`{"a":1}`, `{"a":${1:name}}`,
			func(b *Builder, f F) { b.Replace(f("/a"), " ${1:name} ") },
		},
		{
			"the first member is removed with its comma",
			lines(`{`, `  "a": 1,`, `  "b": 2`, `}`),
			lines(`{`, `  "b": 2`, `}`),
			func(b *Builder, f F) { b.RemoveMember(member(f(""), "a")) },
		},
		{
			"the last member is removed with the comma before it",
			lines(`{`, `  "a": 1,`, `  "b": 2`, `}`),
			lines(`{`, `  "a": 1`, `}`),
			func(b *Builder, f F) { b.RemoveMember(member(f(""), "b")) },
		},
		{
			"the only member leaves an empty object",
			lines(`{`, `  "a": {`, `    "b": 2`, `  }`, `}`),
			lines(`{`, `  "a": {}`, `}`),
			func(b *Builder, f F) { b.RemoveMember(member(f("/a"), "b")) },
		},
		{
			"neighbours are removed together",
			`[1, 2, 3, 4]`, `[1, 4]`,
			func(b *Builder, f F) { b.RemoveElement(f("/2")).RemoveElement(f("/1")) },
		},
		{
			"the last ones are removed together",
			`[1, 2, 3, 4]`, `[1]`,
			func(b *Builder, f F) { b.RemoveElement(f("/2")).RemoveElement(f("/1")).RemoveElement(f("/3")) },
		},
		{
			"an element takes the place of one that is removed",
			`[1, 2, 3]`, `[1, 2, 4]`,
			func(b *Builder, f F) { b.RemoveElement(f("/2")).InsertElement(f(""), 3, "4") },
		},
		{
			"everything is removed and something inserted",
			lines(`[`, `  1,`, `  2`, `]`),
			lines(`[`, `  3`, `]`),
			func(b *Builder, f F) { b.RemoveElement(f("/0")).RemoveElement(f("/1")).InsertElement(f(""), 0, "3") },
		},
		{
			"a key is renamed",
			`{ "a" : 1 }`, `{ "b\\" : 1 }`,
			func(b *Builder, f F) { b.Rename(member(f(""), "a"), `b\`) },
		},
		{
			"a member is renamed, its value replaced and another one added",
			`{"a": 1}`, `{"b": 2, "c": 3}`,
			func(b *Builder, f F) {
				b.Rename(member(f(""), "a"), "b").SetValue(member(f(""), "a"), "2").Insert(f(""), Last(), "c", "3")
			},
		},
		{
			"a member that is there is set",
			`{"a": 1}`, `{"a": 2}`,
			func(b *Builder, f F) { b.Set(f(""), Last(), "a", "2") },
		},
		{
			"a member that is not there is added when it is set",
			`{"a": 1}`, `{"b": 2, "a": 1}`,
			func(b *Builder, f F) { b.Set(f(""), First(), "b", "2") },
		},
		{
			"changes within a removed member are dropped",
			`{"a": {"x": 1}, "b": 2}`, `{"b": 2}`,
			func(b *Builder, f F) {
				b.Insert(f("/a"), Last(), "y", "2").Replace(f("/a/x"), "3").RemoveMember(member(f(""), "a"))
			},
		},
		{
			"a comma at the end is made use of",
			lines(`{`, `  "a": 1,`, `}`),
			lines(`{`, `  "a": 1,`, `  "b": 2`, `}`),
			func(b *Builder, f F) { b.Insert(f(""), Last(), "b", "2") },
		},
		{
			"a comma at the end goes with the last member",
			lines(`{`, `  "a": 1,`, `  "b": 2,`, `}`),
			lines(`{`, `  "a": 1`, `}`),
			func(b *Builder, f F) { b.RemoveMember(member(f(""), "b")) },
		},
		{
			"a missing comma is written where something is inserted",
			lines(`{`, `  "a": 1`, `  "b": 2`, `}`),
			lines(`{`, `  "a": 1,`, `  "x": 3,`, `  "b": 2`, `}`),
			func(b *Builder, f F) { b.Insert(f(""), After("a"), "x", "3") },
		},
		{
			"an object that is not closed takes members",
			lines(`{`, `  "a": 1,`, `  "b": {`),
			lines(`{`, `  "a": 1,`, `  "b": {`, `    "c": 2`),
			func(b *Builder, f F) { b.Insert(f("/b"), Last(), "c", "2") },
		},
		{
			"what is added to two objects that are not closed goes to each",
			`{"a": {"b": 1`, `{"a": {"b": 1, "c": 2, "d": 3`,
			func(b *Builder, f F) { b.Insert(f(""), Last(), "d", "3").Insert(f("/a"), Last(), "c", "2") },
		},
		{
			"a member without a value gets one",
			`{"a": , "b" 1, "c"}`, `{"a": 1, "b" 1, "c": 2}`,
			func(b *Builder, f F) { b.SetValue(member(f(""), "a"), "1").SetValue(member(f(""), "c"), "2") },
		},
		{
			"comments stay, those on a line with their member",
			lines(`{`, `  // one`, `  "a": 1 // two`, `}`),
			lines(`{`, `  // one`, `  "a": 1, // two`, `  "b": 2`, `}`),
			func(b *Builder, f F) { b.Insert(f(""), Last(), "b", "2") },
		},
		{
			"comments stay where their member is removed",
			lines(`{`, `  "a": 1, // one`, `  // two`, `  "b": 2`, `}`),
			lines(`{`, `  // one`, `  // two`, `  "b": 2`, `}`),
			func(b *Builder, f F) { b.RemoveMember(member(f(""), "a")) },
		},
		{
			"an empty object with a comment keeps it",
			lines(`{`, `  // nothing`, `}`),
			lines(`{`, `  // nothing`, `  "a": 1`, `}`),
			func(b *Builder, f F) { b.Insert(f(""), Last(), "a", "1") },
		},
		{
			"the root is replaced",
			"\n1\n", "\n{\n  \"a\": 1\n}\n",
			func(b *Builder, f F) { b.Replace(f(""), `{"a":1}`) },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := syntax.Parse(c.before)
			b := New(tree)
			c.change(b, tree.Find)
			got, err := b.Apply()
			if err != nil {
				t.Fatal(err)
			}
			if got != c.after {
				t.Errorf("got\n%s\nwant\n%s", got, c.after)
			}
			edits, _ := b.Edits()
			if after := tree.Edit(edits...).Source(); after != got {
				t.Errorf("the tree's edit says\n%s", after)
			}
		})
	}
}

func TestBuilderRefuses(t *testing.T) {
	tree := syntax.Parse(`{"a": [1], "b": {"c": 2}}`)
	other := syntax.Parse(`{"a": [1]}`)
	for _, c := range []struct {
		name, message string
		change        func(b *Builder)
	}{
		{"members of an array", "no object", func(b *Builder) { b.Insert(tree.Find("/a"), Last(), "x", "1") }},
		{"elements of an object", "no array", func(b *Builder) { b.InsertElement(tree.Find("/b"), 0, "1") }},
		{"an absent value", "not part of the text", func(b *Builder) { b.Replace(tree.Find("/x"), "1") }},
		{"an absent member", "not part of the text", func(b *Builder) { b.Rename(syntax.Member{}, "x") }},
		{"a value of another tree", "not part of the text", func(b *Builder) { b.Replace(other.Find("/a"), "1") }},
		{"the removal of the root", "only members", func(b *Builder) { b.RemoveElement(tree.Root()) }},
		{"the removal of a member's value", "only members", func(b *Builder) { b.RemoveElement(tree.Find("/b/c")) }},
		{"one value replaced twice", "overlap", func(b *Builder) { b.Replace(tree.Find("/a"), "1").Replace(tree.Find("/a/0"), "1") }},
		{"a change within a replaced value", "is replaced", func(b *Builder) { b.Replace(tree.Find("/b"), "1").Insert(tree.Find("/b"), Last(), "x", "1") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := New(tree)
			c.change(b)
			if _, err := b.Edits(); err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got error %v, want one with %q", err, c.message)
			}
		})
	}
}

func TestApply(t *testing.T) {
	e := func(start, end int, text string) syntax.Edit {
		return syntax.Edit{Range: syntax.Range{Start: start, End: end}, NewText: text}
	}
	for _, c := range []struct {
		name  string
		edits []syntax.Edit
		want  string // "" where it is an error
	}{
		{"nothing changes nothing", nil, "abcdef"},
		{"edits are made in their order", []syntax.Edit{e(0, 1, "X"), e(1, 1, "Y"), e(1, 1, "Z"), e(5, 6, "")}, "XYZbcde"},
		{"unsorted edits are refused", []syntax.Edit{e(3, 4, ""), e(0, 1, "")}, ""},
		{"overlaps are refused", []syntax.Edit{e(0, 3, ""), e(2, 4, "")}, ""},
		{"places outside of the text are refused", []syntax.Edit{e(0, 7, "")}, ""},
		{"places before the text are refused", []syntax.Edit{e(-1, 2, "")}, ""},
		{"ranges that run backwards are refused", []syntax.Edit{e(2, 1, "")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Apply("abcdef", c.edits)
			if got != c.want || (err == nil) != (c.want != "") {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// changed returns what a JSON value has to be after a change at a path.
func changed(v any, steps []syntax.Step, change func(any) any) any {
	if len(steps) <= 1 {
		return change(v)
	}
	switch s := steps[0]; v := v.(type) {
	case map[string]any:
		v[s.Member.KeyText()] = changed(v[s.Member.KeyText()], steps[1:], change)
		return v
	case []any:
		v[s.Index] = changed(v[s.Index], steps[1:], change)
		return v
	}
	return v
}

func TestManyChangesAreMadeTogether(t *testing.T) {
	tree := syntax.Parse("[" + strings.Repeat("{\"a\": 1, \"b\": 2},\n", 5000) + "{}]")
	b := New(tree)
	i := 0
	for e := range tree.Root().Elements() {
		switch i % 3 {
		case 0:
			b.RemoveElement(e)
		case 1:
			b.RemoveMember(member(e, "a"))
		}
		i++
	}
	after, err := b.Apply()
	if err != nil {
		t.Fatal(err)
	}
	got := syntax.Parse(after)
	if len(got.Errors()) > 0 || got.Root().Len() != 5001-1667 || got.Root().Index(0).Len() != 1 || got.Root().Index(1).Len() != 2 {
		t.Errorf("%d elements, errors %v", got.Root().Len(), got.Errors())
	}
}

func FuzzBuilder(f *testing.F) {
	fuzzing.KeepMoving(f)
	for _, s := range []string{`{"a": 1, "b": [1, {"c": 2}]}`, "{\n\t\"a\": 1 // x\n}", `{"a": [1, 2`, `[,,1 2 {]`, `""00[0`, "{\r\n  'a': tru,\r\n}", `[[1, 2, 3], [[]]]`} {
		for i := range uint8(4) {
			f.Add(s, uint16(9), i)
			f.Add(s, uint16(2*i), i)
		}
	}
	f.Fuzz(func(t *testing.T, src string, at uint16, what uint8) {
		tree := syntax.Parse(src)
		p := tree.PathAt(int(at))
		c := p.Container()
		b := New(tree)
		added := map[string]any{"x": []any{1.0}}
		var change func(any) any
		switch c.Kind() {
		case syntax.KindObject:
			name := p.Member().KeyText()
			switch {
			case what >= 128:
				b.Enclose(c, c, `{"x":[`+Enclosed+`]}`)
				change = func(v any) any { return map[string]any{"x": []any{v}} }
			case what%4 < 2:
				b.Insert(c, []Where{First(), Last()}[what%4], "new", `{"x":[1]}`)
				change = func(v any) any { v.(map[string]any)["new"] = added; return v }
			case p.Member().IsValid() && what%4 == 2:
				b.RemoveMember(p.Member())
				change = func(v any) any { delete(v.(map[string]any), name); return v }
			case p.Member().IsValid():
				b.SetValue(p.Member(), `{"x":[1]}`).Rename(p.Member(), "new")
				change = func(v any) any {
					delete(v.(map[string]any), name)
					v.(map[string]any)["new"] = added
					return v
				}
			}
		case syntax.KindArray:
			i := int(what) / 2
			if what%2 == 0 {
				b.InsertElement(c, i, `{"x":[1]}`)
				change = func(v any) any { return slices.Insert(v.([]any), min(i, len(v.([]any))), any(added)) }
			} else if e := c.Index(i); e.IsValid() {
				b.RemoveElement(e)
				change = func(v any) any { return slices.Delete(v.([]any), i, i+1) }
			}
		}
		after, err := b.Apply()
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if json.Unmarshal([]byte(src), &got) != nil {
			return
		}
		got = nil
		if err := json.Unmarshal([]byte(after), &got); err != nil {
			t.Fatalf("%q became %q: %v", src, after, err)
		}
		if change == nil || hasDuplicates(tree.Root()) {
			return
		}
		if want := changed(tree.Root().Interface(), p.Steps, change); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q became %q: %v, want %v", src, after, got, want)
		}
	})
}

// hasDuplicates reports whether an object has two members of one name, or one
// of the name that the test gives: then the last of them counts.
func hasDuplicates(v syntax.Value) bool {
	seen := map[string]bool{"new": true}
	for m := range v.Members() {
		if seen[m.KeyText()] || hasDuplicates(m.Value()) {
			return true
		}
		seen[m.KeyText()] = true
	}
	for e := range v.Elements() {
		if hasDuplicates(e) {
			return true
		}
	}
	return false
}
