package syntax

import "strings"

// lexer cuts tokens from a window of the text. Nothing that it decides depends
// on what stands left of a token, so lexing can start anew at any place where a
// token starts.
type lexer struct {
	s   string // the window
	pos int    // in s
}

const (
	_          = iota // part of a bare word, a number, a literal
	classDelim        // ends a word: brackets, comma, colon, double quote, space
	classSlash        // ends a word where it starts a comment
)

// wordClass says which bytes end a bare word.
var wordClass = [256]uint8{
	' ': classDelim, '\t': classDelim, '\n': classDelim, '\r': classDelim, '{': classDelim, '}': classDelim,
	'[': classDelim, ']': classDelim, ',': classDelim, ':': classDelim, '"': classDelim, '/': classSlash,
	';': classDelim, '=': classDelim,
}

// next returns the next token, or one of kindEOF and width 0.
func (l *lexer) next() green {
	s, start := l.s, l.pos
	if start >= len(s) {
		return green{kind: kindEOF}
	}
	var kind Kind
	var fl flags
	end := start + 1
	switch c := s[start]; c {
	case ' ', '\t', '\n', '\r':
		kind = KindSpace
		end, fl = scanSpace(s, start)
	case '"':
		kind = KindString
		end, fl = scanString(s, start, '"')
	case '{':
		kind = KindOpenBrace
	case '}':
		kind = KindCloseBrace
	case '[':
		kind = KindOpenBracket
	case ']':
		kind = KindCloseBracket
	case ',':
		kind = KindComma
	case ':':
		kind = KindColon
	case ';':
		kind, fl = KindComma, flagError|flagStandIn
	case '=':
		kind, fl = KindColon, flagError|flagStandIn
		if end < len(s) && s[end] == '>' {
			end++
		}
	case '\'', '`':
		kind = KindString
		end, fl = scanString(s, start, c)
		fl |= flagError | flagSingle
	case '/':
		if end < len(s) && s[end] == '/' {
			kind, fl = KindLineComment, flagError
			end = lineEnd(s, end)
			break
		}
		if end < len(s) && s[end] == '*' {
			kind, fl = KindBlockComment, flagError
			if i := strings.Index(s[end+1:], "*/"); i >= 0 {
				end += i + 3
			} else {
				end, fl = len(s), flagError|flagOpen
			}
			break
		}
		end = scanWord(s, end)
		kind, fl = KindWord, flagError
	default:
		end = scanWord(s, end)
		kind, fl = classifyWord(s[start:end])
		if strings.HasPrefix(s[end:], `":`) {
			// A name that has lost its first quote.
			end++
			kind, fl = KindWord, flagError
		}
	}
	l.pos = end
	return green{width: uint32(end - start), kind: kind, flags: fl}
}

// excess takes an opening bracket and everything to the bracket that closes it,
// or to the end, as one token. Both kinds of brackets count alike.
func (l *lexer) excess() green {
	start, depth := l.pos, 0
	for {
		switch t := l.next(); t.kind {
		case KindOpenBrace, KindOpenBracket:
			depth++
		case KindCloseBrace, KindCloseBracket:
			depth--
		case kindEOF:
			depth = 0
		}
		if depth == 0 {
			return green{width: uint32(l.pos - start), kind: KindExcess, flags: flagError}
		}
	}
}

func scanWord(s string, i int) int {
	for ; i < len(s); i++ {
		switch wordClass[s[i]] {
		case classDelim:
			return i
		case classSlash:
			if i+1 < len(s) && (s[i+1] == '/' || s[i+1] == '*') {
				return i
			}
		}
	}
	return i
}

// lineEnd returns where the line ends on which i stands.
func lineEnd(s string, i int) int {
	for ; i < len(s); i++ {
		if s[i] == '\n' || s[i] == '\r' {
			break
		}
	}
	return i
}
