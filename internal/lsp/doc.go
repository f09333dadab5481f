// Package lsp is the language server: it translates between the language
// server protocol and the analysis of templates.
//
// It keeps the open documents as immutable snapshots. What the client sends
// replaces a snapshot, in the order of the wire; what it asks is answered from
// the snapshot that was current when the question arrived. Each method of the
// protocol has a file of its own that decodes its question, asks the analysis
// and encodes the answer; methods.go lists them, and a method that is listed
// is advertised. No rule about templates belongs here: a position, a capability
// or a wire format is the package's business, a kind or a reference is not.
package lsp
