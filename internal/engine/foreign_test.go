package engine

import (
	"fmt"
	"testing"
)

// What check takes for a word of a shell, a run leaves as it is.
func TestWhatAnotherProgramReadsStaysAsItIsWritten(t *testing.T) {
	tests := []struct{ name, written, want string }{
		{"a name of a shell", "hello ${USER}", "hello ${USER}"},
		{"all of a value", "${USER}", "${USER}"},
		{"an expansion of a shell", "${HOME:-/root}/bin", "${HOME:-/root}/bin"},
		{"beside what is the template's", "${USER} of ${refs.a.id}", "${USER} of a"},
		{"escaped already", `\\${USER}`, "${USER}"},
		{"what a container reads", "${{secrets.x.values.Y}} ${USER}", "${{secrets.x.values.Y}} ${USER}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t).compile(steps(node("a", ""), fmt.Sprintf(`{"kind": "Thing", "ref": "b", "spec": {"name": "b", "runtimeEnvironment": {"WELCOME": "%s"}}}`, tt.written))).run()
			if g.err != nil || g.result.State != StateSuccess {
				t.Fatalf("%+v, %v", g.result.Error, g.err)
			}
			if got := g.stage.requests["b"].Spec.(map[string]any)["runtimeEnvironment"].(map[string]any)["WELCOME"]; got != tt.want {
				t.Errorf("%v, want %s", got, tt.want)
			}
		})
	}
	t.Run("elsewhere it is a mistake", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", `"title": "${USER}"`))).run()
		if g.err == nil {
			t.Errorf("%+v", g.result)
		}
	})
	t.Run("and so is a root of the language that leads nowhere", func(t *testing.T) {
		g := setUp(t).compile(steps(node("a", `"runtimeEnvironment": {"X": "${args.NOBODY}"}`))).run()
		if g.err == nil {
			t.Errorf("%+v", g.result)
		}
	})
	t.Run("in a loop it may be of its data", func(t *testing.T) {
		g := setUp(t).compile(steps(loop("all", two, thing("app", "${name}", `"runtimeEnvironment": {"X": "${name} ${USER} ${HOME:-/root}"}`)))).run()
		if got := g.stage.requests["acme"].Spec.(map[string]any)["runtimeEnvironment"].(map[string]any)["X"]; got != "acme ${USER} ${HOME:-/root}" {
			t.Errorf("%v, %+v", got, g.result.Error)
		}
	})
}
