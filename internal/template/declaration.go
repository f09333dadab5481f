package template

import "github.com/nf-lsp/nf-lsp/internal/syntax"

// Declaration is what an object says of an argument that stands in the place of
// its value: `{ "type": "number", "default": 3, "required": true }`. The platform's
// reference has plain values only; templates in the wild write such objects.
type Declaration struct {
	// Type is one of string, number, integer, boolean, array, object and secret,
	// which is a text that is hidden; empty where none is declared.
	Type string
	// Default is the value where nothing else gives one; invalid where there is
	// none.
	Default syntax.Value
	// Required arguments have to be given a value that is not empty.
	Required bool
	// Secret says whether the value is hidden, and SecretKnown that it says so.
	Secret, SecretKnown bool
}

// Declaration reads the argument's value as a declaration. ok is false where it
// is a value: an object with any other member, or with members of these names
// that hold something else.
func (a *Argument) Declaration() (d Declaration, ok bool) { return declarationOf(a.Value) }

func declarationOf(v syntax.Value) (d Declaration, ok bool) {
	if v.Kind() != syntax.KindObject {
		return Declaration{}, false
	}
	for m := range v.Members() {
		value := m.Value()
		switch m.KeyText() {
		case "type":
			if d.Type = value.Text(); value.Kind() != syntax.KindString || !declaredTypes[d.Type] {
				return Declaration{}, false
			}
			ok = true
		case "required":
			if d.Required, ok = value.Bool(); !ok {
				return Declaration{}, false
			}
		case "secret":
			if d.Secret, ok = value.Bool(); !ok {
				return Declaration{}, false
			}
			d.SecretKnown = true
		case "default":
			d.Default = value
		case "description", "title":
			if value.Kind() != syntax.KindString {
				return Declaration{}, false
			}
		default:
			return Declaration{}, false
		}
	}
	if d.Type == "secret" && !d.SecretKnown {
		d.Secret, d.SecretKnown = true, true
	}
	return d, ok
}

var declaredTypes = map[string]bool{
	"string": true, "number": true, "integer": true, "boolean": true, "array": true, "object": true, "secret": true,
}
