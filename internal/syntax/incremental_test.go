package syntax

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

func TestAnEditedTreeEqualsAFreshOne(t *testing.T) {
	documents := 300
	if testing.Short() {
		documents = 50
	}
	for seed := range uint64(documents) {
		r := rand.New(rand.NewPCG(seed, 1))
		// Small pieces, small windows and little depth, to meet all borders.
		tree := parse(newText(randomDocument(r, 5), 1+r.IntN(64)), limits{2 + r.IntN(20), MaxSize, 1 + r.IntN(64)})
		var steps []string
		for range 40 {
			before := tree.Source()
			var edits []Edit
			for range 1 + r.IntN(3)*r.IntN(2) {
				edits = append(edits, randomEdit(r, before))
			}
			steps = append(steps, fmt.Sprintf("%q\n%+v", before, edits))
			after := tree.Edit(edits...)
			if want := applyAll(before, edits); after.Source() != want {
				t.Fatalf("seed %d: %s\nbecame %q\nwant   %q", seed, steps[len(steps)-1], after.Source(), want)
			}
			sameTree(t, after, func() string { return fmt.Sprintf("seed %d: %s", seed, steps[len(steps)-1]) })
			checkTree(t, after)
			if tree.Source() != before {
				t.Fatal("the old tree has changed")
			}
			tree = after
		}
	}
}

// applyAll makes edits as Tree.Edit says, in another way.
func applyAll(src string, edits []Edit) string {
	var b strings.Builder
	// Sorted by start; insertion sort keeps the order of equals.
	sorted := append([]Edit(nil), edits...)
	for i := range sorted {
		for j := i; j > 0 && sorted[j].Start < sorted[j-1].Start; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	at := 0
	for _, e := range sorted {
		start := max(e.Start, at)
		b.WriteString(src[at:start])
		b.WriteString(e.NewText)
		at = max(e.End, start)
	}
	b.WriteString(src[at:])
	return b.String()
}

func TestUntouchedSiblingsKeepTheirNodes(t *testing.T) {
	src := bigTemplate(20)
	tree := Parse(src)
	step := func(tree *Tree, i int) *Node { return tree.Find(fmt.Sprintf("/spec/spec/steps/%d", i)).Green() }
	at := strings.Index(src, `"ref": "service-7"`)
	for _, c := range []struct {
		name    string
		edit    Edit
		touched int // the step that has to be another one
	}{
		{"a letter in a string", Edit{Range{at + 8, at + 8}, "x"}, 7},
		{"a closing quote goes", Edit{Range{at + 17, at + 18}, ""}, 7},
		{"an opening quote goes", Edit{Range{at + 7, at + 8}, ""}, 7},
		{"a quote before a name goes", Edit{Range{at, at + 1}, ""}, 7},
		{"a comma goes", Edit{Range{at + 18, at + 19}, ""}, 7},
		{"a member comes", Edit{Range{at, at}, "\"x\": [1, 2],\n"}, 7},
		{"a bracket comes", Edit{Range{at + 7, at + 7}, "["}, 7},
		{"a line goes", Edit{Range{at, at + 30}, ""}, 7},
		{"the quote behind a name goes that an object follows", Edit{Range{at + 35, at + 36}, ""}, 7},
		{"the quote before a name goes that an object follows", Edit{Range{at + 30, at + 31}, ""}, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			after := tree.Edit(c.edit)
			for i := range 20 {
				same := step(after, i) == step(tree, i)
				if i == c.touched && same {
					t.Errorf("step %d keeps its node", i)
				}
				if i != c.touched && !same {
					t.Errorf("step %d gets another node", i)
				}
			}
		})
	}
}

