package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/engine/mask"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// Confidential are the properties of one resolved node that are for secrets,
// whatever their values were computed from.
type confidential struct {
	// secret are the JSON pointers, from the node, of what is a secret by its
	// schema; mixed of what may be, such as the variables of an environment.
	secret, mixed []string
	// texts are values of mixed properties that do not look like secrets. They
	// are hidden in what the platform says of this node, and nowhere else: words
	// such as "production" stand everywhere.
	texts []string
}

// confidentialOf finds the confidential properties of a node, and of the nodes
// that it carries at the given pointers.
func confidentialOf(kind string, node map[string]any, nested []string) confidential {
	var c confidential
	c.find(kind, node, "")
	for _, pointer := range nested {
		c.carried(valueAt(node, pointer), pointer)
	}
	return c
}

// valueAt is what stands at a JSON pointer; nil where there is nothing.
func valueAt(v any, pointer string) any {
	for _, name := range strings.Split(pointer, "/")[1:] {
		switch parent := v.(type) {
		case map[string]any:
			v = parent[unescapePointer(name)]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(parent) {
				return nil
			}
			v = parent[i]
		default:
			return nil
		}
	}
	return v
}

func (c *confidential) find(kind string, node map[string]any, pointer string) {
	for _, p := range platform.Expand(node, catalog.SecretPaths(kind)) {
		c.secret = append(c.secret, pointer+p)
	}
	for _, p := range platform.Expand(node["spec"], platform.SecretProperties(kind)) {
		if p = pointer + "/spec" + p; !slices.Contains(c.secret, p) {
			c.mixed = append(c.mixed, p)
		}
	}
}

// carried looks for nodes in a document that a node carries.
func (c *confidential) carried(v any, pointer string) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			c.carried(e, pointer+"/"+strconv.Itoa(i))
		}
	case map[string]any:
		if kind, ok := v["kind"].(string); ok {
			c.find(kind, v, pointer)
		}
		for k, e := range v {
			c.carried(e, pointer+"/"+escapePointer(k))
		}
	}
}

// learn tells the masker the secrets among the confidential values of a node,
// and keeps the others.
func (c *confidential) learn(node any, m *masker) {
	for _, p := range c.secret {
		leaves(valueAt(node, p), "", func(_, text string) { m.Add(text) })
	}
	for _, p := range c.mixed {
		leaves(valueAt(node, p), nameOfPointer(p), func(name, text string) {
			if telling(name, text) {
				m.Add(text)
			} else if len(text) >= mask.Least && !ordinary(text) {
				c.texts = append(c.texts, text)
			}
		})
	}
}

// learn tells the masker the secrets at some pointers of what a platform has
// answered.
func (m *masker) learn(answer any, pointers []string) {
	for _, p := range pointers {
		leaves(valueAt(answer, p), nameOfPointer(p), func(name, text string) {
			if telling(name, text) {
				m.Add(text)
			}
		})
	}
}

func nameOfPointer(p string) string { return unescapePointer(p[strings.LastIndexByte(p, '/')+1:]) }

// ordinary tells whether a text is one that messages are full of: truth values
// and small numbers, such as ports.
func ordinary(text string) bool {
	if _, err := strconv.Atoi(text); err == nil {
		return len(text) < 6
	}
	return text == "true" || text == "false" || text == "null" || text == platform.UnknownText
}

// leaves visits the texts in a value with the names that they stand under.
func leaves(v any, name string, visit func(name, text string)) {
	switch v := v.(type) {
	case string:
		visit(name, v)
	case float64:
		visit(name, strconv.FormatFloat(v, 'f', -1, 64))
	case []any:
		for _, e := range v {
			leaves(e, name, visit)
		}
	case map[string]any:
		for k, e := range v {
			leaves(e, k, visit)
		}
	}
}

// hideIn masks the confidential values of a node for readers. Names stay, and so
// does what is not known yet. The value is not changed.
func (c *confidential) hideIn(node any) any {
	for _, p := range append(slices.Clone(c.secret), c.mixed...) {
		node = replaceAt(node, strings.Split(p, "/")[1:], hideLeaves)
	}
	return node
}

func replaceAt(v any, path []string, replace func(any) any) any {
	if len(path) == 0 {
		return replace(v)
	}
	switch parent := v.(type) {
	case map[string]any:
		name := unescapePointer(path[0])
		part, ok := parent[name]
		if !ok {
			return v
		}
		out := make(map[string]any, len(parent))
		for k, e := range parent {
			out[k] = e
		}
		out[name] = replaceAt(part, path[1:], replace)
		return out
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(parent) {
			return v
		}
		out := slices.Clone(parent)
		out[i] = replaceAt(parent[i], path[1:], replace)
		return out
	}
	return v
}

func hideLeaves(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		if v == "" || v == platform.UnknownText {
			return v
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = hideLeaves(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = hideLeaves(e)
		}
		return out
	}
	if platform.IsUnknown(v) {
		return v
	}
	return expr.Mask
}

// inSpec turns pointers from a node into those from its spec and leaves out what
// stands elsewhere.
func inSpec(pointers []string) []string {
	var out []string
	for _, p := range pointers {
		if rest, ok := strings.CutPrefix(p, "/spec"); ok {
			out = append(out, rest)
		}
	}
	return out
}
