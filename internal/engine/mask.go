package engine

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// A masker hides known secrets in text that comes from elsewhere: outputs of
// the platform, messages of errors. Values that the engine computes carry marks
// of their own; the masker is for what has lost them.
type masker struct {
	mu      sync.Mutex
	known   map[string]bool
	long    []string // hidden wherever they stand, with their encodings
	short   []string // hidden where they stand alone, so that "main" does not maim "domain"
	replace *strings.Replacer
}

// Secrets shorter than minSecret are not looked for in texts: they would be
// found everywhere. From wordSecret on they are hidden inside of words too.
const (
	minSecret  = 4
	wordSecret = 8
)

// add makes the secret parts of a value known.
func (m *masker) add(v expr.Value) {
	switch v.Kind() {
	case expr.KindString:
		if s, _ := v.AsString(); v.IsSecret() {
			m.text(s)
		}
	case expr.KindNumber:
		if v.IsSecret() {
			m.text(v.Text())
		}
	case expr.KindArray:
		for _, item := range v.Items() {
			m.add(item)
		}
	case expr.KindObject:
		for _, member := range v.Members() {
			m.add(member.Value)
		}
	}
}

func (m *masker) text(s string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(s) < minSecret || m.known[s] {
		return
	}
	if m.known == nil {
		m.known = map[string]bool{}
	}
	m.known[s] = true
	m.replace = nil
	if len(s) < wordSecret {
		m.short = append(m.short, s)
	} else {
		m.long = append(m.long, s)
		if strings.Contains(s, "\n") {
			// Keys are often shown line by line.
			for line := range strings.Lines(s) {
				if line = strings.TrimSpace(line); len(line) >= 2*wordSecret {
					m.long = append(m.long, line)
				}
			}
		}
	}
	for _, e := range encodings(s) {
		if e != s && len(e) >= wordSecret {
			m.long = append(m.long, e)
		}
	}
}

func encodings(s string) []string {
	b := []byte(s)
	out := []string{
		url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"),
		base64.StdEncoding.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b),
		base64.URLEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b),
		strings.Trim(strconv.Quote(s), `"`),
	}
	if text, err := json.Marshal(s); err == nil {
		out = append(out, strings.Trim(string(text), `"`))
	}
	return out
}

// hide returns the text with all known secrets masked.
func (m *masker) hide(s string) string {
	m.mu.Lock()
	if len(m.known) == 0 {
		m.mu.Unlock()
		return s
	}
	if m.replace == nil {
		// At one place the longest wins, so that no end of it stays.
		slices.SortStableFunc(m.long, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
		pairs := make([]string, 0, 2*len(m.long))
		for _, secret := range m.long {
			pairs = append(pairs, secret, expr.Mask)
		}
		m.replace = strings.NewReplacer(pairs...)
	}
	replace, short := m.replace, m.short
	m.mu.Unlock()
	s = replace.Replace(s)
	for _, secret := range short {
		s = hideWord(s, secret)
	}
	return s
}

func hideWord(s, secret string) string {
	var out strings.Builder
	done := 0 // s[:done] is written
	for from := 0; ; {
		i := strings.Index(s[from:], secret)
		if i < 0 {
			break
		}
		start, end := from+i, from+i+len(secret)
		before, _ := utf8.DecodeLastRuneInString(s[:start])
		after, _ := utf8.DecodeRuneInString(s[end:])
		from = end
		if start > 0 && isWord(before) || end < len(s) && isWord(after) {
			from = start + 1
			continue
		}
		out.WriteString(s[done:start])
		out.WriteString(expr.Mask)
		done = end
	}
	if done == 0 {
		return s
	}
	out.WriteString(s[done:])
	return out.String()
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// hideIn masks known secrets in all texts of a JSON value, keys included. The
// value is not changed; what holds no secret is shared.
func (m *masker) hideIn(v any) any {
	m.mu.Lock()
	none := len(m.known) == 0
	m.mu.Unlock()
	if none {
		return v
	}
	return m.walk(v)
}

func (m *masker) walk(v any) any {
	switch v := v.(type) {
	case string:
		return m.hide(v)
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); m.hide(text) != text {
			return expr.Mask
		}
	case json.Number:
		if m.hide(string(v)) != string(v) {
			return expr.Mask
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = m.walk(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[m.hide(k)] = m.walk(e)
		}
		return out
	}
	return v
}
