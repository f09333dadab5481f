package local

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var destinationFamily = family{
	flavour: flavour{noun: "backup destination", segment: "backup-destinations", idParam: "backupDestinationId", typ: "s3", account: true,
		check: checkDestination},
	create: platform.OpAddBackupDestination, patch: platform.OpPatchBackupDestination, get: platform.OpGetBackupDestination,
	list: platform.OpListBackupDestinations, remove: platform.OpDeleteBackupDestination,
	member: "backupDestinations", hidden: []string{"credentials"},
}

var prefixPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([a-zA-Z0-9-_]+)\/$`) })

func checkDestination(k *check) {
	k.name(secretNamePattern(), 100)
	k.text("description", 200)
	k.required("type", "prefix", "credentials.accessKey", "credentials.secretKey", "credentials.bucketName", "credentials.region",
		"credentials.endpoint")
	k.oneOf("type", "s3")
	k.pattern("prefix", prefixPattern(), 2, 1024)
}

// destinations are where a backup is stored beside the platform: each is known,
// or the backup is refused with the property that names it.
func (c *call) destinations() ([]*record, error) {
	wanted := map[string]string{"customDestinationId": jsonvalue.String(c.body, "customDestinationId")}
	for i, d := range jsonvalue.List(c.body, "additionalDestinations") {
		wanted[fmt.Sprintf("additionalDestinations.%d.destinationId", i)] = jsonvalue.String(d, "destinationId")
	}
	var found []*record
	for property, id := range wanted {
		if id == "" {
			continue
		}
		r, err := c.tx.load(destinationFamily.segment + "/" + id)
		if err != nil {
			return nil, err
		}
		if r == nil {
			return nil, absent(property, "is %q, which is no backup destination", id)
		}
		found = append(found, r)
	}
	return found, nil
}

// deposit notes in its destinations that a backup is there.
func (c *call) deposit(backup *record, destinations []*record) error {
	for _, d := range destinations {
		parent := d.key + "/backups"
		note := &record{key: parent + "/" + backup.id(), parent: parent, typ: "deposit", created: c.now,
			spec: map[string]any{"backup": backup.key}}
		if err := c.tx.create(note, struct{}{}); err != nil {
			return err
		}
	}
	return nil
}

// listDestinationBackups lists the backups in a destination. One that was
// deleted with its addon is in it no longer.
func listDestinationBackups(c *call) (any, error) {
	d, err := c.look(&destinationFamily.flavour)
	if err != nil {
		return nil, err
	}
	notes, err := c.list(d.key+"/backups", true)
	if err != nil {
		return nil, err
	}
	rows := []any{}
	for _, note := range notes {
		backup, err := c.tx.load(jsonvalue.String(note.spec, "backup"))
		if err != nil {
			return nil, err
		}
		if backup == nil {
			continue
		}
		row, err := c.deposited(backup)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// deposited shows a backup as its destination does.
func (c *call) deposited(backup *record) (map[string]any, error) {
	shown, err := c.showBackup(backup)
	if err != nil {
		return nil, err
	}
	addon, err := c.tx.load(strings.TrimSuffix(backup.parent, "/backups"))
	if err != nil || addon == nil {
		return nil, err
	}
	project, err := c.projectNamed(backup.projectID())
	if err != nil {
		return nil, err
	}
	row := jsonvalue.Pick(shown, []string{"id", "name", "status", "createdAt"})
	row["completedAt"] = shown["completedAt"]
	if row["completedAt"] == nil {
		row["completedAt"] = ""
	}
	row["expiredBy"] = 0
	row["project"] = map[string]any{"id": project.id(), "name": project.spec["name"]}
	row["addon"] = map[string]any{"id": addon.id(), "name": addon.spec["name"]}
	row["config"] = map[string]any{"addonVersion": addon.spec["version"], "addonType": addon.spec["type"],
		"source": map[string]any{"type": "global"}, "size": jsonvalue.String(shown, "config.size")}
	return row, nil
}
