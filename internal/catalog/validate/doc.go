// Package validate checks values of a template against the schemas of package catalog. It is the one walker of the
// product: what the editor reports, what `check` reports and what a run refuses are its answers.
//
// It works on the tolerant syntax tree, so it reports where a mistake stands, and it is quiet about what is not there
// yet: a member without a value is a matter for the syntax errors. A string with ${...} is a hole, of which only what
// can be proved is checked. Scalars are taken as the platform takes them: "1" is a number where a number stands.
//
// Where a schema has alternatives, what is already written decides between them (a discriminator first, then which
// members there are), so that a mistake is reported once and at its place.
//
// The package knows nothing of expressions, references, scopes or settings: what a hole may hold is told to it.
package validate
