package expr

import (
	"encoding/base64"
	"math"
	"strings"
	"unicode/utf8"
)

func stringFunctions() []*Function {
	return []*Function{
		{
			Name: "toBase64", Pure: true, Result: TypeString,
			Doc: "Encodes the UTF-8 bytes of a text as Base64.", Example: "fn.toBase64('user:pass')", Gives: "'dXNlcjpwYXNz'",
			Params: []Param{textParam("string", "The text to encode.")},
			apply: textFunction(func(s string) string {
				return base64.StdEncoding.EncodeToString([]byte(wellFormed(s)))
			}),
		},
		{
			Name: "fromBase64", Pure: true, Result: TypeString,
			Doc: "Decodes Base64, in the standard or the URL alphabet, to UTF-8 text. Bytes that are none become `\uFFFD`.", Example: "fn.fromBase64('aGk=')", Gives: "'hi'",
			Params: []Param{{Name: "base64", Type: TypeString, TypeText: "base64", Doc: "The text to decode.", Accepts: acceptsText}},
			apply:  textFunction(fromBase64),
		},
		{
			Name: "slug", Pure: true, Result: TypeString,
			Doc: "Makes a text fit for identifiers: lower case, accents removed, every run of other characters than letters and digits one hyphen, none at the ends.", Example: "fn.slug('My Service')", Gives: "'my-service'",
			Params: []Param{textParam("string", "The text to convert.")},
			apply:  textFunction(Slug),
		},
		{
			Name: "indexOf", Pure: true, Result: TypeInteger,
			Doc: "The position of the first occurrence of one text in another, or `-1`.", Example: "fn.indexOf('feature/x', '/')", Gives: "7",
			Params: []Param{textParam("string", "The text to look in."), textParam("match", "The text to look for.")},
			apply: func(x *invocation) (Value, error) {
				s, match, err := x.texts()
				return Number(float64(indexUnits(s, match))), err
			},
		},
		{
			Name: "search", Pure: true, Result: TypeInteger,
			Doc: "The position of the first match of a pattern in a text, or `-1`. Text is read as a regular expression too, as in JavaScript.", Example: "fn.search('release-42', /[0-9]/)", Gives: "8",
			Params: []Param{textParam("string", "The text to look in."), matchParam("match", "The pattern.")},
			apply: func(x *invocation) (Value, error) {
				s, re, err := x.pattern(true)
				if err != nil {
					return Value{}, err
				}
				m, err := re.find(x, re.subject(units(s)), 0)
				if err != nil || m == nil {
					return Number(-1), err
				}
				return Number(float64(m.start)), nil
			},
		},
		{
			Name: "replace", Pure: true, Result: TypeString,
			Doc: "Replaces the first match, or every match of a regular expression with the flag `g`. In the replacement `$&` is the match, `$1` the first group, `$$` a dollar sign.", Example: "fn.replace('feature/x', '/', '-')", Gives: "'feature-x'",
			Params: replaceParams(), apply: func(x *invocation) (Value, error) { return x.replace(false) },
		},
		{
			Name: "replaceAll", Pure: true, Result: TypeString,
			Doc: "Replaces every match. In the replacement `$&` is the match, `$1` the first group, `$$` a dollar sign.", Example: "fn.replaceAll('a b c', ' ', '-')", Gives: "'a-b-c'",
			Params: replaceParams(), apply: func(x *invocation) (Value, error) { return x.replace(true) },
		},
		{
			Name: "slice", Pure: true, Result: TypeString,
			Doc: "The text from one position up to another. Negative positions count from the end; without an end it is all of the rest.", Example: "fn.slice('1f3870be', 0, 4)", Gives: "'1f38'",
			Params: []Param{
				textParam("original", "The text."),
				integerParam("startIndex", "The position of the first character."),
				integerParam("endIndex", "The position behind the last character.").optional(),
			},
			apply: sliceText,
		},
		{
			Name: "length", Pure: true, Result: TypeInteger,
			Doc: "The length of a text in UTF-16 code units, as JavaScript counts it. For arrays there is `fn.arrLength`.", Example: "fn.length('main')", Gives: "4",
			Params: []Param{textParam("string", "The text.")},
			apply: func(x *invocation) (Value, error) {
				s, err := x.text(0)
				return Number(float64(unitLen(s))), err
			},
		},
		{
			Name: "toUpper", Pure: true, Result: TypeString,
			Doc: "The text in upper case.", Example: "fn.toUpper('main')", Gives: "'MAIN'",
			Params: []Param{textParam("string", "The text to convert.")},
			apply:  textFunction(upper),
		},
		{
			Name: "toLower", Pure: true, Result: TypeString,
			Doc: "The text in lower case.", Example: "fn.toLower('MAIN')", Gives: "'main'",
			Params: []Param{textParam("string", "The text to convert.")},
			apply:  textFunction(lower),
		},
		{
			Name: "split", Pure: true, Result: ArrayOf(TypeString),
			Doc: "Cuts a text at every match of the separator. An empty separator gives single characters. With a limit, what comes behind that many pieces is dropped.", Example: "fn.split('a,b,c', ',')", Gives: "['a', 'b', 'c']",
			Params: []Param{
				textParam("string", "The text to cut."),
				matchParam("separator", "What to cut at."),
				integerParam("limit", "How many pieces to keep.").optional(),
			},
			result: func(args []Type) Type {
				if len(args) > 1 && args[1].Can(ShapeRegex) {
					// Groups that did not take part in a match are undefined.
					return ArrayOf(TypeString.Union(TypeUndefined))
				}
				return ArrayOf(TypeString)
			},
			apply: split,
		},
		{
			Name: "join", Pure: true, Result: TypeString, whole: true,
			Doc: "Joins the elements of an array into one text, with the separator between them. Without a separator it is a comma, as in JavaScript.", Example: "fn.join(['a', 'b'], '-')", Gives: "'a-b'",
			Params: []Param{
				{Name: "strings", Type: ArrayOf(TypeString), TypeText: "string[]", Doc: "The elements; null and undefined are empty.", Accepts: TypeArray},
				textParam("separator", "What stands between them.").optional(),
			},
			apply: join,
		},
	}
}

