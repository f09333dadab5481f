package jsonvalue_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// standard is what encoding/json writes without its escapes for HTML.
func standard(v any) (string, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return string(bytes.TrimSuffix(out.Bytes(), []byte{'\n'})), err
}

type written struct{}

func (written) MarshalJSON() ([]byte, error) { return []byte(`"written by itself"`), nil }

func TestAValueIsWrittenAsEncodingJSONDoes(t *testing.T) {
	var none map[string]any
	var empty []any
	for name, v := range map[string]any{
		"null":                          nil,
		"an object that is nil":         none,
		"a list that is nil":            empty,
		"an empty object":               map[string]any{},
		"an empty list":                 []any{},
		"members in the order of names": map[string]any{"b": 1.0, "a": true, "ä": nil, "": []any{"x", false}},
		"numbers":                       []any{0.0, math.Copysign(0, -1), 1.0, -1.5, 1e20, 1e21, 123456789012345680000.0, 1e-6, 1e-7, 1e-9, 1e-10, 1.5e300, math.MaxFloat64, math.SmallestNonzeroFloat64, 7, -7},
		"numbers by their spelling":     []any{json.Number("1.50"), json.Number("12345678901234567890")},
		"what has to be escaped":        "\x00\x01\b\t\n\v\f\r\x1f \"\\/<>&'\x7f\u2028\u2029\ufeff",
		"what is no UTF-8":              "a\xffb\xc0\xafc\xed\xa0\x80",
		"other characters":              "Größe ✓ 😀",
		"names that have to be escaped": map[string]any{"<a>\n\"\\": 1.0},
		"other types":                   map[string]any{"self": written{}, "strings": []string{"<", "b"}, "struct": struct{ A int }{1}, "raw": json.RawMessage(`{"x":  1}`)},
		"lists of objects":              []any{[]map[string]any{{"a": 1.0}, nil, {}}, []map[string]any{}, []map[string]any(nil)},
		"many members":                  many(),
	} {
		t.Run(name, func(t *testing.T) {
			want, err := standard(v)
			if err != nil {
				t.Fatal(err)
			}
			got, err := jsonvalue.Marshal(v)
			if err != nil || string(got) != want {
				t.Errorf("got %s, %v\nwant %s", got, err, want)
			}
			if got, err = jsonvalue.Append([]byte("before "), v); err != nil || string(got) != "before "+want {
				t.Errorf("appended, it is %s, %v", got, err)
			}
		})
	}
}

func many() map[string]any {
	out := map[string]any{}
	for c := 'a'; c <= 'z'; c++ {
		out[string(c)] = map[string]any{"of": string(c)}
	}
	return out
}

func TestWhatIsNoJSONIsNotWritten(t *testing.T) {
	for name, v := range map[string]any{
		"no number":               math.NaN(),
		"infinity":                []any{math.Inf(-1)},
		"a channel":               map[string]any{"c": make(chan int)},
		"a spelling of no number": map[string]any{"n": json.Number("twelve")},
	} {
		t.Run(name, func(t *testing.T) {
			if text, err := jsonvalue.Marshal(v); err == nil {
				t.Errorf("it is written as %s", text)
			}
		})
	}
}

func FuzzMarshal(f *testing.F) {
	for _, text := range []string{`{"a": [1, 2.50, "x\u2028<\n"], "b": {"c": null}}`, `"\ud800"`, `1e-9`, `[]`, "\"\xff\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			v = text
		}
		want, err := standard(v)
		got, ours := jsonvalue.Marshal(v)
		if (err == nil) != (ours == nil) || string(got) != want {
			t.Errorf("got %s, %v\nwant %s, %v", got, ours, want, err)
		}
	})
}

func BenchmarkMarshal(b *testing.B) {
	v := map[string]any{"kind": "SecretGroup", "spec": map[string]any{"name": "node-1", "secretType": "environment", "priority": 10.0,
		"secrets": map[string]any{"variables": map[string]any{"VALUE": "node-0"}}}}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = jsonvalue.Marshal(v)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(v)
		}
	})
}