func TestNodesSurviveEditsAroundThem(t *testing.T) {
	src := "{\n  \"a\": {\"x\": [1, {\"y\": 2}]},\n  \"b\": [3]\n}\n"
	tree := Parse(src)
	a, b := tree.Find("/a").Green(), tree.Find("/b").Green()
	for _, c := range []struct {
		name    string
		edit    Edit
		pointer string // of what was a
	}{
		{"the name of the member changes", Edit{Range{5, 6}, "aa"}, "/aa"},
		{"text comes before the root", Edit{Range{0, 0}, "\n"}, "/a"},
		{"text comes behind the root", Edit{Range{len(src), len(src)}, "\n"}, "/a"},
		{"a member comes before it", Edit{Range{1, 1}, `"z": 0,`}, "/a"},
		{"a member comes behind it", Edit{Range{len(src) - 3, len(src) - 3}, `, "z": 0`}, "/a"},
		{"another level comes around it", Edit{Range{9, 9}, `[`}, "/a/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			after := tree.Edit(c.edit)
			if after.Find(c.pointer).Green() != a {
				t.Errorf("%q has another node at %s", after.Source(), c.pointer)
			}
			if c.pointer == "/a" && after.Find("/b").Green() != b {
				t.Error("its sibling has another node")
			}
		})
	}
}

func TestAnEditThatChangesNothingKeepsTheTree(t *testing.T) {
	tree := Parse(`{"a": 1}`)
	if tree.Edit() != tree || tree.Edit(Edit{Range{0, 8}, `{"a": 1}`}) != tree || tree.Edit(Edit{Range{-5, -1}, ""}) != tree {
		t.Error("the tree is another one")
	}
}

func TestAWholeTextThatDiffersByOneLetterKeepsTheRest(t *testing.T) {
	src := bigTemplate(3)
	tree := Parse(src)
	after := tree.Edit(Edit{Range{0, len(src)}, strings.Replace(src, "Service 1", "Service one", 1)})
	if after.Find("/spec/spec/steps/0").Green() != tree.Find("/spec/spec/steps/0").Green() ||
		after.Find("/spec/spec/steps/2").Green() != tree.Find("/spec/spec/steps/2").Green() {
		t.Error("other steps have other nodes")
	}
}

