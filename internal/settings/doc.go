// Package settings reads a project's settings file, .northflank/settings.json:
// which findings have another level in the project and which are suppressed. It
// finds the file that is in charge of a template, reports its mistakes at their
// places, says what it means to the analysis, and writes suppressions into it.
//
// A part of the file that has a mistake, or that this version does not
// understand, hides nothing.
//
// It knows codes and levels, and nothing of what a rule looks for, of editors or
// of terminals.
package settings
