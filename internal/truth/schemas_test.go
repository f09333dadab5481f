package truth

import (
	"encoding/json"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate/oracle"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// published is the schema of a document by its path and by its ID.
type published struct {
	path string
	id   catalog.SchemaID
}

// schemaOf returns the published schema of a document; ok is false for nodes that
// stand alone.
func schemaOf(d *template.Document) (p published, ok bool) {
	path := map[template.Type]string{
		template.Template: "documents/template", template.ReleaseFlow: "documents/release-flow", template.PreviewEnv: "documents/preview-environment",
	}[d.Type]
	if path == "" {
		return published{}, false
	}
	return published{path, catalog.Document(d.Type.String()).Root}, true
}

// The walker and the published schemas, read by an implementation that is not
// ours, agree about our templates and about the faults in them; and what breaks a
// schema the schema refuses. The oracle reads a document as a whole, so it is
// asked about one fault of each kind that the schema has to refuse in a template,
// and about the other kinds in every fourth template in turn.
func TestSchemasRefuseWhatTheWalkerReports(t *testing.T) {
	refused, compared := 0, 0
	for i, file := range templates(t) {
		if testing.Short() && i%10 > 0 {
			continue
		}
		s := &subject{file, snapshot(file.text, nil)}
		p, ok := schemaOf(s.Doc)
		if !ok {
			continue
		}
		if err := oracle.Compare(p.path, p.id, file.text); err != nil {
			t.Errorf("%s: %v", file.name, err)
		}
		for j, m := range mutators {
			faults := s.chosen(m)
			switch {
			case m.schema:
				faults = faults[:min(1, len(faults))]
			case (i+j)%4 == 0:
				faults = faults[:min(1, len(faults))]
			default:
				continue
			}
			for _, f := range faults {
				text, err := edit.Apply(s.text, f.edits)
				var v any
				if err != nil || json.Unmarshal([]byte(text), &v) != nil {
					continue
				}
				if !m.schema {
					compared++
					if err := oracle.Compare(p.path, p.id, text); err != nil {
						t.Errorf("%s, %s: %v\nin %s", file.name, m.name, err, difference(s.text, text))
					}
					continue
				}
				refused++
				switch why, err := oracle.Refuses(p.path, p.id, v); {
				case err != nil:
					t.Fatal(err)
				case why == nil:
					t.Errorf("%s, %s: the schema accepts it:\n%s", file.name, m.name, difference(s.text, text))
				}
			}
		}
	}
	t.Logf("%d faults refused, %d others compared", refused, compared)
}

func TestSchemasAcceptTheTemplates(t *testing.T) {
	for _, file := range templates(t) {
		p, ok := schemaOf(snapshot(file.text, nil).Doc)
		if !ok {
			continue
		}
		var v any
		if err := json.Unmarshal([]byte(file.text), &v); err != nil {
			t.Error(err)
			continue
		}
		if why, err := oracle.Refuses(p.path, p.id, v); why != nil || err != nil {
			t.Errorf("%s: %v %v", file.name, why, err)
		}
	}
}

func TestSchemasAcceptWhatThePlatformWrote(t *testing.T) {
	for _, file := range corpus(t) {
		if file.label != "platform-written" && file.label != "gitops-synced?" {
			continue
		}
		p, ok := schemaOf(snapshot(file.text, nil).Doc)
		var v any
		if err := json.Unmarshal([]byte(file.text), &v); err != nil || !ok {
			t.Errorf("%s is no document: %v", file.name, err)
			continue
		}
		if why, err := oracle.Refuses(p.path, p.id, v); why != nil || err != nil {
			t.Errorf("%s: %v %v", file.name, why, err)
		}
	}
}
