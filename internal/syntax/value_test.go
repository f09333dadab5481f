package syntax

import (
	"encoding/json"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

func TestAbsentValuesAndMembersMayBeAsked(t *testing.T) {
	var v Value
	if v.IsValid() || v.Kind() != KindInvalid || v.Raw() != "" || v.Text() != "" || v.Decode().Text != "" || v.Green() != nil || v.Len() != 0 ||
		v.Terminated() || v.HasErrors() || v.Tree() != nil || v.Get("a").IsValid() || v.Index(0).IsValid() || v.Interface() != nil || v.Range() != (Range{}) {
		t.Error("an absent value has something")
	}
	for range v.Members() {
		t.Error("an absent value has members")
	}
	for range v.Elements() {
		t.Error("an absent value has elements")
	}
	for range v.Parts() {
		t.Error("an absent value has parts")
	}
	if _, ok := v.Float(); ok {
		t.Error("an absent value is a number")
	}
	if _, ok := v.Bool(); ok {
		t.Error("an absent value is true or false")
	}
	var m Member
	if m.IsValid() || m.Key().IsValid() || m.Value().IsValid() || m.HasColon() || m.KeyText() != "" || m.Range() != (Range{}) || m.Tree() != nil {
		t.Error("an absent member has something")
	}
	for range m.Parts() {
		t.Error("an absent member has parts")
	}
}

func TestScalars(t *testing.T) {
	v := Parse(`[1.50, true, false, null, "a", 01, 1e999, tru, "b]`).Root()
	at := func(i int) Value { return v.Index(i) }
	if f, ok := at(0).Float(); f != 1.5 || !ok || at(0).Raw() != "1.50" || at(0).Text() != "1.50" {
		t.Errorf("1.50 is %v, %v", f, ok)
	}
	for i, want := range map[int][2]bool{0: {}, 1: {true, true}, 2: {false, true}, 3: {}} {
		if val, ok := at(i).Bool(); val != want[0] || ok != want[1] {
			t.Errorf("element %d is %v, %v", i, val, ok)
		}
	}
	for _, i := range []int{4, 5, 6, 7} {
		if f, ok := at(i).Float(); ok {
			t.Errorf("%s is the number %v", at(i).Raw(), f)
		}
	}
	if got := at(6).Interface(); got != json.Number("1e999") {
		t.Errorf("1e999 is %#v", got)
	}
	if got := at(7).Interface(); got != "tru" {
		t.Errorf("tru is %#v", got)
	}
	if !at(4).Terminated() || at(8).Terminated() || at(8).Text() != "b" {
		t.Error("the closing quotes are not told apart")
	}
	if at(9).IsValid() || at(-1).IsValid() {
		t.Error("there are more elements")
	}
	if f, ok := Parse(`1e-400`).Root().Float(); f != 0 || !ok || math.Signbit(f) {
		t.Errorf("1e-400 is %v, %v", f, ok)
	}
}

func TestMembers(t *testing.T) {
	src := `{"a": 1, "a" : [2], "\u0062": 3, c: 4, "d", "e": , : 5, {}}`
	v := Parse(src).Root()
	type member struct {
		key, value, text string
		colon            bool
	}
	var got []member
	for m := range v.Members() {
		r := m.Range()
		got = append(got, member{m.KeyText(), m.Value().Raw(), src[r.Start:r.End], m.HasColon()})
	}
	want := []member{
		{"a", "1", `"a": 1`, true}, {"a", "[2]", `"a" : [2]`, true}, {"b", "3", `"\u0062": 3`, true}, {"c", "4", `c: 4`, true},
		{"d", "", `"d"`, false}, {"e", "", `"e":`, true}, {"", "5", `: 5`, true}, {"", "{}", `{}`, false},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("members\n%v\nwant\n%v", got, want)
	}
	if v.Len() != len(want) {
		t.Errorf("%d members", v.Len())
	}
	if v.Get("a").Raw() != "[2]" || v.Get("b").Raw() != "3" || v.Get("c").Raw() != "4" || v.Get("e").IsValid() || v.Get("").IsValid() {
		t.Error("members are not found by their names")
	}
	if m, ok := v.GetMember("e"); !ok || m.Value().IsValid() || m.Key().Kind() != KindString {
		t.Error("a member without a value is not found")
	}
	if m, ok := v.GetMember("a"); !ok || src[m.Range().Start:m.Range().End] != `"a" : [2]` {
		t.Error("the last of two members does not count")
	}
	if r, ok := v.Index(0).Get("x").Tree(), false; r != nil || ok {
		t.Error("an object has elements")
	}
	if m, _ := v.GetMember("a"); m.Value().Index(0).Raw() != "2" {
		t.Error("the value of a member has no elements")
	}
	want2 := map[string]any{"a": []any{2.0}, "b": 3.0, "c": 4.0, "d": nil, "e": nil}
	if got := v.Interface(); !reflect.DeepEqual(got, want2) {
		t.Errorf("the object is %v", got)
	}
	n := 0
	for range v.Members() {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Error("members do not stop")
	}
}

func TestPartsAreTheText(t *testing.T) {
	src := "{ \"a\" : [1, 2], // c\n \"b\" ; {} ]}"
	v := Parse(src).Root()
	var kinds []string
	var text strings.Builder
	for p := range v.Parts() {
		kinds = append(kinds, p.Kind.String())
		text.WriteString(p.Text())
		if (p.Kind == KindMember) != p.Member().IsValid() || p.Kind.IsValue() != p.Value().IsValid() {
			t.Errorf("%v says of itself that it is something else", p.Kind)
		}
	}
	if text.String() != src {
		t.Errorf("the parts are %q", text.String())
	}
	if got, want := strings.Join(kinds, "|"), "{|space|member|,|space|line comment|space|member|space|,|space|member|space|]|}"; got != want {
		t.Errorf("parts %s\nwant  %s", got, want)
	}
	m, _ := v.GetMember("a")
	kinds = nil
	for p := range m.Parts() {
		kinds = append(kinds, p.Kind.String())
	}
	if got := strings.Join(kinds, "|"); got != "string|space|:|space|array" {
		t.Errorf("the parts of a member are %s", got)
	}
}

func TestGreenNodesTellContainersApart(t *testing.T) {
	v := Parse(`[{}, {}, [], "a", "b", 1, {}]`).Root()
	seen := map[*Node]bool{v.Green(): true}
	for e := range v.Elements() {
		g := e.Green()
		if g == nil || g.Kind() != e.Kind() {
			t.Errorf("%s has the node %v", e.Raw(), g.Kind())
		}
		if k := e.Kind(); k == KindObject || k == KindArray {
			if seen[g] {
				t.Errorf("%s has the node of another one", e.Raw())
			}
			seen[g] = true
		}
	}
	if (*Node)(nil).Kind() != KindInvalid || (*Node)(nil).HasErrors() {
		t.Error("no node has something")
	}
}

func TestHasErrorsTellsWhere(t *testing.T) {
	v := Parse(`{"a": [1, 2], "b": {"c": [01]}, "d": "x"}`).Root()
	for pointer, want := range map[string]bool{"": true, "/a": false, "/b": true, "/b/c": true, "/b/c/0": true, "/d": false} {
		if got := v.Tree().Find(pointer).HasErrors(); got != want {
			t.Errorf("%q has errors: %v", pointer, got)
		}
	}
}

func TestQuoteIsReadBack(t *testing.T) {
	for _, s := range []string{"", "a", `"\`, "\b\f\n\r\t\x00\x1f\x7f", "<&>\u2028é😀", "\xff\xc3(", "\uFFFD"} {
		q := Quote(s)
		var got string
		if err := json.Unmarshal([]byte(q), &got); err != nil || got != strings.ToValidUTF8(strings.ReplaceAll(s, "\xff\xc3", "\uFFFD\uFFFD"), "\uFFFD") {
			t.Errorf("%q is quoted as %s and read as %q, %v", s, q, got, err)
		}
		if strings.Contains(q, `\u003c`) || strings.Contains(q, `\u0026`) {
			t.Errorf("%q is quoted for HTML: %s", s, q)
		}
	}
}

func TestEditedTreesDoNotKeepOldTexts(t *testing.T) {
	// A hundred edits of a megabyte: if each kept a text, there would be a
	// hundred of them.
	src := bigTemplate(1500)
	tree := Parse(src)
	at := strings.Index(src, "service-750")
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i := range 100 {
		tree = tree.Edit(Edit{Range{at, at}, "x"})
		if i%10 == 0 && len(tree.Source()) != len(src)+i+1 {
			t.Fatal("the text is wrong")
		}
	}
	if after := heap(); after > before+8<<20 {
		t.Errorf("a hundred edits keep %d KB more", (after-before)>>10)
	}
	tree = tree.Edit(Edit{Range{10, tree.Size() - 10}, ""})
	src = ""
	if after := heap(); after > before {
		t.Errorf("a tree of 20 bytes keeps %d KB more than the megabyte before", (after-before)>>10)
	}
	runtime.KeepAlive(tree)
	runtime.KeepAlive(src)
}
