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
