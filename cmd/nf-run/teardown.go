package main

import (
	"github.com/spf13/cobra"
)

func (c *command) teardown() *cobra.Command {
	f := runFlags{teardown: true}
	cmd := &cobra.Command{
		Use:   "teardown FILE",
		Short: "Run a template's teardown",
		Long: `Teardown runs the teardownSpec of a template. Its references see the outputs of
the last successful run of the template on the target; where that has run a part
only, what it left out is that of the run before. The history tells teardowns from
runs; all else is as with run, the exit codes too.

'nf-run plan --teardown' says what it would do.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.targetGiven = cmd.Flags().Changed("target")
			return c.runRun(cmd.Context(), args[0], f)
		},
	}
	f.add(cmd.Flags(), targetUsage)
	f.addRunning(cmd)
	return cmd
}
