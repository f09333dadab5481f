package main

import (
	"fmt"
	"strings"
)

// column says which field of a Go table a member of a JSON table fills, and how: as a text, a number, a flag, a flag
// that is set unless the member says no ("unless"), or a list of texts.
type column struct{ member, field, kind string }

var (
	planColumns = []column{
		{"id", "ID", "text"}, {"kind", "Kind", "text"}, {"vcpu", "CPU", "number"}, {"memoryMB", "Memory", "number"},
		{"monthlyUSD", "Monthly", "number"}, {"hourlyUSD", "Hourly", "number"}, {"build", "Build", "flag"},
		{"gpuType", "GPUType", "text"}, {"gpuCount", "GPUCount", "number"}, {"sameAs", "SameAs", "text"},
		{"defaultFor", "DefaultFor", "text"}, {"hidden", "Hidden", "flag"}, {"doc", "Doc", "text"},
	}
	gpuColumns = []column{
		{"gpuType", "Type", "text"}, {"name", "Name", "text"}, {"memoryGB", "Memory", "number"},
		{"counts", "Counts", "numbers"}, {"hourlyUSDPerGPU", "Hourly", "number"}, {"regions", "Regions", "texts"},
	}
	regionColumns = []column{
		{"id", "ID", "text"}, {"name", "Name", "text"}, {"group", "Group", "text"}, {"provider", "Provider", "text"},
		{"providerRegion", "ProviderRegion", "text"}, {"gpuTypes", "GPUTypes", "texts"}, {"doc", "Doc", "text"},
	}
	addonColumns = []column{
		{"title", "Name", "text"}, {"doc", "Doc", "text"}, {"versions", "Versions", "texts"},
		{"versionForms", "VersionForms", "texts"}, {"backups", "Backups", "texts"}, {"fork", "Fork", "flag"},
		{"tls", "TLS", "text"}, {"loadBalancerBackend", "LoadBalancerBackend", "flag"}, {"settings", "Settings", "texts"},
		{"fixedAfterCreation", "FixedAfterCreation", "texts"},
	}
	keyColumns = []column{
		{"name", "Name", "text"}, {"secret", "Secret", "unless"}, {"when", "When", "text"}, {"doc", "Doc", "text"},
	}
	patternColumns = []column{
		{"pattern", "Pattern", "text"}, {"secret", "Secret", "unless"}, {"when", "When", "text"}, {"doc", "Doc", "text"},
	}
)

// documentation are members of every row that are for people who maintain the tables.
var documentation = map[string]bool{"source": true, "aliasSource": true, "$comment": true}

// row writes the fields of one row. A member that no column names is an error unless it is listed as handled.
func row(file string, v any, columns []column, handled ...string) (*object, fields, error) {
	o, ok := v.(*object)
	if !ok {
		return nil, nil, fmt.Errorf("%s: a row is not an object", file)
	}
	known := map[string]bool{}
	for _, h := range handled {
		known[h] = true
	}
	var f fields
	for _, c := range columns {
		known[c.member] = true
		if c.kind == "unless" {
			f.flag(c.field, !o.has(c.member) || o.flag(c.member))
			continue
		}
		if !o.has(c.member) {
			continue
		}
		switch c.kind {
		case "text":
			f.text(c.field, o.text(c.member))
		case "number":
			f.add(c.field, fmt.Sprint(o.get(c.member)))
		case "flag":
			f.flag(c.field, o.flag(c.member))
		case "texts":
			if list := o.texts(c.member); len(list) > 0 {
				f.add(c.field, stringList(list))
			}
		case "numbers":
			var list []string
			for _, n := range o.list(c.member) {
				list = append(list, fmt.Sprint(n))
			}
			f.add(c.field, "[]int{"+strings.Join(list, ", ")+"}")
		}
	}
	for _, k := range o.keys {
		if !known[k] && !documentation[k] {
			return nil, nil, fmt.Errorf("%s: nothing is known of the member %q", file, k)
		}
	}
	return o, f, nil
}

// list writes a table of rows without nested ones.
func (w *writer) list(file string, rows []any, columns []column) error {
	for _, v := range rows {
		_, f, err := row(file, v, columns)
		if err != nil {
			return err
		}
		w.WriteString("{" + strings.Join(f, ", ") + "},\n")
	}
	w.WriteString("}\n\n")
	return nil
}

// tables writes plans, GPU models, regions and addon types.
func tables(w *writer, src *source) error {
	plans, regions, addons := src.files["tables/plans.json"], src.files["tables/regions.json"], src.files["tables/addons.json"]
	w.WriteString("var planTable = [...]Plan{\n")
	if err := w.list("tables/plans.json", plans.list("plans"), planColumns); err != nil {
		return err
	}
	w.WriteString("var gpuTable = [...]GPU{\n")
	if err := w.list("tables/plans.json", plans.list("gpuModels"), gpuColumns); err != nil {
		return err
	}
	w.WriteString("var regionTable = [...]Region{\n")
	if err := w.list("tables/regions.json", regions.list("regions"), regionColumns); err != nil {
		return err
	}
	w.WriteString("var addonKeyPatternTable = [...]AddonKeyPattern{\n")
	if err := w.list("tables/addons.json", addons.list("keyPatterns"), patternColumns); err != nil {
		return err
	}
	var classes []string
	for _, v := range addons.list("storageClasses") {
		if o, ok := v.(*object); ok {
			classes = append(classes, o.text("id"))
		}
	}
	w.WriteString("var storageClassTable = [...]string" + strings.TrimPrefix(stringList(classes), "[]string") + "\n\n")
	w.WriteString("var addonTypeTable = [...]AddonType{\n")
	for _, v := range addons.list("types") {
		if err := w.addon(v); err != nil {
			return err
		}
	}
	w.WriteString("}\n")
	return nil
}

// addon writes an addon type, and the same once more for each of its other names.
func (w *writer) addon(v any) error {
	const file = "tables/addons.json"
	o, f, err := row(file, v, addonColumns, "type", "aliases", "ports", "keys")
	if err != nil {
		return err
	}
	keys := "[]AddonKey{\n"
	for _, k := range o.list("keys") {
		_, kf, err := row(file, k, keyColumns)
		if err != nil {
			return err
		}
		keys += "{" + strings.Join(kf, ", ") + "},\n"
	}
	f.add("Keys", keys+"}")
	for i, name := range append([]string{o.text("type")}, o.texts("aliases")...) {
		var own fields
		own.text("Type", name)
		if i > 0 {
			own.text("AliasOf", o.text("type"))
			own.flag("Hidden", true)
		}
		w.WriteString("{\n" + strings.Join(append(own, f...), ",\n") + ",\n},\n")
	}
	return nil
}
