package main

import (
	"context"
	"fmt"
	"io"
	"path"
	"time"

	"github.com/spf13/cobra"
)

func (c *command) syncBackups() *cobra.Command {
	var f syncFlags
	var name string
	cmd := &cobra.Command{
		Use:   "backups FILE",
		Short: "List what was saved of a file before it was overwritten, or show it",
		Long: `Backups lists the versions of FILE that were saved before a pull, a merge or a link
has overwritten it, the newest first: what stood in FILE (ours), and what the repository
had (theirs). They stay on this machine; those with secrets in them are encrypted.

--show NAME writes one to standard output.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runSyncBackups(cmd.Context(), args[0], f, name)
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&name, "show", "", "write this one to standard output")
	return cmd
}

// backupsOutput is the JSON form of backups, version 1, the newest first.
type backupsOutput struct {
	Version int            `json:"version"`
	Link    linkOutput     `json:"link"`
	Backups []backupOutput `json:"backups"`
}

type backupOutput struct {
	Name   string    `json:"name"`
	At     time.Time `json:"at"`
	Side   string    `json:"side"`
	Sealed bool      `json:"sealed,omitempty"`
}

func (c *command) runSyncBackups(ctx context.Context, file string, f syncFlags, name string) error {
	s, links, err := c.linked(ctx, f, file)
	if err != nil {
		return err
	}
	if name != "" {
		text, err := s.Backup(ctx, links[0], name)
		if err == nil {
			_, err = io.WriteString(c.out, text)
		}
		return syncFailed(err)
	}
	backups, err := s.Backups(ctx, links[0])
	if err != nil {
		return syncFailed(err)
	}
	if c.json {
		out := backupsOutput{Version: 1, Link: outputOf(links[0]), Backups: []backupOutput{}}
		for _, b := range backups {
			out.Backups = append(out.Backups, backupOutput{b.Name, b.At, b.Side, b.Sealed})
		}
		return syncFailed(c.writeJSON(out))
	}
	for _, b := range backups {
		sealed := ""
		if b.Sealed {
			sealed = " (encrypted)"
		}
		fmt.Fprintf(c.out, "%s  %s  %s%s\n", path.Base(b.Name), since(b.At), b.Side, sealed)
	}
	return nil
}
