package local_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// Benchmarks of reading: 10,000 secret groups, one of them, a page of them and many
// callers at once.
func BenchmarkRead(b *testing.B) {
	const groups = 10_000
	p := open(b, local.Options{})
	if err := put(p, "shop"); err != nil {
		b.Fatal(err)
	}
	for n := range groups {
		body := fmt.Sprintf(`{"name": "node-%d", "secretType": "environment", "priority": 10, "secrets": {"variables": {"VALUE": "x"}}}`, n)
		if _, err := p.Do(context.Background(), platform.OpPutProjectSecret, platform.Params{Path: where()}, []byte(body)); err != nil {
			b.Fatal(err)
		}
	}
	read := func(b *testing.B, op string, params platform.Params) {
		if _, err := p.Do(context.Background(), op, params, nil); err != nil {
			b.Error(err)
		}
	}
	one := platform.Params{Path: where("secretId", "node-77")}
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(b, platform.OpGetProjectSecretDetails, one)
		}
	})
	b.Run("one, many callers", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				read(b, platform.OpGetProjectSecretDetails, one)
			}
		})
	})
	page := platform.Params{Path: where(), Query: map[string]string{"per_page": "50", "page": "3"}}
	b.Run("a page of 50", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			read(b, platform.OpListProjectSecrets, page)
		}
	})
}
