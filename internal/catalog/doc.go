// Package catalog answers what a template may contain: node kinds, document types, their properties, the shapes of
// their outputs, and the plans, regions and addon types of the platform.
//
// The answers are static tables which the generator (internal/catalog/generate) compiles from the JSON Schema files in
// the repository's schemas folder, the only source. Nothing is parsed, built or compiled when a process starts:
// look-ups go by binary search over sorted tables, and a pattern is compiled when it is first used.
//
// The package holds knowledge and nothing else: it reads no template, reports no finding and knows neither the
// analysis nor any editor protocol. Whether a value fits a schema is the business of its sub-package validate.
package catalog

//go:generate go run ./generate
