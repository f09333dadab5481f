package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (c *command) syncUnlink() *cobra.Command {
	var f syncFlags
	cmd := &cobra.Command{
		Use:   "unlink FILE",
		Short: "Forget the link of a file; the file stays here and in the repository",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return c.runSyncUnlink(cmd.Context(), args[0], f) },
	}
	f.add(cmd)
	return cmd
}

// unlinkedOutput is the JSON form of unlink, version 1.
type unlinkedOutput struct {
	Version int          `json:"version"`
	Links   []linkOutput `json:"links"`
}

func (c *command) runSyncUnlink(ctx context.Context, file string, f syncFlags) error {
	s, links, err := c.linked(ctx, f, file)
	if err != nil {
		return err
	}
	if err := s.Unlink(ctx, links); err != nil {
		return syncFailed(err)
	}
	if c.json {
		out := unlinkedOutput{Version: 1}
		for _, l := range links {
			out.Links = append(out.Links, outputOf(l))
		}
		return syncFailed(c.writeJSON(out))
	}
	for _, l := range links {
		fmt.Fprintf(c.out, "%s is linked to %s no more; both files stay\n", l.File, placeOf(l))
	}
	return nil
}
