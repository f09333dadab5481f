package local

import (
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// An addonState is what is recorded of an addon: what it went through. The
// first step is its provisioning.
type addonState struct {
	Steps    []step    `json:"steps"`
	Upgrades []upgrade `json:"upgrades,omitempty"` // the oldest first
	// Schedules are when backup schedules were made by themselves, by identifier.
	Schedules map[string]int64 `json:"schedules,omitempty"`
	// BackedUp is the newest time of those schedules that was carried out.
	BackedUp int64 `json:"backedUp,omitempty"`
}

// Kinds of step that no fault is injected into.
const (
	stepRestart = "restart"
	stepScale   = "scale"
	stepPause   = "pause"
	stepReset   = "reset"
)

// status is the state of the addon at a time, and why it failed.
func (s addonState) status(now time.Time) (status, reason string) {
	status = "preDeployment"
	for _, step := range s.Steps {
		switch {
		case !step.begun(now):
		case !step.ended(now):
			status, reason = step.underWay(now), ""
		case step.Fail == "":
			status, reason = "running", ""
		case step.Kind == KindProvision || step.Kind == KindUpgrade:
			status, reason = "failed", step.Fail
		default:
			status, reason = "running", "" // a backup that fails does no harm
		}
	}
	return status, reason
}

// underWay is the status while a step goes on.
func (s step) underWay(now time.Time) string {
	switch s.Kind {
	case KindProvision:
		switch p := s.progress(now); {
		case p < 0.15:
			return "preDeployment"
		case p < 0.3:
			return "triggerAllocation"
		case p < 0.8:
			return "allocating"
		}
		return "postDeployment"
	case KindUpgrade:
		return "upgrading"
	case KindBackup:
		return "backup"
	case KindRestore:
		return "restore"
	case stepScale:
		return "scaling"
	case stepPause:
		return "paused"
	case stepReset:
		return "resetting"
	}
	return "postDeployment"
}

// free is when everything that goes on now has ended; false when it never does.
func (s addonState) free(now time.Time) (time.Time, bool) {
	at := now
	for _, step := range s.Steps {
		if step.ended(now) {
			continue
		}
		end, ends := step.end()
		if !ends {
			return at, false
		}
		if end.After(at) {
			at = end
		}
	}
	return at, true
}

// next is a step of an addon that waits for those that go on. After one that never
// ends it does not end either.
func (c *call) next(kind string, r *record, state addonState, duration time.Duration) step {
	at, ends := state.free(c.now)
	s := c.step(kind, r.id(), at, duration)
	if !ends {
		s.For = endless
	}
	return s
}

var addonFlavour = flavour{
	noun: "addon", segment: "addons", idParam: "addonId", kind: "Addon", typ: "addon",
	once:   []string{"source"},
	check:  checkAddon,
	normal: normalAddon,
	refuse: refuseAddon,
	born:   bornAddon,
	grown:  grownAddon,
	show:   showAddon,
}

func checkAddon(k *check) {
	k.name(namePattern(), 39)
	k.text("description", 200)
	k.required("type")
	k.object("billing", "typeSpecificSettings", "customCredentials", "infrastructure", "templateValues")
	k.oneOf("infrastructure.architecture", "x86", "arm")
	if !managed(jsonvalue.String(k.spec, "type")) {
		return // an addon type of one's own says itself what it takes
	}
	k.required("version", "billing.deploymentPlan", "billing.storage", "billing.replicas")
	k.plan("billing.deploymentPlan")
	k.integer("billing.storage", 1, 1<<30)
	k.integer("billing.replicas", 1, 100)
	k.each("ipPolicies", func(at string) {
		k.required(at + ".action")
		k.oneOf(at+".action", "ALLOW", "DENY")
	})
	k.each("backupSchedules", func(at string) {
		k.required(at+".backupType", at+".retentionTime")
		k.oneOf(at+".backupType", "dump", "snapshot")
		k.oneOf(at+".scheduling.interval", "hourly", "daily", "weekly")
	})
}

// normalAddon resolves a version that is a selector. An addon that is there
// keeps a version that satisfies the selector.
func normalAddon(_ *call, old *record, spec map[string]any) (map[string]any, error) {
	kind := platform.AddonType(jsonvalue.String(spec, "type"))
	spec["type"] = kind
	wish := jsonvalue.String(spec, "version")
	if wish == "" {
		return spec, nil
	}
	if old != nil {
		if have := jsonvalue.String(old.spec, "version"); platform.VersionSatisfies(have, wish) {
			spec["version"] = have
			return spec, nil
		}
	}
	spec["version"] = resolveVersion(kind, wish)
	return spec, nil
}

func refuseAddon(c *call, old *record, key string, spec map[string]any) error {
	project := key[:len("projects/")+len(c.path("projectId"))]
	if old == nil {
		_, err := c.fork(project, spec)
		return err
	}
	have, ok := jsonvalue.Number(old.spec, "billing.storage")
	want, wanted := jsonvalue.Number(spec, "billing.storage")
	if ok && wanted && want < have {
		return platform.Unchangeable("addon", old.id(), "billing.storage", have, want)
	}
	kind := jsonvalue.String(old.spec, "type")
	if kind == "mysql" && spec["tlsEnabled"] != nil && jsonvalue.Bool(old.spec, "tlsEnabled") != jsonvalue.Bool(spec, "tlsEnabled") {
		return platform.Unchangeable("addon", old.id(), "tlsEnabled", old.spec["tlsEnabled"], spec["tlsEnabled"])
	}
	from, to := jsonvalue.String(old.spec, "version"), jsonvalue.String(spec, "version")
	if to == "" || from == "" || from == to {
		return nil
	}
	return platform.CheckUpgrade(kind, old.id(), from, jsonvalue.String(c.body, "version"), false)
}

// fork returns the backup that a new addon starts from, nil when it starts
// empty.
func (c *call) fork(project string, spec map[string]any) (*record, error) {
	source := jsonvalue.Object(spec, "source")
	if len(source) == 0 || source["backupUid"] != nil {
		return nil, nil
	}
	if other := jsonvalue.String(source, "projectId"); other != "" {
		project = "projects/" + other
	}
	addonID, backupID := jsonvalue.String(source, "addonId"), jsonvalue.String(source, "backupId")
	if addonID == "" {
		return nil, platform.Invalid("source.addonId", "is missing")
	}
	addon, err := c.tx.load(project + "/addons/" + addonID)
	if err != nil {
		return nil, err
	}
	if addon == nil {
		return nil, platform.Invalid("source.addonId", "is %q, which is no addon of the project", addonID)
	}
	if kind := jsonvalue.String(addon.spec, "type"); kind != jsonvalue.String(spec, "type") {
		return nil, platform.Invalid("source.addonId", "is %q, which is a %s addon: an addon is forked from one of its own type", addonID, kind)
	}
	backup, err := c.backupToUse(addon, backupID)
	if err != nil {
		return nil, err
	}
	if backup == nil {
		return nil, platform.Invalid("source.backupId", "is %q, which is no completed backup of addon %q", backupID, addonID)
	}
	from, to := stateOf[backupState](backup).Version, jsonvalue.String(spec, "version")
	if from != "" && to != "" && platform.MajorUpgrade(jsonvalue.String(spec, "type"), from, to) {
		return nil, platform.Invalid("source.backupId", "is a backup of version %s, and the new addon has version %s: an addon is forked from a backup of its own major version", from, to)
	}
	return backup, nil
}

func bornAddon(c *call, r *record) (any, error) {
	duration := c.platform.delays.Provision
	if jsonvalue.Object(r.spec, "source") != nil {
		duration += c.platform.delays.Restore
	}
	return addonState{Steps: []step{c.step(KindProvision, r.id(), c.now, duration)}}, nil
}

func grownAddon(c *call, r *record, old map[string]any) (any, error) {
	state := stateOf[addonState](r)
	if !unchanged(jsonvalue.Object(old, "billing"), jsonvalue.Object(r.spec, "billing")) ||
		!unchanged(jsonvalue.Object(old, "typeSpecificSettings"), jsonvalue.Object(r.spec, "typeSpecificSettings")) {
		s := c.next(stepScale, r, state, c.platform.delays.Upgrade)
		if had := replicas(old); had != replicas(r.spec) {
			s.Had = &had
		}
		// What is paused changes when it is resumed.
		if awake(r, state, "") == nil {
			state.Steps = remember(state.Steps, s)
		}
	}
	return state, nil
}

// replicas are how many containers an addon has.
func replicas(spec map[string]any) int {
	n, ok := jsonvalue.Number(spec, "billing.replicas")
	if !ok {
		return 1
	}
	return int(n)
}

func showAddon(c *call, r *record) (map[string]any, error) {
	project, err := c.projectNamed(r.projectID())
	if err != nil {
		return nil, err
	}
	shown := c.face(r, "description", "stageId", "infrastructure", "source", "typeSpecificSettings", "customCredentials",
		"backupSchedules", "metadata", "pitrEnabled")
	status, reason := stateOf[addonState](r).status(c.now)
	shown["appId"], shown["projectId"], shown["status"] = appID(r), r.projectID(), status
	if reason != "" {
		shown["statusReason"] = reason
	}
	shown["cluster"] = cluster(project)
	config := map[string]any{
		"versionTag": jsonvalue.String(r.spec, "version"), "lifecycleStatus": "active",
		"deployment": map[string]any{
			"replicas": jsonvalue.Get(r.spec, "billing.replicas"), "storageSize": jsonvalue.Get(r.spec, "billing.storage"),
			"storageClass": orDefault(jsonvalue.String(r.spec, "billing.storageClass"), "nvme"),
			"planId":       jsonvalue.Get(r.spec, "billing.deploymentPlan"), "region": regionOf(project),
		},
		"networking": map[string]any{
			"tlsEnabled": jsonvalue.Bool(r.spec, "tlsEnabled"), "externalAccessEnabled": jsonvalue.Bool(r.spec, "externalAccessEnabled"),
			"ipPolicies": showPolicies(r.spec),
		},
	}
	shown["spec"] = map[string]any{"type": r.spec["type"], "config": config, "pendingActions": []any{}}
	return shown, nil
}

func getAddon(c *call) (any, error) {
	r, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	return showAddon(c, r)
}

func listAddons(c *call) (any, error) {
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(project.key+"/addons", false, func(r *record) (map[string]any, error) {
		shown, err := showAddon(c, r)
		return jsonvalue.Pick(shown, []string{"id", "name", "appId", "tags", "description", "spec", "status"}), err
	})
	return map[string]any{"addons": rows}, err
}

func restartAddon(c *call) (any, error) {
	r, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	state := stateOf[addonState](r)
	if err := awake(r, state, "restarted"); err != nil {
		return nil, err
	}
	state.Steps = remember(state.Steps, c.next(stepRestart, r, state, c.platform.delays.Deploy))
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Ran)
}

