package stored

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A Difference is a property in which two documents differ.
type Difference struct {
	// Path leads to the property, such as "spec.steps[web].spec.deployment.instances".
	// What stands in a list is named by what tells it apart: a node by its ref, else by
	// its kind and name, other things by their name or the like, else by their place.
	Path string `json:"path"`
	// Change is one of the changes.
	Change string `json:"change"`
	// Before is absent where the property is new, After where it goes.
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}

// The changes of a difference.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
	Moved   = "moved" // within its list; there are no values
)

// Differences lists in what a document becomes another, in the order of the paths. What
// stands in lists is compared with what has the same name, so that a step that is put in
// front of others changes none of these.
func Differences(before, after map[string]any) []Difference {
	d := differences{}
	d.objects("", before, after)
	return d.found
}

type differences struct{ found []Difference }

func (d *differences) add(path, change string, before, after any) {
	d.found = append(d.found, Difference{Path: path, Change: change, Before: before, After: after})
}

func (d *differences) compare(path string, before, after any) {
	a, aIs := before.(map[string]any)
	b, bIs := after.(map[string]any)
	if aIs && bIs {
		d.objects(path, a, b)
		return
	}
	x, xIs := before.([]any)
	y, yIs := after.([]any)
	if xIs && yIs {
		d.lists(path, x, y)
		return
	}
	if !jsonvalue.Equal(before, after) {
		d.add(path, Changed, before, after)
	}
}

func (d *differences) objects(path string, a, b map[string]any) {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		at := name
		if path != "" {
			at = path + "." + name
		}
		before, was := a[name]
		after, is := b[name]
		switch {
		case !was:
			d.add(at, Added, nil, after)
		case !is:
			d.add(at, Removed, before, nil)
		default:
			d.compare(at, before, after)
		}
	}
}

// lists compares what has the same name. Lists of anything else than objects are values.
func (d *differences) lists(path string, a, b []any) {
	x, xNamed := namesOf(a)
	y, yNamed := namesOf(b)
	if !xNamed || !yNamed {
		if !jsonvalue.Equal(a, b) {
			d.add(path, Changed, a, b)
		}
		return
	}
	now := make(map[string]int, len(b))
	for i, name := range y {
		now[name] = i
	}
	was := make(map[string]int, len(a))
	var kept []int // where those of before are now, in the order of before
	for i, name := range x {
		was[name] = i
		if at, still := now[name]; still {
			kept = append(kept, at)
		}
	}
	for i, name := range x {
		at := path + "[" + name + "]"
		if j, still := now[name]; still {
			d.compare(at, a[i], b[j])
		} else {
			d.add(at, Removed, a[i], nil)
		}
	}
	stays := longestRun(kept)
	for j, name := range y {
		switch _, before := was[name]; {
		case !before:
			d.add(path+"["+name+"]", Added, nil, b[j])
		case !stays[j]:
			d.add(path+"["+name+"]", Moved, nil, nil)
		}
	}
}

// longestRun finds the most positions that stand in ascending order: what is not among
// them has been moved.
func longestRun(positions []int) map[int]bool {
	var tails []int // of runs of each length, the index of the smallest end
	before := make([]int, len(positions))
	for i, p := range positions {
		at, _ := slices.BinarySearchFunc(tails, p, func(tail, p int) int { return positions[tail] - p })
		before[i] = -1
		if at > 0 {
			before[i] = tails[at-1]
		}
		if at == len(tails) {
			tails = append(tails, i)
		} else {
			tails[at] = i
		}
	}
	stays := map[int]bool{}
	if len(tails) == 0 {
		return stays
	}
	for i := tails[len(tails)-1]; i >= 0; i = before[i] {
		stays[positions[i]] = true
	}
	return stays
}

// identities are the properties that tell the elements of a list apart, the first one
// that an element has.
var identities = [...]string{"ref", "name", "id", "key", "keyName", "addonId", "title", "repoUrl"}

// namesOf names the elements of a list, each once; false for a list that has others than
// objects.
func namesOf(list []any) ([]string, bool) {
	names := make([]string, len(list))
	seen := map[string]int{}
	for i, v := range list {
		object, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		name := nameOf(object)
		if name == "" {
			name = strconv.Itoa(i)
		}
		seen[name]++
		if n := seen[name]; n > 1 {
			name = fmt.Sprintf("%s #%d", name, n)
		}
		names[i] = name
	}
	return names, true
}

func nameOf(object map[string]any) string {
	for _, property := range identities {
		if name := jsonvalue.String(object, property); name != "" {
			return name
		}
	}
	kind := jsonvalue.String(object, "kind")
	if kind == "" {
		return ""
	}
	for _, property := range []string{"spec.name", "spec.title", "spec.id", "spec.target.id", "spec.jobId", "spec.addonId", "spec.kind"} {
		if name := jsonvalue.String(object, property); name != "" {
			return kind + " " + name
		}
	}
	return kind
}

// Lines writes a difference for people: what goes after a minus, what comes after a plus.
func (d Difference) Lines() []string {
	text := func(v any) string {
		encoded, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}
		return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(encoded))
	}
	switch d.Change {
	case Added:
		return []string{"+" + d.Path + ": " + text(d.After)}
	case Removed:
		return []string{"-" + d.Path + ": " + text(d.Before)}
	case Moved:
		return []string{"~" + d.Path + " is at another place of its list"}
	}
	return []string{"-" + d.Path + ": " + text(d.Before), "+" + d.Path + ": " + text(d.After)}
}
