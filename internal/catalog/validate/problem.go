package validate

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// The codes of problems. They are the codes of the findings that the analysis makes of them.
const (
	CodeUnknownKind         = "unknown-kind"
	CodeMissingProperty     = "missing-property"
	CodeUnknownProperty     = "unknown-property"
	CodeExclusiveProperties = "exclusive-properties"
	CodeWrongType           = "wrong-type"
	CodeNotInEnum           = "not-in-enum"
	CodePatternMismatch     = "pattern-mismatch"
	CodeOutOfRange          = "out-of-range"
	CodeWrongLength         = "wrong-length"
	CodeResultType          = "result-type"
	// CodeDeprecatedForm is the only one that says nothing against a value: it is right, but there is a newer form.
	CodeDeprecatedForm = "deprecated-form"
)

// Problem is a place where a value does not fit its schema.
type Problem struct {
	// Code is one of the Code constants.
	Code string
	// Range is what to point at, in bytes: a value, the name of a member, or the opening brace of an object in which
	// something is missing.
	Range syntax.Range
	// Message names the thing and what to write.
	Message string
	// Certain reports that the platform refuses the value: the reference leaves no doubt. What is not certain may still
	// be right, such as a property that the reference forgets.
	Certain bool
	// Property is the name of the member that is concerned: the one that is missing, unknown or has the value.
	Property string
	// Expected lists what may stand here: names of properties, values of an enumeration or types.
	Expected []string
	// Suggestion is the one of Expected that is most probably meant; empty if none is near.
	Suggestion string
	// Value is the value that is wrong, or the object that lacks or has the member.
	Value syntax.Value
	// Member is the member that is unknown or excluded; absent in other problems.
	Member syntax.Member
	// Schema is the schema that Value does not fit.
	Schema catalog.SchemaID
}

// Fix is a change that would solve a problem.
type Fix struct {
	Title string
	Edits []syntax.Edit
}

// Fixes returns the changes that would solve the problem, the most probable first. They touch only the text that the
// problem points at.
func (p Problem) Fixes() []Fix {
	if p.Suggestion == "" {
		return nil
	}
	switch p.Code {
	case CodeUnknownProperty:
		if key := p.Member.Key(); key.Kind() == syntax.KindString {
			return []Fix{{
				Title: fmt.Sprintf("Change to %q", p.Suggestion),
				Edits: []syntax.Edit{{Range: key.Range(), NewText: quote(p.Suggestion)}},
			}}
		}
	case CodeNotInEnum, CodeUnknownKind:
		if k := p.Value.Kind(); k == syntax.KindString || k == syntax.KindNumber {
			text := p.Suggestion
			if k == syntax.KindString {
				text = quote(text)
			}
			return []Fix{{
				Title: fmt.Sprintf("Change to %s", text),
				Edits: []syntax.Edit{{Range: p.Value.Range(), NewText: text}},
			}}
		}
	}
	return nil
}

// quote writes a name of the schemas, which needs no escapes beyond these, as a JSON string.
func quote(s string) string {
	if !strings.ContainsAny(s, `"\`) {
		return `"` + s + `"`
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// maxListed is how many names a message lists before it says how many more there are.
const maxListed = 12

// list writes names for a message: `"a", "b" or "c"`.
func list(names []string, word string) string {
	quoted := make([]string, 0, len(names))
	for i, n := range names {
		if i == maxListed {
			return strings.Join(quoted, ", ") + fmt.Sprintf(" %s one of %d more", word, len(names)-i)
		}
		quoted = append(quoted, quote(n))
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " " + word + " " + quoted[len(quoted)-1]
}

// article puts "a" or "an" in front of a name.
func article(name string) string {
	if name != "" && strings.IndexByte("AEIOaeio", name[0]) >= 0 {
		return "an " + name
	}
	return "a " + name
}
