// Package template is a Northflank document as a model: which document a JSON
// tree is, its nodes and workflows, the scopes that references are looked up
// in, every expression that stands in it, and the graph of who waits for whom.
//
// It reads syntax trees, expressions and the catalog's list of kinds. It
// judges nothing (findings are the business of package analysis), runs nothing,
// and keeps no text: every part of the model is a cursor into the tree that it
// was built from, so each of them knows its place in the file.
//
// A Document is immutable. Building one from an edited tree takes over the
// facts of every node whose text did not change (see Facts).
package template
