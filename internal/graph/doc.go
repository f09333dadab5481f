// Package graph draws a template: workflows as boxes, nodes in them, references
// between them as edges, and where a run is known, each node's state and how
// long it took.
//
// The picture is made from the model of the document alone, so a half-typed one
// can be drawn as well. The same document gives the same bytes each time. The
// package reads no file and knows neither the engine nor a protocol: states come
// in as words.
package graph
