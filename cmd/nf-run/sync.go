package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/gitops/merge"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/spf13/cobra"
)

func (c *command) sync() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Keep a template and its file in a Git repository one",
		Long: `Sync ties a template on this machine to a file on a branch of a Git repository.
Pull brings the changes of the repository here, push brings those from here there.
Where both have changed they are merged by what they mean, node by node; what does
not go together is a conflict, and nothing is touched until it is settled.

Before anything is overwritten, both versions are saved in the cache of the
repository. Pushes are never forced. Git is the git program, with the credentials
and the identity that it has at the prompt.`,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.syncLink(), c.syncStatus(), c.syncPull(), c.syncPush(), c.syncWatch(), c.syncResolve(), c.syncLog(), c.syncVersions(), c.syncBackups(), c.syncHook(), c.syncUnlink())
	return cmd
}

// syncer opens the folder of links in the state folder.
func (c *command) syncer(ctx context.Context) (*gitops.Syncer, error) {
	dir, err := c.stateFolder()
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	in, _ := c.in.(io.Writer) // a terminal can be both
	return &gitops.Syncer{
		Dir:    filepath.Join(dir, "sync"),
		Git:    &git.Program{Interactive: !c.json && in != nil && isTerminal(in) && isTerminal(c.errOut)},
		Sealer: lateSealer{c, ctx},
	}, nil
}

// lateSealer opens the state folder when something is sealed or opened: most links need
// no key.
type lateSealer struct {
	c   *command
	ctx context.Context
}

func (s lateSealer) with(do func(*history.Store) ([]byte, error)) ([]byte, error) {
	store, err := s.c.openState(s.ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	return do(store)
}

// Seal implements seal.Sealer.
func (s lateSealer) Seal(plain []byte) ([]byte, error) {
	return s.with(func(store *history.Store) ([]byte, error) { return store.Sealer().Seal(plain) })
}

// Open implements seal.Sealer.
func (s lateSealer) Open(sealed []byte) ([]byte, error) {
	return s.with(func(store *history.Store) ([]byte, error) { return store.Sealer().Open(sealed) })
}

// linkName is the name of the one link that a file has; empty where there is none or where
// there are several, which only their commands tell apart.
func (c *command) linkName(path string) string {
	dir, err := c.stateFolder()
	if err != nil || path == "-" {
		return ""
	}
	names := gitops.NamesOf(filepath.Join(dir, "sync"), abs(path))
	if len(names) == 1 {
		return names[0]
	}
	return ""
}

// syncFlags choose links.
type syncFlags struct{ name string }

func (f *syncFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "name", "", "the link's name, where a file has several")
}

// linked opens the folder of links, with those that the arguments of a command name.
func (c *command) linked(ctx context.Context, f syncFlags, args ...string) (*gitops.Syncer, []gitops.Link, error) {
	s, err := c.syncer(ctx)
	if err != nil {
		return nil, nil, err
	}
	links, err := c.links(s, f, args)
	return s, links, err
}

// links are those that the arguments of a command name: of a file, or all.
func (c *command) links(s *gitops.Syncer, f syncFlags, args []string) ([]gitops.Link, error) {
	if len(args) > 0 {
		links, err := s.For(abs(args[0]), f.name)
		return links, syncFailed(err)
	}
	all, err := s.Links(abs("."))
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	var links []gitops.Link
	for _, l := range all {
		if f.name == "" || l.Name == f.name {
			links = append(links, l)
		}
	}
	if f.name != "" && len(links) == 0 {
		return nil, exitWith(exitFailed, fmt.Errorf("there is no link with the name %q", f.name))
	}
	return links, nil
}

// syncFailed gives an error its exit code.
func syncFailed(err error) error {
	var conflict *gitops.ConflictError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &conflict):
		return exitWith(exitConflict, err)
	}
	return exitWith(exitFailed, err)
}

// together groups links of one file to one place, which are pulled and pushed at once.
func together(links []gitops.Link) [][]gitops.Link {
	var groups [][]gitops.Link
	at := map[string]int{}
	for _, l := range links {
		key := strings.Join([]string{l.File, l.URL.Key(), l.Branch.String(), l.Path.String()}, "\x00")
		if i, ok := at[key]; ok {
			groups[i] = append(groups[i], l)
			continue
		}
		at[key] = len(groups)
		groups = append(groups, []gitops.Link{l})
	}
	return groups
}

// mergeOptions are those of a link: the settings of its project count.
func (c *command) mergeOptions(l gitops.Link, allowErrors bool) merge.Options {
	return merge.Options{Config: c.config(l.File), AllowErrors: allowErrors}
}

// secretsIn refuses a text with literal secrets. What the project's settings suppress was
// looked at by somebody, and but, where it is given, says what else is left out.
func (c *command) secretsIn(l gitops.Link, text string, but func(*syntax.Tree, analysis.Finding) bool) error {
	s := analysis.NewSnapshot(syntax.Parse(text), nil, c.config(l.File))
	refused := func(at int, why string) error {
		p := position(s.Tree.Lines(), at)
		return &gitops.PersonError{Err: fmt.Errorf("%s:%d:%d: %s [%s]; nothing was pushed", l.File, p.Line, p.Column, why, analysis.CodeSecretInTemplate)}
	}
	off := false
	if s.Config != nil {
		level, set := s.Config.Severities[analysis.CodeSecretInTemplate]
		off = set && level == analysis.Off
	}
	if !s.IsTemplate() && !off {
		if v, ok := gitops.SecretIn("", s.Tree.Root()); ok {
			return refused(v.Range().Start, "this looks like a secret; keep it out of the file")
		}
	}
	for _, x := range s.Findings() {
		if x.Code == analysis.CodeSecretInTemplate && (but == nil || !but(s.Tree, x)) {
			return refused(x.Range.Start, strings.TrimSuffix(x.Message, "."))
		}
	}
	return nil
}
