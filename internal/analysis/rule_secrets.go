package analysis

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Secrets in a template are seen by everybody who can read the repository. A
// literal is reported where the schema says that the place is for a secret, where
// its name says so and it looks like one, and where it has the shape of a
// well-known token. Expressions, empty texts and placeholders never are.

const moveSecret = "keep it out of the file: declare an argument without a value, write ${args.NAME} here, and set the value as an argument override."

// checkSecretProperty reports a literal in a property that takes a secret.
func checkSecretProperty(r *reporter, noted validate.Noted) {
	v := noted.Value
	if v.Kind() != syntax.KindString {
		return
	}
	if isSecret(v.Text()) {
		r.add(CodeSecretInTemplate, v.Range(), fmt.Sprintf("%q is a secret; %s", noted.Member.KeyText(), moveSecret))
	}
}

// checkNamedSecrets reports members of an environment, or of arguments, whose
// names say that they are secrets and whose values look like some.
func checkNamedSecrets(r *reporter, object syntax.Value) {
	for m := range object.Members() {
		v := m.Value()
		if v.Kind() != syntax.KindString || !namesSecret(m.KeyText()) {
			continue
		}
		if text := v.Text(); isSecret(text) && LooksRandom(text) {
			r.add(CodeSecretInTemplate, v.Range(), fmt.Sprintf("the value of %q looks like a secret; %s", m.KeyText(), moveSecret))
		}
	}
}

// secretWords are the last words of names of secrets.
var secretWords = [...]string{"SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "APIKEY", "API_KEY", "ACCESS_KEY", "SECRET_KEY", "PRIVATE_KEY", "ENCRYPTION_KEY", "SIGNING_KEY"}

func namesSecret(name string) bool {
	name = strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
	for _, w := range secretWords {
		if strings.HasSuffix(name, w) {
			return true
		}
	}
	return false
}

// placeholders are words of which the values consist that people put in until
// the real one is known.
var placeholders = [...]string{
	"example", "placeholder", "changeme", "change-me", "change_me", "change me", "replace", "your", "insert", "todo", "dummy", "sample",
	"xxxx", "****", "....", "____", "<", "${", "override", "redacted", "hidden", "none", "null", "undefined", "secret", "password", "test", "default",
}

func isPlaceholder(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" || text == "-" || text == "..." {
		return true
	}
	for _, p := range placeholders {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// isSecret reports whether a text where a secret belongs is one.
func isSecret(text string) bool {
	return !isPlaceholder(text) && distinct(text) >= 4 && tokenIn(text) == "" // which is reported as such
}

// Confidential reports whether a text that stands under a name is not to be shown to
// those who look for something else: the name says that it is a secret, it has the form
// of a well-known token or of a key, or it is an address with a password.
func Confidential(name, text string) bool {
	if namesSecret(name) || tokenIn(text) != "" || strings.Contains(text, "PRIVATE KEY-----") {
		return true
	}
	scheme, rest, ok := strings.Cut(text, "://")
	authority, _, _ := strings.Cut(rest, "/")
	user, _, named := strings.Cut(authority, "@")
	return ok && scheme != "" && named && strings.Contains(user, ":")
}

func distinct(s string) int {
	var seen [256]bool
	n := 0
	for i := range len(s) {
		if !seen[s[i]] {
			seen[s[i]] = true
			n++
		}
	}
	return n
}

// LooksRandom reports whether a text is of the kind that programs make up:
// letters and digits mixed, without blanks, and as varied as chance makes them.
func LooksRandom(text string) bool {
	if len(text) < 16 || strings.ContainsAny(text, " \t\r\n") || strings.Contains(text, "://") {
		return false
	}
	var counts [256]int
	digits, letters := 0, 0
	for i := range len(text) {
		c := text[i]
		counts[c]++
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		}
	}
	if digits < 2 || letters < 2 {
		return false
	}
	bits := 0.0
	for _, n := range counts {
		if n > 0 {
			p := float64(n) / float64(len(text))
			bits -= p * math.Log2(p)
		}
	}
	return bits >= 3
}

// checkTokens reports well-known tokens in a node, its steps and the nodes of
// nested documents aside.
func checkTokens(r *reporter, n *template.Node) {
	v := n.Value()
	var foreign []syntax.Range
	if n.HasSteps() {
		foreign = append(foreign, n.Spec().Get("steps").Range())
	}
	for _, s := range n.Nested() {
		foreign = append(foreign, rootsOf(s)...)
	}
	checkTokensAround(r, v, foreign)
}

// checkScopeTokens reports well-known tokens in a document's own properties.
func checkScopeTokens(r *reporter, s *template.Scope) { checkTokensAround(r, s.Value, rootsOf(s)) }

// rootsOf returns where the nodes of a document stand.
func rootsOf(s *template.Scope) []syntax.Range {
	var out []syntax.Range
	for _, n := range []*template.Node{s.Root, s.Teardown} {
		if n != nil {
			out = append(out, n.Value().Range())
		}
	}
	return out
}

func checkTokensAround(r *reporter, v syntax.Value, foreign []syntax.Range) {
	slices.SortFunc(foreign, func(a, b syntax.Range) int { return a.Start - b.Start })
	at := v.Range().Start
	for _, f := range foreign {
		checkTokensIn(r, v.Tree(), syntax.Range{Start: at, End: f.Start})
		at = f.End
	}
	checkTokensIn(r, v.Tree(), syntax.Range{Start: at, End: v.Range().End})
}
