package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/spf13/cobra"
)

func (c *command) syncVersions() *cobra.Command {
	return &cobra.Command{
		Use:   "versions FILE",
		Short: "Say what a file can be compared with: HEAD, the last common version, the repository's",
		Long: `Versions looks at FILE as the last commit of its working copy has it and, where it is
linked, as both sides had it when they last agreed and as the repository had it when
it was fetched last. It says what FILE has changed since each of them. Nothing is
fetched and nothing is changed; with --json the texts come along, for editors.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSyncVersions(cmd.Context(), args[0]) },
	}
}

// versionsOutput is the JSON form of versions, version 1. A file that is in no working copy
// or not linked has nothing to be compared with there: that is no error.
type versionsOutput struct {
	Version int    `json:"version"`
	File    string `json:"file"`
	// Head is the file at HEAD of its working copy.
	Head *versionText `json:"head,omitempty"`
	// Links are those of the file; what follows is about the place that they share.
	Links     []linkOutput     `json:"links"`
	Status    gitops.Outcome   `json:"status,omitempty"`
	Base      *versionText     `json:"base,omitempty"`
	Theirs    *versionText     `json:"theirs,omitempty"`
	Conflicts []conflictOutput `json:"conflicts"`
	// Error is why there is no status.
	Error string `json:"error,omitempty"`
	// Watch are files that are written when another version is to be compared with; some
	// may not be there yet.
	Watch []string `json:"watch"`
}

// versionText is one version; Text is absent where it does not have the file.
type versionText struct {
	Commit string  `json:"commit,omitempty"`
	Text   *string `json:"text,omitempty"`
}

func (c *command) runSyncVersions(ctx context.Context, file string) error {
	path := abs(file)
	text, err := source.Read(path, nil)
	if err != nil && !errors.Is(err, source.ErrEmpty) {
		return exitWith(exitFailed, err)
	}
	out := versionsOutput{Version: 1, File: path, Links: []linkOutput{}, Conflicts: []conflictOutput{}, Watch: []string{}}
	if err := c.headOf(ctx, path, &out); err != nil {
		return exitWith(exitFailed, err)
	}
	if err := c.linkOf(ctx, path, &out); err != nil {
		return err
	}
	if c.json {
		return syncFailed(c.writeJSON(out))
	}
	now := changes.Of(syntax.Parse(text))
	for _, v := range []struct {
		name string
		*versionText
	}{{"HEAD of the working copy", out.Head}, {"the last version that both had", out.Base}, {"the repository, as fetched last", out.Theirs}} {
		if v.versionText == nil {
			continue
		}
		if v.Commit != "" {
			v.name += " (" + git.Hash(v.Commit).Short() + ")"
		}
		if v.Text == nil {
			fmt.Fprintf(c.out, "%s does not have it\n", v.name)
			continue
		}
		list := changes.Of(syntax.Parse(*v.Text)).Until(now)
		if len(list) == 0 {
			fmt.Fprintf(c.out, "%s: no differences\n", v.name)
			continue
		}
		fmt.Fprintf(c.out, "%s: since then\n", v.name)
		c.sayChanges("  ", list)
	}
	switch {
	case out.Error != "":
		fmt.Fprintln(c.out, out.Error)
	case out.Head == nil && len(out.Links) == 0:
		fmt.Fprintf(c.out, "%s lies in no working copy and is not linked: there is nothing to compare it with\n", file)
	}
	return nil
}

// headOf adds the file as the last commit of its working copy has it.
func (c *command) headOf(ctx context.Context, path string, out *versionsOutput) error {
	copied, err := (&git.Program{}).Copy(ctx, filepath.Dir(path))
	var failed *git.Error
	if errors.As(err, &failed) && failed.Reason == git.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	head, err := copied.Head(ctx, path)
	if err != nil {
		return err
	}
	out.Watch = append(out.Watch, head.Watch...)
	out.Head = &versionText{Commit: string(head.Commit)}
	if head.There {
		out.Head.Text = &head.Text
	}
	return nil
}

// linkOf adds what the links of the file know, without asking the repository.
func (c *command) linkOf(ctx context.Context, path string, out *versionsOutput) error {
	s, err := c.syncer(ctx)
	if err != nil {
		return err
	}
	out.Watch = append(out.Watch, s.Watched(path)...)
	if len(gitops.NamesOf(s.Dir, path)) == 0 {
		return nil
	}
	// What is wrong with a link is said in its place: the versions at HEAD are there all the same.
	if err := c.compareLink(ctx, s, path, out); err != nil {
		out.Error = err.Error()
	}
	return nil
}

func (c *command) compareLink(ctx context.Context, s *gitops.Syncer, path string, out *versionsOutput) error {
	links, err := s.For(path, "")
	if err != nil {
		return err
	}
	for _, l := range links {
		out.Links = append(out.Links, outputOf(l))
	}
	out.Watch = append(out.Watch, s.Fetched(links[0]))
	st, err := s.Status(ctx, links[0], true, c.mergeOptions(links[0], false))
	if err != nil {
		return err
	}
	if links[0].Shared && st.Commit == "" { // somebody else has made the link
		return errors.New("the repository was not asked yet: 'nf-run sync status' asks it")
	}
	out.Status, out.Conflicts = st.Outcome, conflictsOf(st.Conflicts)
	if st.BaseText != nil {
		out.Base = &versionText{string(st.Base), st.BaseText}
	}
	if st.TheirText != nil {
		out.Theirs = &versionText{string(st.Commit), st.TheirText}
	}
	return nil
}
