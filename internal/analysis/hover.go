package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Hover is what is to say about the thing under the cursor.
type Hover struct {
	// Range is the thing itself, in bytes.
	Range    syntax.Range
	Markdown string
}

// Hover describes what stands at the byte offset, or returns nil.
func (s *Snapshot) Hover(offset int) *Hover {
	if m, at := s.meantAt(offset); m != nil {
		h := m.snapshot.Hover(at)
		if h != nil {
			m.move(&h.Range)
		}
		return h
	}
	if !s.IsTemplate() || offset < 0 || offset > s.Tree.Size() {
		return nil
	}
	p := s.placeAt(offset)
	if !p.str.IsValid() {
		return nil
	}
	if h := s.hoverNamed(offset); h != nil {
		return h
	}
	if p.str.Kind() == syntax.KindString {
		if h := s.hoverExpression(&p); h != nil {
			return h
		}
	}
	if p.isKey {
		return hoverProperty(&p, p.member.KeyText(), p.str.Range())
	}
	if h := s.hoverValue(&p); h != nil {
		return h
	}
	return s.hoverOwner(&p)
}

// hoverNamed describes the argument or the node that a name outside of any
// expression stands for.
func (s *Snapshot) hoverNamed(offset int) *Hover {
	c := s.cursorAt(offset)
	e, ok := c.declared()
	if !ok || e.name == "" || e.scope == nil {
		return nil
	}
	switch e.kind {
	case entityArgument:
		if a := e.scope.Argument(e.name); a != nil {
			return &Hover{c.str.Range(), s.describeArgument(e.scope, a)}
		}
	case entityRef:
		for _, n := range e.scope.ByRef(e.name) {
			return &Hover{c.str.Range(), describeNode(n) + s.describeUses(&e)}
		}
		if t := e.scope.Trigger(e.name); t != nil {
			return &Hover{c.str.Range(), describeTrigger(t) + s.describeUses(&e)}
		}
	}
	return nil
}

// describeUses counts the places that use a name.
func (s *Snapshot) describeUses(e *entity) string {
	uses := 0
	for _, o := range s.occurrences(e) {
		if o.role == roleUse {
			uses++
		}
	}
	if uses == 0 {
		return "\n\nNothing in this file uses it."
	}
	return "\n\nUsed in " + plural(uses, "place") + " of this file."
}

// hoverProperty describes the property of a name in the object at the place.
func hoverProperty(p *place, name string, at syntax.Range) *Hover {
	for _, s := range p.schemas() {
		if prop, ok := s.Property(name); ok {
			return &Hover{at, describeProperty(prop)}
		}
	}
	return nil
}

// hoverOwner describes the property whose value is at the place.
func (s *Snapshot) hoverOwner(p *place) *Hover {
	key := p.member.Key()
	if !key.IsValid() || p.isKindOfNode || p.container.Kind() != syntax.KindObject {
		return nil
	}
	at := key.Range().Start
	if key.Kind() == syntax.KindString {
		at++
	}
	owner := s.placeAt(at)
	if !owner.isKey {
		return nil
	}
	return hoverProperty(&owner, key.Text(), p.str.Range())
}

// hoverValue describes a value that means something by itself.
func (s *Snapshot) hoverValue(p *place) *Hover {
	text := p.str.Text()
	at := p.str.Range()
	if p.isKindOfNode {
		if kind, ok := catalog.Lookup(text); ok {
			return &Hover{at, describeKind(kind)}
		}
		return nil
	}
	for _, schema := range p.schemas() {
		if doc := describeRole(schema.Role, text, p.object); doc != "" {
			return &Hover{at, doc}
		}
		for _, v := range schema.Enum {
			if v.Text == text && v.Doc != "" {
				return &Hover{at, code(text) + ": " + v.Doc}
			}
		}
	}
	return nil
}

// describeRole describes what the platform has under a name. spec is the object
// that the value stands in.
func describeRole(role catalog.Role, text string, spec syntax.Value) string {
	switch role {
	case catalog.RolePlan:
		if plan, ok := catalog.LookupPlan(text); ok {
			return describedPlan(plan)
		}
	case catalog.RoleRegion:
		if region := regionOf(text); region != nil {
			return describeRegion(region)
		}
	case catalog.RoleAddonType:
		if t, ok := catalog.LookupAddonType(text); ok {
			return describeAddonType(t)
		}
	case catalog.RoleAddonVersion:
		if t := addonTypeOf(spec); t != nil {
			return describeVersion(t, text)
		}
	case catalog.RoleGPUType:
		return Explain(topicGPU(text))
	}
	return ""
}

// describeVersion says what a version of an addon type means.
func describeVersion(t *catalog.AddonType, text string) string {
	for _, v := range addonVersions(t) {
		if v.text == text {
			return "**" + text + "**: " + v.detail + "\n\n" + describeVersions(t)
		}
	}
	if text == "" || strings.Contains(text, "${") {
		return ""
	}
	return fmt.Sprintf("**%s** of %s, which is none of the versions that are known here.\n\n%s", text, t.Name, describeVersions(t))
}

func describeVersions(t *catalog.AddonType) string {
	versions := make([]string, len(t.Versions))
	for i, v := range t.Versions {
		versions[i] = code(v)
	}
	return "Known versions: " + listed(versions, 12)
}
