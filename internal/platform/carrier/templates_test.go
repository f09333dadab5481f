package carrier_test

import (
	"context"
	"encoding/json"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/faultproxy"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

var faultsSeed = flag.Uint64("faults.seed", 0, "what faults are drawn from; 0 for something else each time")

// programOf compiles a template with something for each argument; nil for what does not
// compile, waits for people or speaks to others.
func programOf(t *testing.T, path string) *engine.Program {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	snapshot := analysis.NewSnapshot(syntax.Parse(string(text)), nil, nil)
	program, problems := engine.Compile(snapshot.Doc, engine.Options{Config: snapshot.Config})
	if len(problems) > 0 {
		return nil
	}
	for i := range program.Nodes {
		switch program.Nodes[i].Kind {
		case "Approval", "Message", "OpenTofu", "OpenTofuDestroy":
			return nil
		}
	}
	return program
}

// made are the resources that a platform has made, with how often.
func (w *world) made() map[string]int {
	w.t.Helper()
	effects, err := w.embedded.Effects(context.Background(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	made := map[string]int{}
	for _, e := range effects {
		if e.Change == local.Created && !strings.HasPrefix(e.Resource, "templates/nf-run-") {
			resource := e.Resource
			if front, name, ok := strings.Cut(resource, "/paths/"); ok { // whose names are made up
				mode, _, _ := strings.Cut(name, "-")
				resource = front + "/paths/" + mode
			}
			made[resource]++
		}
	}
	return made
}

// furnish makes what our templates expect to be there.
func (w *world) furnish() {
	w.t.Helper()
	do := func(op, body string) {
		if _, err := w.embedded.Do(w.t.Context(), op, platform.Params{}, json.RawMessage(body)); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, project := range []string{"website", "models", "reporting", "old-project", "portal", "editor", "search"} {
		do(platform.OpCreateProject, `{"name": "`+project+`", "region": "europe-west"}`)
	}
	do(platform.OpCreateDomain, `{"domain": "example.com", "options": {"autoVerify": true}}`)
}

// Our templates make the same, each resource once, when everything goes wrong on the way
// to the platform that can.
func TestFaultsOnTheWayOfOurTemplates(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/templates/*.json")
	if err != nil {
		t.Fatal(err)
	}
	seed := *faultsSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("draw this again with -faults.seed %d", seed)
		}
	})
	ran := 0
	for i, file := range files {
		program := programOf(t, file)
		if program == nil {
			continue
		}
		sound := newWorld(t, nil)
		sound.furnish()
		sound.engine.Platform, sound.engine.Target = platform.NewDriver(sound.embedded), sound.embedded.Name()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		result, err := sound.engine.Run(ctx, program, engine.RunOptions{})
		cancel()
		if err != nil || result.State != engine.StateSuccess {
			continue // it needs what only a person or another template can give
		}
		ran++
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			source := rand.New(rand.NewPCG(seed, uint64(i)))
			w := newWorld(t, faultproxy.Drawn(source, 0.1, faultproxy.Late, faultproxy.Reset, faultproxy.LimitedSilently, faultproxy.Lost,
				faultproxy.Lost, faultproxy.Truncated, faultproxy.GaveUp, faultproxy.Replaced))
			w.furnish()
			w.settle(programOf(t, file))
			want, got := sound.made(), w.made()
			if !maps.Equal(want, got) {
				t.Errorf("it made %v\nin place of %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
			}
			for resource, times := range got {
				if times != 1 && want[resource] == 1 {
					t.Errorf("%s was made %d times", resource, times)
				}
			}
		})
	}
	if ran < 12 {
		t.Errorf("only %d of our templates can be run", ran)
	}
}

// settle goes on with a run until it has ended well, as a patient person does.
func (w *world) settle(program *engine.Program) {
	w.t.Helper()
	result, err := w.engine.Run(w.t.Context(), program, engine.RunOptions{})
	for range 20 {
		if err != nil {
			w.t.Fatal(err)
		}
		switch result.State {
		case engine.StateSuccess:
			return
		case engine.StateUnknown:
			result, err = w.engine.Resume(w.t.Context(), result.ID, engine.RunOptions{})
		default:
			result, err = w.engine.Retry(w.t.Context(), result.ID, engine.RunOptions{})
		}
	}
	w.t.Fatalf("it does not end: %s, %+v", result.State, result.Error)
}
