package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
)

func TestRetryRunsWhatFailedAndWhatHangsOnIt(t *testing.T) {
	g := setUp(t).compile(doc(sequence(
		node("a", ""),
		parallel(
			node("b", `"fail": 3`),
			`{"kind": "Thing", "ref": "soft", "spec": {"name": "soft-${fn.if(refs.b.id, 'with', 'without')}"}}`,
			`{"kind": "Thing", "ref": "hard", "spec": {"name": "hard-${refs.b.id}"}}`,
			node("c", "")),
		node("d", "")))).run()
	if got, want := g.view(g.result.ID).states(), "a=success b=failure soft=success hard=failure c=success d=pending"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	if !strings.Contains(g.stage.said(), "soft-without") {
		t.Error("the soft reference was not undefined")
	}
	r, err := g.engine.Retry(t.Context(), g.result.ID, g.options())
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	said := strings.Split(g.stage.said(), ", ")
	if len(said) != 4 || said[0] != "made b" || said[3] != "made d" || !strings.Contains(strings.Join(said, " "), "made soft-with made") && !strings.Contains(strings.Join(said, " "), "made hard-b made soft-with") {
		t.Errorf("the platform %v", said)
	}
	v := g.view(g.result.ID)
	if got, want := v.states(), "a=success b=success soft=success hard=success c=success d=success"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if b := v.node("b"); len(b.Attempts) != 4 || b.Attempts[3].MaxAttempts != 6 || v.Status != StateSuccess || len(v.node("c").Attempts) != 1 {
		t.Errorf("%s %s", v.Status, toJSON(t, b))
	}
	if _, err := g.engine.Retry(t.Context(), g.result.ID, g.options()); err == nil || !strings.Contains(err.Error(), "has succeeded") {
		t.Errorf("error %v", err)
	}
}

func TestARetryThatIsCutOffGoesOn(t *testing.T) {
	g := setUp(t).compile(doc(sequence(node("a", `"fail": 3`), node("b", ""), node("c", "")))).run()
	if g.result.State != StateFailure {
		t.Fatal(g.result)
	}
	g.stage.said()
	g.stage.setHook(func(what string) {
		if what == "start b" {
			fenceOut(t, g.engine.Store.RunDir(g.result.ID))
		}
	})
	if _, err := g.engine.Retry(t.Context(), g.result.ID, RunOptions{}); err == nil || !strings.Contains(err.Error(), journal.ErrFenced.Error()) {
		t.Fatalf("it was not cut off: %v", err)
	}
	g.stage.setHook(nil)
	r, err := g.engine.Resume(t.Context(), g.result.ID, g.options())
	if err != nil || r.State != StateSuccess {
		t.Fatalf("%+v, %v", r, err)
	}
	if got := g.stage.said(); got != "made a, made b, made b, made c" {
		t.Errorf("the platform %s", got)
	}
}

func TestDelays(t *testing.T) {
	tests := []struct {
		name    string
		node    Node
		attempt int
		random  float64
		want    time.Duration
	}{
		{"the first is half a second at least", Node{}, 1, 0, 500 * time.Millisecond},
		{"and a second at most", Node{}, 1, 1, time.Second},
		{"they double", Node{}, 3, 1, 4 * time.Second},
		{"up to half a minute", Node{}, 30, 1, 30 * time.Second},
		{"a fixed delay is kept to", Node{BackoffSeconds: 60}, 2, 0.3, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.node.delay(tt.attempt, tt.random); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
