package local

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A schedule is one of an addon's backup schedules. They stand in its specification,
// so that creating and changing the addon sets them, and have no identifier there: it
// is made of what they say. Who attends to the platform carries them out; see attend.go.
type schedule struct {
	id   string
	spec any
}

func (c *call) schedules(r *record) []schedule {
	var list []schedule
	seen := map[string]int{}
	for _, spec := range jsonvalue.List(r.spec, "backupSchedules") {
		text, _ := json.Marshal(spec) // sorted by name
		seen[string(text)]++
		purpose := r.key + "\x00" + string(text) + "\x00" + strconv.Itoa(seen[string(text)])
		list = append(list, schedule{hex.EncodeToString(c.derive("schedule", purpose)[:12]), spec})
	}
	return list
}

func createSchedule(c *call) (any, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("scheduling.interval")
	kind := jsonvalue.String(r.spec, "type")
	if jsonvalue.String(c.body, "backupType") == "dump" && managed(kind) && !slices.Contains(dumps, kind) {
		k.fail("backupType", "is dump, which %s addons do not have: use snapshot", kind)
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	if _, err := c.destinations(); err != nil {
		return nil, err
	}
	before := jsonvalue.List(r.spec, "backupSchedules")
	last := "backupSchedules." + strconv.Itoa(len(before))
	added := put(r.spec, "backupSchedules", append(slices.Clone(before), any(c.body)))
	k = &check{spec: added}
	addonFlavour.check(k)
	k.changed(addonFlavour.kind, []string{last})
	for path, problems := range k.details {
		if name, ok := strings.CutPrefix(path, last+"."); ok {
			delete(k.details, path)
			k.details[name] = problems
		}
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	if _, err := c.store(&addonFlavour, r.parent, r.key, r, added); err != nil {
		return nil, err
	}
	list := c.schedules(r)
	made := list[len(list)-1].id
	state := stateOf[addonState](r)
	if state.Schedules == nil {
		state.Schedules = map[string]int64{}
	}
	state.Schedules[made] = c.now.UnixNano()
	return map[string]any{"id": made}, c.tx.save(r, state, c.now)
}

func listSchedules(c *call) (any, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	list, err := paged(c, c.schedules(r))
	if err != nil {
		return nil, err
	}
	made := stateOf[addonState](r).Schedules
	rows := []any{}
	for _, s := range list {
		spec, _ := s.spec.(map[string]any)
		row := jsonvalue.Pick(spec, []string{"backupType", "scheduling", "retentionTime", "customDestinationId", "additionalDestinations"})
		if compression := spec["compressionType"]; compression != nil {
			row["backupCompressionType"] = compression
		}
		since := r.created
		if at, ok := made[s.id]; ok {
			since = time.Unix(0, at)
		}
		row["id"], row["createdAt"], row["updatedAt"] = s.id, c.stamp(since), c.stamp(since)
		rows = append(rows, row)
	}
	return map[string]any{"schedules": rows}, nil
}

func deleteSchedule(c *call) (any, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	id := c.path("scheduleId")
	list := c.schedules(r)
	i := slices.IndexFunc(list, func(s schedule) bool { return s.id == id })
	if i < 0 {
		return nil, notFound("backup schedule", id, inParent(r.key))
	}
	left := slices.Delete(slices.Clone(jsonvalue.List(r.spec, "backupSchedules")), i, i+1)
	state := stateOf[addonState](r)
	delete(state.Schedules, id)
	r.spec = put(r.spec, "backupSchedules", left)
	return nil, c.keep(r, state)
}
