// Package analysis answers questions about one version of a document: what is
// wrong with it, what may stand at the cursor, what the thing under the cursor is.
//
// Everything hangs on a Snapshot, which is immutable and may be asked from any
// number of goroutines. The package knows no protocol, reads no file and opens
// no connection: offsets are bytes, edits are data, and the language server,
// the command line and the engine each put them into their own words.
//
// Findings come in two passes. What one node says by its own text (its
// properties, its expressions' form) is computed once per node text and kept
// with offsets relative to the node, so an edit costs the nodes that it touched.
// What depends on other nodes (scopes, order, project contexts) is looked at again
// where the node has left a mark for what has changed.
package analysis
