package expr

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// formatNumber writes a number as JavaScript does (Number::toString with radix 10): the shortest digits that read back
// as the same number, without an exponent between 1e-7 and 1e21.
func formatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0" // minus zero too
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	// Go pads the exponent to two digits.
	mantissa, exponent, _ := strings.Cut(s, "e")
	sign, digits := exponent[:1], strings.TrimLeft(exponent[1:], "0")
	return mantissa + "e" + sign + digits
}

// stringToNumber is JavaScript's conversion of text that is not empty; false stands for NaN.
func stringToNumber(s string) (float64, bool) {
	if len(s) > 2 && s[0] == '0' {
		base := 0
		switch s[1] | 0x20 {
		case 'x':
			base = 16
		case 'o':
			base = 8
		case 'b':
			base = 2
		}
		if base != 0 {
			return radixNumber(s[2:], base)
		}
	}
	digits, i := 0, 0
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if s[i:] == "Infinity" {
		if s[0] == '-' {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	}
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && isDigit(s[i]); i++ {
			digits++
		}
	}
	if digits == 0 {
		return 0, false
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		from := i
		for ; i < len(s) && isDigit(s[i]); i++ {
		}
		if i == from {
			return 0, false
		}
	}
	if i != len(s) {
		return 0, false
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range gives an infinity, as in JavaScript
	return f, true
}

func radixNumber(digits string, base int) (float64, bool) {
	if u, err := strconv.ParseUint(digits, base, 53); err == nil {
		return float64(u), true
	}
	f := 0.0
	for i := range len(digits) {
		d, ok := hexDigit(digits[i])
		if !ok || d >= base {
			return 0, false
		}
		f = f*float64(base) + float64(d)
	}
	return f, true
}

// trimSpace removes what JavaScript takes for white space at both ends.
func trimSpace(s string) string {
	return strings.TrimFunc(s, isSpace)
}

func isSpace(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', ' ', 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF:
		return true
	}
	return r >= 0x2000 && r <= 0x200A && r != utf8.RuneError
}

// toInteger is JavaScript's ToIntegerOrInfinity.
func toInteger(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return math.Trunc(f)
}

// sliceBounds resolves the positions that slice takes, which count from the end when negative, against a length.
func sliceBounds(start, end float64, length int) (from, to int) {
	at := func(f float64) int {
		f = toInteger(f)
		if f < 0 {
			f = math.Max(f+float64(length), 0)
		}
		return int(math.Min(f, float64(length)))
	}
	from, to = at(start), at(end)
	return from, max(from, to)
}
