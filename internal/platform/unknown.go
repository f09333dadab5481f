package platform

// Unknown stands in a resolved spec where a value is known only after other
// nodes have run. It may stand for any JSON value; a string of which only a
// part is unknown is unknown as a whole. Only [Driver.Preview] and
// [Driver.Supports] accept it.
var Unknown any = unknownValue{}

type unknownValue struct{}

// UnknownText is how an unknown value is written where it must be text.
const UnknownText = "(known after apply)"

// String makes the value readable in messages.
func (unknownValue) String() string { return UnknownText }

// MarshalJSON makes a spec with unknown values printable in a diff.
func (unknownValue) MarshalJSON() ([]byte, error) { return []byte(`"` + UnknownText + `"`), nil }

// IsUnknown tells whether v is [Unknown].
func IsUnknown(v any) bool {
	_, ok := v.(unknownValue)
	return ok
}

// HasUnknown tells whether v is [Unknown] or an object or array that holds it.
func HasUnknown(v any) bool {
	switch v := v.(type) {
	case unknownValue:
		return true
	case map[string]any:
		for _, e := range v {
			if HasUnknown(e) {
				return true
			}
		}
	case []any:
		for _, e := range v {
			if HasUnknown(e) {
				return true
			}
		}
	}
	return false
}