func TestEditsThatChangeWhatStandsBehindThem(t *testing.T) {
	for _, c := range []struct {
		name, src string
		edit      Edit
	}{
		{"the only member before an object without a name goes", `[{"x":1, {"y":2}]`, Edit{Range{2, 7}, ""}},
		{"a member comes before an object without a name", `[{, {"y":2}]`, Edit{Range{2, 2}, `"x":1`}},
		{"a letter comes behind a comma that closes the line of an open string", "[\"a,  \n1]", Edit{Range{6, 6}, "b"}},
		{"a quote comes there", "[\"a,  \n1]", Edit{Range{6, 6}, `"`}},
		{"a quote comes behind a brace that closes the line of an open string", "{\"a: {  \n\"b\": 1}}", Edit{Range{7, 7}, `"`}},
		{"a quote comes behind a bracket that an open string has left out", "[[\"a ] \n, 1]", Edit{Range{7, 7}, `"`}},
		{"the second slash of a comment comes", "[1, /\n2]", Edit{Range{5, 5}, "/"}},
		{"the second slash of a comment goes", "[1, //\n2]", Edit{Range{5, 6}, ""}},
		{"a comment starts that nothing ends", "[1, [2], [3]]", Edit{Range{4, 4}, "/*"}},
		{"a comment ends where it did not", "[1, /* [2], [3]]", Edit{Range{10, 10}, "*/"}},
		{"CR and LF come together", "[\r1\n]", Edit{Range{2, 3}, ""}},
		{"a level comes around what is as deep as can be", strings.Repeat("[", MaxDepth) + "[1]" + strings.Repeat("]", MaxDepth), Edit{Range{0, 0}, "["}},
		{"a level goes around what is too deep", strings.Repeat("[", MaxDepth) + "[1]" + strings.Repeat("]", MaxDepth), Edit{Range{0, 1}, ""}},
		{"a byte order mark comes", "{}", Edit{Range{0, 0}, "\ufeff"}},
		{"a byte order mark is no longer at the start", "\ufeff{}", Edit{Range{0, 0}, " "}},
		{"a colon comes behind a string that was a value", "{\"a\": \n\"b\" 1}", Edit{Range{10, 10}, ":"}},
		{"the colon goes that made a name of a string", "{\"a\": \n\"b\": 1}", Edit{Range{10, 11}, ""}},
		{"a name is no longer aligned with the member around it", "{\n  \"a\": {\n    \"x\": {}\n  \"b\": 2\n}", Edit{Range{28, 28}, " "}},
		{"a name becomes aligned with the member around it", "{\n  \"a\": {\n    \"x\": {}\n   \"b\": 2\n}", Edit{Range{28, 29}, ""}},
		{"a brace behind an aligned name is no longer as far to the right", "{\n  \"a\": {\n    \"x\": {}\n  \"b\": 2\n  },\n  \"c\": [1, 2]\n}", Edit{Range{32, 33}, ""}},
		{"a container comes behind an aligned name", "{\n  \"a\": {\n    \"x\": {}\n  \"b\": 2\n  },\n  \"c\": [1, 2]\n}", Edit{Range{30, 31}, "{}"}},
		{"a comma comes behind the object before an aligned name", "{\n  \"a\": {\n    \"x\": {}\n  \"b\": 2\n  },\n  \"c\": [1, 2]\n}", Edit{Range{22, 22}, ","}},
		{"a brace opens behind one that closes where a value is missing", `[{"a": }, 2]`, Edit{Range{8, 8}, `{"b": 1}`}},
		{"the value comes that a brace in excess stands behind", `[{"a": }{"b": 1}}, 2]`, Edit{Range{7, 7}, "1"}},
		{"a bracket opens behind a comma where a value is missing", `{"a":, "b": 1, "c": 2}`, Edit{Range{6, 6}, "["}},
		{"the value comes that a comma in excess stands behind", `[{"a":,{"b": 1}}, {"c": 2}]`, Edit{Range{6, 6}, "1"}},
		{"the value goes before a comma and a bracket", `[{"a":1,{"b": 1}, {"c": 2}]`, Edit{Range{6, 7}, ""}},
		{"everything goes", `{"a": 1}`, Edit{Range{0, 8}, ""}},
		{"everything comes", ``, Edit{Range{0, 0}, `{"a": 1}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			after := Parse(c.src).Edit(c.edit)
			checkTree(t, after)
			sameTree(t, after, func() string { return fmt.Sprintf("%.80q with %v", c.src, c.edit) })
		})
	}
}

func TestATreeMayBeUsedByManyAtOnce(t *testing.T) {
	src := bigTemplate(60)
	tree := Parse(src).Edit(Edit{Range{100, 101}, "\""}) // in pieces, and with errors
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			at := len(src) * i / 8
			edited := tree.Edit(Edit{Range{at, at}, "x"})
			if edited.Source() != tree.Source()[:at]+"x"+tree.Source()[at:] {
				t.Error("the text is wrong")
			}
			if len(tree.Errors()) == 0 || tree.Lines().Count() < 100 || tree.Lines().Position(at, UTF16).Line > uint32(tree.Lines().Count()) {
				t.Error("errors or lines are wrong")
			}
			tree.Find("/spec/spec/steps/7/spec/name").Text()
		})
	}
	wait.Wait()
}

func TestContainersInCommonAreCountedFromBothEnds(t *testing.T) {
	const text = `[{"a":1}, [2], {"b":3}, {}, 5]`
	before := Parse(text)
	array := func(tree *Tree) *Node { return tree.Root().Green() }
	for _, c := range []struct {
		name, old, new string
		head, tail     int
	}{
		{"a letter in the second", "2", "22", 1, 2},
		{"space between them", ", [", ",  [", 1, 3},
		{"one more at the end", "{},", "{}, {},", 4, 0},
		{"one more in the middle", "[2],", "[2], [3],", 2, 2},
		{"one less", "[2],", "", 1, 2},
		{"a scalar for one", "{},", "4,", 3, 0},
		{"a scalar", "5", "6", 4, 0},
		{"the last", "{}", `{"c":4}`, 3, 0},
		{"the first", `{"a":1}`, `{"a":2}`, 0, 3},
	} {
		at := strings.Index(text, c.old)
		after := before.Edit(Edit{Range: Range{Start: at, End: at + len(c.old)}, NewText: c.new})
		if head, tail := array(after).Common(array(before)); head != c.head || tail != c.tail {
			t.Errorf("%s: %d at the start and %d at the end, want %d and %d", c.name, head, tail, c.head, c.tail)
		}
	}
	if head, tail := array(before).Common(nil); head+tail > 0 {
		t.Errorf("%d and %d in common with nothing", head, tail)
	}
}
