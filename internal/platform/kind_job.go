package platform

import (
	"maps"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var jobKind = resource{
	kind: "Job", noun: "job", segment: "jobs", idParam: "jobId",
	get: OpGetJob, create: OpCreateJob, put: OpPutJob, patch: OpPatchJob,
	spec: []string{"name", "description", "stageId", "infrastructure", "tags", "billing", "deployment", "disabledCI",
		"buildConfiguration", "buildSettings", "runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles",
		"dockerSecretMounts", "healthChecks", "settings"},
	unread:   jobUnread,
	defaults: jobDefaults,
	computed: jobComputed,
	secret:   jobSecrets,
	read:     readJob,
	align:    func(_, desired map[string]any) map[string]any { return readJob(desired) },
	uses:     serviceUses,
}

var manualJobKind = resource{
	kind: "ManualJob", noun: "job", segment: "jobs", idParam: "jobId",
	get: OpGetJob, create: OpCreateManualJob, put: OpPutManualJob, patch: OpPatchManualJob,
	spec: []string{"name", "description", "stageId", "infrastructure", "tags", "billing", "deployment", "disabledCI",
		"buildConfiguration", "buildSettings", "runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles",
		"dockerSecretMounts", "healthChecks", "backoffLimit", "runOnSourceChange", "activeDeadlineSeconds"},
	unread:   jobUnread,
	defaults: jobDefaults,
	computed: jobComputed,
	secret:   jobSecrets,
	read:     readFlatJob,
	uses:     serviceUses,
}

var cronJobKind = resource{
	kind: "CronJob", noun: "job", segment: "jobs", idParam: "jobId",
	get: OpGetJob, create: OpCreateCronJob, put: OpPutCronJob, patch: OpPatchCronJob,
	spec: []string{"name", "description", "stageId", "infrastructure", "tags", "billing", "deployment", "disabledCI",
		"buildConfiguration", "buildSettings", "runtimeEnvironment", "runtimeFiles", "buildArguments", "buildFiles",
		"dockerSecretMounts", "healthChecks", "backoffLimit", "runOnSourceChange", "activeDeadlineSeconds", "schedule",
		"suspended", "concurrencyPolicy"},
	unread:   jobUnread,
	defaults: jobDefaults,
	computed: jobComputed,
	secret:   jobSecrets,
	read:     readFlatJob,
	align:    func(_, desired map[string]any) map[string]any { return spellPolicy(desired) },
	uses:     serviceUses,
}

var jobUnread = []string{"stageId", "infrastructure", "buildSettings", "runtimeEnvironment", "runtimeFiles",
	"buildArguments", "buildFiles", "dockerSecretMounts", "healthChecks", "runOnSourceChange"}

var jobDefaults = []fallback{
	{"backoffLimit", nil}, {"activeDeadlineSeconds", nil}, {"concurrencyPolicy", nil},
	{"settings.backoffLimit", nil}, {"settings.activeDeadlineSeconds", nil}, {"settings.cron.concurrencyPolicy", nil},
	{"deployment.internal.buildSHA", "latest"}, {"deployment.internal.branch", nil}, {"deployment.internal.buildId", nil},
}

var jobComputed = []string{
	"deployment.region",
	"deployment.internal.appId", "deployment.internal.nfObjectId", "deployment.internal.nfObjectType",
	"deployment.internal.repository", "deployment.internal.deployedSHA",
	"deployment.external.registryProvider", "deployment.external.privateImage",
}

var jobSecrets = []string{"/runtimeEnvironment", "/runtimeFiles", "/buildArguments", "/buildFiles", "/dockerSecretMounts"}

// readJob spells the concurrency policy as requests do: get-job capitalises it.
func readJob(data map[string]any) map[string]any {
	cron := jsonvalue.Object(data, "settings.cron")
	if cron == nil {
		return data
	}
	spelled, _ := jsonvalue.Merge(data, map[string]any{"settings": map[string]any{"cron": spellPolicy(cron)}}).(map[string]any)
	return spelled
}

func spellPolicy(cron map[string]any) map[string]any {
	policy := jsonvalue.String(cron, "concurrencyPolicy")
	if policy == "" {
		return cron
	}
	spelled := maps.Clone(cron)
	spelled["concurrencyPolicy"] = strings.ToLower(policy)
	return spelled
}

// readFlatJob takes the settings from where get-job shows them: manual and cron
// jobs have them beside the name.
func readFlatJob(data map[string]any) map[string]any {
	spec := maps.Clone(spellPolicy(readJob(data)))
	for _, name := range []string{"backoffLimit", "runOnSourceChange", "activeDeadlineSeconds"} {
		if v := jsonvalue.Get(spec, "settings."+name); v != nil && spec[name] == nil {
			spec[name] = v
		}
	}
	for _, name := range []string{"schedule", "concurrencyPolicy"} {
		if v := jsonvalue.Get(spec, "settings.cron."+name); v != nil && spec[name] == nil {
			spec[name] = v
		}
	}
	return spec
}
