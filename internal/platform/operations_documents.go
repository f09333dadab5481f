package platform

// The operations on documents that the platform stores and runs itself.
const (
	OpAbortTemplateRun = "team/templates/abort-template-run"
	OpCreateTemplate   = "team/templates/create-template"
	OpDeleteTemplate   = "team/templates/delete-template"
	OpGetTemplate      = "team/templates/get-template"
	OpGetTemplateRun   = "team/templates/get-template-run"
	OpListTemplateRuns = "team/templates/list-template-runs"
	OpListTemplates    = "team/templates/list-templates"
	OpRunTemplate      = "team/templates/run-template"
	OpUpdateTemplate   = "team/templates/update-template"

	OpAbortWorkflowRun = "project/workflows/abort-workflow-run"
	OpCreateWorkflow   = "project/workflows/create-workflow"
	OpGetWorkflow      = "project/workflows/get-workflow"
	OpGetWorkflowRun   = "project/workflows/get-workflow-run-details"
	OpListWorkflowRuns = "project/workflows/list-workflow-runs"
	OpListWorkflows    = "project/workflows/list-workflows"
	OpRunWorkflow      = "project/workflows/run-workflow"
	OpUpdateWorkflow   = "project/workflows/update-workflow"
)
