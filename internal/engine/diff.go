package engine

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A Difference is a property that a run would change.
type Difference struct {
	// Path is the JSON pointer of the property in the specification.
	Path string `json:"path"`
	// Before is absent where the property is new, After where it goes.
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
	// Unknown says that the new value is known only after apply; Secret that
	// the values are masked.
	Unknown bool `json:"unknown,omitempty"`
	Secret  bool `json:"secret,omitempty"`
}

// difference lists what changes from one specification to another, in the order
// of the paths. Of what is created (before is nil) there is one difference for
// each property.
func difference(before, after any, secret []string, m *masker) []Difference {
	d := differ{masker: m, secret: map[string]bool{}}
	for _, p := range secret {
		d.secret[p] = true
	}
	d.compare("", before, after, false)
	return d.out
}

type differ struct {
	masker *masker
	secret map[string]bool
	out    []Difference
}

func (d *differ) compare(path string, before, after any, secret bool) {
	secret = secret || d.secret[path]
	a, aIs := before.(map[string]any)
	b, bIs := after.(map[string]any)
	if !secret && bIs && (aIs || before == nil) && len(b)+len(a) > 0 {
		keys := map[string]bool{}
		for k := range a {
			keys[k] = true
		}
		for k := range b {
			keys[k] = true
		}
		for _, k := range sortedKeys(keys) {
			d.compare(path+"/"+escapePointer(k), a[k], b[k], false)
		}
		return
	}
	x, xIs := before.([]any)
	y, yIs := after.([]any)
	if !secret && yIs && (xIs || before == nil) && len(x)+len(y) > 0 {
		for i := range max(len(x), len(y)) {
			d.compare(path+"/"+strconv.Itoa(i), at(x, i), at(y, i), false)
		}
		return
	}
	if reflect.DeepEqual(before, after) {
		return
	}
	if !secret {
		secret = d.below(path)
	}
	d.out = append(d.out, Difference{
		Path: path, Before: d.show(before, secret), After: d.show(after, secret), Unknown: platform.HasUnknown(after), Secret: secret,
	})
}

// below tells whether anything under a path is secret.
func (d *differ) below(path string) bool {
	for p := range d.secret {
		if strings.HasPrefix(p, path+"/") {
			return true
		}
	}
	return false
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func (d *differ) show(v any, secret bool) any {
	switch {
	case v == nil:
		return nil
	case platform.IsUnknown(v):
		return platform.UnknownText
	case secret:
		return expr.Mask
	}
	return d.masker.hideIn(v)
}
