package local

import (
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// awake refuses what an addon that is paused cannot do.
func awake(r *record, state addonState, doing string) error {
	if len(state.Steps) > 0 && state.Steps[len(state.Steps)-1].Kind == stepPause {
		return conflict("addon %q is paused and cannot be %s: resume it first", r.id(), doing)
	}
	return nil
}

// pauseAddon stops an addon that runs until it is resumed.
func pauseAddon(c *call) (any, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	state := stateOf[addonState](r)
	switch status, _ := state.status(c.now); status {
	case "paused":
		return nil, c.log(r.key, Nothing)
	case "running":
	default:
		return nil, conflict("addon %q cannot be paused while it is %s: wait until it runs", r.id(), status)
	}
	state.Steps = remember(state.Steps, step{Kind: stepPause, At: c.now.UnixNano(), For: endless})
	return nil, c.keep(r, state)
}

func resumeAddon(c *call) (any, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	state := stateOf[addonState](r)
	if awake(r, state, "") == nil {
		return nil, conflict("addon %q is not paused", r.id())
	}
	// Its pause is over now.
	pause := &state.Steps[len(state.Steps)-1]
	pause.For = c.now.UnixNano() - pause.At
	state.Steps = remember(state.Steps, c.step(stepRestart, r.id(), c.now, c.platform.delays.Deploy))
	return nil, c.keep(r, state)
}

// resetAddon provisions an addon anew, without its data. It is what is left to do
// with one that has failed. Backups stay.
func resetAddon(c *call) (any, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	state := stateOf[addonState](r)
	if err := awake(r, state, "reset"); err != nil {
		return nil, err
	}
	at, ends := state.free(c.now)
	if !ends {
		at = c.now
	}
	state.Steps = remember(state.Steps, c.step(stepReset, r.id(), at, c.platform.delays.Provision))
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Ran)
}

var (
	addonScaleParts   = within("billing", "deploymentPlan", "storage", "replicas")
	addonNetworkParts = same("tlsEnabled", "externalAccessEnabled")
)

// updateAddonSecurity sets who may connect, an address at a time.
func updateAddonSecurity(c *call) (any, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	policies := []any{}
	k.each("ipPolicies", func(at string) {
		k.required(at + ".address")
		k.text(at+".address", 100)
		k.oneOf(at+".action", "ALLOW", "DENY")
		policies = append(policies, map[string]any{"addresses": []any{jsonvalue.Get(c.body, at+".address")},
			"action": orDefault(jsonvalue.String(c.body, at+".action"), "ALLOW")})
	})
	if err := k.err(); err != nil {
		return nil, err
	}
	if c.body["ipPolicies"] != nil {
		c.body["ipPolicies"] = policies
	}
	return nil, c.edit(r, same("ipPolicies"))
}

// showPolicies shows who may connect, an address at a time.
func showPolicies(spec map[string]any) []any {
	rows := []any{}
	for _, policy := range jsonvalue.List(spec, "ipPolicies") {
		for _, address := range jsonvalue.List(policy, "addresses") {
			rows = append(rows, map[string]any{"address": address, "action": jsonvalue.String(policy, "action")})
		}
	}
	return rows
}

// An upgrade is a change of an addon's version.
type upgrade struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
	Step step   `json:"step"`
}

// begin records that an addon gets another version.
func (s *addonState) begin(u upgrade) {
	s.Steps = remember(s.Steps, u.Step)
	s.Upgrades = append(s.Upgrades, u)
	if len(s.Upgrades) > largestPage {
		s.Upgrades = s.Upgrades[1:]
	}
}

// changeOf names what a change of a version is.
func changeOf(kind, from, to string) string {
	switch {
	case platform.MajorUpgrade(kind, from, to):
		return "major"
	case strings.Count(from, ".") < 2 || strings.Count(to, ".") < 2:
		return "minor"
	}
	if a, b := strings.Split(from, "."), strings.Split(to, "."); a[0] == b[0] && a[1] == b[1] {
		return "patch"
	}
	return "minor"
}

// getAddonVersion tells which versions an addon can be upgraded to, and from which it
// has come.
func getAddonVersion(c *call) (any, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	kind, version := jsonvalue.String(r.spec, "type"), jsonvalue.String(r.spec, "version")
	next := []any{}
	for _, v := range addonVersions(kind) {
		if v != version && platform.CheckUpgrade(kind, r.id(), version, v, true) == nil {
			next = append(next, map[string]any{"version": v, "type": changeOf(kind, version, v)})
		}
	}
	history := []any{}
	for _, u := range slices.Backward(stateOf[addonState](r).Upgrades) {
		status, ended := backupState{Step: u.Step}.status(c.now)
		row := map[string]any{"upgradeId": u.ID, "status": map[string]any{"status": status}, "createdAt": c.stamp(time.Unix(0, u.Step.At)),
			"upgradeType": changeOf(kind, u.From, u.To), "previousVersion": u.From, "newVersion": u.To}
		if !ended.IsZero() {
			row["completedAt"] = c.stamp(ended)
		}
		history = append(history, row)
	}
	return map[string]any{"version": version, "lifecycleStatus": "active", "upgradeTo": next, "upgradeHistory": history}, nil
}

// addonLifeHandlerOf returns what carries out an operation on the life of an addon;
// nil for one that is none.
func addonLifeHandlerOf(op string) handler {
	switch op {
	case platform.OpPauseAddon:
		return pauseAddon
	case platform.OpResumeAddon:
		return resumeAddon
	case platform.OpResetAddon:
		return resetAddon
	case platform.OpScaleAddon:
		return edit{owner: ofAddon, parts: always(addonScaleParts...)}.handle
	case platform.OpUpdateAddonNetwork:
		return edit{owner: ofAddon, parts: always(addonNetworkParts...)}.handle
	case platform.OpUpdateAddonSecurity:
		return updateAddonSecurity
	case platform.OpGetAddonVersion:
		return getAddonVersion

	case platform.OpDeleteAddonBackup:
		return deleteBackup
	case platform.OpRetainBackup:
		return retainBackup
	case platform.OpGetBackupDownloadLink:
		return getDownloadLink
	case platform.OpImportAddonBackup:
		return importBackup
	case platform.OpListAddonRestores:
		return listAddonRestores
	case platform.OpAbortBackupRestore:
		return abortRestore

	case platform.OpCreateBackupSchedule:
		return createSchedule
	case platform.OpListBackupSchedules:
		return listSchedules
	case platform.OpDeleteBackupSchedule:
		return deleteSchedule
	}
	return nil
}
