package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

func TestWhatAPlatformRepeatsIsHidden(t *testing.T) {
	const planted, word = "Pl4nted-t0ken-7Qz", "hunter-two"
	source := withArguments(`{"API_TOKEN": ""}`, ``,
		`{"kind": "Message", "ref": "told", "spec": {"name": "told", "message": "the token is ${args.API_TOKEN}, or ${fn.toUpper(args.API_TOKEN)}"}}`,
		`{"kind": "DeploymentService", "ref": "web", "spec": {"name": "web", "runtimeEnvironment": {"MODE": "`+word+`"}}}`)
	for _, tt := range []struct {
		name string
		err  func() error
	}{
		{"in an error", func() error {
			return &platform.Error{Status: 400, ID: "validation", Message: "no " + planted + " and no " + word, Details: map[string]any{planted: []any{word + "!"}}}
		}},
		{"in an outcome", func() error {
			return &platform.OutcomeError{Subject: planted, State: "FAILED", Reason: strings.ToUpper(planted) + " " + word}
		}},
		{"in a doubt", func() error { return &platform.UndecidedError{Subject: planted, Candidates: []string{word}} }},
		{"in a panic", func() error { panic("cannot go on with " + planted + " and " + word) }},
		{"in a panic with a value", func() error { panic(errors.New(planted + " " + word)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			g := setUpIn(t, dir)
			g.stage.mishap = func(name string) error {
				if name == "web" {
					return tt.err()
				}
				return nil
			}
			g.compile(source, Options{Arguments: []Layer{{From: FromFlag, Values: map[string]any{"API_TOKEN": planted}, Literal: true}}}).run()
			if g.err != nil || g.result.State == StateSuccess {
				t.Fatalf("%+v, %v", g.result, g.err)
			}
			written := map[string]string{"the view": toJSON(t, g.view(g.result.ID)), "the result": toJSON(t, g.result)}
			for _, e := range g.events {
				written["event "+e.Type()] += toJSON(t, e)
			}
			if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					data, err := os.ReadFile(path)
					written[filepath.Base(path)] += string(data)
					return err
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			for where, text := range written {
				for _, secret := range []string{planted, strings.ToUpper(planted), word} {
					if strings.Contains(text, secret) {
						t.Errorf("%s shows %q", where, secret)
					}
				}
			}
			if !strings.Contains(written["the view"], "the token is ***, or ***") {
				t.Errorf("the message is shown as %s", written["the view"])
			}
		})
	}
}
