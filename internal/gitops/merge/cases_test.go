package merge

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// The files of testdata are cases: the versions base, ours and theirs, and either the
// merged text or the conflicts, one a line with its node and its reason. A case that has
// both is settled as its comment says: "settle ours" or "settle theirs".
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no cases: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), ".txtar"), "-", " "), func(t *testing.T) {
			parts := map[string]string{}
			for _, f := range archive.Files {
				parts[f.Name] = string(f.Data)
			}
			options := Options{}
			if strings.Contains(string(archive.Comment), "settle ours") {
				options.Choose = func(Conflict) Side { return Ours }
			}
			if strings.Contains(string(archive.Comment), "settle theirs") {
				options.Choose = func(Conflict) Side { return Theirs }
			}
			_, based := parts["base"]
			r := Merge(parts["base"], parts["ours"], parts["theirs"], !based, options)
			var conflicts strings.Builder
			for _, c := range append(r.Conflicts, r.Settled...) {
				fmt.Fprintf(&conflicts, "%s | %s | %s\n", c.ID, c.Node, c.Why)
			}
			if diff := cmp.Diff(parts["conflicts"], conflicts.String()); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(parts["merged"], r.Text); diff != "" {
				t.Errorf("merged text (-want +got):\n%s", diff)
			}
			back := Merge(parts["base"], parts["theirs"], parts["ours"], !based, Options{})
			if len(r.Settled) == 0 && len(back.Conflicts) != len(r.Conflicts) {
				t.Errorf("with the sides exchanged there are %d conflicts, not %d: %+v", len(back.Conflicts), len(r.Conflicts), back.Conflicts)
			}
		})
	}
}

func TestAConflictShowsTheThreeVersions(t *testing.T) {
	doc := func(value string) string { return `{"arguments": {"A": ` + value + `}}` }
	r := Merge(doc("1"), doc("2"), doc(`"three"`), false, Options{})
	want := []Conflict{{ID: "arguments.A", Why: "both sides have changed it", Base: "1", Ours: "2", Theirs: `"three"`}}
	for i := range r.Conflicts {
		c := &r.Conflicts[i]
		if got := doc("2")[c.OursRange.Start:c.OursRange.End]; got != "2" {
			t.Errorf("our value is %q", got)
		}
		if got := doc(`"three"`)[c.TheirsRange.Start:c.TheirsRange.End]; got != `"three"` {
			t.Errorf("their value is %q", got)
		}
		c.OursRange, c.TheirsRange = want[0].OursRange, want[0].TheirsRange
	}
	if diff := cmp.Diff(want, r.Conflicts); diff != "" || r.Text != "" {
		t.Errorf("text %q, conflicts (-want +got):\n%s", r.Text, diff)
	}
}

func TestTextsThatAreNoJSON(t *testing.T) {
	if r := Merge("{", "{", "{]", false, Options{}); r.Text != "{]" || len(r.Conflicts) > 0 {
		t.Errorf("what only one side has changed is taken, whatever it is: %+v", r)
	}
	r := Merge(`{}`, `{"a": 1}`, `{"a": `, false, Options{})
	if len(r.Conflicts) != 1 || !strings.Contains(r.Conflicts[0].Why, "their version is no JSON") || r.Text != "" {
		t.Errorf("%+v", r)
	}
	for side, want := range map[Side]string{Ours: `{"a": 1}`, Theirs: `{"a": `} {
		if r := Merge(`{}`, `{"a": 1}`, `{"a": `, false, Options{Choose: func(Conflict) Side { return side }}); r.Text != want {
			t.Errorf("side %d gives %q", side, r.Text)
		}
	}
}

func TestWhatMeansTheSameIsNoChange(t *testing.T) {
	for _, c := range []struct{ name, base, ours, theirs, want string }{
		{"another order of members", `{"a":1,"b":2}`, `{"b":2,"a":1}`, `{"a":1,"b":3}`, `{"b":3,"a":1}`},
		{"another spelling of a number", `{"a":1.0,"b":2}`, `{"a":1,"b":2}`, `{"a":1.0,"b":3}`, `{"a":1,"b":3}`},
		{"another spelling of a string", `{"a":"\u0041","b":2}`, `{"a":"A","b":2}`, `{"a":"\u0041","b":3}`, `{"a":"A","b":3}`},
		{"another formatting", "{\n\t\"a\": [1, 2],\n\t\"b\": 2\n}\n", "{\"a\":[1,2],\"b\":2}", "{\n\t\"a\": [1, 2],\n\t\"b\": 3\n}\n", "{\"a\":[1,2],\"b\":3}"},
		{"line ends of another system", "{\n  \"a\": 1\n}\n", "{\r\n  \"a\": 1\r\n}\r\n", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", "{\r\n  \"a\": 1,\r\n  \"b\": 2\r\n}\r\n"},
		{"a byte order mark", `{"a":1}`, "\ufeff" + `{"a":1}`, `{"a":2}`, "\ufeff" + `{"a":2}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := Merge(c.base, c.ours, c.theirs, false, Options{}); r.Text != c.want {
				t.Errorf("got %q, want %q (%+v)", r.Text, c.want, r.Conflicts)
			}
		})
	}
	for _, pair := range [][2]string{{"12345678901234567890", "12345678901234567891"}, {`"\ud800"`, `"\ud801"`}, {"0.1", "0.10000000000000001"}} {
		r := Merge(`{"a":0}`, `{"a":`+pair[0]+`}`, `{"a":`+pair[1]+`}`, false, Options{})
		if len(r.Conflicts) != 1 {
			t.Errorf("%s and %s count as the same: %q", pair[0], pair[1], r.Text)
		}
	}
}
