// Package engine plans and executes templates.
//
// [Compile] turns a document into a [Program]: pure data, with everything that
// a run must know of the file. [Engine.Plan] says what a run would do;
// [Engine.Run] does it, node by node, and records every step in the run's
// journal before and after it is taken, so that [Engine.Resume] can go on after
// the process was killed at any moment. What happens is told to observers as
// typed [Event]s, which are also what the journal holds: a view in another
// process sees what a view in this one sees.
//
// The engine decides nothing about how things look and prints nothing. What a
// node does to the platform is the business of package platform; which node
// comes next is that of package schedule; journal keeps the record, history the
// index of runs, seal the secrets.
package engine
