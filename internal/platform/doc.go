// Package platform is the contract between what runs templates and what they
// run on.
//
// A [Target] carries out the documented REST operations of the platform, in
// process, over HTTP or otherwise. The one [Driver] maps template nodes to
// those operations: it creates or updates by the identifier that a name slugs
// to, starts what can be started once only, and says what must be polled until
// a node is done. Behaviour is therefore written once, whatever carries it.
//
// The package knows resources and operations. It must not know templates,
// expressions, references or scheduling: it is handed one node at a time with
// every value resolved (or marked [Unknown] in a plan), it never waits for
// anything but an operation's reply, and it keeps no state of its own.
package platform
