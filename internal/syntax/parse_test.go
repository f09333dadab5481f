package syntax

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

func TestSmoke(t *testing.T) {
	src, _ := os.ReadFile("../../testdata/templates/payload.json")
	tr := Parse(string(src))
	var want any
	if err := json.Unmarshal(src, &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(tr.Root().Interface(), want) {
		t.Fatal("differs")
	}
	if len(tr.Errors()) > 0 {
		t.Fatal(tr.Errors())
	}
	for _, s := range []string{`{"a": 1 "b": 2}`, `{"a": "b": 2`, "{\"a\": {\n \"x\": 1\n\"b\": 2}", `[1,2}`, `[{"a": 1, {"b":2}]`, "", "{\"na\n\"b\": 1}", "[tru fls, 'a', 01, +1, .5, 1.]", `[1,2,]`, `[,,1]`, `{"a": "b
}`, `{"a":"\q\u12"} x y`, `{"steps": [{ "ref": "a", } ]}`} {
		for _, e := range Parse(s).Errors() {
			t.Logf("%q: %v %s %s %v", s, e.Range, e.Code, e.Message, e.Fix)
		}
	}
}
