package validate

import (
	"encoding/json"
	"maps"
	"slices"
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
	out, _ := CoerceAt(syntax.Parse(string(text)).Root(), id, v)
	return out
}

// CoerceAt is Coerce where the text of v has been parsed already. changed is false where all fits as it is: v is
// returned then, and the text still stands for it.
func CoerceAt(at syntax.Value, id catalog.SchemaID, v any) (out any, changed bool) {
	return coerce(at, id, v)
}

// coerce walks over a value and its text at once: the text is what alternatives are decided by. Objects and lists are
// copied only where something in them changes.
func coerce(at syntax.Value, id catalog.SchemaID, v any) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		var room [8]catalog.SchemaID
		choices := expand(room[:0], at, id)
		var out map[string]any
		for key, member := range v {
			place := at.Get(key)
			part, changed := coerce(place, choose(place, choices, func(s *catalog.Schema) catalog.SchemaID {
				if p, ok := s.Property(key); ok {
					return p.Schema
				}
				return s.Additional
			}), member)
			if !changed {
				continue
			}
			if out == nil {
				out = maps.Clone(v)
			}
			out[key] = part
		}
		if out == nil {
			return v, false
		}
		return out, true
	case []any:
		var room [8]catalog.SchemaID
		items := choose(at, expand(room[:0], at, id), func(s *catalog.Schema) catalog.SchemaID { return s.Items })
		var out []any
		for i, element := range v {
			part, changed := coerce(at.Index(i), items, element)
			if !changed {
				continue
			}
			if out == nil {
				out = slices.Clone(v)
			}
			out[i] = part
		}
		if out == nil {
			return v, false
		}
		return out, true
	case string:
		if strings.Contains(v, "${") {
			return v, false
		}
	}
	out := coerceScalar(id.Schema(), v)
	return out, out != v
}

// choose picks the schema of a part among those that the alternatives around give it: the first that the part fits, or
// the first where it fits none.
func choose(part syntax.Value, choices []catalog.SchemaID, of func(*catalog.Schema) catalog.SchemaID) catalog.SchemaID {
	var first catalog.SchemaID
	looked := false // whether the part fits the first is asked only where there is another one
	for _, c := range choices {
		id := of(c.Schema())
		switch {
		case id == 0 || id == first:
			continue
		case first == 0:
			first = id
			continue
		case !looked:
			if looked = true; Valid(part, first, Options{}) {
				return first
			}
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
