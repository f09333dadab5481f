// Package trigger decides which events of a Git repository start a run: by branch, by
// pull request, by the paths that were changed, by the messages of the commits.
//
// [Decide] is one pure function of a trigger's rules and an event, and says why not
// where it says no. The package must not know where rules are stored, how events come
// or what is run; it reads no repository.
//
// Sources, in the platform's guides: "Build specific branches or pull requests",
// "Trigger a build on changes to specific files or directories", "Skip CI with commit
// messages", "Configure a Git trigger", "Add a Git trigger".
package trigger
