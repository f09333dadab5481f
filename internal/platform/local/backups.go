package local

import (
	"encoding/hex"
	"slices"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A backupState is what is recorded of a backup or a restore when it starts.
type backupState struct {
	Version string `json:"version,omitempty"`
	Step    step   `json:"step"`
	Aborted int64  `json:"aborted,omitempty"`
	// Retained says that the backup is kept beyond the time of its schedule.
	Retained bool `json:"retained,omitempty"`
	// Retention is for how many days one of a schedule is kept; 0 for others, which stay.
	Retention int `json:"retention,omitempty"`
}

// status is the state at a time, and when it ended.
func (s backupState) status(now time.Time) (status string, ended time.Time) {
	end, _ := s.Step.end()
	switch {
	case s.Aborted != 0:
		return "aborted", time.Unix(0, s.Aborted)
	case !s.Step.begun(now):
		return "scheduled", time.Time{}
	case !s.Step.ended(now):
		return "in-progress", time.Time{}
	case s.Step.Fail != "":
		return "failed", end
	}
	return "completed", end
}

func (c *call) showBackup(r *record) (map[string]any, error) {
	state := stateOf[backupState](r)
	status, ended := state.status(c.now)
	name := jsonvalue.String(r.spec, "name")
	if name == "" {
		name = "backup-" + r.created.UTC().Format("20060102-150405")
	}
	uid := hex.EncodeToString(c.derive("uid", r.key)[:16])
	config := map[string]any{
		"source":       map[string]any{"type": orDefault(jsonvalue.String(r.spec, "source"), "liveInstance")},
		"size":         "0",
		"addonVersion": state.Version,
	}
	shown := map[string]any{
		"id": r.id(), "name": name, "status": status, "createdAt": c.stamp(r.created), "config": config,
		"internalId": hex.EncodeToString(c.derive("id", r.key)[:12]),
		"uid":        uid[:8] + "-" + uid[8:12] + "-4" + uid[13:16] + "-a" + uid[17:20] + "-" + uid[20:],
		"backupType": orDefault(jsonvalue.String(r.spec, "backupType"), "snapshot"),
	}
	if status == "completed" {
		config["size"] = "1048576"
		shown["completedAt"] = c.stamp(ended)
	}
	restores, err := c.tx.list(r.key+"/restores", page{newest: true, limit: 1})
	if err != nil {
		return nil, err
	}
	if len(restores) > 0 {
		restore := showRestore(c, restores[0])
		delete(restore, "id")
		delete(restore, "backupId")
		shown["lastRestore"] = restore
	}
	return shown, nil
}

func showRestore(c *call, r *record) map[string]any {
	status, ended := stateOf[backupState](r).status(c.now)
	backup := r.parent[:len(r.parent)-len("/restores")]
	shown := map[string]any{"id": r.id(), "status": status, "restoreTimestamp": c.stamp(r.created),
		"backupId": (&record{key: backup}).id()}
	if !ended.IsZero() {
		shown["completedAt"] = c.stamp(ended)
	}
	return shown
}

// dumps are the addon types that the platform can dump.
var dumps = []string{"mongodb", "mysql", "postgresql"}

// backUp starts a backup; that of an addon that is busy is scheduled for when it
// runs.
func backUp(c *call) (any, error) {
	addon, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.oneOf("backupType", "dump", "snapshot")
	k.oneOf("compressionType", "gz", "zstd", "none")
	kind := jsonvalue.String(addon.spec, "type")
	if jsonvalue.String(c.body, "backupType") == "dump" && managed(kind) && !slices.Contains(dumps, kind) {
		k.fail("backupType", "is dump, which %s addons do not have: use snapshot", kind)
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	r, err := c.startBackup(addon, backupState{})
	if err != nil {
		return nil, err
	}
	return c.showBackup(r)
}

// startBackup starts a backup as the body of the call says. One that an addon cannot make
// at once is scheduled.
func (c *call) startBackup(addon *record, made backupState) (*record, error) {
	destinations, err := c.destinations()
	if err != nil {
		return nil, err
	}
	state := stateOf[addonState](addon)
	if status, reason := state.status(c.now); status == "failed" {
		return nil, conflict("addon %q has failed and cannot be backed up: %s", addon.id(), reason)
	}
	if err := awake(addon, state, "backed up"); err != nil {
		return nil, err
	}
	s := c.next(KindBackup, addon, state, c.platform.delays.Backup)
	r := &record{parent: addon.key + "/backups", typ: "backup", created: c.now, spec: c.body}
	r.key = r.parent + "/" + freshID()
	made.Version, made.Step = jsonvalue.String(addon.spec, "version"), s
	if err := c.tx.create(r, made); err != nil {
		return nil, err
	}
	if err := c.deposit(r, destinations); err != nil {
		return nil, err
	}
	if s.For >= 0 {
		state.Steps = remember(state.Steps, s)
		if err := c.tx.save(addon, state, addon.updated); err != nil {
			return nil, err
		}
	}
	return r, c.log(r.key, Ran)
}

func (c *call) backup() (*record, error) {
	addon, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	return c.below(addon.key, "backup", "backups", c.path("backupId"))
}

func getBackup(c *call) (any, error) {
	r, err := c.backup()
	if err != nil {
		return nil, err
	}
	return c.showBackup(r)
}

func listBackups(c *call) (any, error) {
	addon, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(addon.key+"/backups", true, func(r *record) (map[string]any, error) {
		shown, err := c.showBackup(r)
		if err == nil && shown["completedAt"] == nil {
			shown["completedAt"] = "" // lists always have it
		}
		return shown, err
	})
	return map[string]any{"backups": rows}, err
}

func abortBackup(c *call) (any, error) {
	r, err := c.backup()
	if err != nil {
		return nil, err
	}
	state := stateOf[backupState](r)
	if status, _ := state.status(c.now); status != "scheduled" && status != "in-progress" {
		return nil, conflict("backup %q has ended already: %s", r.id(), status)
	}
	state.Aborted = c.now.UnixNano()
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	// The addon is free again.
	addon, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	steps := stateOf[addonState](addon)
	steps.Steps = slices.DeleteFunc(steps.Steps, func(s step) bool { return s == state.Step })
	if err := c.tx.save(addon, steps, addon.updated); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Aborted)
}

// backupToUse returns a completed backup of an addon; "latest" is the newest
// one, nil that there is none.
func (c *call) backupToUse(addon *record, id string) (*record, error) {
	if id != "latest" && id != "" {
		r, err := c.tx.load(addon.key + "/backups/" + id)
		if err != nil || r == nil {
			return nil, err
		}
		if status, _ := stateOf[backupState](r).status(c.now); status != "completed" {
			return nil, nil
		}
		return r, nil
	}
	backups, err := c.tx.list(addon.key+"/backups", page{newest: true, limit: largestPage})
	if err != nil {
		return nil, err
	}
	for _, r := range backups {
		if status, _ := stateOf[backupState](r).status(c.now); status == "completed" {
			return r, nil
		}
	}
	return nil, nil
}

// sourceOfRestore is the addon whose backup is restored: by default the addon
// itself.
func (c *call) sourceOfRestore(addon *record) (*record, error) {
	project, id := c.params.Query["sourceProjectId"], c.params.Query["sourceAddonId"]
	if id == "" {
		return addon, nil
	}
	parent := "projects/" + orDefault(project, c.path("projectId"))
	return c.below(parent, "addon", "addons", id)
}

// restoring returns the addon that is restored, the one that the backup is of, and the
// backup.
func (c *call) restoring() (addon, source, backup *record, err error) {
	if addon, err = ofAddon(c); err != nil {
		return nil, nil, nil, err
	}
	if source, err = c.sourceOfRestore(addon); err != nil {
		return nil, nil, nil, err
	}
	backup, err = c.below(source.key, "backup", "backups", c.path("backupId"))
	return addon, source, backup, err
}

func restoreBackup(c *call) (any, error) {
	addon, source, backup, err := c.restoring()
	if err != nil {
		return nil, err
	}
	if status, _ := stateOf[backupState](backup).status(c.now); status != "completed" {
		return nil, conflict("backup %q cannot be restored: it is %s", backup.id(), status)
	}
	if from, to := jsonvalue.String(source.spec, "type"), jsonvalue.String(addon.spec, "type"); from != to {
		return nil, platform.Invalid("sourceAddonId", "is a %s addon, and the backup cannot be restored to a %s one", from, to)
	}
	state := stateOf[addonState](addon)
	if err := awake(addon, state, "restored"); err != nil {
		return nil, err
	}
	s := c.next(KindRestore, addon, state, c.platform.delays.Restore)
	r := &record{parent: backup.key + "/restores", typ: "restore", created: c.now, spec: map[string]any{}}
	r.key = r.parent + "/" + freshID()
	if err := c.tx.create(r, backupState{Step: s}); err != nil {
		return nil, err
	}
	note := &record{parent: addon.key + "/restores", typ: "restored", created: c.now, spec: map[string]any{"restore": r.key}}
	note.key = note.parent + "/" + r.id()
	if err := c.tx.create(note, struct{}{}); err != nil {
		return nil, err
	}
	if s.For >= 0 {
		state.Steps = remember(state.Steps, s)
		if err := c.tx.save(addon, state, addon.updated); err != nil {
			return nil, err
		}
	}
	if err := c.log(r.key, Ran); err != nil {
		return nil, err
	}
	return map[string]any{"restoreId": r.id()}, nil
}

func listRestores(c *call) (any, error) {
	addon, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	source, err := c.sourceOfRestore(addon)
	if err != nil {
		return nil, err
	}
	backup, err := c.below(source.key, "backup", "backups", c.path("backupId"))
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(backup.key+"/restores", true, func(r *record) (map[string]any, error) { return showRestore(c, r), nil })
	return map[string]any{"restores": rows}, err
}
