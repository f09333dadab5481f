package engine

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// coerceArgument brings a value into the declared type of its argument; what was
// given as text, in the environment or on the command line, is read. The error
// names the type and not the value.
func coerceArgument(v expr.Value, typ string) (expr.Value, error) {
	out, ok := v, true
	text, isText := v.AsString()
	switch typ {
	case "string", "secret":
		switch v.Kind() {
		case expr.KindNumber, expr.KindBool:
			out = expr.String(v.Text())
		case expr.KindArray, expr.KindObject:
			out = expr.String(string(v.JSON()))
		case expr.KindString, expr.KindUnknown:
		default:
			ok = false
		}
		return mark(out, v), wrongUnless(ok, "a text")
	case "number", "integer":
		if isText {
			f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			ok = err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) && !strings.ContainsAny(text, "xXpP_")
			out = expr.Number(f)
		}
		if typ == "integer" {
			if f, isNumber := out.AsNumber(); isNumber {
				ok = ok && f == math.Trunc(f)
			}
			return mark(out, v), wrongUnless(ok && is(out, expr.KindNumber), "a whole number")
		}
		return mark(out, v), wrongUnless(ok && is(out, expr.KindNumber), "a number")
	case "boolean":
		if isText {
			out, ok = expr.Bool(text == "true"), text == "true" || text == "false"
		}
		return mark(out, v), wrongUnless(ok && is(out, expr.KindBool), "true or false")
	case "array":
		out = parsed(v, text, isText)
		return mark(out, v), wrongUnless(is(out, expr.KindArray), "an array, as JSON")
	case "object":
		out = parsed(v, text, isText)
		return mark(out, v), wrongUnless(is(out, expr.KindObject), "an object, as JSON")
	}
	return v, nil
}

// is tells whether a value has a kind, or may still turn out to have it.
func is(v expr.Value, kind expr.Kind) bool { return v.Kind() == kind || v.IsUnknown() }

func parsed(v expr.Value, text string, isText bool) expr.Value {
	if !isText {
		return v
	}
	out, err := expr.ParseJSON([]byte(text))
	if err != nil {
		return expr.Undefined()
	}
	return out
}

// mark keeps the mark of a secret on what was made of it.
func mark(out, of expr.Value) expr.Value {
	if of.IsSecret() && !out.IsSecret() {
		return out.WithSecret()
	}
	return out
}

func wrongUnless(ok bool, want string) error {
	if ok {
		return nil
	}
	return errors.New(want)
}
