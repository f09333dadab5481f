package main

import (
	"context"
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/spf13/cobra"
)

func (c *command) syncStatus() *cobra.Command {
	var f syncFlags
	var offline bool
	cmd := &cobra.Command{
		Use:   "status [FILE]",
		Short: "Say how files and the repository stand to one another, node by node",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runSyncStatus(cmd.Context(), args, f, offline)
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&offline, "offline", false, "go by what was fetched last")
	return cmd
}

// statusOutput is the JSON form of status, version 1.
type statusOutput struct {
	Version int          `json:"version"`
	Links   []linkStatus `json:"links"`
}

type linkStatus struct {
	linkOutput
	Status gitops.Outcome `json:"status,omitempty"`
	// Commit is the tip of the branch, Base the commit that both last agreed on.
	Commit string `json:"commit,omitempty"`
	Base   string `json:"base,omitempty"`
	// Ours and Theirs are what each side has changed since.
	Ours      []changes.Change    `json:"ours"`
	Theirs    []changes.Change    `json:"theirs"`
	Conflicts []conflictOutput    `json:"conflicts"`
	Runs      []gitops.StartedRun `json:"runs"`
	Owed      []owedOutput        `json:"owed"`
	Error     string              `json:"error,omitempty"`
}

func (c *command) runSyncStatus(ctx context.Context, args []string, f syncFlags, offline bool) error {
	s, links, err := c.linked(ctx, f, args...)
	if err != nil {
		return err
	}
	out := statusOutput{Version: 1, Links: []linkStatus{}}
	var worst error
	if len(links) == 0 && !c.json {
		fmt.Fprintln(c.out, "nothing is linked")
	}
	for _, l := range links {
		st, err := s.Status(ctx, l, offline, c.mergeOptions(l, false))
		x := statusOf(l, st)
		switch {
		case err != nil:
			x.Error = err.Error()
			worst = exitWith(exitFailed, fmt.Errorf("%s: %w", l.Name, err))
			if !c.json {
				fmt.Fprintf(c.out, "%s: %v\n", l.Name, err)
			}
		case !c.json:
			c.sayStatus(l, st)
		}
		if st.Outcome == gitops.Conflicting {
			worst = exitWith(exitConflict, nil)
		}
		out.Links = append(out.Links, x)
	}
	if c.json {
		if err := c.writeJSON(out); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	return worst
}

// owedOutput is a run that a change has to start.
type owedOutput struct {
	Link   string `json:"link"`
	Commit string `json:"commit"`
	Target string `json:"target"`
}

func owedOf(list []gitops.OwedRun) []owedOutput {
	out := []owedOutput{}
	for _, o := range list {
		out = append(out, owedOutput{o.Link, string(o.Commit), o.Target})
	}
	return out
}

func statusOf(l gitops.Link, st gitops.Status) linkStatus {
	return linkStatus{
		linkOutput: outputOf(l), Status: st.Outcome, Commit: string(st.Commit), Base: string(st.Base), Ours: some(st.Ours), Theirs: some(st.Theirs),
		Conflicts: conflictsOf(st.Conflicts), Runs: some(st.Runs), Owed: owedOf(st.Owed),
	}
}

// sayStatus writes for people how a file and the repository stand to one another.
func (c *command) sayStatus(l gitops.Link, st gitops.Status) {
	fmt.Fprintf(c.out, "%s: %s "+outcomeWords[st.Outcome]+"\n", l.Name, l.File, placeOf(l))
	if len(st.Ours) > 0 {
		fmt.Fprintln(c.out, "  changed here:")
		c.sayChanges("    ", st.Ours)
	}
	if len(st.Theirs) > 0 {
		fmt.Fprintln(c.out, "  changed there:")
		c.sayChanges("    ", st.Theirs)
	}
	c.sayConflicts(st.Conflicts)
	for _, o := range st.Owed {
		fmt.Fprintf(c.out, "  a run of %s with %s is owed: the next pull or watch starts it\n", o.Link, o.Commit.Short())
	}
}

// some is a list that JSON shows as one, also where it is empty.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
