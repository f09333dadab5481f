package expr

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// JSON returns the value as JSON text with the keys in the order that they were written in. Undefined is null at the top
// and in arrays and is left out of objects, as in JSON.stringify. Secrets are not masked.
func (v Value) JSON() []byte { return jsonWriter{plain: true}.append(nil, v) }

// MaskedJSON is JSON with every secret replaced by Mask.
func (v Value) MaskedJSON() []byte { return jsonWriter{plain: true, masked: true}.append(nil, v) }

// stringify is JSON.stringify: keys that are positions come first, halves of surrogate pairs are escaped.
func (v Value) stringify() string { return string(jsonWriter{}.append(nil, v)) }

type jsonWriter struct {
	plain  bool // plain UTF-8 and keys as written, instead of JavaScript's ways
	masked bool
}

func (w jsonWriter) append(b []byte, v Value) []byte {
	if w.masked && v.secret {
		return w.text(b, Mask)
	}
	switch v.kind {
	case KindBool, KindNumber:
		if v.kind == KindNumber && (math.IsNaN(v.num) || math.IsInf(v.num, 0)) {
			return append(b, "null"...)
		}
		return append(b, v.rawText()...)
	case KindString, KindUnknown:
		if w.masked {
			return w.text(b, v.maskedText())
		}
		return w.text(b, v.str)
	case KindArray:
		b = append(b, '[')
		for i, item := range v.items() {
			if i > 0 {
				b = append(b, ',')
			}
			b = w.append(b, item)
		}
		return append(b, ']')
	case KindObject:
		ms := v.members()
		if !w.plain {
			ms = v.enumerated()
		}
		b = append(b, '{')
		first := true
		for _, m := range ms {
			if m.Value.kind == KindUndefined {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = w.text(b, m.Key)
			b = append(b, ':')
			b = w.append(b, m.Value)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

const hexDigits = "0123456789abcdef"

func (w jsonWriter) text(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, width := decodeUnit(s[i:])
			switch {
			case !isSurrogate(r):
				b = utf8.AppendRune(b, r)
			case w.plain:
				b = utf8.AppendRune(b, utf8.RuneError)
			default:
				b = append(b, '\\', 'u', hexDigits[r>>12], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
			}
			i += width
			continue
		}
		i++
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			if c < ' ' {
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, '"')
}

// ParseJSON reads strict JSON and keeps the order of keys. Of members with one key the last wins.
func ParseJSON(text []byte) (Value, error) {
	r := jsonReader{text: string(text)}
	return r.document()
}

// maxJSONDepth is how deep JSON text can be nested.
const maxJSONDepth = 10_000

type jsonReader struct {
	text  string
	pos   int
	depth int
	left  int // how many more values may be read; 0 is no limit
}

var errTooManyValues = errors.New("too many values")

func (r *jsonReader) document() (Value, error) {
	v, err := r.value()
	if err != nil {
		return Value{}, err
	}
	if r.space(); r.pos < len(r.text) {
		return Value{}, r.unexpected()
	}
	return v, nil
}

func (r *jsonReader) unexpected() error {
	if r.pos >= len(r.text) {
		return errors.New("the JSON text ends too early")
	}
	return fmt.Errorf("unexpected character at offset %d of the JSON text", r.pos)
}

func (r *jsonReader) space() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

// eat passes over c if it comes next, blanks aside.
func (r *jsonReader) eat(c byte) bool {
	r.space()
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *jsonReader) value() (Value, error) {
	if r.left != 0 {
		if r.left--; r.left == 0 {
			return Value{}, errTooManyValues
		}
	}
	if r.depth++; r.depth > maxJSONDepth {
		return Value{}, errors.New("the JSON text is nested too deeply")
	}
	defer func() { r.depth-- }()
	r.space()
	if r.pos >= len(r.text) {
		return Value{}, r.unexpected()
	}
	switch c := r.text[r.pos]; {
	case c == '{':
		return r.object()
	case c == '[':
		return r.array()
	case c == '"':
		s, err := r.string()
		return String(s), err
	case c == '-' || isDigit(c):
		return r.number()
	}
	for _, word := range [...]struct {
		text  string
		value Value
	}{{"true", Bool(true)}, {"false", Bool(false)}, {"null", Null()}} {
		if len(r.text)-r.pos >= len(word.text) && r.text[r.pos:r.pos+len(word.text)] == word.text {
			r.pos += len(word.text)
			return word.value, nil
		}
	}
	return Value{}, r.unexpected()
}

func (r *jsonReader) array() (Value, error) {
	r.pos++
	var items []Value
	if r.eat(']') {
		return Array(nil), nil
	}
	for {
		v, err := r.value()
		if err != nil {
			return Value{}, err
		}
		items = append(items, v)
		if r.eat(']') {
			return Array(items), nil
		}
		if !r.eat(',') {
			return Value{}, r.unexpected()
		}
	}
}

func (r *jsonReader) object() (Value, error) {
	r.pos++
	var ms []Member
	if r.eat('}') {
		return Object(), nil
	}
	for {
		if r.space(); r.pos >= len(r.text) || r.text[r.pos] != '"' {
			return Value{}, r.unexpected()
		}
		key, err := r.string()
		if err != nil {
			return Value{}, err
		}
		if !r.eat(':') {
			return Value{}, r.unexpected()
		}
		v, err := r.value()
		if err != nil {
			return Value{}, err
		}
		ms = append(ms, Member{key, v})
		if r.eat('}') {
			return Object(ms...), nil
		}
		if !r.eat(',') {
			return Value{}, r.unexpected()
		}
	}
}

func (r *jsonReader) string() (string, error) {
	r.pos++
	start := r.pos
	for r.pos < len(r.text) && r.text[r.pos] != '"' && r.text[r.pos] != '\\' && r.text[r.pos] >= ' ' {
		r.pos++
	}
	if r.pos < len(r.text) && r.text[r.pos] == '"' {
		r.pos++
		return r.text[start : r.pos-1], nil
	}
	b := []byte(r.text[start:r.pos])
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		switch {
		case c == '"':
			r.pos++
			return string(b), nil
		case c < ' ':
			return "", r.unexpected()
		case c == 0xED:
			// Half of a pair may stand here as it is, and meets the other half as in JavaScript.
			u, width := decodeUnit(r.text[r.pos:])
			b = appendUnit(b, u)
			r.pos += width
			continue
		case c != '\\':
			b = append(b, c)
			r.pos++
			continue
		}
		r.pos++
		if r.pos >= len(r.text) {
			break
		}
		switch c = r.text[r.pos]; c {
		case '"', '\\', '/':
			b = append(b, c)
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'u':
			if r.pos+1 < len(r.text) && r.text[r.pos+1] == '{' {
				return "", r.unexpected()
			}
			u, width, ok := hexEscape(r.text[r.pos:])
			if !ok {
				return "", r.unexpected()
			}
			b = appendUnit(b, u)
			r.pos += width - 1
		default:
			return "", r.unexpected()
		}
		r.pos++
	}
	return "", r.unexpected()
}

func (r *jsonReader) number() (Value, error) {
	start := r.pos
	digits := func() int {
		from := r.pos
		for r.pos < len(r.text) && isDigit(r.text[r.pos]) {
			r.pos++
		}
		return r.pos - from
	}
	if r.text[r.pos] == '-' {
		r.pos++
	}
	first := r.pos
	if n := digits(); n == 0 || n > 1 && r.text[first] == '0' {
		return Value{}, r.unexpected()
	}
	if r.pos < len(r.text) && r.text[r.pos] == '.' {
		r.pos++
		if digits() == 0 {
			return Value{}, r.unexpected()
		}
	}
	if r.pos < len(r.text) && r.text[r.pos]|0x20 == 'e' {
		r.pos++
		if r.pos < len(r.text) && (r.text[r.pos] == '+' || r.text[r.pos] == '-') {
			r.pos++
		}
		if digits() == 0 {
			return Value{}, r.unexpected()
		}
	}
	f, _ := stringToNumber(r.text[start:r.pos])
	return Number(f), nil
}
