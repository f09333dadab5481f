package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
	"github.com/nf-lsp/nf-lsp/internal/trigger/githost"
	"github.com/spf13/cobra"
)

func (c *command) syncHook() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "Set, list and remove webhooks of Git hosts",
		Long: `Hook sets what 'nf-run serve' and 'nf-run sync watch --listen' take from GitHub, GitLab
and Bitbucket: at /git-hooks/NAME, from who has the secret. A push there is pulled into
the files that are linked to the branch; on a server, events start release flows,
previews and workflows whose triggers watch the repository, and end previews with their
pull request or branch.`,
		Args: noCommand,
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.syncHookSet(), c.syncHookList(), c.syncHookRemove())
	return cmd
}

type hookFlags struct {
	host, repository string
	generate         bool
	value            valueFlags
}

func (c *command) syncHookSet() *cobra.Command {
	var f hookFlags
	cmd := &cobra.Command{
		Use:   "set NAME --host github|gitlab|bitbucket",
		Short: "Set a webhook and its secret",
		Long: `Set stores a webhook, and encrypted the secret that it shares with the Git host. The
secret is read from --file or from standard input; on a terminal it is asked for and not
shown. With --generate it is made, and written to standard output once, to be put into
the settings of the webhook there.

A secret of GitLab that begins with whsec_ is a signing token: requests have to be
signed with it, and have to be new. Any other is what GitLab sends as its secret token.

With --repo the webhook speaks of that repository only.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSyncHookSet(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.host, "host", "", "the kind of the Git host: github, gitlab or bitbucket")
	flags.StringVar(&f.repository, "repo", "", "the only repository that it may speak of, as links and triggers name it")
	flags.BoolVar(&f.generate, "generate", false, "make a secret and show it once")
	f.value.add(cmd)
	_ = cmd.MarkFlagRequired("host")
	return cmd
}

// hookName is what may stand in an address as it is.
var hookName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })

// shortestSecret is how long a secret of a webhook is at least: who guesses it can start runs.
const shortestSecret = 16

func (c *command) runSyncHookSet(ctx context.Context, name string, f hookFlags) error {
	switch {
	case !hookName().MatchString(name):
		return fmt.Errorf("%q is no name of a webhook: it has letters, digits, dots, _ and -, at most 64", name)
	case !slices.Contains(githost.Hosts(), githost.Host(f.host)):
		return fmt.Errorf("--host is github, gitlab or bitbucket, not %q", f.host)
	case f.repository != "" && trigger.RepositoryName(f.repository) == "":
		return fmt.Errorf("--repo %s names no repository", f.repository)
	case f.generate && f.value.file != "":
		return errors.New("--generate makes a secret, and --file brings one: one of them")
	}
	var secret string
	var err error
	if f.generate {
		secret, err = newHookSecret(githost.Host(f.host))
	} else {
		secret, err = c.secretText(ctx, "the secret of "+name, f.value)
	}
	switch {
	case err != nil:
		return err
	case len(secret) < shortestSecret:
		return exitWith(exitFailed, fmt.Errorf("the secret has fewer than %d characters, which others can guess: --generate makes one", shortestSecret))
	}
	if key, signing := strings.CutPrefix(secret, "whsec_"); signing && f.host == string(githost.GitLab) {
		if _, err := base64.StdEncoding.DecodeString(key); err != nil {
			return exitWith(exitFailed, errors.New("a secret that begins with whsec_ is a signing token of GitLab, and this one is none: what follows is no base64"))
		}
	}
	s, err := c.syncer(ctx)
	if err != nil {
		return err
	}
	if err := s.SetHook(ctx, gitops.Hook{Name: name, Host: f.host, Repository: f.repository, Secret: secret}); err != nil {
		return exitWith(exitFailed, err)
	}
	fmt.Fprintf(c.errOut, "The webhook %s is taken at /git-hooks/%s.\n", name, name)
	if !f.generate {
		return nil
	}
	if c.json {
		return c.writeJSON(struct {
			Version int    `json:"version"`
			Name    string `json:"name"`
			Secret  string `json:"secret"`
		}{1, name, secret})
	}
	_, err = fmt.Fprintln(c.out, secret)
	return err
}

// newHookSecret has 32 random bytes; for GitLab in the form of its signing tokens.
func newHookSecret(host githost.Host) (string, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return "", exitWith(exitFailed, err)
	}
	if host == githost.GitLab {
		return "whsec_" + base64.StdEncoding.EncodeToString(key), nil
	}
	return base64.RawURLEncoding.EncodeToString(key), nil
}

// hooksOutput is the JSON form of hooks, version 1. Nothing shows their secrets.
type hooksOutput struct {
	Version int          `json:"version"`
	Hooks   []hookOutput `json:"hooks"`
}

type hookOutput struct {
	Name       string `json:"name"`
	Host       string `json:"host"`
	Path       string `json:"path"`
	Repository string `json:"repository,omitempty"`
}

func (c *command) syncHookList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the webhooks of Git hosts",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.runSyncHookList(cmd.Context()) },
	}
}

func (c *command) runSyncHookList(ctx context.Context) error {
	s, err := c.syncer(ctx)
	if err != nil {
		return err
	}
	hooks, err := s.Hooks()
	if err != nil {
		return exitWith(exitFailed, err)
	}
	out := hooksOutput{Version: 1, Hooks: []hookOutput{}}
	for _, h := range hooks {
		out.Hooks = append(out.Hooks, hookOutput{h.Name, h.Host, "/git-hooks/" + h.Name, h.Repository})
	}
	if c.json {
		return c.writeJSON(out)
	}
	for _, h := range out.Hooks {
		fmt.Fprintln(c.out, strings.TrimSpace(fmt.Sprintf("%s  %s  %s", h.Path, h.Host, h.Repository)))
	}
	return nil
}

func (c *command) syncHookRemove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a webhook of a Git host",
		Args:  cobra.ExactArgs(1),
		RunE:  func(cmd *cobra.Command, args []string) error { return c.runSyncHookRemove(cmd.Context(), args[0]) },
	}
}

func (c *command) runSyncHookRemove(ctx context.Context, name string) error {
	s, err := c.syncer(ctx)
	if err != nil {
		return err
	}
	found, err := s.RemoveHook(ctx, name)
	if err == nil && !found {
		err = fmt.Errorf("there is no webhook %q", name)
	}
	if err != nil {
		return exitWith(exitFailed, err)
	}
	return c.changed(changedOutput{Removed: []string{name}})
}
