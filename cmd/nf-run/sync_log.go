package main

import (
	"context"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/spf13/cobra"
)

func (c *command) syncLog() *cobra.Command {
	var f syncFlags
	var limit int
	cmd := &cobra.Command{
		Use:   "log FILE",
		Short: "List the commits that have changed a file, with the nodes that they changed",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 || limit > 1000 {
				return fmt.Errorf("--limit is from 1 to 1,000, not %d", limit)
			}
			return c.runSyncLog(cmd.Context(), args[0], f, limit)
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&limit, "limit", 20, "how many commits are listed at most")
	return cmd
}

// logOutput is the JSON form of log, version 1, the newest commit first.
type logOutput struct {
	Version int           `json:"version"`
	Link    linkOutput    `json:"link"`
	Commits []commitEntry `json:"commits"`
}

type commitEntry struct {
	Commit  string              `json:"commit"`
	Author  string              `json:"author"`
	At      time.Time           `json:"at"`
	Subject string              `json:"subject"`
	Changes []changes.Change    `json:"changes"`
	Runs    []gitops.StartedRun `json:"runs"`
}

func (c *command) runSyncLog(ctx context.Context, file string, f syncFlags, limit int) error {
	s, links, err := c.linked(ctx, f, file)
	if err != nil {
		return err
	}
	entries, err := s.Log(ctx, links[0], limit)
	if err != nil {
		return syncFailed(err)
	}
	if c.json {
		out := logOutput{Version: 1, Link: outputOf(links[0]), Commits: []commitEntry{}}
		for _, e := range entries {
			out.Commits = append(out.Commits, commitEntry{string(e.Hash), e.Author, e.At, e.Subject, some(e.Changes), some(e.Runs)})
		}
		return syncFailed(c.writeJSON(out))
	}
	for _, e := range entries {
		fmt.Fprintf(c.out, "%s %s %s: %s\n", e.Hash.Short(), since(e.At), e.Author, e.Subject)
		c.sayChanges("  ", e.Changes)
		for _, r := range e.Runs {
			fmt.Fprintf(c.out, "  run %s of %s\n", r.Run, r.Link)
		}
	}
	return nil
}
