// Package truth holds the product to files: the templates of testdata/templates,
// which are right and say nothing; the same files broken in every way that a
// rule names; and the templates that people keep in public, in the folder that
// NF_CORPUS names. It consists of tests.
package truth
