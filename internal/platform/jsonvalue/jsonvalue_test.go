package jsonvalue

import (
	"encoding/json"
	"strings"
	"testing"
)

func decode(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return v
}

func decodeNumbers(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return v
}

func TestGet(t *testing.T) {
	doc := decode(t, `{"a":{"b":[{"c":1},{"c":"two"}]},"n":"3","t":"true","f":false}`)
	tests := []struct {
		name, path string
		want       string
	}{
		{"the empty path is the value itself", "", `{"a":{"b":[{"c":1},{"c":"two"}]},"f":false,"n":"3","t":"true"}`},
		{"properties and positions are followed", "a.b.1.c", `"two"`},
		{"a missing property is absent", "a.x.y", `null`},
		{"a position out of range is absent", "a.b.7", `null`},
		{"a position that is no number is absent", "a.b.first", `null`},
		{"a path through a scalar is absent", "n.x", `null`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := json.Marshal(Get(doc, tt.path))
			if string(got) != tt.want {
				t.Errorf("Get(%q) = %s, want %s", tt.path, got, tt.want)
			}
		})
	}
	if n, ok := Number(doc, "n"); !ok || n != 3 {
		t.Errorf("a number written as a string is %v, %v; want 3", n, ok)
	}
	if !Bool(doc, "t") || Bool(doc, "f") {
		t.Error("booleans written as strings must count")
	}
}

func TestEqual(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"members in another order are the same", `{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
		{"numbers compare by value", `[1.0, 1e2]`, `[1, 100]`, true},
		{"a number is not a string", `1`, `"1"`, false},
		{"null is not absent", `{"a":null}`, `{}`, false},
		{"arrays compare in order", `[1,2]`, `[2,1]`, false},
		{"a longer object differs", `{"a":1}`, `{"a":1,"b":1}`, false},
		{"null equals null", `null`, `null`, true},
		{"true is not false", `true`, `false`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, a := range []any{decode(t, tt.a), decodeNumbers(t, tt.a)} {
				for _, b := range []any{decode(t, tt.b), decodeNumbers(t, tt.b)} {
					if got := Equal(a, b); got != tt.want {
						t.Errorf("Equal(%s, %s) = %v", tt.a, tt.b, got)
					}
				}
			}
		})
	}
	type foreign struct{}
	if Equal(foreign{}, foreign{}) {
		t.Error("a value that is no JSON must equal nothing")
	}
}

func TestTransformations(t *testing.T) {
	tests := []struct {
		name string
		got  func() any
		want string
	}{
		{"merging replaces arrays and keeps other members",
			func() any {
				return Merge(decode(t, `{"a":{"x":1,"y":[1,2]},"b":1}`), decode(t, `{"a":{"y":[3]},"c":2}`))
			},
			`{"a":{"x":1,"y":[3]},"b":1,"c":2}`},
		{"merging over a scalar takes the new value",
			func() any { return Merge(decode(t, `1`), decode(t, `{"a":1}`)) }, `{"a":1}`},
		{"the normal form drops what says nothing, at every depth",
			func() any { return Normal(decode(t, `{"a":{"b":[]},"c":"","d":null,"e":[{"f":{}}],"g":false,"h":0}`)) },
			`{"e":[{}],"g":false,"h":0}`},
		{"a property of every element can be left out",
			func() any { return Without(decode(t, `{"p":[{"id":1,"n":2},{"n":3}],"q":1}`), "p.*.id") },
			`{"p":[{"n":2},{"n":3}],"q":1}`},
		{"a property of every member can be left out",
			func() any { return Without(decode(t, `{"m":{"a":{"x":1,"y":2}}}`), "m.*.x") },
			`{"m":{"a":{"y":2}}}`},
		{"leaving out what is not there changes nothing",
			func() any { return Without(decode(t, `{"p":1}`), "p.q.r") }, `{"p":1}`},
		{"picking takes the named members",
			func() any {
				return Pick(decode(t, `{"a":1,"b":2}`).(map[string]any), []string{"b", "z"})
			}, `{"b":2}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := json.Marshal(tt.got())
			if string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestArgumentsStayAsTheyAre(t *testing.T) {
	const text = `{"a":{"b":[{"c":""}]}}`
	doc := decode(t, text)
	Merge(doc, decode(t, `{"a":{"b":1}}`))
	Normal(doc)
	Without(doc, "a.b.*.c")
	if got, _ := json.Marshal(doc); string(got) != text {
		t.Errorf("the argument became %s", got)
	}
}

func TestSame(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"what says nothing counts for nothing", `{"a":1,"b":null,"c":"","d":[],"e":{"f":{"g":null}}}`, `{"a":1.0}`, true},
		{"it counts for nothing on the other side, too", `{}`, `{"a":{"b":[]}}`, true},
		{"members of one only", `{"a":1,"b":2}`, `{"a":1,"c":2}`, false},
		{"a member more", `{"a":1}`, `{"a":1,"b":false}`, false},
		{"a member less", `{"a":1,"b":0}`, `{"a":1}`, false},
		{"elements of arrays stay where they are", `{"a":[{},1]}`, `{"a":[1]}`, false},
		{"elements are compared without what says nothing", `{"a":[{"b":null},1]}`, `{"a":[{},1]}`, true},
		{"an element that is null is no empty object", `{"a":[null]}`, `{"a":[{}]}`, false},
		{"other types", `{"a":{"b":1}}`, `{"a":[1]}`, false},
		{"no objects", `"a"`, `{"a":1}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := decode(t, tt.a), decode(t, tt.b)
			if got := Same(a, b); got != tt.want {
				t.Errorf("Same(%s, %s) = %t", tt.a, tt.b, got)
			}
			if normal := Equal(Normal(a), Normal(b)); normal != tt.want {
				t.Errorf("the normal forms are equal: %t", normal)
			}
		})
	}
}

func FuzzSame(f *testing.F) {
	f.Add(`{"a":[{"b":null},""],"c":{"d":[]}}`, `{"a":[{},""]}`)
	f.Add(`[{}]`, `[null]`)
	f.Fuzz(func(t *testing.T, x, y string) {
		var a, b any
		if json.Unmarshal([]byte(x), &a) != nil || json.Unmarshal([]byte(y), &b) != nil {
			t.Skip()
		}
		if got, want := Same(a, b), Equal(Normal(a), Normal(b)); got != want {
			t.Errorf("Same is %t, and whether the normal forms are equal %t", got, want)
		}
	})
}
