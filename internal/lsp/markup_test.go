package lsp

import "testing"

func TestPlainText(t *testing.T) {
	tests := []struct{ name, markdown, want string }{
		{"text stands for itself", "a name of 3 to 20 characters", "a name of 3 to 20 characters"},
		{"emphasis and code", "**name** (string): `a` or ``b`c``", "name (string): a or b`c"},
		{"fences", "```\nfn.if(a, *b*)\n```\n\nChooses.", "fn.if(a, *b*)\n\nChooses."},
		{"headings and quotes", "## Ports\n> open ones", "Ports\n open ones"},
		{"links keep their text", "see [the `docs`](https://x.y/z) [not this]", "see the docs [not this]"},
		{"lists stay", "- one of `a`\n- at most **5**", "- one of a\n- at most 5"},
		{"escapes", `\*\*not bold\*\* C:\dir \\`, `**not bold** C:\dir \`},
		{"multiplication and underscores", "2 * 3 = snake_case", "2 * 3 = snake_case"},
		{"an open code span", "`open", "`open"},
		{"expressions", "`${refs.a.id}` and ${x}", "${refs.a.id} and ${x}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := plainText(tt.markdown); got != tt.want {
				t.Errorf("%q becomes %q, want %q", tt.markdown, got, tt.want)
			}
		})
	}
}
