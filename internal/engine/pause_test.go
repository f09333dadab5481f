package engine

import "testing"

// remarks are what the engine has remarked.
func (g *given) remarks() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []string
	for _, e := range g.events {
		if l, ok := e.Payload.(*Log); ok {
			out = append(out, l.Level+": "+l.Message)
		}
	}
	return out
}

// Requests that wait for an hour look as if the run hung. It is said once for all
// of them.
func TestAWaitForTheRateLimitIsTold(t *testing.T) {
	g := setUp(t).compile(doc(parallel(node("a", `"pause": 3600, "hold": true`), node("b", `"pause": 3600, "hold": true`), node("c", `"pause": 1, "hold": true`))))
	go func() {
		for range 3 {
			<-g.stage.reached
		}
		eventually(t, "it is told", func() bool { return len(g.remarks()) > 0 })
		for _, name := range []string{"a", "b", "c"} {
			g.stage.release(name)
		}
	}()
	if g.run(); g.err != nil || g.result.State != StateSuccess {
		t.Fatalf("%+v, %v", g.result, g.err)
	}
	if got := g.remarks(); len(got) != 1 || got[0] != "info: the platform's rate limit is spent: requests wait for 1h0m0s" {
		t.Errorf("told were %q", got)
	}
}
