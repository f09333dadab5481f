// Package git runs the git program for others: it fetches, reads, commits and
// pushes single files of repositories that live elsewhere.
//
// It is the program that people have, so their credential helpers, agents, proxies
// and signing keys work as they do at the prompt. What reaches it is checked first:
// addresses ([ParseURL]), paths within a repository ([ParsePath]) and branches
// ([ParseBranch]) have types of their own, which only these functions make.
//
// A repository of this package is bare. Nothing is ever checked out: files are read
// from trees and put into trees, so no symbolic link, filter or hook of a repository
// decides where on this machine anything is written.
//
// The package knows Git and nothing of templates, links or merges.
package git
