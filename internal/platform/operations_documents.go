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
)
