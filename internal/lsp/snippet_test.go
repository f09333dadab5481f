package lsp

import (
	"strings"
	"testing"
)

func TestPlainSnippet(t *testing.T) {
	tests := []struct{ name, snippet, want string }{
		{"text stands for itself", `"name": true`, `"name": true`},
		{"a place leaves nothing", `a$1b${2}c$0`, "abc"},
		{"a proposal stays", `"${1:name}": ${2:true}`, `"name": true`},
		{"a proposal in a proposal", `${1:a ${2:b} c}`, "a b c"},
		{"of a choice the first stays", `"${1|one,two,three|}"`, `"one"`},
		{"a choice of one", `${1|one|}x`, "onex"},
		{"escapes are taken away", `\$\{refs.${1:x}.id\} \\`, `${refs.x.id} \`},
		{"an escape in a choice", `${1|a\,b,c|}`, "a,b"},
		{"an escape in a proposal", `${1:a\}b}`, "a}b"},
		{"what is no place stands for itself", `$ ${ $x ${x} $`, `$ ${ $x ${x} $`},
		{"a place that does not end", `${1:abc`, "abc"},
		{"a choice that does not end", `${1|a,b`, "a"},
		{"a place cut short", `${1`, "${1"},
		{"a lone backslash", `a\`, `a\`},
		{"several lines", "{\n\t\"kind\": \"$1\"\n}", "{\n\t\"kind\": \"\"\n}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := plainSnippet(tt.snippet); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.snippet, got, tt.want)
			}
		})
	}
}

func FuzzPlainSnippet(f *testing.F) {
	for _, seed := range []string{`${1:a${2|b,c|}}$0\$`, `${1|`, `\`, "${1:\n}"} {
		f.Add(seed)
	}
	escape := strings.NewReplacer(`\`, `\\`, `$`, `\$`, `}`, `\}`)
	f.Fuzz(func(t *testing.T, text string) {
		if got := plainSnippet(text); len(got) > len(text) {
			t.Errorf("%q grows to %q", text, got)
		}
		if got := plainSnippet(escape.Replace(text)); got != text {
			t.Errorf("%q escaped becomes %q", text, got)
		}
	})
}
