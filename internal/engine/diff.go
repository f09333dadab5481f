package engine

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/sourcegraph/go-diff/diff"
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

	same bool // it is no difference
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
	all    bool // take down what stays the same, too
	plain  bool // nothing is for readers
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
	same := reflect.DeepEqual(before, after)
	if same && (!d.all || before == nil) {
		return
	}
	if !secret {
		secret = d.below(path)
	}
	d.out = append(d.out, Difference{
		Path: path, Before: d.show(before, secret), After: d.show(after, secret), Unknown: platform.HasUnknown(after), Secret: secret, same: same,
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

// unifiedDiff shows what changes from one specification to another as hunks of a
// unified diff. Each property is a line, such as
//
//	deployment.instances: 2
//
// in the order of their paths; what stays the same is left out.
func unifiedDiff(before, after any, secret []string, m *masker) (string, error) {
	d := differ{masker: m, secret: map[string]bool{}}
	for _, p := range secret {
		d.secret[p] = true
	}
	d.all = true
	d.compare("", before, after, false)
	var hunks []*diff.Hunk
	var h *diff.Hunk
	var removed, added []byte
	end := func() {
		if h != nil {
			h.Body = append(removed, added...)
			hunks = append(hunks, h)
			h, removed, added = nil, nil, nil
		}
	}
	line := func(to []byte, sign byte, path string, v any) ([]byte, error) {
		text, err := marshal(v)
		if v == platform.UnknownText {
			text = []byte(platform.UnknownText)
		}
		name := strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", ".")
		return append(to, string(sign)+unescapePointer(name)+": "+string(text)+"\n"...), err
	}
	old, fresh := int32(0), int32(0) // lines so far
	for _, p := range d.out {
		gone, comes := p.Before != nil, p.After != nil
		if p.same {
			end()
			old, fresh = old+1, fresh+1
			continue
		}
		if h == nil {
			h = &diff.Hunk{OrigStartLine: old, NewStartLine: fresh}
		}
		var err error
		if gone {
			old++
			if h.OrigLines++; h.OrigLines == 1 {
				h.OrigStartLine = old
			}
			removed, err = line(removed, '-', p.Path, p.Before)
		}
		if comes && err == nil {
			fresh++
			if h.NewLines++; h.NewLines == 1 {
				h.NewStartLine = fresh
			}
			added, err = line(added, '+', p.Path, p.After)
		}
		if err != nil {
			return "", err
		}
	}
	end()
	text, err := diff.PrintHunks(hunks)
	return string(text), err
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func (d *differ) show(v any, secret bool) any {
	switch {
	case v == nil || d.plain:
		return v
	case platform.IsUnknown(v):
		return platform.UnknownText
	case secret:
		return expr.Mask
	}
	return d.masker.hideIn(v)
}
