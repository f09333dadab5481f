package lsp_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

const schemaTemplate = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "options": { "autorun": false },
  "gitops": { "repoUrl": "https://github.com/example/shop", "vcsService": "github", "branch": "main", "templateSHA": "", "filePath": "/shop.json" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "context": { "projectId": "shop" }, "steps": [
    { "kind": "Addon", "ref": "db", "spec": { "name": "é😀", "type": "redis", "version": "latest", "billing": { "deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1 } } },
    { "kind": "Condition", "spec": { "kind": "Addon", "spec": { "type": "running", "data": { "addonId": "${refs.db.id}", "timeoutDuration": 600 } } } },
    { "kind": "DeploymentService", "spec": { "name": "web", "billing": { "deploymentPlan": "nf-compute-20" }, "deployment": { "instances": 1, "external": { "imagePath": "redis:${refs.db.version}" } },
      "runtimeEnvironment": { "LEVEL": "info" }, "ports": [{ "name": "p01", "internalPort": 80, "protocol": "HTTP" }] } }
  ] } }
}
`

// The schemas are documents that are in no file: the client asks for the text and
// finds there what it was led to.
func TestTypeDefinitionsLeadIntoTheSchemas(t *testing.T) {
	type link struct {
		TargetURI            string `json:"targetUri"`
		TargetRange          struct{ Start, End syntax.Position }
		TargetSelectionRange struct{ Start, End syntax.Position }
	}
	for _, encoding := range []string{"utf-16", "utf-8"} {
		t.Run(encoding, func(t *testing.T) {
			s := open(t, `{"general":{"positionEncodings":["`+encoding+`"]},"workspace":{"textDocumentContent":{}},"textDocument":{"diagnostic":{},"typeDefinition":{"linkSupport":true}}}`)
			s.didOpen(docURI, "json", schemaTemplate)
			enc := map[string]syntax.Encoding{"utf-16": syntax.UTF16, "utf-8": syntax.UTF8}[encoding]
			lines := syntax.NewLines(schemaTemplate)
			ask := func(cursor string) (link, bool) {
				t.Helper()
				before, _, ok := strings.Cut(cursor, "|")
				i := strings.Index(schemaTemplate, strings.Replace(cursor, "|", "", 1))
				if !ok || i < 0 {
					t.Fatalf("there is no %q", cursor)
				}
				p := lines.Position(i+len(before), enc)
				found := decode[[]link](t, s.request("textDocument/typeDefinition", at(docURI, int(p.Line), int(p.Character))))
				if len(found) != 1 {
					return link{}, false
				}
				return found[0], true
			}
			for _, tt := range []struct{ cursor, uri, name, within string }{
				{`"ref": "d|b"`, "northflank-schema:/nodes/Addon.json", `"`, `"x-nf-kind"`},
				{`refs.d|b`, "northflank-schema:/nodes/Addon.json", `"`, `"x-nf-kind"`},
				{`"kind": "Deploy|mentService"`, "northflank-schema:/nodes/DeploymentService.json", `"`, `"x-nf-kind"`},
				{`"stor|age": 4096`, "", `"storage"`, "storage"},
				{`"type": "re|dis"`, "northflank-schema:/nodes/Addon.json", `"type"`, "addonType"},
				{`"pro|tocol": "HTTP"`, "", `"protocol"`, "HTTP"},
				{`"external|": {`, "", `"external"`, ""},
				{`"auto|run"`, "", `"autorun"`, ""},
				// Of the alternatives the one that the kind beside it names, and where the
				// schemas go no further, what is around it.
				{`"repo|Url": "https`, "", `"repoUrl"`, ""},
				{`"addon|Id"`, "", `"addonId"`, ""},
				{`"LEV|EL": "info"`, "northflank-schema:/nodes/DeploymentService.json", `"runtimeEnvironment"`, ""},
				{`"ty|pe": "sequential"`, "northflank-schema:/nodes/Workflow.json", `"type"`, "sequential"},
			} {
				got, ok := ask(tt.cursor)
				if !ok || tt.uri != "" && got.TargetURI != tt.uri || !strings.HasPrefix(got.TargetURI, "northflank-schema:/") {
					t.Errorf("%s leads to %q", tt.cursor, got.TargetURI)
					continue
				}
				text := decode[struct{ Text string }](t, s.request("workspace/textDocumentContent", fmt.Sprintf(`{"uri":%q}`, got.TargetURI))).Text
				if !json.Valid([]byte(text)) {
					t.Errorf("%s is no JSON", got.TargetURI)
				}
				schema := syntax.NewLines(text)
				span := func(start, end syntax.Position) string {
					return text[schema.Offset(start, enc):schema.Offset(end, enc)]
				}
				name, whole := span(got.TargetSelectionRange.Start, got.TargetSelectionRange.End), span(got.TargetRange.Start, got.TargetRange.End)
				if !strings.HasPrefix(name, tt.name) || !strings.Contains(whole, name) || !strings.Contains(whole, tt.within) {
					t.Errorf("%s leads to %q in %.200q", tt.cursor, name, whole)
				}
			}
			for _, nothing := range []string{`"steps": [|`, `|  "name": "Shop"`} {
				if got, ok := ask(nothing); ok {
					t.Errorf("%s leads to %q", nothing, got.TargetURI)
				}
			}
		})
	}
}

func TestDocumentsThatTheServerDoesNotHaveAreRefused(t *testing.T) {
	s := open(t, `{"workspace":{"textDocumentContent":{}}}`)
	for i, u := range []string{"file:///etc/passwd", "northflank-schema:/nodes/Nonsense.json", "northflank-schema:/../go.mod", "northflank-schema:/", "northflank-schema:/nodes"} {
		if m := s.Call(1000+i, "workspace/textDocumentContent", fmt.Sprintf(`{"uri":%q}`, u)); m.Error == nil || m.Error.Code != -32602 {
			t.Errorf("%s: %s", u, m.Raw)
		}
	}
}
