package local

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// importBackup adds a backup that comes from elsewhere. The addon has to run. What
// there is at the address, nobody looks at here.
func importBackup(c *call) (any, error) {
	addon, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	fits("AddonImport")(k)
	for _, name := range []string{"addonId", "projectId"} { // the address says these
		delete(k.details, name)
	}
	source := ""
	switch {
	case k.present("importUrl") && k.present("connectionString"):
		k.fail("connectionString", "excludes importUrl: a backup comes from one place")
	case k.present("importUrl"):
		source = "fileUpload"
	case k.present("connectionString"):
		source = "externalDump"
	default:
		k.fail("importUrl", "is missing, and so is connectionString: say where the backup comes from")
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	destinations, err := c.destinations()
	if err != nil {
		return nil, err
	}
	state := stateOf[addonState](addon)
	switch status, _ := state.status(c.now); status {
	case "running", "backup", "restore", "scaling", "upgrading":
	default:
		return nil, conflict("addon %q is %s: a backup is imported while it runs", addon.id(), status)
	}
	spec := jsonvalue.Pick(c.body, []string{"name", "compressionType", "customDestinationId"})
	spec["backupType"], spec["source"] = "dump", source
	r := &record{parent: addon.key + "/backups", typ: "backup", created: c.now, spec: spec}
	r.key = r.parent + "/" + freshID()
	s := c.step(KindBackup, addon.id(), c.now, c.platform.delays.Backup)
	if err := c.tx.create(r, backupState{Version: jsonvalue.String(addon.spec, "version"), Step: s}); err != nil {
		return nil, err
	}
	if err := c.deposit(r, destinations); err != nil {
		return nil, err
	}
	if err := c.log(r.key, Ran); err != nil {
		return nil, err
	}
	return c.showBackup(r)
}

// deleteBackup removes a backup that has ended, and what is known of its restores.
func deleteBackup(c *call) (any, error) {
	r, err := c.backup()
	if err != nil {
		return nil, err
	}
	if status, _ := stateOf[backupState](r).status(c.now); status == "scheduled" || status == "in-progress" {
		return nil, conflict("backup %q is %s: abort it first", r.id(), status)
	}
	if err := c.tx.remove(r.key); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Deleted)
}

// retainBackup keeps a backup beyond the time that its schedule says.
func retainBackup(c *call) (any, error) {
	r, err := c.backup()
	if err != nil {
		return nil, err
	}
	state := stateOf[backupState](r)
	if state.Retained {
		return nil, c.log(r.key, Nothing)
	}
	state.Retained = true
	return nil, c.keep(r, state)
}

// getDownloadLink gives an address at which nothing is: there is no file of a backup
// here. The top-level domain is the one that is reserved for that (RFC 2606).
func getDownloadLink(c *call) (any, error) {
	r, err := c.backup()
	if err != nil {
		return nil, err
	}
	if jsonvalue.String(r.spec, "backupType") != "dump" {
		return nil, conflict("backup %q cannot be downloaded: it is a snapshot", r.id())
	}
	if status, _ := stateOf[backupState](r).status(c.now); status != "completed" {
		return nil, conflict("backup %q cannot be downloaded: it is %s", r.id(), status)
	}
	return map[string]any{"downloadLink": "https://backups.local-platform.invalid/" + r.id() + "/" + label(c.derive("download", r.key)[:16])}, nil
}

// listAddonRestores lists the restores to an addon, of whatever backups.
func listAddonRestores(c *call) (any, error) {
	addon, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(addon.key+"/restores", true, func(note *record) (map[string]any, error) {
		r, err := c.tx.load(jsonvalue.String(note.spec, "restore"))
		if err != nil {
			return nil, err
		}
		if r == nil { // the backup was deleted
			return nil, nil
		}
		return showRestore(c, r), nil
	})
	return map[string]any{"restores": slices.DeleteFunc(rows, func(row map[string]any) bool { return row == nil })}, err
}

// abortRestore ends a restore, which leaves the addon to itself again.
func abortRestore(c *call) (any, error) {
	addon, _, backup, err := c.restoring()
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("restoreId")
	if err := k.err(); err != nil {
		return nil, err
	}
	r, err := c.below(backup.key, "restore", "restores", jsonvalue.String(c.body, "restoreId"))
	if err != nil {
		return nil, err
	}
	state := stateOf[backupState](r)
	if status, _ := state.status(c.now); status != "scheduled" && status != "in-progress" {
		return nil, conflict("restore %q has ended already: %s", r.id(), status)
	}
	state.Aborted = c.now.UnixNano()
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	steps := stateOf[addonState](addon)
	steps.Steps = slices.DeleteFunc(steps.Steps, func(s step) bool { return s == state.Step })
	if err := c.tx.save(addon, steps, addon.updated); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Aborted)
}
