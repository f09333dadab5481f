package validate

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Coerce returns a value, as encoding/json decodes them, with scalars turned into the types of their places: a text
// into a number or a truth value where one stands, and these into a text. What fits already, what fits nothing and
// texts with expressions stay as they are. The value itself is not changed.
func Coerce(id catalog.SchemaID, v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		return v
	}
	return coerce(syntax.Parse(string(text)).Root(), id, v)
}

// coerce walks over a value and its text at once: the text is what alternatives are decided by.
func coerce(at syntax.Value, id catalog.SchemaID, v any) any {
	s := id.Schema()
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		choices := expand(nil, at, id)
		for key, member := range v {
			place := at.Get(key)
			out[key] = coerce(place, choose(place, choices, func(s *catalog.Schema) catalog.SchemaID {
				if p, ok := s.Property(key); ok {
					return p.Schema
				}
				return s.Additional
			}), member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		items := choose(at, expand(nil, at, id), func(s *catalog.Schema) catalog.SchemaID { return s.Items })
		for i, element := range v {
			out[i] = coerce(at.Index(i), items, element)
		}
		return out
	case string:
		if strings.Contains(v, "${") {
			return v
		}
	}
	return coerceScalar(s, v)
}

// choose picks the schema of a part among those that the alternatives around give it: the first that the part fits.
func choose(part syntax.Value, choices []catalog.SchemaID, of func(*catalog.Schema) catalog.SchemaID) catalog.SchemaID {
	var first catalog.SchemaID
	for _, c := range choices {
		id := of(c.Schema())
		if id == 0 {
			continue
		}
		if first == 0 {
			first = id
		}
		if Valid(part, id, Options{}) {
			return id
		}
	}
	return first
}

func coerceScalar(s *catalog.Schema, v any) any {
	if alternatives := s.Alternatives(); len(alternatives) > 0 {
		for _, exact := range []bool{true, false} {
			for _, a := range alternatives {
				out := coerceScalar(a.Schema(), v)
				if exact == (out == v) && fitsScalar(a, out) {
					return out
				}
			}
		}
		return v
	}
	switch v := v.(type) {
	case string:
		if s.Types == 0 || s.Types.Has(catalog.TypeString) {
			return v
		}
		if s.Types&(catalog.TypeInteger|catalog.TypeNumber) != 0 {
			if f, ok := parseNumber(v); ok {
				return f
			}
		}
		if s.Types.Has(catalog.TypeBoolean) && (v == "true" || v == "false") {
			return v == "true"
		}
	case float64:
		if s.Types == catalog.TypeString {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
	case bool:
		if s.Types == catalog.TypeString {
			return strconv.FormatBool(v)
		}
	}
	return v
}

// fitsScalar reports whether a decoded scalar fits a schema.
func fitsScalar(id catalog.SchemaID, v any) bool {
	text, err := json.Marshal(v)
	return err == nil && Valid(syntax.Parse(string(text)).Root(), id, Options{})
}
