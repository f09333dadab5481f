package main

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/platform/tofu/faketofu"
	"github.com/rogpeppe/go-internal/testscript"
)

// The commands are tested as scripts, each in an empty folder with a state
// folder of its own: see testdata/script.
func TestMain(m *testing.M) {
	// The keyring of whoever runs the tests is left alone. The commands of scripts
	// are this program too, and say themselves what they want.
	if _, ok := os.LookupEnv(seal.PlaceVariable); !ok {
		_ = os.Setenv(seal.PlaceVariable, string(seal.File))
	}
	testscript.Main(m, map[string]func(){
		"nf-run":   func() { os.Exit(execute()) },
		"receiver": receiver,
		"faketofu": func() { os.Exit(faketofu.Main(os.Args[1:])) },
		// nf-run-keyring is nf-run on a machine with a keyring.
		"nf-run-keyring": func() {
			c := &command{in: os.Stdin, out: os.Stdout, errOut: os.Stderr, keyring: folderRing(os.Getenv("RING"))}
			os.Exit(c.execute(context.Background(), os.Args[1:]))
		},
	})
}

// A folderRing is a keyring in a folder: a file for each entry. Where there is a
// file "locked" it does not answer, without the folder there is no keyring.
type folderRing string

func (r folderRing) Available() bool {
	_, err := os.Stat(string(r))
	return err == nil
}

func (r folderRing) path(service, account string) string {
	for {
		if _, err := os.Stat(filepath.Join(string(r), "locked")); err != nil {
			return filepath.Join(string(r), service+"-"+url.QueryEscape(account))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (r folderRing) Set(service, account, text string) error {
	return os.WriteFile(r.path(service, account), []byte(text), 0o600)
}

func (r folderRing) Get(service, account string) (string, error) {
	text, err := os.ReadFile(r.path(service, account))
	if errors.Is(err, fs.ErrNotExist) {
		err = seal.ErrNoEntry
	}
	return string(text), err
}

func (r folderRing) Delete(service, account string) error {
	err := os.Remove(r.path(service, account))
	if errors.Is(err, fs.ErrNotExist) {
		err = seal.ErrNoEntry
	}
	return err
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
			env.Setenv("GORACE", os.Getenv("GORACE")) // how the race detector ends a process
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			// waitfor FILE waits until a file is there.
			"waitfor": func(ts *testscript.TestScript, _ bool, args []string) {
				for range 1500 {
					if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
						return
					}
					time.Sleep(20 * time.Millisecond)
				}
				ts.Fatalf("%s never came to be", args[0])
			},
			// fileenv NAME FILE sets a variable to what a file holds.
			"fileenv": func(ts *testscript.TestScript, _ bool, args []string) {
				ts.Setenv(args[0], ts.ReadFile(args[1]))
			},
		},
		Condition: func(cond string) (bool, error) {
			return cond == "root" && os.Getuid() == 0, nil
		},
	})
}
