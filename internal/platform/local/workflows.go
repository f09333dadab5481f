package local

import "github.com/nf-lsp/nf-lsp/internal/platform"

// Workflows are documents of a project, without stages and environments.
var workflowFamily = family{
	flavour: flavour{noun: "workflow", versioned: true, segment: "workflows", idParam: "workflowId", typ: "workflow", kind: "WorkflowTemplate",
		check: checkWorkflow, refuse: refuseDocument(platform.ReleaseFlowDocument), show: showFlow},
	create: platform.OpCreateWorkflow, replace: platform.OpUpdateWorkflow, get: platform.OpGetWorkflow, list: platform.OpListWorkflows,
	// The documentation calls the rows of the list pipelines.
	member: "pipelines", hidden: []string{"arguments", "argumentOverrides", "gitops", "spec", "teardownSpec", "$schema", "project",
		"triggers", "richInputs", "crossProjectAccess"},
}

var workflowRuns = holder{kind: platform.ReleaseFlowDocument, runParam: "runId", member: "runs",
	find: func(c *call) (*record, error) { return c.look(&workflowFamily.flavour) }}

func checkWorkflow(k *check) {
	k.name(secretNamePattern(), 100)
	checkProjectDocument("WorkflowTemplate")(k)
}
