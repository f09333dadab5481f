package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/spf13/cobra"
)

type linkFlags struct {
	repository, branch, path, name, autorun string
	shared                                  bool
}

func (c *command) syncLink() *cobra.Command {
	var f linkFlags
	cmd := &cobra.Command{
		Use:   "link FILE --repo URL --branch B --path /P",
		Short: "Tie a template to a file in a Git repository",
		Long: `Link ties FILE to a file on a branch of a Git repository. Where the repository has
that file already, FILE gets what it has; what stood in FILE is saved before, and
it is said what was replaced. Else the first push makes it.

Several templates may share one file, each with a name of its own, by which it has
its overrides, secrets, queue and history. With --autorun on a template runs
whenever a pull or a push changes its file; without it the file's options.autorun
counts.

--shared writes the link into .northflank/sync.json, for everybody who has the
repository that FILE lies in.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSyncLink(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.repository, "repo", "", "the address of the repository: https, ssh, git, file, user@host:path or a folder")
	flags.StringVar(&f.branch, "branch", "", "the branch")
	flags.StringVar(&f.path, "path", "", "the path from the root of the repository, as in /infra/shop.json")
	flags.StringVar(&f.name, "name", "", "the template's identity (default: the name in the file, else FILE's name)")
	flags.StringVar(&f.autorun, "autorun", "", "on or off: whether the template runs when its file changes (default: what the file says)")
	flags.BoolVar(&f.shared, "shared", false, "share the link in .northflank/sync.json")
	for _, name := range []string{"repo", "branch", "path"} {
		_ = cmd.MarkFlagRequired(name)
	}
	return cmd
}

func (c *command) runSyncLink(ctx context.Context, file string, f linkFlags) error {
	l := gitops.Link{File: abs(file), Name: f.name, Shared: f.shared}
	var err error
	if l.URL, err = git.ParseURL(f.repository, abs(".")); err != nil {
		return err
	}
	if l.Branch, err = git.ParseBranch(f.branch); err != nil {
		return err
	}
	if l.Path, err = git.ParsePath(f.path); err != nil {
		return err
	}
	switch f.autorun {
	case "":
	case "on", "off":
		on := f.autorun == "on"
		l.Autorun = &on
	default:
		return errors.New("--autorun is on or off")
	}
	if l.Name == "" {
		l.Name = strings.TrimSuffix(filepath.Base(l.File), filepath.Ext(l.File))
		if text, err := source.Read(l.File, nil); err == nil {
			if name := syntax.Parse(text).Root().Get("name"); name.Kind() == syntax.KindString && strings.TrimSpace(name.Text()) != "" {
				l.Name = name.Text()
			}
		}
	}
	s, err := c.syncer(ctx)
	if err != nil {
		return err
	}
	(&pullFlags{target: "local"}).owe(s) // linked again, it may bring a change for its other names
	done, err := s.Link(ctx, l)
	runs, failed := c.startOwed(ctx, s, l, false)
	if c.json {
		err = errors.Join(err, failed)
		if werr := c.writeJSON(doneOf([]gitops.Link{l}, done.Done, runs, err)); werr != nil {
			return exitWith(exitFailed, werr)
		}
		return syncFailed(err)
	}
	if err != nil {
		c.sayConflicts(done.Conflicts)
		return syncFailed(errors.Join(err, failed))
	}
	fmt.Fprintf(c.out, "%s is linked to %s as %s\n", l.File, placeOf(l), l.Name)
	if done.Replaced {
		fmt.Fprintf(c.out, "what stood in it was replaced by what the repository has:\n")
	}
	c.sayDone(l, done.Done, runs)
	return syncFailed(failed)
}
