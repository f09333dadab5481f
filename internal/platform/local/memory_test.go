package local

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A rememberer is a platform that keeps answers, with a clock that is set.
type rememberer struct {
	*Platform
	t testing.TB
}

func remembering(t testing.TB, dir string, clock func() time.Time, delays Delays) rememberer {
	t.Helper()
	p := New(Options{Dir: dir, Remembers: true, Clock: clock, Delays: &delays})
	t.Cleanup(func() { _ = p.Close() })
	return rememberer{p, t}
}

func (r rememberer) do(op string, path map[string]string, query map[string]string, body string) string {
	r.t.Helper()
	response, err := r.Do(context.Background(), op, platform.Params{Path: path, Query: query}, json.RawMessage(body))
	if err != nil {
		r.t.Fatalf("%s: %v", op, err)
	}
	return string(response.Body)
}

// kept tells whether an answer comes from memory.
func (r rememberer) kept(op string, params platform.Params) bool {
	operation, _ := platform.LookupOperation(op)
	_, _, ok := r.store.memory.find(context.Background(), question(&operation, params))
	return ok
}

var home = map[string]string{"projectId": "home"}

func variableV(value string) string {
	return fmt.Sprintf(`{"name": "web", "secretType": "environment", "priority": 10, "secrets": {"variables": {"V": %q}}}`, value)
}

func TestAnAnswerIsKeptUntilSomebodyWrites(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	p := remembering(t, dir, nil, Delays{})
	other := New(Options{Dir: dir, Delays: &Delays{}}) // another process, as far as SQLite knows
	t.Cleanup(func() { _ = other.Close() })
	p.do(platform.OpCreateProject, nil, nil, `{"name": "Home", "region": "europe-west"}`)
	details := map[string]string{"projectId": "home", "secretId": "web"}
	p.do(platform.OpPutProjectSecret, home, nil, variableV("one"))
	for i, write := range []func(value string){
		func(value string) { p.do(platform.OpPutProjectSecret, home, nil, variableV(value)) },
		func(value string) {
			if _, err := other.Do(t.Context(), platform.OpPutProjectSecret, platform.Params{Path: home}, json.RawMessage(variableV(value))); err != nil {
				t.Fatal(err)
			}
		},
	} {
		first := p.do(platform.OpGetProjectSecretDetails, details, nil, "")
		if !p.kept(platform.OpGetProjectSecretDetails, platform.Params{Path: details}) {
			t.Error("what was asked for is not kept")
		}
		if again := p.do(platform.OpGetProjectSecretDetails, details, nil, ""); again != first {
			t.Errorf("the same is answered differently: %s, %s", first, again)
		}
		value := fmt.Sprintf("new-%d", i)
		write(value)
		if got := p.do(platform.OpGetProjectSecretDetails, details, nil, ""); !strings.Contains(got, value) {
			t.Errorf("after write %d the answer is %s", i, got)
		}
	}
}

func TestQuestionsThatDifferHaveAnswersOfTheirOwn(t *testing.T) {
	p := remembering(t, t.TempDir(), nil, Delays{})
	p.do(platform.OpCreateProject, nil, nil, `{"name": "Home", "region": "europe-west"}`)
	p.do(platform.OpCreateProject, nil, nil, `{"name": "Away", "region": "europe-west"}`)
	for _, name := range []string{"a", "b", "c"} {
		p.do(platform.OpPutProjectSecret, home, nil, fmt.Sprintf(`{"name": "%s-group", "secretType": "environment", "priority": 1, "secrets": {}}`, name))
	}
	answers := map[string]string{}
	for _, query := range []map[string]string{nil, {"per_page": "1"}, {"per_page": "2"}, {"per_page": "1", "page": "2"}, {"page": "2"}} {
		for _, project := range []string{"home", "away"} {
			for range 2 {
				answer := p.do(platform.OpListProjectSecrets, map[string]string{"projectId": project}, query, "")
				key := fmt.Sprint(project, query)
				if before, ok := answers[key]; ok && before != answer {
					t.Errorf("%s: %s, then %s", key, before, answer)
				}
				answers[key] = answer
			}
		}
	}
	distinct := map[string]bool{}
	for _, a := range answers {
		distinct[a] = true
	}
	if len(distinct) != 5 { // those of the empty project are alike
		t.Errorf("%d different answers: %v", len(distinct), answers)
	}
}

