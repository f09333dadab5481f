package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// fork checks an addon that starts as a copy of another one: the two are of one
// type and one major version, and the copy is not older. Source: "Fork an addon".
func (l *linker) fork(n *template.Node) {
	if n.Kind != "Addon" {
		return
	}
	spec := n.Spec()
	source := spec.Get("source")
	if source.Kind() != syntax.KindObject {
		return
	}
	kind, version := spec.Get("type"), spec.Get("version")
	if t, ok := catalog.LookupAddonType(textOf(kind)); ok && !t.Fork {
		l.reporter.addAt(Warning, CodeAddonFork, kind.Range(),
			fmt.Sprintf("addons of the type %s cannot start as a copy of another one; PostgreSQL, MongoDB and MySQL can.", t.Type))
		return
	}
	l.forkedBackup(n, source)
	origin, backup := originOf(n, source, &l.marks)
	if origin == nil {
		return
	}
	from := origin.Spec()
	if a, b := addonType(kind), addonType(from.Get("type")); a != b && isAddonType(a) && isAddonType(b) {
		l.reporter.add(CodeAddonFork, kind.Range(),
			fmt.Sprintf("a copy has the type of its source: %q is of the type %s.", origin.Label(), b), withAnchor(origin, partRef, "the source"))
		return
	}
	a, ok := parseVersion(textOf(version))
	b, known := parseVersion(textOf(from.Get("version")))
	if !ok || !known || !a.before(b) && a[0] == b[0] {
		return
	}
	message := fmt.Sprintf("a copy has the major version of its source, which is %d.", b[0])
	if a[0] == b[0] {
		message = fmt.Sprintf("a copy cannot be older than its source, which is version %s.", textOf(from.Get("version")))
	}
	more := []func(*note){withAnchor(origin, partRef, "the source")}
	if backup != "" {
		text := "${refs." + backup + ".config.addonVersion}"
		more = append(more, withFix("Take the version of the backup", syntax.Edit{Range: version.Range(), NewText: edit.Quote(text)}))
	}
	l.reporter.add(CodeAddonFork, version.Range(), message, more...)
}

// forkedBackup warns of a copy of a dump: an addon is copied from its disk.
func (l *linker) forkedBackup(n *template.Node, source syntax.Value) {
	id := source.Get("backupId")
	if backup := nodeOfReference(n.Scope, id, &l.marks); backup != nil && backup.Kind == "AddonBackup" && textOf(backup.Spec().Get("backupType")) == "dump" {
		l.reporter.addAt(Warning, CodeAddonFork, id.Range(),
			fmt.Sprintf("a copy is made from a backup of the disk; %q is a dump, give it the `backupType` snapshot.", backup.Label()),
			withAnchor(backup, partRef, "the backup"))
	}
}

// originOf finds the addon node that another one is a copy of, and the ref of the
// backup node in between if there is one; nil where it cannot be told.
func originOf(n *template.Node, source syntax.Value, marks *marks) (origin *template.Node, backup string) {
	for _, name := range []string{"backupId", "addonId"} {
		at := n
		id := source.Get(name)
		for range 3 {
			next := nodeOfReference(at.Scope, id, marks)
			if next == nil {
				break
			}
			if next.Kind == "Addon" {
				return next, backup
			}
			if next.Kind != "AddonBackup" {
				break
			}
			backup, at, id = next.Ref, next, next.Spec().Get("addonId")
		}
	}
	return nil, ""
}

// nodeOfReference returns the node whose output a value consists of.
func nodeOfReference(scope *template.Scope, v syntax.Value, marks *marks) *template.Node {
	text := textOf(v)
	if !strings.Contains(text, "${") {
		return nil
	}
	ip := expr.Parse(text)
	if !ip.IsSingle() || len(ip.Errors) > 0 {
		return nil
	}
	r, ok := ip.Parts[0].Node.(*expr.Ref)
	if !ok || r.Root != "refs" || r.Template || len(r.Segments) < 2 {
		return nil
	}
	name := r.Segments[0].Name
	marks.leave(refMark(scope, name))
	if nodes := scope.ByRef(name); len(nodes) == 1 {
		return nodes[0]
	}
	return nil
}

