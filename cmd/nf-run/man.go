//go:build manpages

package main

import (
	"github.com/nf-lsp/nf-lsp/internal/version"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// releaseCommands are those that only making a release needs; what they are made of is in no
// program that ships.
func releaseCommands() []*cobra.Command {
	return []*cobra.Command{{
		Use:    "man FOLDER",
		Short:  "Write the manual pages of all commands",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.InitDefaultCompletionCmd()
			root.DisableAutoGenTag = true
			// SOURCE_DATE_EPOCH decides on the date.
			return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "nf-run " + version.Number(), Manual: "nf-run"}, args[0])
		},
	}}
}
