package local_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

const task = `{"name": %q, "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0,
	"deployment": {"external": {"imagePath": "nginx:latest"}}}`

// TestTwoPlatformsOnOneFolder lets two platforms do the same things at once.
func TestTwoPlatformsOnOneFolder(t *testing.T) {
	const workers, each = 4, 25
	ctx, dir := context.Background(), t.TempDir()
	platforms := []*local.Platform{open(t, local.Options{Dir: dir}), open(t, local.Options{Dir: dir})}
	var wg sync.WaitGroup
	var mu sync.Mutex
	created, runs := map[string]int{}, map[string]bool{}
	path := platform.Params{Path: map[string]string{"projectId": "shared"}}
	for _, p := range platforms {
		for range workers {
			wg.Go(func() {
				if err := put(p, "shared"); err != nil {
					t.Error(err)
					return
				}
				for i := range each {
					name := fmt.Sprintf("task-%d", i)
					_, err := p.Do(ctx, platform.OpCreateManualJob, path, []byte(fmt.Sprintf(task, name)))
					var refused *platform.Error
					if err != nil && (!errors.As(err, &refused) || refused.Status != 409) {
						t.Error(err)
					}
					if err == nil {
						mu.Lock()
						created[name]++
						mu.Unlock()
					}
					response, err := p.Do(ctx, platform.OpRunJob, platform.Params{Token: "run-" + name,
						Path: map[string]string{"projectId": "shared", "jobId": name}}, nil)
					if err != nil {
						t.Error(err)
						continue
					}
					var run any
					if err := response.Data(&run); err != nil {
						t.Error(err)
					}
					mu.Lock()
					runs[jsonvalue.String(run, "id")] = true
					mu.Unlock()
				}
			})
		}
	}
	wg.Wait()
	for name, times := range created {
		if times != 1 {
			t.Errorf("%s was created %d times", name, times)
		}
	}
	if len(created) != each || len(runs) != each {
		t.Errorf("%d jobs were created and %d runs started, want %d of each", len(created), len(runs), each)
	}
	effects, err := platforms[0].Effects(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for i, e := range effects {
		counts[e.Op+" "+string(e.Change)]++
		if e.Seq != int64(i+1) {
			t.Fatalf("entry %d of the log has the number %d", i, e.Seq)
		}
	}
	for what, want := range map[string]int{
		platform.OpCreateOrUpdateProject + " create": 1,
		platform.OpCreateManualJob + " create":       each,
		platform.OpRunJob + " run":                   each,
	} {
		if counts[what] != want {
			t.Errorf("the log has %d of %q, want %d", counts[what], what, want)
		}
	}
}

// TestGivingUp cancels callers while others go on.
func TestGivingUp(t *testing.T) {
	p := open(t, local.Options{})
	if err := put(p, "shared"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(context.Background())
			if i%2 == 0 {
				cancel()
			}
			defer cancel()
			_, err := p.Do(ctx, platform.OpCreateManualJob, platform.Params{Path: map[string]string{"projectId": "shared"}},
				[]byte(fmt.Sprintf(task, fmt.Sprintf("task-%d", i))))
			if i%2 == 0 && !errors.Is(err, context.Canceled) || i%2 == 1 && err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	effects, err := p.Effects(context.Background(), 1)
	if err != nil || len(effects) != 10 {
		t.Errorf("there are %d effects, %v; want those of the 10 that did not give up", len(effects), err)
	}
}
