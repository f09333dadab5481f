package jsonvalue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Marshal writes a value as JSON, as encoding/json does without its escapes for
// HTML: members in the order of their names, so that equal values give equal text.
func Marshal(v any) ([]byte, error) { return Append(make([]byte, 0, 256), v) }

// Append adds the text of a value to a buffer. Values of other types than those of
// this package are written by encoding/json.
//
// What is decoded JSON takes no reflection, which costs encoding/json several
// allocations for each member of an object.
func Append(to []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(to, "null"...), nil
	case bool:
		return strconv.AppendBool(to, v), nil
	case string:
		return appendString(to, v), nil
	case float64:
		return appendFloat(to, v)
	case int:
		return strconv.AppendInt(to, int64(v), 10), nil
	case map[string]any:
		if v == nil {
			return append(to, "null"...), nil
		}
		return appendObject(to, v)
	case []any:
		return appendList(to, v)
	case []map[string]any:
		return appendList(to, v)
	}
	out := bytes.NewBuffer(to)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte{'\n'}), nil
}

func appendList[E any](to []byte, v []E) ([]byte, error) {
	if v == nil {
		return append(to, "null"...), nil
	}
	to = append(to, '[')
	for i, e := range v {
		if i > 0 {
			to = append(to, ',')
		}
		var err error
		if to, err = Append(to, e); err != nil {
			return nil, err
		}
	}
	return append(to, ']'), nil
}

func appendObject(to []byte, v map[string]any) ([]byte, error) {
	var room [16]string
	names := room[:0]
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	to = append(to, '{')
	for i, name := range names {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendString(to, name), ':')
		var err error
		if to, err = Append(to, v[name]); err != nil {
			return nil, err
		}
	}
	return append(to, '}'), nil
}

// appendFloat writes a number as JavaScript does.
func appendFloat(to []byte, f float64) ([]byte, error) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, fmt.Errorf("%v is no number of JSON", f)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	to = strconv.AppendFloat(to, f, format, -1, 64)
	if n := len(to); format == 'e' && n >= 4 && to[n-4] == 'e' && to[n-3] == '-' && to[n-2] == '0' {
		to[n-2] = to[n-1] // e-09 is e-9
		to = to[:n-1]
	}
	return to, nil
}

const hex = "0123456789abcdef"

func appendString(to []byte, s string) []byte {
	to = append(to, '"')
	start := 0
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			to = append(to, s[start:i]...)
			switch c {
			case '"', '\\':
				to = append(to, '\\', c)
			case '\b':
				to = append(to, '\\', 'b')
			case '\f':
				to = append(to, '\\', 'f')
			case '\n':
				to = append(to, '\\', 'n')
			case '\r':
				to = append(to, '\\', 'r')
			case '\t':
				to = append(to, '\\', 't')
			default:
				to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			to = append(append(to, s[start:i]...), `\ufffd`...)
			start = i + size
		case r == '\u2028' || r == '\u2029': // ends a line in JavaScript
			to = append(append(to, s[start:i]...), '\\', 'u', '2', '0', '2', hex[r&15])
			start = i + size
		}
		i += size
	}
	return append(append(to, s[start:]...), '"')
}
