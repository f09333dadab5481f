// Package syntax turns the text of a JSON file into a tree that survives any
// mistake in it, and gives every value of that tree the way back to its bytes.
//
// A [Tree] is immutable. Its nodes hold widths, never offsets and never text:
// a [Value] is a cursor that carries its place, so an edit ([Tree.Edit]) costs
// what it touches and the old and the new tree share everything else. Every
// byte of the input belongs to exactly one token, also where the input is no
// JSON at all. On valid input the values equal those of encoding/json.
//
// All offsets and ranges of the package are bytes; [Lines] alone speaks of
// lines and of UTF-16 units.
//
// The package knows JSON and nothing else: no Northflank, no expression
// language, no LSP, no files.
package syntax
