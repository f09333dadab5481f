package main

import "testing"

func TestMarkdownTextStandsForItself(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                      "plain",
		"a | b":                      `a \| b`,
		"<img src=x> & `code`":       "&lt;img src=x> &amp; \\`code\\`",
		"[link](http://x) **bold**":  `\[link\](http://x) \*\*bold\*\*`,
		"two\nlines\r\n| of a table": `two lines \| of a table`,
	} {
		if got := markdownText(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
