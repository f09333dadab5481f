package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
	"github.com/spf13/cobra"
)

type resolveFlags struct {
	pullFlags
	ours, theirs, edited bool
	take                 []string
}

func (c *command) syncResolve() *cobra.Command {
	var f resolveFlags
	cmd := &cobra.Command{
		Use:   "resolve FILE",
		Short: "Settle conflicts between a file and the repository",
		Long: `Resolve merges again and takes the side that is said where the two do not go
together: --ours or --theirs for all conflicts, --take NODE=ours and the like for
those of one node or with one id, as 'sync status' shows them. Where both have
added steps at one place, the side that is taken comes first and nothing is lost.

With --edited FILE is taken as it is: you have put together there what both have.

FILE has the result, both versions are saved, and 'sync push' brings it into the
repository. While some conflicts are left, nothing is touched. Templates that run by
themselves are started, as by a pull, where FILE has got something.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSyncResolve(cmd.Context(), args[0], f) },
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.ours, "ours", false, "take what FILE has")
	flags.BoolVar(&f.theirs, "theirs", false, "take what the repository has")
	flags.StringArrayVar(&f.take, "take", nil, "NODE=ours, NODE=theirs, or the same with a conflict's id; may be repeated")
	flags.BoolVar(&f.edited, "edited", false, "take FILE as it is")
	flags.BoolVar(&f.allowErrors, "allow-errors", false, "take a merge that has errors which neither side has")
	f.addRuns(cmd)
	return cmd
}

func (c *command) runSyncResolve(ctx context.Context, file string, f resolveFlags) error {
	r := gitops.Resolution{Sides: map[string]merge.Side{}, Edited: f.edited}
	switch {
	case f.ours && f.theirs:
		return errors.New("either --ours or --theirs is taken; name single conflicts with --take")
	case f.edited && (f.ours || f.theirs || len(f.take) > 0):
		return errors.New("--edited takes the file as it is, and no side")
	case f.ours:
		r.Side = merge.Ours
	case f.theirs:
		r.Side = merge.Theirs
	case !f.edited && len(f.take) == 0:
		return errors.New("say how the conflicts are settled: --ours, --theirs, --take NODE=SIDE or --edited")
	}
	for _, t := range f.take {
		i := strings.LastIndexByte(t, '=')
		if i <= 0 {
			return errors.New("--take is given as NODE=ours or NODE=theirs")
		}
		switch t[i+1:] {
		case "ours":
			r.Sides[t[:i]] = merge.Ours
		case "theirs":
			r.Sides[t[:i]] = merge.Theirs
		default:
			return fmt.Errorf("--take %s: a side is ours or theirs", t)
		}
	}
	s, group, err := c.linked(ctx, f.syncFlags, file)
	if err != nil {
		return err
	}
	s.Rewritten = f.rewritten
	f.owe(s)
	r.Merge = c.mergeOptions(group[0], f.allowErrors)
	done, err := s.Resolve(ctx, group[0], r)
	runs, failed := c.startOwed(ctx, s, group[0], f.noRun)
	worst, err := c.say(group, done, runs, errors.Join(err, failed), nil)
	if err != nil {
		return err
	}
	return worst
}
