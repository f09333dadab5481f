package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

const (
	// longLine is from how many bytes on a line of a secret is one by itself:
	// keys are often shown line by line.
	longLine = 2 * Long
	// large secrets are files; of these only the usual encodings are looked for.
	large = 16 << 10
	// cutLength is how much of a random text's beginning gives it away. Messages
	// are cut off, and what is left of a token is still a part of it.
	cutLength = 12
)

// gives tells whether the beginning of a secret gives it away: that of a text
// which programs have made up, in which letters of both cases and digits take
// turns. The beginning of what people write, such as "production-", stands in too
// much else.
func gives(s string) bool {
	if len(s) < 2*Long || !isPlain(s[:cutLength]) {
		return false
	}
	turns, odd := 0, 0
	before := class(s[0])
	for i := range cutLength {
		c := class(s[i])
		if c != before {
			turns++
		}
		if c == digit || c == upper {
			odd++
		}
		before = c
	}
	return turns >= 4 && odd >= 3
}

const (
	other = iota
	digit
	upper
	lower
)

func class(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return digit
	case c >= 'A' && c <= 'Z':
		return upper
	case c >= 'a' && c <= 'z':
		return lower
	}
	return other
}

// encodings returns the forms in which a secret may show beside its own.
func encodings(s string) []string {
	out := inBase64([]byte(s))
	plain := isPlain(s)
	if !plain {
		out = append(out, inJSON(s), inPlainJSON(s))
	}
	if len(s) > large || len(s) < Long {
		return out
	}
	inHex := hex.EncodeToString([]byte(s))
	out = append(out, strings.ToUpper(s), strings.ToLower(s), expr.Slug(s), inHex, strings.ToUpper(inHex))
	if plain {
		return out
	}
	if strings.Contains(s, "\n") {
		for line := range strings.Lines(s) {
			if line = strings.TrimSpace(line); len(line) >= longLine {
				out = append(out, line)
			}
		}
	}
	out = append(out, inJSON(inJSON(s)), inPlainJSON(inPlainJSON(s)), strings.Trim(strconv.Quote(s), `"`), html.EscapeString(s))
	return append(out, inURL(s)...)
}

// isPlain tells whether a text is written alike in JSON, HTML and addresses.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; class(c) == other && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func inJSON(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(text[1 : len(text)-1])
}

// inPlainJSON leaves <, > and & as they are, as most writers of JSON do.
func inPlainJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return s
	}
	return strings.TrimSpace(b.String())[1 : len(strings.TrimSpace(b.String()))-1]
}

// inURL returns a text as parts of addresses hold it: what is escaped differs by
// the part and the writer, and so does the case of the digits.
func inURL(s string) []string {
	query := url.QueryEscape(s)
	percent := strings.ReplaceAll(query, "+", "%20")
	component := likeJavaScript.Replace(percent)
	user := strings.TrimPrefix(url.UserPassword("", s).String(), ":")
	out := []string{query, percent, component, user, url.PathEscape(s)}
	for _, e := range out {
		if l := lowerDigits(e); l != e {
			out = append(out, l)
		}
	}
	return out
}

// JavaScript's encodeURIComponent leaves more characters as they are than Go.
var likeJavaScript = strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*")

// lowerDigits writes %2F as %2f.
func lowerDigits(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:], bytes.ToLower(b[i+1:i+3]))
		}
	}
	return string(b)
}

var urlAlphabet = strings.NewReplacer("+", "-", "/", "_")

// inBase64 returns the secret encoded by itself, and what is certain of it where
// it was encoded with other text around it, as in the header of a request: that
// hangs on how many bytes stand before it.
func inBase64(b []byte) []string {
	out := make([]string, 0, 10)
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		out = append(out, e.EncodeToString(b))
	}
	around := append(make([]byte, 2, 2+len(b)), b...)
	for before := range 3 {
		text := base64.RawStdEncoding.EncodeToString(around[2-before:])
		// The characters that hold bits of the bytes around are left out.
		from := (8*before + 5) / 6
		to := 8 * (before + len(b)) / 6
		if from >= to {
			continue
		}
		text = text[from:to]
		out = append(out, text, urlAlphabet.Replace(text))
	}
	return out
}
