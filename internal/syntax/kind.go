package syntax

// Kind says what a node or a token is.
type Kind uint8

// Kinds of values. KindInvalid is the kind of an absent [Value].
const (
	KindInvalid Kind = iota
	KindObject
	KindArray
	KindString // also unterminated and single-quoted ones, which are errors
	KindNumber // also spellings that JSON refuses, which are errors
	KindTrue
	KindFalse
	KindNull
	KindWord   // a bare word that is no JSON literal: an error
	KindExcess // a run of text nested deeper than [MaxDepth], kept flat: an error
)

// Kinds of what stands around values.
const (
	KindDocument Kind = iota + KindExcess + 1
	KindMember
	KindOpenBrace
	KindCloseBrace
	KindOpenBracket
	KindCloseBracket
	KindComma
	KindColon
	KindSpace        // spaces, tabs, line ends
	KindLineComment  // from // to the end of the line: an error in JSON
	KindBlockComment // from /* to */: an error in JSON
	KindBOM          // a byte order mark at the start of the text: an error in JSON
	kindEOF
)

var kindNames = [...]string{
	KindInvalid: "invalid", KindObject: "object", KindArray: "array", KindString: "string", KindNumber: "number",
	KindTrue: "true", KindFalse: "false", KindNull: "null", KindWord: "word", KindExcess: "excess",
	KindDocument: "document", KindMember: "member", KindOpenBrace: "{", KindCloseBrace: "}", KindOpenBracket: "[",
	KindCloseBracket: "]", KindComma: ",", KindColon: ":", KindSpace: "space", KindLineComment: "line comment",
	KindBlockComment: "block comment", KindBOM: "byte order mark", kindEOF: "end of file",
}

// String names the kind as people call it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// IsValue reports whether a value can be of this kind.
func (k Kind) IsValue() bool { return k >= KindObject && k <= KindExcess }

// IsScalar reports whether k is the kind of a value without parts.
func (k Kind) IsScalar() bool { return k >= KindString && k <= KindExcess }

// IsTrivia reports whether k is space, a comment or a byte order mark.
func (k Kind) IsTrivia() bool { return k >= KindSpace && k <= KindBOM }

func (k Kind) isContainer() bool { return k == KindObject || k == KindArray }
