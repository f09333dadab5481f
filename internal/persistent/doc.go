// Package persistent holds collections that never change: what changes is made
// anew, in the time that the change takes, and shares everything else with what
// it was made from. Both may be read by any number of goroutines.
//
// They are what versions of a document have in common. The package knows
// nothing of documents.
package persistent
