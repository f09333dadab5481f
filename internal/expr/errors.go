package expr

import "fmt"

// Codes of syntax errors.
const (
	CodeUnclosedExpression = "unclosed-expression" // the text ends inside of `${`
	CodeUnclosedRuntime    = "unclosed-runtime"    // `${{` without `}}`
	CodeUnclosedString     = "unclosed-string"
	CodeUnclosedRegex      = "unclosed-regex"
	CodeUnclosedCall       = "unclosed-call"
	CodeUnclosedBracket    = "unclosed-bracket"
	CodeEmptyExpression    = "empty-expression" // `${}` and `${{}}`
	CodeMissingName        = "missing-name"     // a dot with no name behind it
	CodeMissingValue       = "missing-value"    // nothing between two commas
	CodeMissingComma       = "missing-comma"
	CodeMissingParens      = "missing-parentheses" // `fn.name` without arguments
	CodeMissingFn          = "missing-fn"          // `name(...)` without `fn.`
	CodeUnexpectedText     = "unexpected-text"
	CodeOperator           = "operator"        // `a == b`: there are functions for that
	CodeShellExpansion     = "shell-expansion" // `${VAR:-default}`
	CodeBadEscape          = "bad-escape"
	CodeBadNumber          = "bad-number"
	CodeTooDeep            = "too-deep"
)

// Error is a mistake in the text of an expression.
type Error struct {
	Start, End int // bytes in the parsed text
	Code       string
	Message    string // names the thing and the fix
	Missing    string // what closes something that is not closed
}

// Codes of evaluation errors.
const (
	CodeSyntax          = "syntax"           // the expression has a syntax error
	CodeUndefined       = "undefined"        // a root outside of a call does not resolve
	CodeUnknownFunction = "unknown-function" // no such function
	CodeArgumentCount   = "argument-count"
	CodeArgumentType    = "argument-type"
	CodeArgumentValue   = "argument-value" // the right type, a value that the function cannot take
	CodeResultType      = "result-type"    // a function or a regular expression where a value has to stand
	CodeInvalidRegex    = "invalid-regex"
	CodeLimit           = "limit" // too many steps, too large a result, a regular expression that takes too long
	CodeNotFinite       = "not-finite"
	CodeEnvironment     = "environment" // the environment could not answer; the cause is wrapped
)

// EvalError says why an expression has no value. Its message never holds a value, so that it cannot leak a secret.
type EvalError struct {
	Start, End int // bytes in the parsed text
	Code       string
	Message    string
	Err        error // the cause, if it came from the environment
}

func (e *EvalError) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *EvalError) Unwrap() error { return e.Err }

func errAt(n Node, code, format string, args ...any) *EvalError {
	start, end := n.Span()
	return &EvalError{Start: start, End: end, Code: code, Message: fmt.Sprintf(format, args...)}
}
