// Package mask hides known secrets in text that comes from elsewhere: outputs of
// a platform, messages of errors.
//
// Values that the expression language computes carry marks of their own and are
// masked by these; the package is for what has lost them. A secret is looked for
// as it is and in the encodings that it usually travels in. The package knows
// nothing of runs, nodes or where a secret comes from.
package mask

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// Secrets shorter than Least bytes are not looked for in texts: they would be
// found everywhere, and masks that mean nothing help nobody. From Long on they
// are hidden inside of words too; between, only where they stand alone, so that
// the secret "main" does not maim "domain".
const (
	Least = 4
	Long  = 8
)

// A Masker hides the secrets that it was told. The zero value knows none. It is
// safe for concurrent use.
type Masker struct {
	mu    sync.RWMutex
	known map[string]bool
	// buckets hold what is looked for, by its first Least bytes; first says which
	// pairs of bytes any of it begins with.
	buckets map[[Least]byte]*bucket
	first   [1 << 16 / 64]uint64
}

// A bucket holds the texts that begin alike. Secrets of one kind often do, as
// addresses of databases: nothing here takes longer than a search in sorted texts.
type bucket struct {
	whole []string // hidden wherever they stand; sorted
	cut   []string // those of them whose beginning is hidden too; sorted
	words []string // hidden where they stand alone
}

// AddValue makes the secret parts of a value known.
func (m *Masker) AddValue(v expr.Value) { v.SecretTexts(m.Add) }

// Add makes a secret known.
func (m *Masker) Add(secret string) {
	if len(secret) < Least {
		return
	}
	m.mu.RLock()
	known := m.known[secret]
	m.mu.RUnlock()
	if known {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known, m.buckets = map[string]bool{}, map[[Least]byte]*bucket{}
	}
	if m.known[secret] {
		return
	}
	m.known[secret] = true
	b := m.bucket(secret)
	if len(secret) < Long {
		b.words = append(b.words, secret)
	} else {
		b.whole = insert(b.whole, secret)
		if gives(secret) {
			b.cut = insert(b.cut, secret)
		}
	}
	for _, e := range encodings(secret) {
		if len(e) >= Long && !m.known[e] {
			m.known[e] = true
			b := m.bucket(e)
			b.whole = insert(b.whole, e)
		}
	}
}

// bucket returns the bucket of a text and makes it if there is none.
func (m *Masker) bucket(text string) *bucket {
	key := [Least]byte([]byte(text[:Least]))
	b := m.buckets[key]
	if b == nil {
		b = &bucket{}
		m.buckets[key] = b
		pair := uint(text[0])<<8 | uint(text[1])
		m.first[pair/64] |= 1 << (pair % 64)
	}
	return b
}

func insert(sorted []string, text string) []string {
	at, _ := slices.BinarySearch(sorted, text)
	return slices.Insert(sorted, at, text)
}

// Text returns the text with all known secrets masked. Where secrets overlap or
// touch, one mask stands for all of them.
func (m *Masker) Text(s string) string {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if len(m.buckets) == 0 || len(s) < Least {
		return s
	}
	var out []byte
	done, start, end := 0, 0, 0 // s[:done] is written, s[start:end] is to be hidden
	hide := func() {
		if end > start {
			out = append(append(out, s[done:start]...), expr.Mask...)
			done = end
		}
	}
	for i := 0; i+Least <= len(s); i++ {
		pair := uint(s[i])<<8 | uint(s[i+1])
		if m.first[pair/64]&(1<<(pair%64)) == 0 {
			continue
		}
		n := m.at(s, i)
		switch {
		case n == 0:
		case i > end || end == 0:
			hide()
			start, end = i, i+n
		default:
			end = max(end, i+n)
		}
	}
	hide()
	if out == nil {
		return s
	}
	return string(append(out, s[done:]...))
}

// at is the length of the longest secret at s[i:]; 0 is none.
func (m *Masker) at(s string, i int) int {
	b := m.buckets[[Least]byte([]byte(s[i:i+Least]))]
	if b == nil {
		return 0
	}
	n := longest(b.whole, s[i:])
	if len(b.cut) > 0 {
		// What has most in common with the text stands beside its place.
		k, _ := slices.BinarySearch(b.cut, s[i:])
		for _, near := range b.cut[max(0, k-1):min(k+1, len(b.cut))] {
			if c := common(s[i:], near); c >= cutLength {
				n = max(n, c)
			}
		}
	}
	for _, w := range b.words {
		if len(w) > n && strings.HasPrefix(s[i:], w) && alone(s, i, i+len(w)) {
			n = len(w)
		}
	}
	return n
}

// longest is the length of the longest of sorted texts that s begins with.
func longest(sorted []string, s string) int {
	for len(s) >= Least {
		k, exact := slices.BinarySearch(sorted, s)
		switch {
		case exact:
			return len(s)
		case k == 0:
			return 0
		}
		// Whatever s begins with is not above its predecessor, and no longer than
		// what the two have in common.
		c := common(s, sorted[k-1])
		if c == len(sorted[k-1]) {
			return c
		}
		s = s[:c]
	}
	return 0
}

// common is how many bytes two texts begin with alike.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// alone tells whether s[start:end] is no part of a longer word.
func alone(s string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:start])
	after, _ := utf8.DecodeRuneInString(s[end:])
	return (start == 0 || !isWord(before)) && (end == len(s) || !isWord(after))
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// JSON masks known secrets in all texts and numbers of a value as encoding/json
// decodes it, keys included. The value is not changed; what holds no secret may
// be shared.
func (m *Masker) JSON(v any) any {
	m.mu.RLock()
	none := len(m.buckets) == 0
	m.mu.RUnlock()
	if none {
		return v
	}
	return m.walk(v)
}

func (m *Masker) walk(v any) any {
	switch v := v.(type) {
	case string:
		return m.Text(v)
	case float64:
		if text := strconv.FormatFloat(v, 'f', -1, 64); m.Text(text) != text {
			return expr.Mask
		}
	case json.Number:
		if m.Text(string(v)) != string(v) {
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
			out[m.Text(k)] = m.walk(e)
		}
		return out
	}
	return v
}
