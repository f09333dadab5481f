package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// large is a template with n nodes of the kinds that real ones use most, about half a kilobyte each.
func large(n int) string {
	var b strings.Builder
	b.WriteString(`{"apiVersion":"v1.2","name":"Large","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[`)
	for i := range n - 1 {
		if i > 0 {
			b.WriteByte(',')
		}
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, `{"kind":"Addon","ref":"db%d","spec":{"name":"database-%d","type":"postgresql","version":"16-latest","tlsEnabled":true,
				"externalAccessEnabled":false,"ipPolicies":[],"billing":{"deploymentPlan":"nf-compute-50","storage":6144,"replicas":1,"storageClass":"ssd"},
				"backupSchedules":[{"backupType":"dump","retentionTime":7,"scheduling":{"interval":"daily","minute":[0],"hour":[3]}}]}}`, i, i)
		case 1:
			fmt.Fprintf(&b, `{"kind":"CombinedService","ref":"web%d","spec":{"name":"web-%d","description":"Serves the shop.","billing":{"deploymentPlan":"nf-compute-20"},
				"deployment":{"instances":"${args.INSTANCES}","docker":{"configType":"default"},"storage":{"ephemeralStorage":{"storageSize":1024},"shmSize":64}},
				"ports":[{"name":"p01","internalPort":8080,"public":true,"protocol":"HTTP","security":{"credentials":[],"policies":[]}}],
				"vcsData":{"projectUrl":"https://github.com/northflank/shop","projectType":"github","projectBranch":"main"},
				"buildSettings":{"dockerfile":{"buildEngine":"buildkit","dockerFilePath":"/Dockerfile","dockerWorkDir":"/"}},
				"healthChecks":[{"protocol":"HTTP","type":"readinessProbe","path":"/health","port":8080,"initialDelaySeconds":10,"periodSeconds":30,"timeoutSeconds":5,"failureThreshold":3}],
				"runtimeEnvironment":{"DATABASE":"${refs.db%d.id}","MODE":"production"}}}`, i, i, i-1)
		case 2:
			fmt.Fprintf(&b, `{"kind":"SecretGroup","spec":{"name":"secrets-%d","secretType":"environment","priority":10,"secrets":{"variables":{"A":"${args.A}","B":"b"}},
				"addonDependencies":[{"addonId":"${refs.db%d.id}","keys":[{"keyName":"POSTGRES_URI","aliases":["DATABASE_URL"]}]}],
				"restrictions":{"restricted":true,"nfObjects":[{"id":"${refs.web%d.id}","type":"service"}],"tags":[]}}}`, i, i-2, i-1)
		default:
			fmt.Fprintf(&b, `{"kind":"Condition","spec":{"kind":"Service","spec":{"type":"running","data":{"serviceId":"${refs.web%d.id}","timeoutDuration":600}}}}`, i-2)
		}
	}
	b.WriteString(`]}}}`)
	return b.String()
}

func BenchmarkValue(b *testing.B) {
	text := large(2000)
	root := syntax.Parse(text).Root()
	id := catalog.Document("template").Root
	validate.Value(root, id, validate.Options{}, func(p validate.Problem) { b.Fatal(p.Message) })
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		validate.Value(root, id, validate.Options{}, func(validate.Problem) {})
	}
}

func BenchmarkAt(b *testing.B) {
	root := syntax.Parse(large(5)).Root()
	id := catalog.Document("template").Root
	path := []string{"spec", "spec", "steps", "1", "spec", "ports", "0", "protocol"}
	b.ReportAllocs()
	for b.Loop() {
		if len(validate.At(root, id, path)) == 0 {
			b.Fatal("no schema")
		}
	}
}

func BenchmarkMistakes(b *testing.B) {
	root := syntax.Parse(strings.ReplaceAll(large(200), `"kind":"Service"`, `"kind":"Servce"`)).Root()
	id := catalog.Document("template").Root
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		validate.Value(root, id, validate.Options{}, func(validate.Problem) { n++ })
		if n == 0 {
			b.Fatal("no problems")
		}
	}
}
