package syntax

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// bigTemplate writes a template of n nodes, about 550 bytes each.
func bigTemplate(n int) string {
	var b strings.Builder
	b.WriteString("{\n  \"apiVersion\": \"v1.2\",\n  \"name\": \"generated\",\n  \"arguments\": {\n    \"REGION\": \"europe-west\"\n  },\n  \"spec\": {\n    \"kind\": \"Workflow\",\n    \"spec\": {\n      \"type\": \"sequential\",\n      \"steps\": [\n")
	for i := range n {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, `        {
          "kind": "CombinedService",
          "ref": "service-%d",
          "spec": {
            "name": "Service %d",
            "description": "Serves \"things\" for ${args.REGION} – and elsewhere",
            "billing": {
              "deploymentPlan": "nf-compute-20"
            },
            "deployment": {
              "instances": %d,
              "docker": {
                "configType": "default"
              }
            },
            "ports": [
              {
                "name": "p01",
                "internalPort": 8080,
                "public": true
              }
            ],
            "buildArguments": {
              "VERSION": "${refs.build.sha}"
            }
          }
        }`, i, i, i%4+1)
	}
	b.WriteString("\n      ]\n    }\n  }\n}\n")
	return b.String()
}

func BenchmarkParse(b *testing.B) {
	for _, size := range []struct {
		name  string
		nodes int
	}{{"20KB", 27}, {"1.1MB", 1500}} {
		src := bigTemplate(size.nodes)
		b.Run(size.name+"/syntax", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(src)
			}
		})
		b.Run(size.name+"/encoding-json", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				var v any
				if err := json.Unmarshal([]byte(src), &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEdit types one character into a template of 1.1 MB and takes it out
// again; BenchmarkParse tells what a fresh parse of it costs.
func BenchmarkEdit(b *testing.B) {
	src := bigTemplate(1500)
	tree := Parse(src)
	at := func(s string) int { return strings.Index(src, s) }
	middle := at(`"ref": "service-750"`)
	for _, c := range []struct {
		name string
		at   int
		text string
	}{
		{"letter", middle + 10, "x"},
		{"quote", middle + 10, `"`},
		{"quote-before-object", middle + 40, `"`},
		{"comma", middle + 20, ","},
		{"brace", middle + 8, "{"},
		{"bracket", middle + 8, "]"},
		{"first-step", at(`"ref": "service-0"`) + 10, "x"},
		{"last-step", at(`"ref": "service-1499"`) + 10, "x"},
		{"start-of-file", 0, "\n"},
		{"end-of-file", len(src), "\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				after := tree.Edit(Edit{Range{c.at, c.at}, c.text})
				after.Edit(Edit{Range{c.at, c.at + len(c.text)}, ""})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(2*b.N), "ns/edit")
		})
	}
}

func BenchmarkErrors(b *testing.B) {
	src := strings.Replace(bigTemplate(1500), `"ref": "service-750"`, `"ref": service-750"`, 1)
	b.ReportAllocs()
	for b.Loop() {
		if len(Parse(src).Errors()) == 0 {
			b.Fatal("no errors")
		}
	}
}

// BenchmarkLines tells positions in a text of 1.1 MB, in lines and in one line,
// behind an edit.
func BenchmarkLines(b *testing.B) {
	src := bigTemplate(1500)
	for _, c := range []struct{ name, src string }{{"lines", src}, {"one-line", strings.ReplaceAll(src, "\n", " ")}} {
		b.Run(c.name+"/position", func(b *testing.B) {
			lines := NewLines(c.src)
			at := 0
			b.ReportAllocs()
			for b.Loop() {
				at = (at + 7919) % len(c.src)
				p := lines.Position(at, UTF16)
				lines.Offset(p, UTF16)
			}
		})
		b.Run(c.name+"/edit", func(b *testing.B) {
			lines := NewLines(c.src)
			lines.Count()
			at := 0
			b.ReportAllocs()
			for b.Loop() {
				at = (at + 7919) % len(c.src)
				lines.Edit(Range{at, at + 1}, "x").Position(at, UTF16)
			}
		})
	}
}

// BenchmarkWalk reads every value through its cursors, as analyses do.
func BenchmarkWalk(b *testing.B) {
	src := bigTemplate(1500)
	for _, c := range []struct {
		name string
		tree *Tree
	}{{"fresh", Parse(src)}, {"edited", Parse(src).Edit(Edit{Range{len(src) / 2, len(src) / 2}, " "})}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				readAll(c.tree.Root())
			}
		})
	}
}

func readAll(v Value) int {
	n := len(v.Get("kind").Text())
	for m := range v.Members() {
		n += len(m.KeyText()) + readAll(m.Value())
	}
	for e := range v.Elements() {
		n += readAll(e)
	}
	if v.Kind().IsScalar() {
		n += len(v.Decode().Text)
	}
	return n
}
