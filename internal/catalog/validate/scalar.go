package validate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// scalar checks a value that is neither object nor array. text is its text: of a string without quotes and escapes, of
// anything else as it is written.
func (w *walker) scalar(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, text string) {
	w.typed(v, id, s, text, typesOf(v))
}

// typed checks a scalar whose types are known: those of a literal, or those of what an expression gives.
func (w *walker) typed(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, text string, types catalog.TypeSet) {
	if alternatives := s.Alternatives(); len(alternatives) > 0 {
		w.scalarAlternatives(v, id, s, text, types)
		return
	}
	fits := types & s.Types
	if s.Types == 0 {
		fits = types
	}
	if fits == 0 {
		if fits = coercible(types, text) & s.Types; fits == 0 {
			w.wrongType(v, id, s.Types)
			return
		}
	}
	if (s.HasMinimum || s.HasMaximum) && fits&(catalog.TypeInteger|catalog.TypeNumber) != 0 {
		if n, ok := parseNumber(text); ok && (s.HasMinimum && n < s.Minimum || s.HasMaximum && n > s.Maximum) {
			w.outOfRange(v, id, s, text)
			return
		}
	}
	if len(s.Enum) > 0 && !inEnum(s, fits, text) {
		w.notInEnum(v, id, s.Enum, text)
		return
	}
	if fits == catalog.TypeString {
		w.text(v, id, s, text)
	}
}

// text checks the length and the form of a text.
func (w *walker) text(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, text string) {
	if s.MinLength > 0 || s.MaxLength > 0 {
		// Bytes bound characters: counting is needed only near the limits.
		n := len(text)
		if n < int(s.MinLength)*utf8.UTFMax || s.MaxLength > 0 && n > int(s.MaxLength) {
			n = utf8.RuneCountInString(text)
		}
		if n < int(s.MinLength) || s.MaxLength > 0 && n > int(s.MaxLength) {
			w.wrongLength(v, id, s, n)
			return
		}
	}
	if slices.Contains(s.Except, text) {
		w.notInEnum(v, id, nil, text)
		return
	}
	if s.Pattern != nil && !s.Pattern.Matches(text) {
		w.problem(func() Problem {
			return Problem{
				Code: CodePatternMismatch, Range: v.Range(), Certain: true, Property: w.property, Value: v, Schema: id,
				Expected: []string{s.Pattern.Source},
				Message:  fmt.Sprintf("%s does not have the form of %s. %s", quoteShort(text), w.valueName(), describeForm(s.Pattern, text)),
			}
		})
	}
}

// typesOf returns the types of a literal: a whole number is both an integer and a number.
func typesOf(v syntax.Value) catalog.TypeSet {
	switch v.Kind() {
	case syntax.KindString:
		return catalog.TypeString
	case syntax.KindNumber:
		if f, ok := v.Float(); ok && f != math.Trunc(f) {
			return catalog.TypeNumber
		}
		return catalog.TypeNumber | catalog.TypeInteger
	case syntax.KindTrue, syntax.KindFalse:
		return catalog.TypeBoolean
	case syntax.KindNull:
		return catalog.TypeNull
	case syntax.KindObject:
		return catalog.TypeObject
	}
	return catalog.TypeArray
}

// coercible returns the types that the platform makes of a scalar: a text that reads as a number or as a truth value
// where one of those stands, and the text of a number or of a truth value where a text stands.
func coercible(types catalog.TypeSet, text string) catalog.TypeSet {
	switch {
	case types == catalog.TypeString:
		if f, ok := parseNumber(text); ok {
			if f == math.Trunc(f) {
				return catalog.TypeInteger | catalog.TypeNumber
			}
			return catalog.TypeNumber
		}
		if text == "true" || text == "false" {
			return catalog.TypeBoolean
		}
	case types&catalog.TypeNumber != 0, types == catalog.TypeBoolean:
		return catalog.TypeString
	}
	return 0
}

// parseNumber reads a text as a number, as the platform does: a decimal number with blanks around it at most.
func parseNumber(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text, "_xXpPnNiI") {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// inEnum reports whether a literal is one of the values; a number is compared by value, not by spelling.
func inEnum(s *catalog.Schema, types catalog.TypeSet, text string) bool {
	numeric := types&(catalog.TypeInteger|catalog.TypeNumber) != 0
	for i := range s.Enum {
		e := &s.Enum[i]
		if e.Text == text {
			return true
		}
		if numeric && e.Type&(catalog.TypeInteger|catalog.TypeNumber) != 0 {
			a, _ := parseNumber(text)
			if b, _ := parseNumber(e.Text); a == b {
				return true
			}
		}
	}
	return false
}

// hole checks what is known of a value that an expression will give.
func (w *walker) hole(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, h Hole) {
	if h.Fixed {
		w.fixed = true
		types := h.Types
		if types.Has(catalog.TypeInteger) {
			types |= catalog.TypeNumber
		}
		w.typed(v, id, s, h.Text, types)
		w.fixed = false
		return
	}
	types := allTypes(s)
	if w.opts.Place != nil && !w.probing && types != 0 && !types.Has(catalog.TypeString) {
		w.opts.Place(v, types)
	}
	if h.Types != 0 && types != 0 && !mayBecome(h.Types, types) {
		w.resultType(v, id, types, describeTypes(h.Types))
		return
	}
	if s.MaxLength > 0 && h.MinLength > int(s.MaxLength) && s.Types == catalog.TypeString {
		w.wrongLength(v, id, s, h.MinLength)
	}
}

// allTypes is the union of the types that a schema or its alternatives take; empty if one takes any.
func allTypes(s *catalog.Schema) catalog.TypeSet {
	types := s.Types
	for _, a := range s.Alternatives() {
		t := allTypes(a.Schema())
		if t == 0 {
			return 0
		}
		types |= t
	}
	return types
}

// mayBecome reports whether a value of one of the types may be one of the wanted types, as it is or coerced.
func mayBecome(have, want catalog.TypeSet) bool {
	if have&want != 0 {
		return true
	}
	const number = catalog.TypeNumber | catalog.TypeInteger
	switch {
	case have&number != 0 && want&(number|catalog.TypeString) != 0,
		have&catalog.TypeBoolean != 0 && want&catalog.TypeString != 0,
		have&catalog.TypeString != 0 && want&(number|catalog.TypeBoolean) != 0:
		return true
	}
	return false
}
