package main

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/spf13/cobra"
)

// completionTime is how long a shell waits for names: a platform that is slower than
// that completes nothing.
const completionTime = 3 * time.Second

// completion is what a shell offers for an argument.
type completion = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

// completeStage completes PIPELINE, STAGE and, where run is set, the id of a release.
// What cannot be found out is not offered; nothing is made on the way.
func (c *command) completeStage(f *stageFlags, run bool) completion {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTime)
		defer cancel()
		var names []string
		switch {
		case len(args) > 2 || len(args) == 2 && !run:
		case len(args) == 1:
			names = stageNames[:]
		default:
			s, err := c.look(ctx, f.target)
			if err != nil {
				break
			}
			defer s.close()
			if len(args) == 0 {
				names = pipelineNames(ctx, s.target, f.project, typed)
			} else {
				names = s.releaseNames(ctx, *f, args)
			}
		}
		return startingWith(names, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// startingWith are the words that begin with what was typed, in whatever case; what
// stands behind a tabulator describes a word.
func startingWith(names []string, typed string) []string {
	var offered []string
	for _, name := range names {
		word, _, _ := strings.Cut(name, "\t")
		if len(word) >= len(typed) && strings.EqualFold(word[:len(typed)], typed) {
			offered = append(offered, name)
		}
	}
	return offered
}

// pipelineNames are the pipelines of a project, or of all of them as PROJECT/PIPELINE
// where there are several.
func pipelineNames(ctx context.Context, target platform.Target, project, typed string) []string {
	if project == "" {
		project = os.Getenv(projectVariable)
	}
	projects, err := projectsToSearch(ctx, target, project)
	if err != nil {
		return nil
	}
	var names []string
	for _, one := range projects {
		for row, err := range platform.Items(ctx, target, platform.OpListPipelines, map[string]string{"projectId": one}, "pipelines") {
			if err != nil {
				return names
			}
			name := jsonvalue.String(row, "id")
			if len(projects) > 1 || strings.Contains(typed, "/") {
				name = one + "/" + name
			}
			if description := jsonvalue.String(row, "description"); description != "" {
				name += "\t" + description
			}
			names = append(names, name)
		}
	}
	return names
}

// releaseNames are the newest releases of a stage, with what they are called.
func (s *session) releaseNames(ctx context.Context, f stageFlags, args []string) []string {
	stage, err := stageNamed(args[1])
	if err != nil {
		return nil
	}
	p, err := s.stage(ctx, f, args[0], stage)
	if err != nil {
		return nil
	}
	rows, err := p.shelf.Runs(ctx, p.document, 20)
	if err != nil {
		return nil
	}
	names := []string{latest}
	for _, row := range rows {
		names = append(names, strings.TrimSuffix(row.ID+"\t"+strings.TrimSpace(row.Status+" "+jsonvalue.String(row.Shown, "name")), "\t"))
	}
	return names
}
