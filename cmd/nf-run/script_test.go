package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/rogpeppe/go-internal/testscript"
)

// The commands are tested as scripts, each in an empty folder with a state
// folder of its own: see testdata/script.
func TestMain(m *testing.M) {
	// The keyring of whoever runs the tests is left alone.
	_ = os.Setenv(seal.PlaceVariable, string(seal.File))
	testscript.Main(m, map[string]func(){
		"nf-run": func() { os.Exit(execute()) },
	})
}

func TestScripts(t *testing.T) {
	templates, err := filepath.Abs("../../testdata/templates")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("TEMPLATES", templates)
			env.Setenv("NF_STATE", filepath.Join(env.WorkDir, "state"))
			env.Setenv("NO_COLOR", "1")
			env.Setenv(seal.PlaceVariable, string(seal.File))
			return nil
		},
		Condition: func(cond string) (bool, error) {
			return cond == "root" && os.Getuid() == 0, nil
		},
	})
}