// addonType is a literal addon type under its current name.
func addonType(v syntax.Value) string {
	text := textOf(v)
	if strings.Contains(text, "${") {
		return ""
	}
	if t, ok := catalog.LookupAddonType(text); ok && t.AliasOf != "" {
		return t.AliasOf
	}
	return text
}

// isAddonType reports whether the table has the type; another may be a slip of the
// keyboard.
func isAddonType(name string) bool {
	_, ok := catalog.LookupAddonType(name)
	return ok
}

// version is a version as far as it is given; what is not stays -1.
type version [3]int

// parseVersion reads "16", "16.2.1" and "16-latest"; not "latest".
func parseVersion(text string) (version, bool) {
	v := version{-1, -1, -1}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "v"), "-latest")
	for i, part := range strings.Split(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || i >= len(v) {
			return v, false
		}
		v[i] = n
	}
	return v, true
}

// before reports whether v is surely an earlier version than o.
func (v version) before(o version) bool {
	for i := range v {
		if v[i] < 0 || o[i] < 0 {
			return false
		}
		if v[i] != o[i] {
			return v[i] < o[i]
		}
	}
	return false
}

// checkVersions compares the versions that two nodes, of which the second runs
// later, give one addon. Sources: "Upgrade a database" and "Upgrade an addon".
func checkVersions(r *reporter, first, second *template.Node) {
	if template.OrderOf(second, first) != template.Before {
		return
	}
	later, earlier := second.Spec().Get("version"), first.Spec().Get("version")
	a, ok := parseVersion(textOf(later))
	b, known := parseVersion(textOf(earlier))
	if !ok || !known {
		return
	}
	more := withAnchor(first, partVersion, "the version before")
	report := func(code Code, format string, args ...any) {
		r.add(code, later.Range(), fmt.Sprintf(format, args...), more)
	}
	between := majorBetween(addonType(second.Spec().Get("type")), b[0], a[0])
	switch {
	case a.before(b):
		report(CodeAddonDowngrade, "an addon cannot go back to an earlier version; it is at %s by then.", textOf(earlier))
	case between > 0:
		report(CodeAddonUpgrade, "an addon cannot skip a major version; it is at %s by then and has to be upgraded to %d first.", textOf(earlier), between)
	case b.before(a) && !upgrades(second):
		report(CodeAddonUpgrade, "without `options.upgradeOnVersionMismatch` the addon stays at %s.", textOf(earlier))
	}
}

// majorBetween returns the first major version of a type on the way from one to
// another; 0 where there is none.
func majorBetween(addonType string, from, to int) int {
	next := 0
	if t, ok := catalog.LookupAddonType(addonType); ok {
		for _, text := range t.Versions {
			if v, ok := parseVersion(text); ok && v[0] > from && v[0] < to && (next == 0 || v[0] < next) {
				next = v[0]
			}
		}
	}
	return next
}

// upgrades reports whether an addon node upgrades the addon that there is, or may.
func upgrades(n *template.Node) bool {
	v := n.Value().Get("options").Get("upgradeOnVersionMismatch")
	return v.Kind() == syntax.KindTrue || v.Kind() == syntax.KindString && v.Text() != "false"
}

// checkAddonVersion hints at versions that the tables do not have. They are
// never complete, so only a major version that there is not is worth a word.
func checkAddonVersion(r *reporter, n *template.Node, v syntax.Value) {
	text := textOf(v)
	t, ok := catalog.LookupAddonType(addonType(n.Spec().Get("type")))
	if !ok || text == "" || text == "latest" || strings.Contains(text, "${") {
		return
	}
	version, ok := parseVersion(text)
	var majors []string
	for _, known := range t.Versions {
		k, _ := parseVersion(known)
		if ok && k[0] == version[0] {
			return
		}
		if major := strconv.Itoa(k[0]); !slices.Contains(majors, major) {
			majors = append(majors, major)
		}
	}
	r.add(CodeUnknownPlan, v.Range(),
		fmt.Sprintf("%q is none of the versions of %s that Northflank lists; it takes \"latest\" or a version of %s.", text, t.Name, listed(majors, 8)))
}