// upgradeAddon brings an addon to a newer version. It goes through no major
// version without stopping there.
func upgradeAddon(c *call) (any, error) {
	r, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	wish := jsonvalue.String(c.body, "version")
	if wish == "" {
		return nil, platform.Invalid("version", "is missing")
	}
	kind, from := jsonvalue.String(r.spec, "type"), jsonvalue.String(r.spec, "version")
	target := resolveVersion(kind, wish)
	if target == from {
		return nil, c.log(r.key, Nothing)
	}
	if err := platform.CheckUpgrade(kind, r.id(), from, target, true); err != nil {
		return nil, err
	}
	state := stateOf[addonState](r)
	if status, _ := state.status(c.now); status == "failed" {
		return nil, conflict("addon %q has failed and cannot be upgraded", r.id())
	}
	if err := awake(r, state, "upgraded"); err != nil {
		return nil, err
	}
	s := c.next(KindUpgrade, r, state, c.platform.delays.Upgrade)
	state.begin(upgrade{ID: freshID(), From: from, To: target, Step: s})
	r.spec["version"] = target
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Updated)
}

// managed tells whether the platform itself offers the addon type; others are
// made by its users.
func managed(kind string) bool { return addonVersions(platform.AddonType(kind)) != nil }

// addonVersions lists the versions of an addon type, newest first.
func addonVersions(kind string) []string {
	switch kind {
	case "mongodb":
		return []string{"8.0.20", "8.0.17", "8.0.10", "7.0.31", "7.0.28", "7.0.21", "6.0.27", "6.0.24", "5.0.31", "4.4.15", "4.2.21"}
	case "redis":
		return []string{"8.6.1", "8.4.2", "8.4.0", "7.2.13", "7.2.12", "7.2.4", "6.2.21"}
	case "mysql":
		return []string{"9.6.0", "8.4.9", "8.4.8", "8.0.46", "8.0.45"}
	case "postgresql":
		return []string{"18", "17", "16", "15", "14", "13", "12"}
	case "minio":
		return []string{"2025.10.15"}
	case "rabbitmq":
		return []string{"4.3.2", "4.2.8", "4.0.9", "3.13.7", "3.12.14"}
	}
	return nil
}

// resolveVersion turns "latest" and "16-latest" into the newest version that
// they stand for. What the table does not know is taken as it is: versions come
// and go.
func resolveVersion(kind, wish string) string {
	versions := addonVersions(kind)
	if wish == "latest" && len(versions) > 0 {
		return versions[0]
	}
	prefix, selector := strings.CutSuffix(wish, "-latest")
	if !selector {
		return wish
	}
	i := slices.IndexFunc(versions, func(v string) bool { return platform.VersionSatisfies(v, wish) })
	if i < 0 {
		i = slices.IndexFunc(versions, func(v string) bool { return strings.HasPrefix(v, prefix) })
	}
	if i < 0 {
		return prefix
	}
	return versions[i]
}
