package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// previewDeleteFlags are those of the end of an environment.
type previewDeleteFlags struct {
	previewFlags
	arguments runFlags
	skip      bool
	wait      patienceFlag
	practice  rehearsalFlags
}

func (c *command) previewDelete() *cobra.Command {
	var f previewDeleteFlags
	cmd := &cobra.Command{
		Use:   "delete PIPELINE NAME",
		Short: "Delete a preview environment with all that it has made",
		Long: `Delete runs the template's teardown, where it has one, shows it until it ends, and
removes the environment with what it has made. A teardown that fails keeps the
environment where the template says so (failurePolicy "block"); the exit code is that of
the run. On the local platform its failures can be rehearsed, as with 'nf-run run'. With --skip-teardown the environment goes at once.`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: c.completePreview(&f.previewFlags, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runPreviewDelete(cmd.Context(), args[0], args[1], f)
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	f.wait.add(flags)
	f.practice.add(flags)
	flags.BoolVar(&f.skip, "skip-teardown", false, "do not run the teardown")
	flags.StringArrayVar(&f.arguments.arguments, "arg", nil, "an argument of the teardown as NAME=VALUE; may be repeated")
	flags.StringVar(&f.arguments.argumentsFile, "args-file", "", "a JSON file with an object of arguments of the teardown")
	return cmd
}

// deletedOutput is what "preview delete" says in JSON where nothing is run, version 1.
type deletedOutput struct {
	Name    string `json:"name"`
	Deleted bool   `json:"deleted"`
}

func (c *command) runPreviewDelete(ctx context.Context, pipeline, name string, f previewDeleteFlags) error {
	patience, err := f.wait.read(c.watched())
	if err != nil {
		return err
	}
	if f.rehearsal, err = f.practice.read(f.target); err != nil {
		return err
	}
	arguments, err := c.mergedArguments(&f.arguments)
	if err != nil {
		return err
	}
	if f.skip && len(arguments) > 0 {
		return fmt.Errorf("arguments are those of the teardown, which --skip-teardown leaves out")
	}
	outliveReaders()
	return c.withPreviews(ctx, f.previewFlags, pipeline, func(p *previewPlace) error {
		p.waitFor(patience)
		before, err := p.environment(ctx, name)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		query, request := map[string]string{}, map[string]any{}
		if f.skip {
			query["skipTeardown"] = "true"
		}
		if len(arguments) > 0 {
			request["teardownArgumentOverrides"] = arguments
		}
		if err := p.do(ctx, p.ops.remove, name, query, request); err != nil {
			return exitWith(notStartedCode(err), err)
		}
		run, there, err := p.teardownOf(ctx, before)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		if run != "" {
			return c.followTeardown(ctx, p, name, run)
		}
		if there {
			return exitWith(exitFailed, fmt.Errorf("preview environment %s is being torn down already: see 'nf-run preview show', go on with a run that was interrupted ('nf-run resume RUN'), or use --skip-teardown", name))
		}
		if c.json {
			return c.writeJSON(deletedOutput{name, true})
		}
		_, err = fmt.Fprintf(c.out, "preview environment %s: deleted\n", name)
		return err
	})
}

// teardownOf is the run that tears an environment down, empty where none has begun
// since; there tells whether the environment is still listed.
func (p *previewPlace) teardownOf(ctx context.Context, before previewOutput) (run string, there bool, err error) {
	all, err := p.environments(ctx)
	if err != nil {
		return "", false, err
	}
	for _, e := range all {
		if e.Name != before.Name {
			continue
		}
		if len(e.Runs) > 0 && (len(before.Runs) == 0 || e.Runs[0].ID != before.Runs[0].ID) {
			run = e.Runs[0].ID
		}
		return run, true, nil
	}
	return "", false, nil
}

// followTeardown shows a teardown until it ends, and says what has come of the
// environment.
func (c *command) followTeardown(ctx context.Context, p *previewPlace, name, run string) error {
	failed := p.followDocument(ctx, c, run)
	if err := p.settleDocuments(context.WithoutCancel(ctx)); err != nil {
		return exitWith(exitFailed, err)
	}
	if _, err := p.environment(context.WithoutCancel(ctx), name); err == nil {
		fmt.Fprintf(c.errOut, "preview environment %s: kept, since its teardown did not succeed\n", name)
	} else if !c.json {
		fmt.Fprintf(c.out, "preview environment %s: deleted\n", name)
	}
	return failed
}

// followDocument follows a run of this process, or of the platform.
func (p *previewPlace) followDocument(ctx context.Context, c *command, id string) error {
	if p.local() {
		return p.follow(ctx, c, id, reports{})
	}
	return p.followRun(ctx, c, id, "")
}
