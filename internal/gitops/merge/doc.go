// Package merge merges two versions of a template that come from one base, by what
// they mean instead of by lines.
//
// Nodes are matched by their ref, else by kind and name, also where one side has moved
// them to another workflow. Objects are merged key by key, lists by the identity of
// their elements. What cannot be decided is a [Conflict] that names the node and shows
// the three versions; then there is no merged text at all.
//
// The result is our text with the changes of theirs made by byte range, so that what
// neither side changed keeps its bytes. It means the same whichever side is called ours.
// Where the merged document has an error that neither side has, that is a conflict too.
//
// The package knows texts. It knows nothing of Git, of files or of who is asked about
// a conflict.
package merge
