package stored

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDifferencesAreThoseOfProperties(t *testing.T) {
	tests := []struct {
		name, before, after string
		want                []string
	}{
		{"the same has none", `{"a": 1, "b": [1, {"c": 2}]}`, `{"b": [1, {"c": 2}], "a": 1.0}`, nil},
		{"a value changes", `{"a": {"b": 1}}`, `{"a": {"b": 2}}`, []string{`-a.b: 1`, `+a.b: 2`}},
		{"a property comes and one goes", `{"a": 1}`, `{"b": "<x>"}`, []string{`-a: 1`, `+b: "<x>"`}},
		{"null is a value", `{"a": null}`, `{}`, []string{`-a: null`}},
		{"a node in front of others changes none of them", `{"steps": [{"ref": "a", "x": 1}, {"ref": "b"}]}`,
			`{"steps": [{"ref": "new"}, {"ref": "a", "x": 2}, {"ref": "b"}]}`, []string{`-steps[a].x: 1`, `+steps[a].x: 2`, `+steps[new]: {"ref":"new"}`}},
		{"a node that is moved keeps what it is", `{"steps": [{"ref": "a"}, {"ref": "b"}, {"ref": "c"}]}`, `{"steps": [{"ref": "b"}, {"ref": "c"}, {"ref": "a"}]}`,
			[]string{`~steps[a] is at another place of its list`}},
		{"nodes without a ref go by kind and name", `{"steps": [{"kind": "Addon", "spec": {"name": "db"}}, {"kind": "Addon", "spec": {"name": "cache"}}]}`,
			`{"steps": [{"kind": "Addon", "spec": {"name": "cache", "v": 1}}]}`,
			[]string{`-steps[Addon db]: {"kind":"Addon","spec":{"name":"db"}}`, `+steps[Addon cache].spec.v: 1`}},
		{"of the same name each has a number", `{"p": [{"kind": "X"}, {"kind": "X", "a": 1}]}`, `{"p": [{"kind": "X"}, {"kind": "X", "a": 2}]}`,
			[]string{`-p[X #2].a: 1`, `+p[X #2].a: 2`}},
		{"what has no name goes by its place", `{"p": [{"port": 1}, {"port": 2}]}`, `{"p": [{"port": 1}, {"port": 3}]}`, []string{`-p[1].port: 2`, `+p[1].port: 3`}},
		{"a list of values is a value", `{"tags": ["a", "b"]}`, `{"tags": ["b"]}`, []string{`-tags: ["a","b"]`, `+tags: ["b"]`}},
		{"another type is another value", `{"a": {"b": 1}}`, `{"a": [1]}`, []string{`-a: {"b":1}`, `+a: [1]`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var before, after map[string]any
			for text, v := range map[string]*map[string]any{test.before: &before, test.after: &after} {
				if err := json.Unmarshal([]byte(text), v); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, d := range Differences(before, after) {
				got = append(got, d.Lines()...)
			}
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}
