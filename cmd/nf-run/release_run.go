package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/spf13/cobra"
)

// releaseRunFlags are those of a release that is run by hand.
type releaseRunFlags struct {
	stageFlags
	arguments         runFlags
	name, description string
	noInput, detach   bool
	wait              patienceFlag
	practice          rehearsalFlags
	overrides         overrideFlags
	files             reports
}

func (c *command) releaseRun() *cobra.Command {
	var f releaseRunFlags
	cmd := &cobra.Command{
		Use:   "run PIPELINE STAGE",
		Short: "Run the release flow of a stage",
		Long: `Run runs the release flow of a stage and shows the state of every node until the run
ends. Arguments come from NF_ARG_NAME, --args-file and --arg.

What the flow builds or deploys can be overridden for this run: --branch, --sha,
--pull-request, --build, --image and --credentials take WHAT=VALUE, or VALUE alone where
there is only one thing that it can be for. WHAT is the ref of a Git trigger, of a Build node or of a Release node, or the
service that one builds or releases to.

Where the flow asks for a branch, a commit or a build (its richInputs), that is asked
on a terminal, unless the arguments that the answer goes to are given. Without a
terminal, or with --no-input, nothing is asked: what is required has to be given then.

On the local platform failures can be rehearsed, as with 'nf-run run': --fail, --delay,
--fast and --approve.

The exit codes are those of 'nf-run run'.`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: c.completeStage(&f.stageFlags, false),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runReleaseRun(cmd.Context(), args[0], args[1], f)
		},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.arguments.arguments, "arg", nil, "an argument as NAME=VALUE; may be repeated")
	flags.StringVar(&f.arguments.argumentsFile, "args-file", "", "a JSON file with an object of arguments")
	flags.StringVar(&f.name, "name", "", "what the release is called")
	flags.StringVar(&f.description, "description", "", "what is said of the release")
	flags.BoolVar(&f.noInput, "no-input", false, "ask nothing, also on a terminal")
	f.wait.add(flags)
	f.practice.add(flags)
	flags.BoolVar(&f.detach, "detach", false, "run the release in a process of its own, print its id and return")
	flags.BoolVar(&f.arguments.passedOn, "passed-on", false, "")
	_ = flags.MarkHidden("passed-on")
	f.overrides.add(flags)
	f.files = reportFlags(cmd)
	return cmd
}

func (c *command) runReleaseRun(ctx context.Context, pipeline, stage string, f releaseRunFlags) error {
	if err := f.files.check(); err != nil {
		return err
	}
	if err := f.overrides.check(); err != nil {
		return err
	}
	patience, err := f.wait.read(c.watched())
	if err != nil {
		return err
	}
	if f.rehearsal, err = f.practice.read(f.target); err != nil {
		return err
	}
	if f.detach {
		f.rehearsal = nil // the other process has it
	}
	arguments, err := c.mergedArguments(&f.arguments)
	if err != nil {
		return err
	}
	outliveReaders()
	return c.withStage(ctx, f.stageFlags, pipeline, stage, func(p *stagePlace) error {
		if p.local() {
			p.runs.Patience = patience
		}
		flow, err := p.shelf.Whole(ctx, p.document)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		request, err := f.overrides.request(ctx, p, flow)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		if err := c.askRichInputs(ctx, p, flow, arguments, f.noInput); err != nil {
			return err
		}
		if f.detach {
			return c.detachRelease(ctx, p, arguments, f)
		}
		for name, text := range map[string]string{"name": f.name, "description": f.description} {
			if text != "" {
				request[name] = text
			}
		}
		return c.startRelease(ctx, p, platform.OpRunReleaseFlow, p.document.Path, arguments, request, f.files)
	})
}

// startRelease starts a run of the stage's flow and follows it: here, or on the
// platform that executes it.
func (c *command) startRelease(ctx context.Context, p *stagePlace, op string, path map[string]string, arguments, request map[string]any, files reports) error {
	if !p.local() {
		text, err := p.shelf.Text(ctx, p.document)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		at := engine.RemoteRun{Family: p.shelf.Family.Name, Path: path, Arguments: arguments, Request: request}
		program, err := mirrorOf(text, "", at)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		program.Identity = p.identity()
		return p.mirror(ctx, c, program, history.NewID(time.Now()), files)
	}
	if len(arguments) > 0 {
		request["arguments"] = arguments
	}
	run, err := p.begin(ctx, op, path, request)
	if err != nil {
		return err
	}
	if name := jsonvalue.String(run, "environmentId"); name != "" {
		fmt.Fprintf(c.errOut, "preview environment %s\n", name) // one that nobody has named is called by chance
	}
	return p.follow(ctx, c, jsonvalue.String(run, "id"), files)
}

// begin has the local platform start a run, and returns it.
func (p *stagePlace) begin(ctx context.Context, op string, path map[string]string, request map[string]any) (map[string]any, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	response, err := p.target.Do(ctx, op, platform.Params{Path: path}, body)
	var run map[string]any
	if err == nil {
		err = response.Data(&run)
	}
	if err != nil {
		return nil, exitWith(notStartedCode(err), err)
	}
	return run, nil
}

// notStartedCode is the exit code for a run that was not started.
func notStartedCode(err error) int {
	var refused *platform.Error
	if errors.As(err, &refused) && refused.ID == platform.ErrorForbidden {
		return exitNotStarted
	}
	return exitFailed
}
