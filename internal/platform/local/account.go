package local

import (
	"maps"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A family is a kind of resource, mostly of the account, with the operations that it
// has: those that are empty the platform does not have. It is data; the handlers
// below carry out the operations of every family.
type family struct {
	flavour
	create, put, patch, replace, get, list, remove string
	// member is what a list's answer calls its rows; hidden are the properties
	// that only get shows.
	member string
	hidden []string
	// unread is what was sent and is not told to who asks for a resource.
	unread []string
	// held returns why a resource cannot be deleted now, nil where it can.
	held func(c *call, r *record) error
}

// families are all families.
func families() []*family {
	return []*family{
		&tagFamily, &globalSecretFamily, &egressFamily, &loadBalancerFamily, &networkPolicyFamily, &rolloutFamily,
		&destinationFamily, &registryFamily, &sshFamily, &logSinkFamily, &notificationFamily, &cloudIntegrationFamily, &clusterFamily,
		&cloudRegistryFamily, &customPlanFamily, &workloadIdentityFamily,
		&domainFamily, &subdomainFamily, &pathFamily, &templateFamily, &workflowFamily, &pipelineFamily, &releaseStageFamily,
		&blueprintFamily, &externalAddonFamily, &modelFamily, &teamFamily, &teamRoleFamily, &orgRoleFamily,
	}
}

// accountHandlers are the handlers of what belongs to the account, by operation.
var accountHandlers = sync.OnceValue(func() map[string]handler {
	handlers := map[string]handler{
		platform.OpListPlans:              listPlans,
		platform.OpListRegions:            listRegions,
		platform.OpGetDNSID:               getDNSID,
		platform.OpListExternalAddons:     listExternalAddons,
		platform.OpListUsage:              listUsage,
		platform.OpGetUsage:               getUsage,
		platform.OpListInvoices:           listInvoices,
		platform.OpGetInvoice:             getInvoice,
		platform.OpListDestinationBackups: listDestinationBackups,
		platform.OpPauseLogSink:           pauses(true),
		platform.OpResumeLogSink:          pauses(false),
		platform.OpListVCSProviders:       listVCSProviders,
		platform.OpGenerateVCSToken:       generateVCSToken,
		platform.OpGetOpenTofuJobLogs:     getOpenTofuJobLogs,
		platform.OpListRepositories:       nothing("repos", true),
		platform.OpListBranches:           nothing("branches", true),
		platform.OpListProviderRegions:    nothing("providers", false),
		platform.OpListProviderNodeTypes:  nothing("providers", false),
		platform.OpListClusterNodes:       listClusterNodes,
		platform.OpCordonClusterNode:      marks("cordoned"),
		platform.OpUncordonClusterNode:    marks("ready"),
		platform.OpDrainClusterNode:       marks("drained"),

		platform.OpVerifyDomain:            verifyDomain,
		platform.OpImportDomainCertificate: importCertificate,
		platform.OpGetDomainCertificate:    getCertificate,
		platform.OpVerifySubdomain:         verifySubdomain,
		platform.OpEnableSubdomainCDN:      switchesCDN(true),
		platform.OpDisableSubdomainCDN:     switchesCDN(false),
		platform.OpAssignSubdomain:         assigns(&subdomainFamily, "projectId", "serviceId", "portName"),
		platform.OpUnassignSubdomain:       unassigns(&subdomainFamily),
		platform.OpAssignSubdomainPath:     assigns(&pathFamily, "assignment.project", "assignment.service", "assignment.port"),
		platform.OpUnassignSubdomainPath:   unassigns(&pathFamily),
	}
	maps.Copy(handlers, map[string]handler{
		platform.OpListOrgMembers:       listMembers(orgMembers),
		platform.OpListTeamMembers:      listMembers(teamMembers),
		platform.OpInviteTeamMember:     inviteMember,
		platform.OpRemoveTeamMember:     removeMember,
		platform.OpListDirectoryGroups:  listDirectoryGroups,
		platform.OpListGroupMembers:     listGroupMembers,
		platform.OpAddOrgRoleMember:     orgRoles.add,
		platform.OpListOrgRoleMembers:   orgRoles.list,
		platform.OpRemoveOrgRoleMember:  orgRoles.remove,
		platform.OpAddTeamRoleMember:    teamRoles.add,
		platform.OpListTeamRoleMembers:  teamRoles.list,
		platform.OpRemoveTeamRoleMember: teamRoles.remove,

		platform.OpRunTemplate:      templateRuns.run,
		platform.OpListTemplateRuns: templateRuns.rows,
		platform.OpGetTemplateRun:   templateRuns.single,
		platform.OpAbortTemplateRun: templateRuns.abort,
		platform.OpTearDownTemplate: templateRuns.tearDown,

		platform.OpRunWorkflow:      workflowRuns.run,
		platform.OpListWorkflowRuns: workflowRuns.rows,
		platform.OpGetWorkflowRun:   workflowRuns.single,
		platform.OpAbortWorkflowRun: workflowRuns.abort,
		platform.OpTearDownWorkflow: workflowRuns.tearDown,

		platform.OpCopyRepository:    copyRepository,
		platform.OpGetRepositoryCopy: getRepositoryCopy,

		platform.OpPutPipeline:         putPipeline,
		platform.OpGetReleaseFlow:      getReleaseFlow,
		platform.OpUpdateReleaseFlow:   updateReleaseFlow,
		platform.OpRunReleaseFlow:      releaseFlowRuns.run,
		platform.OpListReleaseFlowRuns: releaseFlowRuns.rows,
		platform.OpGetReleaseFlowRun:   releaseFlowRuns.single,
		platform.OpAbortReleaseFlowRun: releaseFlowRuns.abort,
		platform.OpRollBackRelease:     rollBackRelease,
		platform.OpDescribeRelease:     describeRelease,

		platform.OpSendGitEvent:     sendGitEvent,
		platform.OpGetServiceCommit: getOwnCommit(false),
		platform.OpGetJobCommit:     getOwnCommit(true),

		platform.OpCallWebhook: callWebhook,
		platform.OpGetWebhook:  getWebhook,
		platform.OpSetWebhook:  setWebhook,

		platform.OpGetPreviewTemplate:      getPreviewTemplate,
		platform.OpUpdatePreviewTemplate:   updatePreviewTemplate,
		platform.OpRunPreviewTemplate:      previewRuns.run,
		platform.OpListPreviewTemplateRuns: previewRuns.rows,
		platform.OpGetPreviewTemplateRun:   previewRuns.single,
		platform.OpListPreviews:            previewRuns.environments,
		platform.OpDeletePreview:           previewRuns.leave,
		platform.OpPausePreview:            previewRuns.pause(true),
		platform.OpResumePreview:           previewRuns.pause(false),
		platform.OpResetPreview:            previewRuns.resetExpiry,

		platform.OpRunPreviewBlueprint:      blueprintRuns.run,
		platform.OpListPreviewBlueprintRuns: blueprintRuns.rows,
		platform.OpGetPreviewBlueprintRun:   blueprintRuns.single,
		platform.OpAbortPreviewBlueprintRun: blueprintRuns.abort,
		platform.OpListBlueprintPreviews:    blueprintRuns.environments,
		platform.OpDeleteBlueprintPreview:   blueprintRuns.leave,
		platform.OpPauseBlueprintPreview:    blueprintRuns.pause(true),
		platform.OpResumeBlueprintPreview:   blueprintRuns.pause(false),
		platform.OpResetBlueprintPreview:    blueprintRuns.resetExpiry,
	})
	maps.Copy(handlers, map[string]handler{
		platform.OpListVersions:   listVersions,
		platform.OpGetVersion:     getVersion,
		platform.OpNoteVersion:    noteVersion,
		platform.OpRestoreVersion: restoreVersion,
		platform.OpCreateDraft:    createDraft,
		platform.OpListDrafts:     listDrafts,
		platform.OpGetDraft:       getDraft,
		platform.OpUpdateDraft:    updateDraft,
		platform.OpAcceptDraft:    acceptDraft,
		platform.OpCloseDraft:     closeDraft,
	})
	for _, f := range families() {
		maps.Copy(handlers, f.handlers())
	}
	return handlers
})

func (f *family) handlers() map[string]handler {
	if f.born == nil {
		f.born = stateless
	}
	if f.grown == nil {
		f.grown = keptState
	}
	if f.show == nil {
		f.show = func(c *call, r *record) (map[string]any, error) { return c.face(r), nil }
	}
	handlers := map[string]handler{
		f.create:  creates(&f.flavour),
		f.put:     puts(&f.flavour),
		f.patch:   patches(&f.flavour),
		f.replace: replaces(&f.flavour),
		f.get:     f.single,
		f.list:    f.rows,
		f.remove:  f.delete,
	}
	delete(handlers, "")
	return handlers
}

// stateless is the state of what is done with when it is stored.
func stateless(*call, *record) (any, error) { return struct{}{}, nil }

// keptState leaves the state as it is.
func keptState(_ *call, r *record, _ map[string]any) (any, error) { return r.state, nil }

func (f *family) single(c *call) (any, error) {
	r, err := c.look(&f.flavour)
	if err != nil {
		return nil, err
	}
	shown, err := f.show(c, r)
	for _, name := range f.unread {
		delete(shown, name)
	}
	return shown, err
}

func (f *family) rows(c *call) (any, error) {
	parent, err := c.collection(&f.flavour)
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(parent, false, func(r *record) (map[string]any, error) {
		shown, err := f.show(c, r)
		for _, name := range f.hidden {
			delete(shown, name)
		}
		return shown, err
	})
	return map[string]any{f.member: rows}, err
}

func (f *family) delete(c *call) (any, error) {
	r, err := c.look(&f.flavour)
	if err != nil {
		return nil, err
	}
	if f.held != nil {
		if err := f.held(c, r); err != nil {
			return nil, err
		}
	}
	if err := c.tx.remove(r.key); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Deleted)
}

// A provisioned resource takes time until it is there.
type provisioned struct {
	Step step `json:"step"`
}

// bornProvisioned sets up a resource that is provisioned.
func bornProvisioned(c *call, r *record) (any, error) {
	return provisioned{c.step(KindProvision, r.id(), c.now, c.platform.delays.Provision)}, nil
}

// grownProvisioned provisions a changed resource anew if that has failed before.
func grownProvisioned(c *call, r *record, _ map[string]any) (any, error) {
	state := stateOf[provisioned](r)
	if state.Step.Fail != "" && state.Step.ended(c.now) {
		return bornProvisioned(c, r)
	}
	return state, nil
}

// status names the state of what is provisioned in the words of its family, and
// says when it came into that state.
func (s provisioned) status(c *call, pending, ready string) (status string, since string) {
	end, _ := s.Step.end()
	switch {
	case !s.Step.ended(c.now):
		return pending, c.stamp(time.Unix(0, s.Step.At))
	case s.Step.Fail != "":
		return "error", c.stamp(end)
	}
	return ready, c.stamp(end)
}
