package catalog

import (
	"regexp"
	"sync/atomic"
)

// Pattern is a regular expression that a string has to match somewhere. It is compiled when it is first used and may
// be used by several goroutines.
type Pattern struct {
	// Source is the pattern as the reference documents it, in ECMAScript syntax.
	Source string
	// Form says in words which texts match, as a sentence.
	Form string
	// re2 is the pattern in Go's syntax. It accepts what Source accepts, and more only where the platform does.
	re2 string
	// compiled is filled by the first use; a second compilation by a goroutine that came at the same time does no harm.
	compiled atomic.Pointer[regexp.Regexp]
}

// Regexp returns the compiled pattern. Every pattern of the tables compiles: the generator checks it.
func (p *Pattern) Regexp() *regexp.Regexp {
	if re := p.compiled.Load(); re != nil {
		return re
	}
	re := regexp.MustCompile(p.re2)
	p.compiled.Store(re)
	return re
}

// Matches reports whether the pattern is found in s.
func (p *Pattern) Matches(s string) bool { return p.Regexp().MatchString(s) }