func replaceParams() []Param {
	return []Param{
		textParam("original", "The text to replace in."),
		matchParam("match", "What to replace."),
		textParam("replacement", "What to put there."),
	}
}

// textFunction makes a function of text to text.
func textFunction(convert func(string) string) func(*invocation) (Value, error) {
	return func(x *invocation) (Value, error) {
		s, err := x.text(0)
		if err != nil {
			return Value{}, err
		}
		return String(convert(s)), nil
	}
}

// texts returns the first two arguments as texts.
func (x *invocation) texts() (a, b string, err error) {
	if a, err = x.text(0); err == nil {
		b, err = x.text(1)
	}
	return a, b, err
}

// fromBase64 decodes as Node.js does: characters of neither alphabet are passed over, a padding character ends the text.
func fromBase64(s string) string {
	clean := make([]byte, 0, len(s))
	s, _, _ = strings.Cut(s, "=")
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '+' || c == '/':
			clean = append(clean, c)
		case c == '-':
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, _ := base64.RawStdEncoding.Decode(out, clean)
	return decodeUTF8(out[:n])
}

// decodeUTF8 decodes bytes as the web does: the longest beginning of a character that was cut off is one U+FFFD.
func decodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); {
		if r, width := utf8.DecodeRune(b[i:]); r != utf8.RuneError || width > 1 {
			out = append(out, b[i:i+width]...)
			i += width
			continue
		}
		low, high, need := byte(0x80), byte(0xBF), 0
		switch c := b[i]; {
		case c >= 0xC2 && c <= 0xDF:
			need = 1
		case c >= 0xE0 && c <= 0xEF:
			need = 2
			if c == 0xE0 {
				low = 0xA0
			} else if c == 0xED {
				high = 0x9F
			}
		case c >= 0xF0 && c <= 0xF4:
			need = 3
			if c == 0xF0 {
				low = 0x90
			} else if c == 0xF4 {
				high = 0x8F
			}
		}
		i++
		for ; need > 0 && i < len(b) && b[i] >= low && b[i] <= high; need-- {
			low, high = 0x80, 0xBF
			i++
		}
		out = utf8.AppendRune(out, utf8.RuneError)
	}
	return string(out)
}

// hasHalf reports whether the text holds half of a surrogate pair.
func hasHalf(s string) bool {
	for i := strings.IndexByte(s, 0xED); i >= 0 && i < len(s); i++ {
		if r, _ := decodeUnit(s[i:]); isSurrogate(r) {
			return true
		}
		n := strings.IndexByte(s[i+1:], 0xED)
		if n < 0 {
			return false
		}
		i += n
	}
	return false
}

