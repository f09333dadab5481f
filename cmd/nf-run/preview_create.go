package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/spf13/cobra"
)

// previewCreateFlags are those of an environment that is made by hand.
type previewCreateFlags struct {
	previewFlags
	arguments         runFlags
	name, description string
	branches, commits []string
	pulls             []string
	wait              patienceFlag
	practice          rehearsalFlags
	files             reports
}

func (c *command) previewCreate() *cobra.Command {
	var f previewCreateFlags
	cmd := &cobra.Command{
		Use:   "create PIPELINE",
		Short: "Make a preview environment, or update the one of the name",
		Long: `Create runs the preview template and shows the state of every node until the run ends.
There is one environment for each name: a second run of the same name updates it.
Without --name the one that was made by hand for the same branches is updated, else a
new one gets two random words as its name: the template's naming convention is for
environments that events and webhooks make.

--branch, --sha and --pull-request say what the template's Git triggers stand for, as
TRIGGER=VALUE, or VALUE alone where there is one trigger only. What is not said is what
the template has as a default. Environments that are made by hand are not updated by
pushes. Arguments come from NF_ARG_NAME, --args-file and --arg.

On the local platform failures can be rehearsed, as with 'nf-run run': --fail, --delay,
--fast and --approve.

The exit codes are those of 'nf-run run'.`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: c.completePreview(&f.previewFlags, false),
		RunE:              func(cmd *cobra.Command, args []string) error { return c.runPreviewCreate(cmd.Context(), args[0], f) },
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.arguments.arguments, "arg", nil, "an argument as NAME=VALUE; may be repeated")
	flags.StringVar(&f.arguments.argumentsFile, "args-file", "", "a JSON file with an object of arguments")
	flags.StringVar(&f.name, "name", "", "what the environment is called")
	flags.StringVar(&f.description, "description", "", "with --blueprint: what is said of the run")
	flags.StringArrayVar(&f.branches, "branch", nil, "the branch of a Git trigger, as [TRIGGER=]BRANCH; may be repeated")
	flags.StringArrayVar(&f.commits, "sha", nil, "the commit of a Git trigger, as [TRIGGER=]SHA; may be repeated")
	flags.StringArrayVar(&f.pulls, "pull-request", nil, "the pull request of a Git trigger, as [TRIGGER=]NUMBER; may be repeated")
	f.wait.add(flags)
	f.practice.add(flags)
	f.files = reportFlags(cmd)
	return cmd
}

func (c *command) runPreviewCreate(ctx context.Context, pipeline string, f previewCreateFlags) error {
	if err := f.files.check(); err != nil {
		return err
	}
	if f.description != "" && !f.blueprint {
		return errors.New("--description goes with --blueprint: runs of a pipeline's preview template have none")
	}
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
	outliveReaders()
	return c.withPreviews(ctx, f.previewFlags, pipeline, func(p *previewPlace) error {
		p.waitFor(patience)
		document, err := p.shelf.Whole(ctx, p.document)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		triggers, err := f.triggers(document)
		if err != nil {
			return err
		}
		request := map[string]any{}
		if len(triggers) > 0 {
			request["triggers"] = triggers
		}
		for name, text := range map[string]string{"name": f.name, "description": f.description} {
			if text != "" {
				request[name] = text
			}
		}
		return c.startRelease(ctx, p.stagePlace, p.ops.run, p.document.Path, arguments, request, f.files)
	})
}

// triggers are the values that the flags give the Git triggers of a template.
func (f *previewCreateFlags) triggers(document map[string]any) (map[string]any, error) {
	var refs []string
	for _, t := range jsonvalue.List(document, "triggers") {
		if ref := jsonvalue.String(t, "ref"); ref != "" && jsonvalue.String(t, "kind") != "webhook" {
			refs = append(refs, ref)
		}
	}
	triggers := map[string]any{}
	for _, given := range []struct {
		flag, property string
		values         []string
	}{{"branch", "branch", f.branches}, {"sha", "sha", f.commits}, {"pull-request", "pullRequestId", f.pulls}} {
		for _, text := range given.values {
			ref, value, named := strings.Cut(text, "=")
			if named = named && slices.Contains(refs, ref); !named { // a branch may have "=" in it
				switch value = text; {
				case len(refs) == 0:
					return nil, fmt.Errorf("--%s says what a Git trigger stands for, and the template has none", given.flag)
				case len(refs) > 1:
					return nil, fmt.Errorf("--%s %s: say which trigger is meant, as TRIGGER=VALUE: %s", given.flag, text, strings.Join(refs, ", "))
				}
				ref = refs[0]
			}
			if value == "" {
				return nil, fmt.Errorf("--%s takes [TRIGGER=]VALUE", given.flag)
			}
			commit, _ := triggers[ref].(map[string]any)
			if commit == nil {
				commit = map[string]any{}
				triggers[ref] = commit
			}
			if commit[given.property] = value; given.property == "pullRequestId" {
				number, err := strconv.Atoi(value)
				if err != nil || number < 1 {
					return nil, fmt.Errorf("--pull-request takes a number from 1, not %q", value)
				}
				commit[given.property] = number
			}
		}
	}
	return triggers, nil
}
