package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/settings"
	"github.com/spf13/cobra"
)

// command is one invocation: its streams and what the global flags say.
type command struct {
	in          io.Reader
	out, errOut io.Writer

	// ends says that the process ends with the command.
	ends bool

	json  bool
	state string
	// caFile holds further certificate authorities to trust.
	caFile string

	// source is the hash of the text that is to run, as engine.Source makes it; empty for what
	// the file has.
	source string

	project *settings.Project  // see settings
	keyring seal.SystemKeyring // nil for the operating system's
	// drawn is what is drawn in place on the error output; see besideView.
	drawn atomic.Pointer[treeView]
}

// root builds the command tree. Global flags may stand before or after the
// command's name.
func (c *command) root() *cobra.Command {
	var showVersion bool
	root := &cobra.Command{
		Use:           "nf-run",
		Short:         "Check, plan and run Northflank templates",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			if showVersion {
				return c.writeVersion()
			}
			return cmd.Help()
		},
	}
	root.Flags().BoolVar(&showVersion, "version", false, "print the version and exit")
	flags := root.PersistentFlags()
	flags.BoolVar(&c.json, "json", false, "write machine-readable output to standard output")
	flags.StringVar(&c.state, "state", "", "folder for runs and resources (default: NF_STATE, else the XDG state folder)")
	flags.StringVar(&c.caFile, "ca-file", "", "file with certificate authorities (PEM) to trust besides the system's, for the hosted platform and proxies in front of it (default: "+caVariable+")")
	root.AddCommand(
		c.check(),
		c.fmt(),
		c.plan(),
		c.graph(),
		c.run(),
		c.runs(),
		c.show(),
		c.resume(),
		c.retry(),
		c.teardown(),
		c.approve(),
		c.abort(),
		c.args(),
		c.secrets(),
		c.sync(),
		c.serve(),
		c.importing(),
		c.deploy(),
		c.remote(),
		c.release(),
		c.preview(),
		c.trigger(),
		c.versions(),
		c.draft(),
		c.webhook(),
		c.version(),
	)
	root.AddCommand(releaseCommands()...)
	return root
}

// noCommand refuses the name of a command that there is not, and says which there are.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown command %s %s", cmd.CommandPath(), args[0])
	cmd.SuggestionsMinimumDistance = 2
	var names []string
	lists := false
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
			lists = lists || c.Name() == "list"
		}
	}
	if similar := cmd.SuggestionsFor(args[0]); len(similar) > 0 {
		return fmt.Errorf("%s; did you mean %s?", text, strings.Join(similar, " or "))
	}
	if _, err := os.Stat(args[0]); err == nil && lists {
		return fmt.Errorf("%s; did you mean '%s list %s'?", text, cmd.CommandPath(), args[0])
	}
	return fmt.Errorf("%s; there are %s", text, strings.Join(names, ", "))
}

// stateFolder is where runs, kept values and the local platform live.
func (c *command) stateFolder() (string, error) {
	dir := c.state
	if dir == "" {
		dir = os.Getenv("NF_STATE")
	}
	if dir == "" {
		if xdg := os.Getenv("XDG_STATE_HOME"); xdg != "" {
			dir = filepath.Join(xdg, "nf-run")
		}
	}
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", errors.New("no state folder: neither --state, NF_STATE, XDG_STATE_HOME nor a home folder is set")
		}
		dir = filepath.Join(home, ".local", "state", "nf-run")
	}
	return filepath.Abs(dir)
}
