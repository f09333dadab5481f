package engine

import (
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// valueOf turns what the platform gave into a value of the expression language,
// with marks on what the JSON pointers say is secret. [platform.Unknown] stays
// unknown.
func valueOf(v any, secret []string) expr.Value {
	var marked map[string]bool
	if len(secret) > 0 {
		marked = make(map[string]bool, len(secret))
		for _, p := range secret {
			marked[p] = true
		}
	}
	return convert(v, marked, "")
}

func convert(v any, secret map[string]bool, pointer string) expr.Value {
	var out expr.Value
	switch x := v.(type) {
	case []any:
		items := make([]expr.Value, len(x))
		for i, e := range x {
			items[i] = convert(e, secret, below(secret, pointer, strconv.Itoa(i)))
		}
		out = expr.Array(items)
	case map[string]any:
		members := make([]expr.Member, 0, len(x))
		for _, k := range sortedKeys(x) {
			members = append(members, expr.Member{Key: k, Value: convert(x[k], secret, below(secret, pointer, k))})
		}
		out = expr.Object(members...)
	default:
		if platform.IsUnknown(v) {
			out = expr.Unknown(expr.TypeAny)
		} else {
			out = expr.FromJSON(v)
		}
	}
	if secret[pointer] {
		out = out.WithSecret()
	}
	return out
}

// below is the pointer of a part; where nothing is secret it is not needed.
func below(secret map[string]bool, pointer, name string) string {
	if secret == nil {
		return ""
	}
	return pointer + "/" + escapePointer(name)
}

// plain is the value as the driver takes it: as encoding/json decodes it, with
// [platform.Unknown] where it is unknown.
func plain(v expr.Value) any {
	switch v.Kind() {
	case expr.KindUnknown:
		return platform.Unknown
	case expr.KindArray:
		items := v.Items()
		out := make([]any, len(items))
		for i, item := range items {
			out[i] = plain(item)
		}
		return out
	case expr.KindObject:
		members := v.Members()
		out := make(map[string]any, len(members))
		for _, m := range members {
			if !m.Value.IsUndefined() {
				out[m.Key] = plain(m.Value)
			}
		}
		return out
	}
	return v.ToAny()
}

// masked is a plain value for readers: what is secret in the value that it was
// computed from is hidden. The two may differ where the plain one was coerced
// to the types of a schema.
func masked(v expr.Value, plain any) any {
	if !v.IsSecret() {
		return plain
	}
	switch p := plain.(type) {
	case []any:
		if items := v.Items(); v.Kind() == expr.KindArray && len(items) == len(p) {
			out := make([]any, len(p))
			for i, item := range items {
				out[i] = masked(item, p[i])
			}
			return out
		}
	case map[string]any:
		if v.Kind() == expr.KindObject {
			out := make(map[string]any, len(p))
			for k, e := range p {
				if known := v.Get(k); known.IsUndefined() {
					out[k] = e // a default of the schema
				} else {
					out[k] = masked(known, e)
				}
			}
			return out
		}
	}
	return v.Masked()
}

// walk follows a path into a value. Where the value is only known in part (in a
// plan), what is not there is unknown instead of undefined.
func walk(v expr.Value, path []expr.Segment, partial bool) expr.Value {
	for _, s := range path {
		next := v.Get(s.Name)
		if partial && next.IsUndefined() && !v.IsUndefined() {
			next = expr.Unknown(expr.TypeAny)
			if v.IsSecret() {
				next = next.WithSecret()
			}
		}
		v = next
	}
	return v
}

// secrets adds the JSON pointers of the secret parts of a value.
func secrets(to []string, v expr.Value, pointer string) []string {
	if !v.IsSecret() {
		return to
	}
	switch v.Kind() {
	case expr.KindArray:
		for i, item := range v.Items() {
			to = secrets(to, item, pointer+"/"+strconv.Itoa(i))
		}
	case expr.KindObject:
		for _, m := range v.Members() {
			to = secrets(to, m.Value, pointer+"/"+escapePointer(m.Key))
		}
	default:
		to = append(to, pointer)
	}
	return to
}
