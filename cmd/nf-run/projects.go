package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// inProject takes the project from a name of the form PROJECT/NAME, which may not
// disagree with project, that of the flag; else from the flag, else from the environment.
// It is empty where nobody says it.
func inProject(project, name string) (of, own string, err error) {
	before, after, both := strings.Cut(name, "/")
	switch {
	case both && project != "" && project != before:
		return "", "", fmt.Errorf("%s is in the project %s, and --project says %s", name, before, project)
	case both:
		return before, after, nil
	case project == "":
		project = os.Getenv(projectVariable)
	}
	return project, name, nil
}

// projectsToSearch are the project, or all that there are where it is empty.
func projectsToSearch(ctx context.Context, target platform.Target, project string) ([]string, error) {
	if project != "" {
		return []string{project}, nil
	}
	var projects []string
	for row, err := range platform.Items(ctx, target, platform.OpListProjects, nil, "projects") {
		if err != nil {
			return nil, err
		}
		projects = append(projects, jsonvalue.String(row, "id"))
	}
	return projects, nil
}

// nowhere says that none of the projects has what was searched for.
func nowhere(what, name, project string) error {
	where := "in any project"
	if project != "" {
		where = "in the project " + project
	}
	return fmt.Errorf("there is no %s %q %s", what, name, where)
}