func TestAnAnswerIsNotKeptWhileSomethingGoesOn(t *testing.T) {
	var ahead atomic.Int64
	start := time.Now()
	p := remembering(t, t.TempDir(), func() time.Time { return start.Add(time.Duration(ahead.Load())) }, Delays{Provision: time.Hour})
	p.do(platform.OpCreateProject, nil, nil, `{"name": "Home", "region": "europe-west"}`)
	p.do(platform.OpCreateAddon, home, nil, `{"name": "base", "type": "redis", "version": "7.2.4", "billing": {"deploymentPlan": "nf-compute-20", "storageClass": "nvme", "storage": 4096, "replicas": 1}}`)
	path := map[string]string{"projectId": "home", "addonId": "base"}
	seen := map[string]bool{}
	for range 200 {
		answer := p.do(platform.OpGetAddon, path, nil, "")
		var data struct{ Data struct{ Status string } }
		_ = json.Unmarshal([]byte(answer), &data)
		seen[data.Data.Status] = true
		uncached := New(Options{Dir: p.dir, Clock: p.clock, Delays: &Delays{}})
		fresh, err := uncached.Do(t.Context(), platform.OpGetAddon, platform.Params{Path: path}, nil)
		_ = uncached.Close()
		if err != nil || string(fresh.Body) != answer {
			t.Fatalf("%s into it the answer is %s, and fresh %s, %v", time.Duration(ahead.Load()), answer, fresh.Body, err)
		}
		ahead.Add(int64(30 * time.Second))
	}
	if !seen["running"] || len(seen) < 2 {
		t.Errorf("the states were %v", seen)
	}
}

// Whoever has been told that a write is done reads it, however many ask at the time.
func TestNobodyReadsWhatWasBeforeAWriteThatIsDone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "p")
	p := remembering(t, dir, nil, Delays{})
	p.do(platform.OpCreateProject, nil, nil, `{"name": "Home", "region": "europe-west"}`)
	p.do(platform.OpPutProjectSecret, home, nil, variableV("0"))
	details := platform.Params{Path: map[string]string{"projectId": "home", "secretId": "web"}}
	var done atomic.Int64 // the newest write that is done
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				atLeast := done.Load()
				response, err := p.Do(context.Background(), platform.OpGetProjectSecretDetails, details, nil)
				var answer struct {
					Data struct {
						Secrets struct{ Variables struct{ V string } }
					}
				}
				if err == nil {
					err = json.Unmarshal(response.Body, &answer)
				}
				var got int64
				if _, scanErr := fmt.Sscan(answer.Data.Secrets.Variables.V, &got); err != nil || scanErr != nil || got < atLeast {
					t.Errorf("write %d was done, and the answer is %s, %v", atLeast, response.Body, err)
					return
				}
			}
		})
	}
	for i := int64(1); i <= 300; i++ {
		p.do(platform.OpPutProjectSecret, home, nil, variableV(fmt.Sprint(i)))
		done.Store(i)
	}
	close(stop)
	all.Wait()
}

func TestAMemoryIsBounded(t *testing.T) {
	m := &memory{answers: map[string]platform.Response{}}
	for i := range 1000 {
		m.keep(fmt.Sprint(i), 0, platform.Response{Body: make([]byte, 100<<10)})
	}
	if m.size > maxMemory || len(m.answers) == 0 {
		t.Errorf("%d answers of %d bytes", len(m.answers), m.size)
	}
	m.keep("large", 0, platform.Response{Body: make([]byte, maxAnswer+1)})
	m.keep("late", 7, platform.Response{})
	for _, key := range []string{"large", "late"} {
		if _, ok := m.answers[key]; ok {
			t.Errorf("%s is kept", key)
		}
	}
}
