package expr

import (
	"encoding/json"
	"math"
	"sort"
)

// Text is JavaScript's String(value) as plain UTF-8: what stands in a text that the value is joined into. Secrets are not
// masked in it.
func (v Value) Text() string { return wellFormed(v.rawText()) }

func (v Value) rawText() string {
	switch v.kind {
	case KindUndefined:
		return "undefined"
	case KindNull:
		return "null"
	case KindBool:
		if v.num != 0 {
			return "true"
		}
		return "false"
	case KindNumber:
		return formatNumber(v.num)
	case KindString, KindUnknown:
		return v.str
	case KindArray:
		return joinText(v.items(), ",")
	case KindRegex:
		r := v.ext.(*RegexLit)
		return "/" + r.Pattern + "/" + r.Flags
	case KindFunction:
		return "function"
	}
	return "[object Object]"
}

// joinText is Array.prototype.join: null and undefined are empty in it.
func joinText(items []Value, separator string) string {
	var b []byte
	for i, item := range items {
		if i > 0 {
			b = appendText(b, separator)
		}
		if item.kind != KindNull && item.kind != KindUndefined {
			b = appendText(b, item.rawText())
		}
	}
	return string(b)
}

// number is JavaScript's Number(value) for values that are no arrays and no objects; false stands for text that is no
// number.
func (v Value) number() (float64, bool) {
	switch v.kind {
	case KindNumber, KindBool:
		return v.num, true
	case KindNull:
		return 0, true
	case KindString:
		s := trimSpace(v.str)
		if s == "" {
			return 0, true
		}
		return stringToNumber(s)
	case KindUndefined:
		return math.NaN(), true
	}
	return 0, false
}

