package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/importer"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/spf13/cobra"
)

func (c *command) importing() *cobra.Command {
	var target, out, arguments string
	cmd := &cobra.Command{
		Use:   "import PROJECT [RESOURCE]",
		Short: "Write a template of a project that is there",
		Long: `Import reads the project with an id and what is in it: addons, services, jobs, volumes,
secret groups, pipelines, workflows, preview blueprints, and the subdomains of ports. It
writes a template that makes them: references stand in place of identifiers, arguments
in place of secrets. Planning it there with those arguments
says that nothing would change. With RESOURCE, the id of one of them, only that is
written, to run within the project that is there.

The secrets go nowhere, unless --args-out names a file for them, which only its owner
can read; it fits the --args-file of plan and run, and belongs in no repository.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runImport(cmd.Context(), args[0], strings.Join(args[1:], ""), target, out, arguments)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&target, "target", "northflank", targetUsage)
	flags.StringVar(&out, "out", "", "the file to write; without it, the template goes to standard output")
	flags.StringVar(&arguments, "args-out", "", "a file for the values of the arguments, which are secrets")
	return cmd
}

func (c *command) runImport(ctx context.Context, project, resource, target, out, arguments string) error {
	s, err := c.look(ctx, target)
	if err != nil {
		return err
	}
	defer s.close()
	result, err := importer.Project(ctx, s.target, project, resource)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if out == "" {
		if _, err := fmt.Fprint(c.out, result.Text); err != nil {
			return err
		}
	} else if err := source.Write(out, result.Text); err != nil {
		return exitWith(exitFailed, err)
	}
	if arguments != "" {
		text, err := json.MarshalIndent(escapedValues(result.Arguments), "", "  ")
		if err == nil {
			err = writePrivate(arguments, append(text, '\n'))
		}
		if err != nil {
			return exitWith(exitFailed, err)
		}
	}
	for _, left := range result.Left {
		fmt.Fprintf(c.errOut, "left out: %s\n", left)
	}
	if len(result.Arguments) > 0 {
		fmt.Fprintf(c.errOut, "secrets became arguments, to be given with --args-file, --arg or 'nf-run args set': %s\n", strings.Join(slices.Sorted(maps.Keys(result.Arguments)), ", "))
	}
	return nil
}

// escapedValues are values as they stand in a file of arguments, where expressions are
// resolved: text that looks like one stays as it is.
func escapedValues(values map[string]any) map[string]any {
	out := maps.Clone(values)
	for name, v := range out {
		if text, ok := v.(string); ok {
			out[name] = strings.ReplaceAll(text, "${", `\${`)
		}
	}
	return out
}

// writePrivate writes a file that only its owner can read, as a whole.
func writePrivate(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".nf-run-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
