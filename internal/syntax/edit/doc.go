// Package edit changes JSON text by byte range. It owns the commas, the quotes
// and the indentation of what it inserts, which it takes from the file around
// it, and leaves every other byte alone: the order of members, the spelling of
// numbers, comments, a missing line end at the end of the file.
//
// The text may be broken: what is inserted gets the commas that it needs, and
// what was wrong elsewhere stays as it was.
//
// Like package syntax it knows JSON and nothing of what the JSON means.
package edit
