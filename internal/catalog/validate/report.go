package validate

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// wrongType reports a value of a type that does not stand here. Of an expression that is a matter of its result.
func (w *walker) wrongType(v syntax.Value, id catalog.SchemaID, want catalog.TypeSet) {
	if w.fixed {
		w.resultType(v, id, want, "something else")
		return
	}
	w.problem(func() Problem {
		have := describeKind(v.Kind())
		if v.Kind() == syntax.KindNumber && want&^catalog.TypeNull == catalog.TypeInteger {
			have = v.Raw()
		}
		message := fmt.Sprintf("%s takes %s, not %s.", w.valueName(), describeTypes(want), have)
		if v.Kind() == syntax.KindNull && !w.required && !w.element {
			message = fmt.Sprintf("%s takes %s, not null; leave it out instead.", w.valueName(), describeTypes(want))
		}
		return Problem{
			Code: CodeWrongType, Range: v.Range(), Certain: true, Property: w.property, Value: v, Schema: id,
			Expected: want.Names(), Message: message,
		}
	})
}

// resultType reports an expression whose result is of a type that does not stand here.
func (w *walker) resultType(v syntax.Value, id catalog.SchemaID, want catalog.TypeSet, have string) {
	w.problem(func() Problem {
		return Problem{
			Code: CodeResultType, Range: v.Range(), Certain: true, Property: w.property, Value: v, Schema: id,
			Expected: want.Names(),
			Message:  fmt.Sprintf("%s takes %s, but the expression gives %s.", w.valueName(), describeTypes(want), have),
		}
	})
}

func (w *walker) outOfRange(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, text string) {
	w.problem(func() Problem {
		var bounds string
		switch {
		case s.HasMinimum && s.HasMaximum:
			bounds = fmt.Sprintf("from %s to %s", number(s.Minimum), number(s.Maximum))
		case s.HasMinimum:
			bounds = "of at least " + number(s.Minimum)
		default:
			bounds = "of at most " + number(s.Maximum)
		}
		return Problem{
			Code: CodeOutOfRange, Range: v.Range(), Certain: true, Property: w.property, Value: v, Schema: id,
			Message: fmt.Sprintf("%s takes a number %s, not %s.", w.valueName(), bounds, text),
		}
	})
}

// notInEnum reports a value that is none of an enumeration; with no values, one that the place excludes.
func (w *walker) notInEnum(v syntax.Value, id catalog.SchemaID, values []catalog.EnumValue, text string) {
	w.problem(func() Problem {
		p := Problem{Code: CodeNotInEnum, Range: v.Range(), Certain: true, Property: w.property, Value: v, Schema: id}
		if len(values) == 0 {
			p.Message = fmt.Sprintf("%s cannot be %s here.", w.valueName(), quoteShort(text))
			return p
		}
		if w.kindOfNode {
			p.Code = CodeUnknownKind
		}
		for _, e := range values {
			if !e.Hidden {
				p.Expected = append(p.Expected, e.Text)
			}
		}
		p.Suggestion = Closest(text, p.Expected)
		p.Message = fmt.Sprintf("%s is none of the values of %s", quoteShort(text), w.valueName())
		if p.Suggestion != "" {
			p.Message += fmt.Sprintf("; did you mean %q? It takes ", p.Suggestion)
		} else {
			p.Message += "; it takes "
		}
		p.Message += list(p.Expected, "or") + "."
		return p
	})
}

func (w *walker) wrongLength(v syntax.Value, id catalog.SchemaID, s *catalog.Schema, n int) {
	w.problem(func() Problem {
		low, high, unit := int(s.MinLength), int(s.MaxLength), "character"
		if v.Kind() == syntax.KindArray {
			low, high, unit = int(s.MinItems), int(s.MaxItems), "element"
		}
		var bounds string
		switch {
		case low == high:
			bounds = fmt.Sprintf("exactly %d %ss", low, unit)
		case low > 0 && high > 0:
			bounds = fmt.Sprintf("%d to %d %ss", low, high, unit)
		case low > 0:
			bounds = fmt.Sprintf("at least %d %ss", low, unit)
		default:
			bounds = fmt.Sprintf("at most %d %ss", high, unit)
		}
		return Problem{
			Code: CodeWrongLength, Range: v.Range(), Certain: true, Property: w.property, Value: v, Schema: id,
			Message: fmt.Sprintf("%s takes %s; this has %d.", w.valueName(), bounds, n),
		}
	})
}

// valueName names the value that is looked at, for messages.
func (w *walker) valueName() string {
	if w.property == "" {
		return "the value"
	}
	if w.element {
		return fmt.Sprintf("an element of %q", w.property)
	}
	return fmt.Sprintf("%q", w.property)
}

func describeTypes(types catalog.TypeSet) string {
	if types == 0 {
		return "any value"
	}
	var names []string
	for _, t := range types.Names() {
		switch t {
		case "integer":
			t = "a whole number"
		case "boolean":
			t = "true or false"
		case "null":
		default:
			t = article(t)
		}
		names = append(names, t)
	}
	if types.Has(catalog.TypeInteger | catalog.TypeNumber) {
		names = remove(names, "a whole number")
	}
	return strings.Join(names, " or ")
}

func remove(list []string, s string) []string {
	var out []string
	for _, e := range list {
		if e != s {
			out = append(out, e)
		}
	}
	return out
}

func describeKind(k syntax.Kind) string {
	switch k {
	case syntax.KindTrue, syntax.KindFalse:
		return "true or false"
	case syntax.KindNull:
		return "null"
	}
	return article(k.String())
}

// number writes a bound without an exponent.
func number(f float64) string { return strings.TrimSuffix(fmt.Sprintf("%f", f), ".000000") }

// quoteShort quotes a text for a message and cuts what is long.
func quoteShort(text string) string {
	const limit = 60
	if utf8.RuneCountInString(text) > limit {
		text = string([]rune(text)[:limit]) + "…"
	}
	return fmt.Sprintf("%q", text)
}

// describeForm says in words which texts a pattern takes. Where it only says which characters there may be, the first
// that is not among them is named.
func describeForm(p *catalog.Pattern, text string) string {
	form := p.Form
	if form == "" {
		form = "It has to match " + p.Source + "."
	}
	class := strings.TrimPrefix(strings.TrimRight(p.Source, "*+$"), "^[")
	class, ok := strings.CutSuffix(class, "]")
	if !ok || strings.Contains(strings.ReplaceAll(class, `\]`, ""), "]") {
		return form
	}
	for _, r := range text {
		if !p.Matches(string(r)) {
			return fmt.Sprintf("%s %q is not among them.", form, r)
		}
	}
	return form
}
