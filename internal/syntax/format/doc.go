// Package format lays JSON text out anew, as edits of its white space.
//
// The canonical form: one member or element a line, two spaces a level, ": "
// between a name and its value, {} and [] where there is nothing inside. An
// array of strings, numbers and literals that stands on one line stays on it
// as [1, 2, 3], as long as its line has at most 100 columns; one that has
// been broken stays broken, so that a person's choice is kept either way.
// Blank lines go, comments stay where they are: behind what they follow on a
// line, else on a line of their own.
//
// Nothing but white space between tokens changes: not the order of members,
// not the spelling of numbers and strings, not a byte order mark, not the line
// ends that the text uses, and not whether it ends with one.
//
// Text that is no JSON is formatted as far as it can be understood: what
// surrounds a mistake is left as it is written, and so is what stands directly
// in a bracket that is never closed. Formatting is idempotent on any text.
//
// Like package syntax it knows JSON and nothing of what the JSON means.
package format
