package engine

import (
	"fmt"
	"strings"
	"testing"
)

func TestHowOftenANodeIsTriedIsKnownBeforeTheRun(t *testing.T) {
	tests := []struct {
		name, settings  string
		attempts, delay int
		problem         string
	}{
		{"numbers", `{"maxAttempts": 5, "backoff": {"type": "fixed", "delay": 60}}`, 5, 60, ""},
		{"numbers as text", `{"maxAttempts": "4", "backoff": {"type": "fixed", "delay": "7"}}`, 4, 7, ""},
		{"arguments", `{"maxAttempts": "${args.TRIES}", "backoff": {"type": "fixed", "delay": "${fn.multiply(args.TRIES, 10)}"}}`, 6, 60, ""},
		{"none", `{}`, 0, 0, ""},
		{"no numbers", `{"maxAttempts": "often"}`, 0, 0, ""},
		{"outputs", `{"maxAttempts": "${refs.first.tries}"}`, 0, 0, "b: settings.maxAttempts has to be known before the run begins"},
		{"what does not exist", `{"maxAttempts": "${args.NOBODY}"}`, 0, 0, "has to be known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			source := fmt.Sprintf(`{"apiVersion": "v1.2", "name": "Test", "arguments": {"TRIES": 6}, "spec": %s}`,
				sequence(node("first", ""), strings.Replace(node("b", ""), `"kind"`, `"settings": `+tt.settings+`, "kind"`, 1)))
			p, problems := compile(t, source, Options{})
			if tt.problem != "" {
				if len(problems) != 1 || !strings.Contains(problems[0].Message, tt.problem) {
					t.Errorf("%+v", problems)
				}
				return
			}
			if n := p.Nodes[2]; len(problems) > 0 || n.MaxAttempts != tt.attempts || n.BackoffSeconds != tt.delay {
				t.Errorf("%+v, %d attempts, %d seconds", problems, n.MaxAttempts, n.BackoffSeconds)
			}
		})
	}
}
