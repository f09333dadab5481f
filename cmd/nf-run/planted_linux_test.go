package main

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

// The tree of a run shows what a person sees while it goes on, and traces on the
// console above it; what a failed attempt says of secrets is in both.
func TestPlantedSecretsAreNotInATree(t *testing.T) {
	p := newPlantation(t)
	p.set()
	fail := "once=2:cannot start with " + plants["flag"] + " and " + strings.ToUpper(plants["env"]) + " of user:" + plants["neutral"] + " in " + url.QueryEscape(plants["file"])
	args := append([]string{"run", "--fail", fail}, plantedRun()...)
	for i, a := range args {
		if a == "planted.json" || a == "arguments.json" {
			args[i] = filepath.Join(p.dir, a)
		}
	}
	for name, c := range map[string]struct {
		width int
		env   string
		shown string
	}{
		"a wide terminal":   {400, "TERM=xterm", "cannot start with"},
		"a narrow terminal": {40, "TERM=xterm", "once"},
		"plain lines":       {400, "TERM=dumb", "cannot start with"},
		"traces":            {400, "OTEL_TRACES_EXPORTER=console", "resourceSpans"},
	} {
		d := sit(t, c.width, 60, append(p.env[:len(p.env):len(p.env)], "NO_COLOR=", c.env), args...)
		if code, screen := d.leaves(); code != exitOK {
			t.Fatalf("%s: exit code %d:\n%s", name, code, screen)
		}
		if p.written[name] = d.written(); !strings.Contains(p.written[name], c.shown) {
			t.Errorf("%s does not show %q:\n%s", name, c.shown, p.written[name])
		}
	}
	p.learn()
	p.search()
}