// FromJSON makes a value of what encoding/json decodes into an any: nil, bool, float64, json.Number, string, []any and
// map[string]any. It also takes Go's integers, Value, and Values and Members in slices. The keys of a map have lost their
// order; they are sorted. ParseJSON keeps it. Anything else is undefined.
func FromJSON(x any) Value {
	switch x := x.(type) {
	case nil:
		return Null()
	case Value:
		return x
	case bool:
		return Bool(x)
	case float64:
		return Number(x)
	case int:
		return Number(float64(x))
	case int64:
		return Number(float64(x))
	case json.Number:
		if f, ok := stringToNumber(string(x)); ok {
			return Number(f)
		}
		return Undefined()
	case string:
		return String(x)
	case []any:
		items := make([]Value, len(x))
		for i := range x {
			items[i] = FromJSON(x[i])
		}
		return Array(items)
	case []Value:
		return Array(x)
	case []string:
		items := make([]Value, len(x))
		for i := range x {
			items[i] = String(x[i])
		}
		return Array(items)
	case map[string]any:
		keys := make([]string, 0, len(x))
		for k := range x {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		ms := make([]Member, len(keys))
		for i, k := range keys {
			ms[i] = Member{k, FromJSON(x[k])}
		}
		return Object(ms...)
	case []Member:
		return Object(x...)
	case json.RawMessage:
		v, err := ParseJSON([]byte(x))
		if err != nil {
			return Undefined()
		}
		return v
	}
	return Undefined()
}

// ToAny returns the value as encoding/json decodes one: nil, bool, float64, string, []any, map[string]any. As in
// JSON.stringify, undefined is left out of objects and is nil elsewhere, and so are the numbers that JSON does not have.
// An unknown value is the text that a plan shows for it. Secrets are not masked.
func (v Value) ToAny() any { return v.toAny(false) }

// Masked is ToAny with every secret replaced by Mask: the whole value where all of it is one, the secret pieces of a text
// that was joined of several.
func (v Value) Masked() any { return v.toAny(true) }

func (v Value) toAny(masked bool) any {
	if masked && v.secret {
		return Mask
	}
	switch v.kind {
	case KindBool:
		return v.num != 0
	case KindNumber:
		if math.IsNaN(v.num) || math.IsInf(v.num, 0) {
			return nil
		}
		return v.num
	case KindString, KindUnknown:
		if masked {
			return v.maskedText()
		}
		return wellFormed(v.str)
	case KindArray:
		items := make([]any, v.Len())
		for i, item := range v.items() {
			items[i] = item.toAny(masked)
		}
		return items
	case KindObject:
		m := make(map[string]any, v.Len())
		for _, member := range v.members() {
			if member.Value.kind != KindUndefined {
				m[wellFormed(member.Key)] = member.Value.toAny(masked)
			}
		}
		return m
	}
	return nil
}

// MaskedText is Text with the secrets masked.
func (v Value) MaskedText() string {
	switch {
	case v.secret:
		return Mask
	case v.kind == KindString || v.kind == KindUnknown:
		return v.maskedText()
	case v.tinted && v.kind == KindArray:
		masked := make([]Value, v.Len())
		for i, item := range v.items() {
			masked[i] = item
			if item.IsSecret() {
				masked[i] = String(item.MaskedText())
			}
		}
		return Array(masked).Text()
	}
	return v.Text()
}

// maskedText masks the secret pieces of a text.
func (v Value) maskedText() string {
	marks, _ := v.ext.([]mark)
	if len(marks) == 0 {
		return wellFormed(v.str)
	}
	var b []byte
	at := 0
	for _, m := range marks {
		b = append(b, wellFormed(v.str[at:m.start])...)
		b = append(b, Mask...)
		at = m.end
	}
	return string(append(b, wellFormed(v.str[at:])...))
}

// textBuilder joins values into one text and remembers which pieces are secret and whether any is unknown.
type textBuilder struct {
	b       []byte
	marks   []mark
	unknown bool
}

// literal appends text and returns where it begins. A character that is completed at the seam belongs to both sides.
func (t *textBuilder) literal(s string) (start int) {
	start = len(t.b)
	t.b = appendText(t.b, s)
	if len(t.b) == start+len(s) {
		return start
	}
	if n := len(t.marks); n > 0 && t.marks[n-1].end == start {
		t.marks[n-1].end = start + 1 // three bytes have become four
	}
	return start - 3
}

func (t *textBuilder) value(v Value) {
	before := len(t.b)
	start := t.literal(v.rawText())
	t.unknown = t.unknown || !v.Known()
	if !v.IsSecret() {
		return
	}
	if marks, ok := v.ext.([]mark); ok && !v.secret && start == before {
		for _, m := range marks {
			t.add(mark{before + m.start, before + m.end})
		}
		return
	}
	t.add(mark{start, len(t.b)})
}

// nothing appends a value that leaves no text. Where that is a secret, so is that
// nothing stands here.
func (t *textBuilder) nothing(v Value) {
	if v.IsSecret() {
		t.add(mark{len(t.b), len(t.b)})
	}
}

// add adds a piece. Pieces that touch are one: where one secret ends and the next begins is nobody's business either.
func (t *textBuilder) add(m mark) {
	if n := len(t.marks); n > 0 && t.marks[n-1].end >= m.start {
		t.marks[n-1].end = max(t.marks[n-1].end, m.end)
		return
	}
	t.marks = append(t.marks, m)
}

// text returns the joined text.
func (t *textBuilder) text() Value {
	v := String(string(t.b))
	if t.unknown {
		v.kind = KindUnknown
	}
	if len(t.marks) > 0 {
		v.tinted = true
		v.ext = t.marks
	} else if t.unknown {
		s := TypeString
		v.ext = &s
	}
	return v
}

// SecretTexts visits the texts that are secret in the value: whole strings, the
// secret pieces of others, and numbers. Names of members are none.
func (v Value) SecretTexts(visit func(string)) {
	switch v.kind {
	case KindString:
		if v.secret {
			visit(wellFormed(v.str))
			return
		}
		marks, _ := v.ext.([]mark)
		for _, m := range marks {
			visit(wellFormed(v.str[m.start:m.end]))
		}
	case KindNumber:
		if v.secret {
			visit(v.rawText())
		}
	case KindArray:
		for _, item := range v.Items() {
			item.SecretTexts(visit)
		}
	case KindObject:
		for _, m := range v.Members() {
			m.Value.SecretTexts(visit)
		}
	}
}
