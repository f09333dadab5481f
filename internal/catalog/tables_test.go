package catalog

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// guideTable returns the rows of the tables of a guide whose heading line is the given one. Cells are without the
// Markdown around them.
func guideTable(text, heading string) [][]string {
	link := regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)
	var rows [][]string
	inside := false
	for l := range strings.Lines(text) {
		l = strings.TrimSpace(l)
		switch {
		case l == heading:
			inside = true
		case !strings.HasPrefix(l, "|"):
			inside = false
		case inside && !strings.HasPrefix(strings.ReplaceAll(l, " ", ""), "|--"):
			var cells []string
			for c := range strings.SplitSeq(strings.Trim(l, "|"), "|") {
				cells = append(cells, strings.Trim(link.ReplaceAllString(c, "$1"), " `$"))
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

// list splits a cell of several values.
func list(cell string) []string {
	if cell == "—" {
		return nil
	}
	return strings.Split(cell, ", ")
}

// TestPlansAreThoseOfTheGuide compares CPU, memory, prices and use of each plan, and the GPU models.
func TestPlansAreThoseOfTheGuide(t *testing.T) {
	text := referenceText(t, filepath.Join("guides", "plans.md"))
	row := func(p *Plan) string {
		memory, unit := p.Memory, "MB"
		if memory >= 1024 {
			memory, unit = memory/1024, "GB"
		}
		build := "—"
		if p.Build {
			build = "✓"
		}
		return fmt.Sprint(p.ID, "|", p.CPU, "|", memory, " ", unit, "|", p.Monthly, "|", p.Hourly, "|", build)
	}
	var ours, theirs []string
	for i := range Plans() {
		if p := &Plans()[i]; p.Kind == "compute" && !p.Hidden {
			ours = append(ours, row(p))
		}
	}
	for _, r := range guideTable(text, "| Plan ID | vCPU | RAM | $/mo | $/hr | Build |") {
		theirs = append(theirs, strings.Join(r, "|"))
	}
	same(t, "compute plans", ours, theirs)

	ours, theirs = nil, nil
	for _, p := range Plans() {
		if p.Kind == "gpu" && !p.Hidden {
			ours = append(ours, fmt.Sprintf("%s %s %d", p.ID, p.GPUType, p.GPUCount))
		}
	}
	for _, m := range regexp.MustCompile("(?m)^- `(nf-gpu-(.+)-(\\d)g)` — ").FindAllStringSubmatch(text, -1) {
		theirs = append(theirs, m[1]+" "+m[2]+" "+m[3])
	}
	same(t, "GPU plans", ours, theirs)

	ours, theirs = nil, nil
	for _, g := range GPUs() {
		ours = append(ours, fmt.Sprintf("%s|%v GB|%v|%.2f|%v", g.Type, g.Memory, g.Counts, g.Hourly, sorted(g.Regions)))
	}
	for _, r := range guideTable(text, "| Model | `gpuType` | VRAM | Counts per instance | $/hr per GPU | Available regions |") {
		theirs = append(theirs, fmt.Sprintf("%s|%s|%v|%s|%v", r[1], r[2], list(r[3]), r[4], sorted(list(r[5]))))
	}
	same(t, "GPU models", ours, theirs)
}

func TestRegionsAreThoseOfTheGuide(t *testing.T) {
	text := referenceText(t, filepath.Join("guides", "plans.md"))
	var ours, theirs []string
	for _, r := range Regions() {
		ours = append(ours, fmt.Sprintf("%s|%s|%s|%s/%s|%d", r.ID, r.Name, r.Group, r.Provider, r.ProviderRegion, len(r.GPUTypes)))
	}
	for _, r := range guideTable(text, "| ID | Name | Group | GCP region | GPU models |") {
		theirs = append(theirs, strings.Join(r[:4], "|")+"|"+strconv.Itoa(len(list(r[4]))))
	}
	same(t, "regions", ours, theirs)
	for _, g := range GPUs() {
		for _, r := range Regions() {
			if slices.Contains(g.Regions, r.ID) != slices.Contains(r.GPUTypes, g.Type) {
				t.Errorf("%s and %s do not agree on each other", g.Type, r.ID)
			}
		}
	}
}

func TestAddonVersionsAreThoseOfTheGuide(t *testing.T) {
	text := referenceText(t, filepath.Join("guides", "databases-and-persistence.md"))
	var ours, theirs []string
	for _, a := range AddonTypes() {
		if a.Hidden {
			continue
		}
		tls := "Yes"
		if a.TLS == "fixed" {
			tls = "Yes (cannot be changed after creation)"
		}
		backups := "Disk"
		if slices.Contains(a.Backups, "dump") {
			backups = "Native or disk"
		}
		ours = append(ours, fmt.Sprint(a.Name, "|", strings.Join(a.Versions, ", "), "|", backups, "|", tls))
	}
	for _, r := range guideTable(text, "| Addon | Versions | Description | Backups | TLS |") {
		theirs = append(theirs, r[0]+"|"+r[1]+"|"+r[3]+"|"+r[4])
	}
	same(t, "addon types", ours, theirs)
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// same compares two tables without regard to the order of their rows.
func same(t *testing.T, what string, ours, theirs []string) {
	t.Helper()
	if len(theirs) == 0 {
		t.Errorf("the reference lists no %s", what)
	}
	for _, r := range theirs {
		if !slices.Contains(ours, r) {
			t.Errorf("%s: %s is missing", what, r)
		}
	}
	for _, r := range ours {
		if !slices.Contains(theirs, r) {
			t.Errorf("%s: %s is invented", what, r)
		}
	}
	t.Logf("%d %s", len(theirs), what)
}
