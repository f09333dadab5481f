// Package wire carries LSP messages between a byte stream and a handler.
//
// It owns framing, ordering, cancellation and survival: messages reach the
// handler in the order in which they stand on the wire, work that only reads
// runs beside later messages, and garbage, a panic or an impatient client
// costs the message it came with and never the connection. It knows JSON-RPC
// and the LSP base protocol; it must not know any LSP method (beyond
// cancellation, which is part of the base protocol), documents or templates.
package wire
