// Package expr is the expression language that stands in the strings of a template: `${refs.build.id}`,
// `${fn.if(fn.eq(args.branch, 'main'), 3, 1)}` and their half-typed forms.
//
// It parses the decoded text of one JSON string into parts with byte ranges, knows the table of functions, gives
// expressions static types, folds constants and evaluates. Parsing never fails: whatever is there is kept in the tree,
// holes are *Missing nodes, and the mistakes are a list beside it.
//
// The package must not know what a reference means, where a string stands in a file, or what the target platform is:
// values and types of references come from an Env and a TypeEnv that the caller gives. It does no I/O of its own.
//
// Where the language's guides leave the behaviour open it follows JavaScript, in which its functions are documented:
// truthiness, strict equality, number formatting, UTF-16 string positions, regular expressions.
package expr
