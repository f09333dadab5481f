package oracle

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
)

// Maker builds values that use all that a schema allows. Turn decides which alternative is taken where there are
// several.
type Maker struct{ Turn int }

// Value builds a value that fits a schema, as encoding/json decodes it.
func (m Maker) Value(id catalog.SchemaID) any {
	s := id.Schema()
	switch alternatives := s.Alternatives(); {
	case s.Node:
		return map[string]any{"kind": "Approval", "spec": map[string]any{"amount": 1.0}}
	case len(alternatives) > 0:
		return m.Value(alternatives[m.Turn%len(alternatives)])
	case len(s.Enum) > 0:
		e := s.Enum[m.Turn%len(s.Enum)]
		var v any = e.Text
		if e.Type != catalog.TypeString {
			if err := json.Unmarshal([]byte(e.Text), &v); err != nil {
				panic(err)
			}
		}
		return v
	case s.Types.Has(catalog.TypeObject):
		o := map[string]any{}
		for _, p := range s.Properties {
			// "patch" has a test of its own, and of some properties only one may be there.
			if i := slices.Index(s.ExactlyOne, p.Name); p.Name != "updateMode" && (i < 0 || i == m.Turn%len(s.ExactlyOne)) {
				o[p.Name] = m.Value(p.Schema)
			}
		}
		if s.Additional != 0 {
			o["any"] = m.Value(s.Additional)
		}
		return o
	case s.Types.Has(catalog.TypeArray):
		return []any{m.Value(s.Items), m.Value(s.Items)}
	case s.Types.Has(catalog.TypeBoolean):
		return true
	case s.Types&(catalog.TypeInteger|catalog.TypeNumber) != 0:
		return max(s.Minimum, 1)
	case s.Types.Has(catalog.TypeString):
		return m.text(s)
	}
	return "anything"
}

func (m Maker) text(s *catalog.Schema) string {
	if s.Pattern == nil {
		return strings.Repeat("a", max(int(s.MinLength), 3))
	}
	for _, text := range sampleTexts {
		if s.Pattern.Matches(text) && len(text) >= int(s.MinLength) {
			return text
		}
	}
	panic("no sample for the pattern " + s.Pattern.Source)
}

// sampleTexts has a text for each pattern of the schemas.
var sampleTexts = []string{
	"abc", "/", "/a", "a:b", "1.2.3.4", "1.2.3.4/8", "https://github.com/ab/cd", "5s", "5m", "5%", "#abc", "*", "tag:a", "ab.cd",
	"port-1", "a/b", "abcdef",
}
