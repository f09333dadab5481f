package analysis

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// likeItsSource gives an addon the type and the version of the one that it is a
// copy of, or makes the backup one of the disk; where the type cannot be copied
// it offers to make no copy.
func (x *fixer) likeItsSource() {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	if n == nil || len(x.out) > 0 {
		return
	}
	source, ok := n.Spec().GetMember("source")
	if !ok {
		return
	}
	if v := n.Value().Tree().PathAt(x.finding.Range.Start + 1).Member().Value(); v.Range() == source.Value().Get("backupId").Range() {
		x.dumpToSnapshot(v)
		return
	}
	if origin, _ := originOf(n, source.Value(), nil); origin != nil {
		var all []syntax.Edit
		for _, name := range []string{"type", "version"} {
			own, theirs := n.Spec().Get(name), origin.Spec().Get(name)
			if own.Kind() != syntax.KindString || theirs.Kind() != syntax.KindString {
				continue
			}
			change := syntax.Edit{Range: own.Range(), NewText: theirs.Raw()}
			all = inserted(all, []syntax.Edit{change})
			if own.Range() == x.finding.Range && x.verified([]syntax.Edit{change}) {
				x.mend("Take the "+name+" of the source", change)
				return
			}
		}
		if x.offerVerified("Take the type and the version of the source", all...) {
			return
		}
	}
	x.offerVerified("Make no copy", x.edited(func(b *edit.Builder) { b.RemoveMember(source) })...)
}

// dumpToSnapshot gives the backup that an addon is a copy of the other type.
func (x *fixer) dumpToSnapshot(id syntax.Value) {
	n := x.Doc.NodeAt(id.Range().Start)
	if backup := nodeOfReference(n.Scope, id, nil); backup != nil {
		kind := backup.Spec().Get("backupType")
		x.offerVerified("Take a snapshot", syntax.Edit{Range: kind.Range(), NewText: edit.Quote("snapshot")})
	}
}

// earlierVersion gives an addon the version that a node before gives it.
func (x *fixer) earlierVersion() {
	if earlier := x.versionBefore(); earlier.Kind() == syntax.KindString {
		x.offerVerified("Take the version of the node before", syntax.Edit{Range: x.finding.Range, NewText: earlier.Raw()})
	}
}

// versionBefore returns the version that the node before gives the addon.
func (x *fixer) versionBefore() syntax.Value {
	if len(x.finding.Related) == 0 {
		return syntax.Value{}
	}
	return x.Tree.PathAt(x.finding.Related[0].Range.Start + 1).Scalar
}

// nextVersion offers the major version that comes next, and to upgrade at all.
func (x *fixer) nextVersion() {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	from, ok := parseVersion(textOf(x.versionBefore()))
	if n == nil || !ok {
		return
	}
	kind := addonType(n.Spec().Get("type"))
	to, _ := parseVersion(textOf(n.Spec().Get("version")))
	if next := majorBetween(kind, from[0], to[0]); next > 0 {
		t, _ := catalog.LookupAddonType(kind)
		for _, text := range t.Versions {
			if v, ok := parseVersion(text); ok && v[0] == next {
				x.offer(fmt.Sprintf("Change to %q", text), syntax.Edit{Range: x.finding.Range, NewText: edit.Quote(text)})
				return
			}
		}
	}
	x.offerVerified("Let this node upgrade the addon", x.edited(func(b *edit.Builder) {
		if options := n.Value().Get("options"); options.Kind() == syntax.KindObject {
			b.Set(options, edit.Last(), "upgradeOnVersionMismatch", "true")
		} else {
			b.Set(n.Value(), edit.Before("spec"), "options", `{"upgradeOnVersionMismatch": true}`)
		}
	})...)
}

// fromStage offers the only resource that the stage of a release flow, or the
// one before, lists.
func (x *fixer) fromStage(before bool) {
	release := x.Doc.NodeAt(x.finding.Range.Start)
	if release == nil || release.Scope.Owner == nil {
		return
	}
	pipeline := release.Scope.Owner
	stages := stagesOf(pipeline, nil)
	for i := range stages {
		own := &stages[i]
		if own.flow != release.Scope {
			continue
		}
		from := []*stage{own}
		if before {
			from = stageBefore(stages, own)
		}
		var only object
		for _, s := range from {
			for _, o := range s.objects {
				if only.known() {
					return
				}
				only = o
			}
		}
		text := only.id
		if only.ref != "" {
			text = "${template.refs." + only.ref + ".id}"
		}
		if text != "" {
			x.offerVerified(fmt.Sprintf("Change to %s", edit.Quote(text)), syntax.Edit{Range: x.finding.Range, NewText: edit.Quote(text)})
		}
	}
}
