package platform

import "strings"

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

	OpAbortReleaseFlowRun     = "project/pipelines/abort-release-flow-run"
	OpDeletePreview           = "project/pipelines/delete-preview-environment"
	OpGetPipeline             = "project/pipelines/get-pipeline"
	OpGetPreviewTemplate      = "project/pipelines/get-preview-template"
	OpGetPreviewTemplateRun   = "project/pipelines/get-preview-template-run"
	OpGetReleaseFlow          = "project/pipelines/get-release-flow"
	OpGetReleaseFlowRun       = "project/pipelines/get-release-flow-run-details"
	OpListPipelines           = "project/pipelines/list-pipelines"
	OpListPreviewTemplateRuns = "project/pipelines/list-preview-template-runs"
	OpListPreviews            = "project/pipelines/list-preview-environments"
	OpListReleaseFlowRuns     = "project/pipelines/list-release-flow-runs"
	OpRunPreviewTemplate      = "project/pipelines/run-preview-environment"
	OpRunReleaseFlow          = "project/pipelines/run-release-flow"
	OpUpdatePreviewTemplate   = "project/pipelines/update-preview-template"
	OpUpdateReleaseFlow       = "project/pipelines/update-release-flow"

	OpAbortPreviewBlueprintRun = "project/preview-blueprints/abort-preview-blueprint-run"
	OpCreatePreviewBlueprint   = "project/preview-blueprints/create-preview-blueprint"
	OpDeleteBlueprintPreview   = "project/preview-blueprints/delete-preview-environment"
	OpDeletePreviewBlueprint   = "project/preview-blueprints/delete-preview-blueprint"
	OpGetPreviewBlueprint      = "project/preview-blueprints/get-preview-blueprint"
	OpGetPreviewBlueprintRun   = "project/preview-blueprints/get-preview-blueprint-run-details"
	OpListBlueprintPreviews    = "project/preview-blueprints/list-preview-environments"
	OpListPreviewBlueprintRuns = "project/preview-blueprints/list-preview-blueprint-runs"
	OpListPreviewBlueprints    = "project/preview-blueprints/list-preview-blueprints"
	OpPauseBlueprintPreview    = "project/preview-blueprints/pause-preview-environment"
	OpResetBlueprintPreview    = "project/preview-blueprints/reset-preview-environment-expiry"
	OpResumeBlueprintPreview   = "project/preview-blueprints/resume-preview-environment"
	OpRunPreviewBlueprint      = "project/preview-blueprints/run-preview-blueprint"
	OpUpdatePreviewBlueprint   = "project/preview-blueprints/update-preview-blueprint"
)

// Pipelines have no REST page for what creates and deletes them: on the hosted
// platform that is done in the browser, or by a Pipeline node of a template that the
// platform runs. The request of the first is the node's spec.
const (
	OpPutPipeline    = "pipeline-node/put-pipeline"
	OpDeletePipeline = "pipeline-node/delete-pipeline"
)

// The preview environments of blueprints can be paused over the API, those of pipelines
// in the browser only. These do for the latter what the operations of blueprints do.
const (
	OpPausePreview  = "preview-environment/pause-preview-environment"
	OpResetPreview  = "preview-environment/reset-preview-environment-expiry"
	OpResumePreview = "preview-environment/resume-preview-environment"
)

// Teardowns of templates and workflows are started in the browser, or by a RunTemplate node
// of a template that the hosted platform runs. Their runs are among those of the document.
const (
	OpTearDownTemplate = "teardown/tear-down-template"
	OpTearDownWorkflow = "teardown/tear-down-workflow"
)

// Where the webhook of a release flow or a preview template is, the hosted platform shows
// in the browser only. What calls one is no client of the API: it has an address with a
// token in it, such as /previews/TOKEN.
const (
	OpCallWebhook = "webhook/call-webhook"
	OpGetWebhook  = "webhook/get-webhook"
	OpSetWebhook  = "webhook/set-webhook"
)

// The families of the addresses of webhooks. Those of workflows are documented nowhere.
const (
	WebhookPreviews     = "previews"
	WebhookReleaseFlows = "release-flows"
	WebhookWorkflows    = "workflows"
)

// What happens in a repository reaches the hosted platform through the Git host's own
// application; no page documents an operation for it. Here it is one, whose request is
// the event in words of our own: see docs/nf-run.md.
const OpSendGitEvent = "git-event/send-git-event"

// What events have told of a commit that a service or a job may build, which the hosted
// platform asks the Git host for. The query names the commit, the pull request or the
// branch; without any it is the branch that is built.
const (
	OpGetJobCommit     = "git-event/get-job-commit"
	OpGetServiceCommit = "git-event/get-service-commit"
)

// Versions and drafts of documents, and rollbacks, have no operations in the API of the
// hosted platform, where they are features of its browser application. The path
// parameter documentId is the path of a document, such as "templates/shop" or
// "projects/shop/pipelines/web/release-flows/staging", with colons for slashes.
const (
	OpAcceptDraft    = "documents/accept-draft"
	OpCloseDraft     = "documents/close-draft"
	OpCreateDraft    = "documents/create-draft"
	OpGetDraft       = "documents/get-draft"
	OpGetVersion     = "documents/get-version"
	OpListDrafts     = "documents/list-drafts"
	OpListVersions   = "documents/list-versions"
	OpNoteVersion    = "documents/note-version"
	OpRestoreVersion = "documents/restore-version"
	OpUpdateDraft    = "documents/update-draft"

	// The repositories that nodes make have no operations on the hosted platform.
	OpCopyRepository    = "vcs-node/copy-repository"
	OpGetRepositoryCopy = "vcs-node/get-repository-copy"

	OpDescribeRelease = "release-flow/describe-release"
	OpRollBackRelease = "release-flow/roll-back"
)

// The stages that resources of a project are grouped in are made by ReleaseStage nodes
// only: no page of the API documents an operation on them.
const (
	OpDeleteReleaseStage = "release-stage/delete-release-stage"
	OpGetReleaseStage    = "release-stage/get-release-stage"
	OpListReleaseStages  = "release-stage/list-release-stages"
	OpPatchReleaseStage  = "release-stage/patch-release-stage"
	OpPutReleaseStage    = "release-stage/put-release-stage"
)

// Own tells of an operation that the hosted platform has no address for: it is carried
// out by the local platform, and by servers of it.
func (op Operation) Own() bool {
	family, _, _ := strings.Cut(op.ID, "/")
	switch family {
	case "cloud-node", "documents", "git-event", "pipeline-node", "preview-environment", "release-flow", "release-stage", "teardown", "vcs-node", "webhook":
		return true
	}
	return false
}

// Title names the operation to people.
func (op Operation) Title() string {
	return strings.ReplaceAll(op.ID[strings.LastIndexByte(op.ID, '/')+1:], "-", " ")
}

// DocumentID is the path parameter of the operations on versions and drafts for a
// document at a path such as "templates/shop".
func DocumentID(path string) string { return strings.ReplaceAll(path, "/", ":") }
