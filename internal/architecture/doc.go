// Package architecture holds the test of the rule that imports run one way only, and says which package stands in which
// layer. It has no code of its own and is imported by nothing.
package architecture
