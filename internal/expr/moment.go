package expr

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The formats of `date` are those of Moment.js in its English locale. They are a table of their own: the ports to Go are
// either partial or no longer kept, and all of them take Go's time for local time. The vectors come from Moment.js itself.

// isoDate is the default format: ISO 8601 with milliseconds, as Date.prototype.toISOString writes it.
func isoDate(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// longFormats are the formats that stand for others.
var longFormats = [...]struct{ token, format string }{
	{"LTS", "h:mm:ss A"}, {"LT", "h:mm A"},
	{"LLLL", "dddd, MMMM D, YYYY h:mm A"}, {"LLL", "MMMM D, YYYY h:mm A"}, {"LL", "MMMM D, YYYY"}, {"L", "MM/DD/YYYY"},
	{"llll", "ddd, MMM D, YYYY h:mm A"}, {"lll", "MMM D, YYYY h:mm A"}, {"ll", "MMM D, YYYY"}, {"l", "M/D/YYYY"},
}

// momentTokens are the tokens in the order in which they are tried: of two that begin alike the longer one first.
var momentTokens = [...]string{
	"Hmmss", "hmmss", "Hmm", "hmm", "Mo", "MMMM", "MMM", "MM", "M", "Do", "DDDo", "DDDD", "DDD", "DD", "D",
	"dddd", "ddd", "dd", "do", "d", "wo", "w|", "ww", "w", "Wo", "W|", "WW", "W", "Qo", "Q", "NNNNN", "NNNN", "NNN", "NN", "N",
	"YYYYYY", "YYYYY", "YYYY", "YY", "yyyy", "yyy", "yy", "yo", "y", "ggggg", "gggg", "gg", "GGGGG", "GGGG", "GG", "e", "E", "a", "A",
	"hh", "h", "HH", "H", "kk", "k", "mm", "m", "ss", "s",
	"SSSSSSSSS", "SSSSSSSS", "SSSSSSS", "SSSSSS", "SSSSS", "SSSS", "SSS", "SS", "S", "x", "X", "zz", "z", "ZZ", "Z", "Y",
}

// formatMoment formats a time in UTC.
func formatMoment(t time.Time, format string) string {
	t = t.UTC()
	var b strings.Builder
	for rest := expandLong(format); rest != ""; {
		if text, width := bracketText(rest); width > 0 {
			b.WriteString(text)
			rest = rest[width:]
			continue
		}
		body, escaped := strings.CutPrefix(rest, `\`)
		token := ""
		for _, candidate := range momentTokens {
			if strings.HasPrefix(body, candidate) {
				token = candidate
				break
			}
		}
		if token == "" {
			// Any other character is itself, with a backslash in front too. Backslashes and line breaks are dropped.
			if body == "" {
				break
			}
			r, width := decodeUnit(body)
			if !lineSet.contains(r) {
				if r != '\\' {
					b.WriteString(body[:width])
				}
			} else if escaped {
				width = 0
			}
			rest = body[width:]
			continue
		}
		if escaped {
			b.WriteString(token)
		} else {
			b.WriteString(momentToken(t, token))
		}
		rest = body[len(token):]
	}
	return b.String()
}

// expandLong replaces the long formats, escaped ones and text in brackets left alone. It does so up to six times, since a
// long format may give another; those of the English locale do not.
func expandLong(format string) string {
	if !strings.ContainsAny(format, "Ll") {
		return format
	}
	var b strings.Builder
	for rest := format; rest != ""; {
		if _, width := bracketText(rest); width > 0 {
			b.WriteString(rest[:width])
			rest = rest[width:]
			continue
		}
		body, escaped := strings.CutPrefix(rest, `\`)
		found := false
		for _, long := range longFormats {
			if !strings.HasPrefix(body, long.token) {
				continue
			}
			if escaped {
				b.WriteString(rest[:1+len(long.token)])
			} else {
				b.WriteString(long.format)
			}
			rest = body[len(long.token):]
			found = true
			break
		}
		if !found {
			b.WriteByte(rest[0])
			rest = rest[1:]
		}
	}
	return b.String()
}

// bracketText reads literal text in brackets: up to the last closing one before the next opening one.
func bracketText(s string) (text string, width int) {
	if s[0] != '[' {
		return "", 0
	}
	limit := strings.IndexByte(s[1:], '[') + 1
	if limit == 0 {
		limit = len(s)
	}
	end := strings.LastIndexByte(s[:limit], ']')
	if end < 0 {
		return "", 0
	}
	return s[1:end], end + 1
}

func momentToken(t time.Time, token string) string {
	isoYear, isoWeek := t.ISOWeek()
	switch token {
	case "M", "Mo", "MM":
		return numeral(int(t.Month()), token)
	case "MMM":
		return t.Month().String()[:3]
	case "MMMM":
		return t.Month().String()
	case "D", "Do", "DD":
		return numeral(t.Day(), token)
	case "DDD", "DDDo":
		return numeral(t.YearDay(), token[2:])
	case "DDDD":
		return fmt.Sprintf("%03d", t.YearDay())
	case "d", "do", "e":
		return numeral(int(t.Weekday()), token)
	case "dd":
		return t.Weekday().String()[:2]
	case "ddd":
		return t.Weekday().String()[:3]
	case "dddd":
		return t.Weekday().String()
	case "E":
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case "w", "wo", "ww":
		_, week := localWeek(t)
		return numeral(week, token)
	case "W", "Wo", "WW":
		return numeral(isoWeek, token)
	case "Q", "Qo":
		return numeral((int(t.Month())+2)/3, token)
	case "Y":
		if t.Year() > 9999 {
			return "+" + strconv.Itoa(t.Year())
		}
		return signed(t.Year(), 4, false)
	case "YY":
		return fmt.Sprintf("%02d", t.Year()%100)
	case "YYYY":
		return signed(t.Year(), 4, false)
	case "YYYYY":
		return signed(t.Year(), 5, false)
	case "YYYYYY":
		return signed(t.Year(), 6, true)
	case "gg", "gggg", "ggggg":
		year, _ := localWeek(t)
		return weekYear(year, len(token))
	case "GG", "GGGG", "GGGGG":
		return weekYear(isoYear, len(token))
	case "y", "yo", "yy", "yyy", "yyyy":
		return numeral(t.Year(), strings.TrimLeft(token, "y"))
	case "N", "NN", "NNN":
		return "AD"
	case "NNNN":
		return "Anno Domini"
	case "NNNNN":
		return "AD"
	case "a", "A":
		return meridiem(t, token)
	case "h", "hh":
		return numeral((t.Hour()+11)%12+1, token)
	case "H", "HH":
		return numeral(t.Hour(), token)
	case "k", "kk":
		return numeral((t.Hour()+23)%24+1, token)
	case "hmm", "hmmss", "Hmm", "Hmmss":
		return clock(t, token)
	case "m", "mm":
		return numeral(t.Minute(), token)
	case "s", "ss":
		return numeral(t.Second(), token)
	case "x":
		return strconv.FormatInt(t.UnixMilli(), 10)
	case "X":
		return strconv.FormatInt(t.Unix(), 10)
	case "w|", "W|":
		return token // taken for tokens, without a meaning
	case "z":
		return "UTC"
	case "zz":
		return "Coordinated Universal Time"
	case "Z":
		return "+00:00"
	case "ZZ":
		return "+0000"
	}
	// S to SSSSSSSSS: as many digits of the second's fraction; there are milliseconds only.
	digits := fmt.Sprintf("%03d000000", t.Nanosecond()/1e6)
	return digits[:len(token)]
}

// numeral writes a number plain, as an ordinal where the token ends in `o`, or with two digits where it is doubled.
func numeral(n int, token string) string {
	switch {
	case strings.HasSuffix(token, "o"):
		return ordinal(n)
	case len(token) == 2:
		return fmt.Sprintf("%02d", n)
	}
	return strconv.Itoa(n)
}

func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return strconv.Itoa(n) + suffix
}

// signed pads a year with zeros; a negative one has its sign in front of them.
func signed(n, width int, plus bool) string {
	sign := ""
	switch {
	case n < 0:
		sign, n = "-", -n
	case plus:
		sign = "+"
	}
	return fmt.Sprintf("%s%0*d", sign, width, n)
}

func weekYear(year, width int) string {
	if width == 2 {
		return fmt.Sprintf("%02d", year%100)
	}
	return signed(year, width, false)
}

// localWeek is the week of the English locale: it begins on Sunday, and the first one holds the first of January.
func localWeek(t time.Time) (year, week int) {
	year = t.Year()
	first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	week = (t.YearDay()-1+int(first.Weekday()))/7 + 1
	next := time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC)
	if days := int(next.Weekday()); t.YearDay() > next.Add(-24*time.Hour).YearDay()-days {
		return year + 1, 1
	}
	return year, week
}

func meridiem(t time.Time, token string) string {
	s := "AM"
	if t.Hour() >= 12 {
		s = "PM"
	}
	if token == "a" {
		return strings.ToLower(s)
	}
	return s
}

// clock writes hours, minutes and perhaps seconds without separators.
func clock(t time.Time, token string) string {
	hour := t.Hour()
	if token[0] == 'h' {
		hour = (hour+11)%12 + 1
	}
	s := fmt.Sprintf("%d%02d", hour, t.Minute())
	if len(token) == 5 {
		s += fmt.Sprintf("%02d", t.Second())
	}
	return s
}
