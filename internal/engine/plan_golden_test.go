package engine_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Plans are compared with what they were, byte by byte: the same template in the
// same world gives the same text, in whatever order the platform answers, and
// every change of the format is seen in review.
func TestPlansAreStable(t *testing.T) {
	b := newBench(t, t.TempDir())
	source := read(t, "testdata/plan/shop.json")
	plan := func(name string, arguments map[string]any) {
		t.Helper()
		opts := engine.Options{File: "/srv/shop.json", Arguments: []engine.Layer{{From: engine.FromFlag, Values: arguments, Literal: true}}}
		var first []byte
		for range 8 {
			p, err := b.engine.Plan(t.Context(), program(t, source, opts))
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.MarshalIndent(p, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = append(text, '\n')
			} else if !bytes.Equal(append(text, '\n'), first) {
				t.Fatalf("%s: a second plan differs:\n%s", name, cmp.Diff(string(first), string(text)+"\n"))
			}
		}
		path := filepath.Join("testdata", "plan", name+".golden.json")
		if *update {
			if err := os.WriteFile(path, first, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(read(t, path), string(first)); diff != "" {
			t.Errorf("%s: the plan has changed (go test ./internal/engine -run Stable -update writes it anew):\n%s", name, diff)
		}
	}
	plan("first", nil)
	if r := b.run(program(t, source, engine.Options{File: "/srv/shop.json"})); r.State != engine.StateSuccess {
		t.Fatalf("%+v", r.Error)
	}
	plan("unchanged", nil)
	plan("changed", map[string]any{"INSTANCES": 3, "TAG": "v2", "REPORTS": true})
	plan("refused", map[string]any{"REGION": "us-east"})
}