// indexUnits is String.prototype.indexOf.
func indexUnits(s, match string) int {
	if hasHalf(match) || hasHalf(s) {
		return indexIn(units(s), units(match), 0)
	}
	at := strings.Index(s, match)
	if at < 0 {
		return -1
	}
	return unitIndex(s, at)
}

// indexIn returns the position of the first match in s from a position on, or -1.
func indexIn(s, match []uint16, from int) int {
	if len(match) == 0 {
		return from
	}
	for i := from; i+len(match) <= len(s); i++ {
		if s[i] != match[0] {
			continue
		}
		at := 1
		for at < len(match) && s[i+at] == match[at] {
			at++
		}
		if at == len(match) {
			return i
		}
	}
	return -1
}

func sliceText(x *invocation) (Value, error) {
	s, err := x.text(0)
	if err != nil {
		return Value{}, err
	}
	start, end, err := x.bounds(1)
	if err != nil {
		return Value{}, err
	}
	if isASCII(s) {
		from, to := sliceBounds(start, end, len(s))
		return String(s[from:to]), nil
	}
	u := units(s)
	from, to := sliceBounds(start, end, len(u))
	return String(fromUnits(u[from:to])), nil
}

// bounds returns a start and an optional end from argument i on.
func (x *invocation) bounds(i int) (start, end float64, err error) {
	if start, err = x.number(i); err != nil {
		return 0, 0, err
	}
	end = math.Inf(1)
	if x.has(i + 1) {
		end, err = x.number(i + 1)
	}
	return start, end, err
}

func join(x *invocation) (Value, error) {
	separator := String(",")
	if len(x.args) > 1 {
		separator = secretIf(separator, x.args[1].IsSecret())
	}
	if x.has(1) {
		separator = x.args[1]
		if separator.kind != KindUnknown {
			separator = secretIf(String(separator.rawText()), separator.IsSecret())
		}
	}
	if x.args[0].IsUnknown() {
		return secretIf(Unknown(TypeString), x.secret), nil
	}
	items, err := x.items(0)
	if err != nil {
		return Value{}, err
	}
	var t textBuilder
	for i, item := range items {
		if i > 0 {
			t.value(separator)
		}
		if item.kind != KindNull && item.kind != KindUndefined {
			t.value(item)
		} else {
			t.nothing(item)
		}
		if len(t.b) > MaxText {
			return Value{}, errAt(x.call, CodeLimit, "the text becomes longer than %d bytes", MaxText)
		}
	}
	v := t.text()
	if x.args[0].secret {
		v = v.WithSecret()
	}
	return v, nil
}

func split(x *invocation) (Value, error) {
	s, err := x.text(0)
	if err != nil {
		return Value{}, err
	}
	limit := uint32(math.MaxUint32)
	if x.has(2) {
		n, err := x.number(2)
		if err != nil {
			return Value{}, err
		}
		limit = toUint32(n)
	}
	if limit == 0 {
		return Array(nil), nil
	}
	if x.args[1].kind == KindRegex {
		return x.splitRegex(s, limit)
	}
	separator, err := x.text(1)
	if err != nil {
		return Value{}, err
	}
	var items []Value
	if separator == "" {
		for _, u := range units(s) {
			if uint32(len(items)) == limit || len(items) > MaxItems {
				break
			}
			items = append(items, String(fromUnits([]uint16{u})))
		}
		return Array(items), nil
	}
	if hasHalf(separator) || hasHalf(s) {
		u, sep := units(s), units(separator)
		from := 0
		for at := indexIn(u, sep, 0); at >= 0 && len(items) <= MaxItems; at = indexIn(u, sep, from) {
			items = append(items, String(fromUnits(u[from:at])))
			from = at + len(sep)
		}
		items = append(items, String(fromUnits(u[from:])))
	} else {
		for len(items) <= MaxItems {
			piece, rest, found := strings.Cut(s, separator)
			items = append(items, String(piece))
			if s = rest; !found {
				break
			}
		}
	}
	if uint32(len(items)) > limit {
		items = items[:limit]
	}
	return Array(items), nil
}

// toUint32 is JavaScript's conversion of a limit: modulo 2^32.
func toUint32(f float64) uint32 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	f = math.Mod(math.Trunc(f), 1<<32)
	if f < 0 {
		f += 1 << 32
	}
	return uint32(f)
}
