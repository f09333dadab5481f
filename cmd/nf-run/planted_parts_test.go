package main

import "strings"

// window is the length of the parts of secrets that must not show.
const window = 8

// windows are all parts of secrets that have this length, by the secret.
type windows struct {
	of map[string]string
	// begin marks the first two characters of each, since nearly all text has none.
	begin [1 << 16]bool
}

// windows are those of the secrets that are random all through. What is around the body of
// a key and what stands in the address of a database is no secret.
func (p *plantation) windows() *windows {
	w := &windows{of: map[string]string{}}
	for name, secret := range p.secrets {
		for _, line := range strings.Split(secret, "\n") {
			if strings.HasPrefix(line, "-----") || strings.Contains(line, "://") {
				continue
			}
			for i := range len(line) - window + 1 {
				part := line[i : i+window]
				w.of[part] = name
				w.begin[int(part[0])<<8|int(part[1])] = true
			}
		}
	}
	return w
}

// in returns whose part is in a text, and where.
func (w *windows) in(text string) (name string, at int) {
	for i := range len(text) - window + 1 {
		if w.begin[int(text[i])<<8|int(text[i+1])] {
			if name, ok := w.of[text[i:i+window]]; ok {
				return name, i
			}
		}
	}
	return "", 0
}
