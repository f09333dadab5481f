package engine

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Bounds of the settings of a node.
const (
	mostAttempts = 1000
	longestPause = 1_000_000 // seconds
)

// settings reads how often nodes are tried. That has to be known before a run begins,
// so that expressions in it may use arguments and no outputs.
func (c *compiler) settings() {
	for i, n := range c.nodes {
		if n == nil || n.Flow != template.NoFlow {
			continue
		}
		settings := n.Value().Get("settings")
		if !settings.IsValid() {
			continue
		}
		out := &c.program.Nodes[i]
		out.MaxAttempts = c.setting(i, settings.Get("maxAttempts"), "/settings/maxAttempts", mostAttempts)
		out.BackoffSeconds = c.setting(i, settings.Get("backoff").Get("delay"), "/settings/backoff/delay", longestPause)
	}
}

// setting is a whole number from 1; 0 where there is none.
func (c *compiler) setting(node int, v syntax.Value, pointer string, most float64) int {
	f, ok := v.Float()
	if v.Kind() == syntax.KindString {
		text := v.Text()
		if strings.Contains(text, "${") {
			known := ""
			if known, ok = c.known(node, text, pointer); !ok {
				n := &c.program.Nodes[node]
				c.problems = append(c.problems, Problem{Node: n.Path, Code: CodeEvaluation, Range: v.Range(),
					Message: fmt.Sprintf("%s: %s has to be known before the run begins: use arguments in it, and no outputs of nodes", n.Label, strings.ReplaceAll(pointer[1:], "/", "."))})
				return 0
			}
			text = known
		}
		var err error
		f, err = strconv.ParseFloat(strings.TrimSpace(text), 64)
		ok = err == nil
	}
	if !ok || f < 1 {
		return 0
	}
	return int(min(f, most))
}

// known is the text of an expression that needs no outputs.
func (c *compiler) known(node int, text, pointer string) (string, bool) {
	if c.early == nil {
		c.early = newScope(c.program, systemClock{}.Now())
		for i := range c.early.outputs {
			c.early.outputs[i] = output{value: expr.Unknown(expr.TypeAny), there: true, partial: true}
		}
		c.early.keep = func(context.Context, string, string, func() (expr.Value, error)) (expr.Value, error) {
			return expr.Unknown(expr.TypeString), nil
		}
	}
	v, err := env{c.early, node}.resolve(context.Background(), expr.String(text), c.program.Nodes[node].Place, pointer, nil)
	if err != nil || !v.Known() {
		return "", false
	}
	return v.Text(), true
}
