// Package gitops keeps a template and its file in a Git repository one: links between
// them, pulling, pushing, and what has changed.
//
// A link ties a file on this machine to a file on a branch of a repository elsewhere. What
// both had when they last agreed is the base; where both have changed since, they are
// merged by meaning (package merge). Before anything is overwritten, both versions are
// saved below refs/nf/backup in the cache of the repository.
//
// The order of steps is such that a process may end at any of them: what is on disk and in
// the repository is looked at again, and never taken from memory.
//
// The package starts no runs and prints nothing: who calls it does.
package gitops
