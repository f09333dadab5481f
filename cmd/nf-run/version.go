package main

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/version"
	"github.com/spf13/cobra"
)

func (c *command) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, args []string) error { return c.writeVersion() },
	}
}

func (c *command) writeVersion() error {
	if c.json {
		return c.writeJSON(versionOutput{version.Number(), version.Commit(), version.Schema})
	}
	_, err := fmt.Fprintln(c.out, version.String("nf-run"))
	return err
}

// versionOutput is the JSON form of a version.
type versionOutput struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	// APIVersion is the newest template version that the compiled schemas describe.
	APIVersion string `json:"apiVersion"`
}
