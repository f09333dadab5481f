package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// groups is a template of secret groups, each of which holds the identifier of the
// one before where they are chained.
func groups(size int, flow string, chained bool) string {
	steps := make([]string, size)
	for i := range steps {
		value := fmt.Sprintf("value %d", i)
		if chained && i > 0 {
			value = fmt.Sprintf("${refs.n%d.id}", i-1)
		}
		steps[i] = fmt.Sprintf(`{"kind": "SecretGroup", "ref": "n%d", "spec": {"name": "node-%d", "secretType": "environment", "priority": 10, "secrets": {"variables": {"VALUE": %q}}}}`, i, i, value)
	}
	return `{"apiVersion": "v1.2", "name": "Groups", "project": {"spec": {"name": "Bench", "region": "europe-west"}}, "spec": {"kind": "Workflow", "spec": {"type": "` + flow + `", "steps": [` +
		strings.Join(steps, ",\n") + `]}}}`
}

// checked makes the engine look at nodes as nf-run does.
func (b *bench) checked() *bench {
	b.engine.Checker = engine.CatalogChecker{Assert: assert.Node}
	return b
}

// Each run makes resources of its own, so that none finds what another has made.
func BenchmarkRunLocal(b *testing.B) {
	for name, source := range map[string]string{
		"chain": groups(1000, "sequential", true),
		"fan":   groups(1000, "parallel", false),
	} {
		b.Run(name, func(b *testing.B) {
			p := program(b, source, engine.Options{})
			for b.Loop() {
				b.StopTimer()
				it := newBench(b, b.TempDir()).checked()
				b.StartTimer()
				if r, err := it.engine.Run(context.Background(), p, engine.RunOptions{}); err != nil || r.State != engine.StateSuccess {
					b.Fatal(r, err)
				}
			}
			b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "nodes/s")
		})
	}
}

func BenchmarkPlanLocal(b *testing.B) {
	for name, source := range map[string]string{
		"chain": groups(1000, "sequential", true),
		"fan":   groups(1000, "parallel", false),
	} {
		b.Run(name, func(b *testing.B) {
			p := program(b, source, engine.Options{})
			it := newBench(b, b.TempDir()).checked()
			for b.Loop() {
				if _, err := it.engine.Plan(context.Background(), p); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*1000)/b.Elapsed().Seconds(), "nodes/s")
		})
	}
}
