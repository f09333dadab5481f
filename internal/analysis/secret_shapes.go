package analysis

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// checkTokensIn reports well-known tokens in a stretch of the file.
func checkTokensIn(r *reporter, tree *syntax.Tree, within syntax.Range) {
	if within.Len() <= 0 {
		return
	}
	from, text := within.Start, tree.Slice(within)
	tokenRuns(text, func(run string, start, end int) {
		if name := tokenName(run); name != "" {
			r.add(CodeSecretInTemplate, syntax.Range{Start: from + start, End: from + end}, "this is "+name+"; "+moveSecret)
		}
	})
	const key = "PRIVATE KEY-----"
	for at := 0; ; {
		i := strings.Index(text[at:], key)
		if i < 0 {
			return
		}
		end := at + i + len(key)
		if start := strings.LastIndex(text[:at+i], "-----BEGIN "); start >= at && !strings.ContainsAny(text[start:end], "\"\n") {
			r.add(CodeSecretInTemplate, syntax.Range{Start: from + start, End: from + end}, "this is a private key; "+moveSecret)
		}
		at = end
	}
}

// shortestToken is the length of the shortest token that is known: the
// identifier of an AWS key.
const shortestToken = 20

// tokenRuns calls report for every run of characters of which tokens consist
// that is long enough to be one, and where it stands: escapes of JSON are what they
// mean. Text is looked at in steps of that length, so that most of it is never
// touched.
func tokenRuns(text string, report func(run string, start, end int)) {
	for at := shortestToken - 1; at < len(text); {
		if !isTokenByte(text[at]) {
			at += shortestToken
			continue
		}
		start, end, escaped := at, at+1, false
		more := func(c byte) bool {
			escaped = escaped || c == '\\'
			return c == '\\' || isTokenByte(c)
		}
		for start > 0 && more(text[start-1]) {
			start--
		}
		for end < len(text) && more(text[end]) {
			end++
		}
		switch {
		case escaped:
			escapedRuns(text[start:end], func(run string, from, to int) { report(run, start+from, start+to) })
		case end-start >= shortestToken:
			report(text[start:end], start, end)
		}
		at = end + shortestToken
	}
}

// escapedRuns does what tokenRuns does for a text of which nothing is left out.
func escapedRuns(text string, report func(run string, start, end int)) {
	var run []byte
	start := 0
	for i := 0; i <= len(text); {
		var c byte
		n := 1
		switch {
		case i == len(text):
		case text[i] != '\\':
			c = text[i]
		default:
			n = 2
			if i+6 <= len(text) && text[i+1] == 'u' {
				if code, err := strconv.ParseUint(text[i+2:i+6], 16, 16); err == nil {
					n = 6
					if code < utf8.RuneSelf {
						c = byte(code)
					}
				}
			}
		}
		if isTokenByte(c) {
			run = append(run, c)
		} else {
			if len(run) >= shortestToken {
				report(string(run), start, i)
			}
			run, start = run[:0], i+n
		}
		i += n
	}
}

func isTokenByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-' || c == '.'
}

// tokenShape is the form of a well-known token: how it starts, how many
// characters follow at least, and whether these may be others than letters and
// digits.
type tokenShape struct {
	prefix string
	least  int
	loose  bool
	name   string
}

// tokenShapes are those that the issuers document.
var tokenShapes = [...]tokenShape{
	{"AKIA", 16, false, "the identifier of an AWS access key"},
	{"ASIA", 16, false, "the identifier of a temporary AWS access key"},
	{"AIza", 35, true, "a Google API key"},
	{"GOCSPX-", 20, true, "a Google OAuth client secret"},
	{"ghp_", 36, false, "a GitHub personal access token"},
	{"gho_", 36, false, "a GitHub OAuth token"},
	{"ghu_", 36, false, "a GitHub user token"},
	{"ghs_", 36, false, "a GitHub installation token"},
	{"ghr_", 36, false, "a GitHub refresh token"},
	{"github_pat_", 50, true, "a GitHub personal access token"},
	{"glpat-", 20, true, "a GitLab access token"},
	{"xoxb-", 24, true, "a Slack bot token"},
	{"xoxp-", 24, true, "a Slack user token"},
	{"xapp-", 24, true, "a Slack app token"},
	{"sk_live_", 24, false, "a Stripe secret key"},
	{"rk_live_", 24, false, "a Stripe restricted key"},
	{"whsec_", 24, false, "a Stripe webhook secret"},
	{"sk-ant-", 32, true, "an Anthropic API key"},
	{"sk-proj-", 32, true, "an OpenAI API key"},
	{"npm_", 36, false, "an npm access token"},
	{"pypi-", 40, true, "a PyPI token"},
	{"dckr_pat_", 20, true, "a Docker access token"},
	{"dop_v1_", 64, false, "a DigitalOcean token"},
	{"shpat_", 32, false, "a Shopify access token"},
	{"hvs.", 24, true, "a Vault token"},
	{"SG.", 60, true, "a SendGrid API key"},
	{"key-", 32, false, "a Mailgun API key"},
	{"AGE-SECRET-KEY-1", 58, false, "an age secret key"},
}

// tokenName says what kind of token a run of characters is; nothing for what is
// none, or one that is made up for an example.
func tokenName(run string) string {
	for i := range tokenShapes {
		shape := &tokenShapes[i]
		if run[0] != shape.prefix[0] || !strings.HasPrefix(run, shape.prefix) || len(run) < len(shape.prefix)+shape.least {
			continue
		}
		rest := run[len(shape.prefix):]
		if !shape.loose && strings.ContainsAny(rest, "_-.") || isPlaceholder(rest) || distinct(rest) < 8 {
			continue
		}
		return shape.name
	}
	if isJWT(run) {
		return "a signed token (JWT)"
	}
	return ""
}

// isJWT reports whether the run is a JSON Web Token: three parts of base64, of
// which the first two start as the text {" does.
func isJWT(run string) bool {
	parts := strings.Split(run, ".")
	return len(parts) == 3 && strings.HasPrefix(parts[0], "eyJ") && strings.HasPrefix(parts[1], "eyJ") && len(parts[2]) >= 20
}

// tokenIn returns what kind of token stands in a text.
func tokenIn(text string) (name string) {
	tokenRuns(text, func(run string, _, _ int) {
		if name == "" {
			name = tokenName(run)
		}
	})
	return name
}
