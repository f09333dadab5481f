package local

import (
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// A watch is a trigger of a document that watches a repository.
type watch struct {
	ref   string
	rules trigger.Rules
}

// watches are the triggers of a document that events of repositories can start.
func watches(document map[string]any) []watch {
	var list []watch
	for _, t := range jsonvalue.List(document, "triggers") {
		ref := jsonvalue.String(t, "ref")
		if rules, ok := rulesOf(t); ok && ref != "" {
			list = append(list, watch{ref, rules})
		}
	}
	return list
}

// listening are the kinds of events of the triggers of workflows and blueprints.
var listening = map[string]trigger.Kind{
	"vcs-push": trigger.Push, "vcs-pr": trigger.PullRequest, "vcs-pr-label": trigger.Label, "vcs-release": trigger.Release,
	"vcs-check-suite": trigger.CheckSuite,
}

// rulesOf reads a trigger, false for one that watches no repository. Those of release
// flows and previews have rules for branches and for pull requests, none of which is
// as good as one that matches nothing; those of workflows and blueprints are of one
// kind each, and limited by branch only where they say so.
func rulesOf(t any) (trigger.Rules, bool) {
	spec := jsonvalue.Object(t, "spec")
	if spec == nil {
		r := trigger.Rules{
			Repository: jsonvalue.String(t, "repoUrl"), Service: jsonvalue.String(t, "vcsService"), Account: jsonvalue.String(t, "accountLogin"),
			On: map[trigger.Kind][]string{trigger.Push: texts(jsonvalue.List(t, "branchRestrictions")),
				trigger.PullRequest: texts(jsonvalue.List(t, "prRestrictions"))},
			Paths: texts(jsonvalue.List(t, "pathIgnoreRules")), AllowList: jsonvalue.Bool(t, "isAllowList"),
			Flags:        flags(t, "ciIgnoreFlagsEnabled", "ciIgnoreFlags"),
			IgnoreDrafts: jsonvalue.Bool(t, "ignoreDrafts"), ManualOnly: jsonvalue.Bool(t, "manualOnly"),
		}
		return r, r.Repository != ""
	}
	kind, known := listening[jsonvalue.String(t, "kind")]
	vcs := jsonvalue.Object(spec, "vcs")
	if !known || vcs == nil {
		return trigger.Rules{}, false
	}
	branches := []string{"*"}
	switch v := jsonvalue.Get(spec, "branchNamePatterns").(type) {
	case []any:
		branches = texts(v)
	case map[string]any: // of labels
		if jsonvalue.Bool(v, "enabled") {
			branches = texts(jsonvalue.List(v, "names"))
		}
	}
	r := trigger.Rules{
		Repository: jsonvalue.String(vcs, "repoUrl"), Service: jsonvalue.String(vcs, "vcsService"), Account: jsonvalue.String(vcs, "accountLogin"),
		On:    map[trigger.Kind][]string{kind: branches},
		Flags: flags(spec, "commitMessageFlags.enabled", "commitMessageFlags.flags"), IgnoreDrafts: jsonvalue.Bool(spec, "ignoreDrafts"),
	}
	if labels := jsonvalue.List(spec, "labelNamePatterns"); labels != nil {
		r.Labels = texts(labels)
	}
	if jsonvalue.Bool(spec, "filePaths.enabled") {
		r.Paths, r.AllowList = texts(jsonvalue.List(spec, "filePaths.paths")), jsonvalue.Bool(spec, "filePaths.allowList")
	}
	return r, r.Repository != ""
}

func texts(list []any) []string {
	all := []string{}
	for _, v := range list {
		if text, ok := v.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// flags are the texts that keep commits back; the usual ones where they are switched
// on and not listed.
func flags(t any, enabled, list string) []string {
	if !jsonvalue.Bool(t, enabled) {
		return nil
	}
	if listed, ok := jsonvalue.Get(t, list).([]any); ok {
		return texts(listed)
	}
	return trigger.DefaultFlags()
}

var weekdays = map[string]time.Weekday{"mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday,
	"fri": time.Friday, "sat": time.Saturday, "sun": time.Sunday}

// activeHours are those of the schedule of a preview template. The unit of its numbers
// is documented nowhere: where none is above 24 they are taken for hours, else for
// minutes of the day, and a schedule with larger ones limits nothing.
func activeHours(document map[string]any) []trigger.Mark {
	const day = 24 * 60
	var marks []trigger.Mark
	largest := 0
	for name, hours := range jsonvalue.Object(document, "options.schedule") {
		weekday, ok := weekdays[name]
		if !ok {
			continue
		}
		for property, begins := range map[string]bool{"startTime": true, "endTime": false} {
			at, ok := jsonvalue.Number(hours, property)
			if !ok {
				continue
			}
			if at < 0 || at > day {
				return nil
			}
			marks = append(marks, trigger.Mark{Day: weekday, Minute: int(at), Begins: begins})
			largest = max(largest, int(at))
		}
	}
	if largest <= 24 {
		for i := range marks {
			marks[i].Minute *= 60
		}
	}
	return marks
}
