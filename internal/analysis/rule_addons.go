package analysis

import (
	"fmt"
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
	origin, backup := originOf(n, source)
	if origin == nil {
		return
	}
	from := origin.Spec()
	if a, b := addonType(kind), addonType(from.Get("type")); a != "" && b != "" && a != b {
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

// originOf finds the addon node that another one is a copy of, and the ref of the
// backup node in between if there is one; nil where it cannot be told.
func originOf(n *template.Node, source syntax.Value) (origin *template.Node, backup string) {
	for _, name := range []string{"backupId", "addonId"} {
		at := n
		id := source.Get(name)
		for range 3 {
			next := nodeOfReference(at.Scope, id)
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
func nodeOfReference(scope *template.Scope, v syntax.Value) *template.Node {
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
	if nodes := scope.ByRef(r.Segments[0].Name); len(nodes) == 1 {
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

// checkDowngrade reports an addon that a later node sets to an earlier version.
func checkDowngrade(r *reporter, first, second *template.Node) {
	if template.OrderOf(second, first) != template.Before {
		return
	}
	later, earlier := second.Spec().Get("version"), first.Spec().Get("version")
	a, ok := parseVersion(textOf(later))
	b, known := parseVersion(textOf(earlier))
	if ok && known && a.before(b) {
		r.add(CodeAddonDowngrade, later.Range(),
			fmt.Sprintf("an addon cannot go back to an earlier version; %q is at %s by then.", second.Label(), textOf(earlier)),
			withRelated(earlier.Range(), "the later version"), inNode(second))
	}
}
