package local_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// BenchmarkPut creates resources durably, one caller at a time and many at once:
// those share commits.
func BenchmarkPut(b *testing.B) {
	for _, callers := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			p := open(b, local.Options{})
			if err := put(p, "shop"); err != nil {
				b.Fatal(err)
			}
			var n atomic.Int64
			b.SetParallelism(callers)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					body := fmt.Sprintf(task, fmt.Sprintf("task-%d", n.Add(1)))
					if _, err := p.Do(context.Background(), platform.OpPutManualJob, platform.Params{Path: where()}, []byte(body)); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkGet reads a resource.
func BenchmarkGet(b *testing.B) {
	s := newStage(b)
	s.do(platform.OpPutAddon, where(), database)
	b.ResetTimer()
	for range b.N {
		s.do(platform.OpGetAddon, where("addonId", "base"), "")
	}
}
