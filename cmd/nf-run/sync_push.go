package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/spf13/cobra"
)

type pushFlags struct {
	pullFlags
	message  string
	noVerify bool
}

func (c *command) syncPush() *cobra.Command {
	var f pushFlags
	cmd := &cobra.Command{
		Use:   "push FILE",
		Short: "Bring the changes of a file into the repository",
		Long: `Push commits FILE to the branch, and nothing else, with your identity and a message
that names the nodes that have changed. Where the branch has moved, both are merged
by what they mean, checked, and pushed; a push is never forced.

A template with findings of error level is not pushed. Values in argumentOverrides
go to the encrypted store of the state folder and out of FILE; literal secrets are
refused.

Where FILE lies in a working copy of the repository, your hooks there are run as git
commit would: pre-commit, prepare-commit-msg and commit-msg. One that refuses stops the
push.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSyncPush(cmd.Context(), args[0], f) },
	}
	f.add(cmd)
	cmd.Flags().StringVarP(&f.message, "message", "m", "", "the commit's message")
	cmd.Flags().BoolVar(&f.allowErrors, "allow-errors", false, "push a template that has errors")
	cmd.Flags().BoolVar(&f.noVerify, "no-verify", false, "do not run the hooks pre-commit, prepare-commit-msg and commit-msg of the working copy")
	f.addRuns(cmd)
	return cmd
}

func (c *command) runSyncPush(ctx context.Context, file string, f pushFlags) error {
	s, group, err := c.linked(ctx, f.syncFlags, file)
	if err != nil {
		return err
	}
	s.Rewritten = f.rewritten
	f.owe(s)
	p, err := c.pushLink(ctx, s, group[0], f)
	if p.begun || c.json { // else standard error has named the findings
		if werr := c.sayPush(group, p, err); werr != nil {
			return exitWith(exitFailed, werr)
		}
	}
	return syncFailed(err)
}

// pushedLink is what came of the push of a file.
type pushedLink struct {
	// begun is false where the file was refused before Git had to do with it.
	begun bool
	done  gitops.Done
	runs  []startedRun
	moved []string // arguments whose overrides went to the encrypted store
	kept  []keptOverride
}

// pushLink pushes the file of a link after a look at it, and starts what runs by itself.
func (c *command) pushLink(ctx context.Context, s *gitops.Syncer, l gitops.Link, f pushFlags) (pushedLink, error) {
	var p pushedLink
	all, err := s.For(l.File, "") // whichever is pushed, the file is that of all
	if err != nil {
		return p, err
	}
	if err := c.refuseErrors(l.File, f.allowErrors); err != nil {
		return p, err
	}
	if p.moved, p.kept, err = c.moveOverrides(ctx, s, all); err != nil {
		return p, err
	}
	p.begun = true
	p.done, err = s.Push(ctx, l, gitops.PushOptions{
		Message: f.message, NoVerify: f.noVerify,
		Merge: c.mergeOptions(l, f.allowErrors),
		Check: func(text string) error { return c.secretsIn(l, text, nil) },
	})
	var failed error
	p.runs, failed = c.startOwed(ctx, s, l, f.noRun)
	return p, errors.Join(err, failed)
}

func (c *command) sayPush(group []gitops.Link, p pushedLink, err error) error {
	if c.json {
		out := doneOf(group, p.done, p.runs, err)
		out.Moved, out.Kept = p.moved, p.kept
		return c.writeJSON(out)
	}
	for _, name := range p.moved {
		fmt.Fprintf(c.out, "the override of %s went to the encrypted store\n", name)
	}
	for _, k := range p.kept {
		fmt.Fprintf(c.out, "%s keeps its own override of %s, which stands above that of the file\n", k.Link, k.Name)
	}
	c.sayDone(group[0], p.done, p.runs)
	return nil
}

// refuseErrors shows the findings of error level and refuses a file that has some.
func (c *command) refuseErrors(path string, allow bool) error {
	f := c.checkFile(path)
	if f.err != nil {
		return exitWith(exitFailed, f.err)
	}
	// Overrides leave the file.
	f.findings = slices.DeleteFunc(f.findings, func(x checkedFinding) bool { return !x.isError() || inOverrides(f.tree, x.Finding) })
	if allow || !hasErrors([]checkedFile{f}) {
		return nil
	}
	if err := writeCheckText(c.errOut, []checkedFile{f}); err != nil {
		return exitWith(exitFailed, err)
	}
	return exitWith(exitFailed, &gitops.PersonError{Err: errors.New("nothing was pushed: the template has errors; --allow-errors pushes it as it is")})
}
