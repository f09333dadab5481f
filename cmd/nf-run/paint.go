package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// painter colours text for a terminal; the zero value leaves it as it is.
type painter struct{ on bool }

// painterFor colours where w is a terminal that wants it (NO_COLOR, TERM=dumb).
func painterFor(w io.Writer) painter {
	return painter{isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (p painter) wrap(code, s string) string {
	if !p.on {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p painter) red(s string) string    { return p.wrap("31", s) }
func (p painter) green(s string) string  { return p.wrap("32", s) }
func (p painter) yellow(s string) string { return p.wrap("33", s) }
func (p painter) blue(s string) string   { return p.wrap("34", s) }
func (p painter) dim(s string) string    { return p.wrap("2", s) }
func (p painter) bold(s string) string   { return p.wrap("1", s) }
