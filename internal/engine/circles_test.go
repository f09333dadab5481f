package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// orderCodes are those of references that can never resolve, for check and run alike.
var orderCodes = map[string]bool{string(analysis.CodeRefBeforeItResolves): true, string(analysis.CodeReferenceCycle): true}

// neverResolves tells what check and run say of references that can never resolve.
func neverResolves(text string) (checked, refused []string) {
	doc := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
	for _, f := range doc.Findings() {
		if orderCodes[string(f.Code)] && f.Severity == analysis.Error {
			checked = append(checked, f.Message)
		}
	}
	_, problems := engine.Compile(doc.Doc, engine.Options{})
	for _, p := range problems {
		if orderCodes[p.Code] {
			refused = append(refused, p.Message)
		}
	}
	return checked, refused
}

// draftOf draws a template of workflows in one another, whose steps refer to one another.
func draftOf(random *rand.Rand) string {
	const most = 7
	refs := 0
	ofDocument := random.IntN(4) == 0 // the project is the document's
	var node func(depth int) string
	property := func(format string) string {
		if random.IntN(3) > 0 {
			return ""
		}
		return fmt.Sprintf(format, random.IntN(most))
	}
	node = func(depth int) string {
		ref := fmt.Sprintf(`"ref": "n%d"`, refs)
		refs++
		if depth == 0 || depth < 3 && random.IntN(2) == 0 {
			var steps []string
			for range 1 + random.IntN(3) {
				if refs < most {
					steps = append(steps, node(depth+1))
				}
			}
			skip := ""
			if depth > 0 {
				skip = property(`"skipNodeExecution": "${refs.n%d.id}", `)
			}
			context := property(`"context": {"projectId": "${refs.n%d.id}"}, `)
			if depth == 0 && ofDocument {
				context = ""
			} else if depth == 0 {
				context = `"context": {"projectId": "shop"}, `
			}
			list := `"steps": [` + strings.Join(steps, ", ") + `]}}`
			switch random.IntN(4) {
			case 0:
				return `{"kind": "Workflow", ` + ref + `, ` + skip + `"spec": {"type": "sequential", ` + context + list
			case 1:
				if depth > 0 {
					return `{"kind": "LoopWorkflow", ` + ref + `, ` + skip + `"spec": {"iterations": [{"name": "a"}], ` + list
				}
			}
			return `{"kind": "Workflow", ` + ref + `, ` + skip + `"spec": {"type": "parallel", ` + context + list
		}
		return `{"kind": "Build", ` + ref + `, ` + property(`"skipNodeExecution": "${refs.n%d.id}", `) + `"spec": {"id": "web", "type": "service", "branch": "main` +
			property("${refs.n%d.branch}") + property("${fn.if(refs.n%d.id, 'a', 'b')}") + `"}}`
	}
	project := ""
	if ofDocument {
		project = fmt.Sprintf(`"project": {"id": "${refs.n%d.id}"}, `, random.IntN(most))
	}
	return `{"apiVersion": "v1.2", "name": "T", ` + project + `"spec": ` + node(0) + `}`
}

// What run refuses since it can never resolve, check reports; and nothing else as that, but
// for a project that no step asks for.
func TestCheckAndRunRefuseTheSameReferences(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	both := 0
	for range 400 {
		text := draftOf(random)
		checked, refused := neverResolves(text)
		unasked := strings.Count(text, `"projectId": "${`) > 0
		if len(checked) > 0 != (len(refused) > 0) && (len(checked) == 0 || !unasked) {
			t.Errorf("check says %q, run says %q of\n%s", checked, refused, text)
		}
		if len(refused) > 0 {
			both++
		}
		if t.Failed() && both > 50 {
			break
		}
	}
	if both < 40 {
		t.Errorf("only %d of the templates are refused", both)
	}
}
