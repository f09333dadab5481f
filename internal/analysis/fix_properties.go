package analysis

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// problem walks over the node, or the document, that the finding is about once
// more and returns what the finding was made of.
func (x *fixer) problem() (p validate.Problem, ok bool) {
	n := x.Doc.NodeAt(x.finding.Range.Start)
	var root syntax.Value
	var schema catalog.SchemaID
	var options validate.Options
	switch {
	case n != nil && n.Definition != nil:
		root, schema = n.Value(), n.Definition.Node
		options = validate.Options{Skip: x.inner(n), Hole: holes(root, n.Facts)}
	case n == nil && x.Doc.Main != nil:
		s := x.Doc.Main
		d := catalog.Document(s.Type.String())
		if d == nil {
			return p, false
		}
		root, schema = s.Value, d.Root
		options = validate.Options{Skip: isNodeOf(s.Root, s.Teardown), Hole: holes(root, s.Facts)}
	default:
		return p, false
	}
	validate.Value(root, schema, options, func(q validate.Problem) {
		if !ok && q.Range == x.finding.Range && q.Code == string(x.finding.Code) && q.Message == x.finding.Message {
			p, ok = q, true
		}
	})
	return p, ok
}

// addMissing adds what is missing, with the value that the kind's example has
// there, or one that fits.
func (x *fixer) addMissing() {
	p, ok := x.problem()
	if !ok || p.Value.Kind() != syntax.KindObject {
		return
	}
	for _, name := range p.Expected {
		for _, form := range forms(p.Schema) {
			property, ok := form.Property(name)
			if !ok {
				continue
			}
			x.addExample(p.Value, form, property)
			break
		}
	}
}

// addExample adds a property with the first of its examples that brings no
// finding of its own.
func (x *fixer) addExample(object syntax.Value, form *catalog.Schema, property *catalog.Property) {
	for _, text := range x.examples(object, property) {
		edits := x.edited(func(b *edit.Builder) {
			b.Insert(object, behindItsLikes(object, form, property.Name), property.Name, text)
		})
		if x.offerVerified(fmt.Sprintf("Add %q", property.Name), edits...) {
			return
		}
	}
}

// forms lists a schema, or its alternatives at any depth.
func forms(id catalog.SchemaID) []*catalog.Schema {
	s := id.Schema()
	if len(s.Alternatives()) == 0 {
		return []*catalog.Schema{s}
	}
	var out []*catalog.Schema
	for _, a := range s.Alternatives() {
		out = append(out, forms(a)...)
	}
	return out
}

// behindItsLikes is the place of a property in the order of the schema.
func behindItsLikes(object syntax.Value, s *catalog.Schema, name string) edit.Where {
	if name == "spec" {
		return edit.Last() // it is long
	}
	for i := s.PropertyIndex(name) - 1; i >= 0; i-- {
		if before := s.Properties[i].Name; object.Get(before).IsValid() {
			return edit.After(before)
		}
	}
	return edit.First()
}

// examples returns values for a property that the object does not have yet, the
// most telling first.
func (x *fixer) examples(object syntax.Value, property *catalog.Property) []string {
	var out []string
	add := func(text string) {
		if text != "" && validate.Valid(syntax.Parse(text).Root(), property.Schema, validate.Options{Hole: hole}) {
			out = append(out, text)
		}
	}
	if n := x.Doc.NodeAt(object.Range().Start); n != nil {
		add(x.reference(n, property.Schema))
		if n.Definition != nil {
			// The example has what belongs together, such as a port of the protocol.
			names := namesBetween(x.Tree, n.Value(), object)
			example := syntax.Parse(n.Definition.Snippet).Root()
			for _, name := range names {
				example = inExample(example, name)
			}
			add(example.Get(property.Name).Raw())
		}
	}
	add(exampleOf(property.Schema, 0))
	return out
}

// inExample goes to a member, or to the only element of an example's list.
func inExample(v syntax.Value, name string) syntax.Value {
	if v.Kind() == syntax.KindArray {
		return v.Index(0)
	}
	return v.Get(name)
}

// namesBetween returns the names and positions that lead from outer to inner.
func namesBetween(tree *syntax.Tree, outer, inner syntax.Value) []string {
	var names []string
	within := false
	for _, step := range tree.PathAt(inner.Range().Start + 1).Steps {
		if step.Value.Range() == inner.Range() {
			break
		}
		within = within || step.Value.Range() == outer.Range()
		switch {
		case !within:
		case step.Value.Kind() == syntax.KindArray:
			names = append(names, strconv.Itoa(step.Index))
		default:
			names = append(names, step.Member.KeyText())
		}
	}
	return names
}

// reference writes a reference to the nearest node before n that makes what a
// property identifies; empty where there is none.
func (x *fixer) reference(n *template.Node, id catalog.SchemaID) string {
	for _, form := range forms(id) {
		if len(form.RefKinds) == 0 {
			continue
		}
		for _, other := range slices.Backward(n.Scope.Nodes()) {
			if other.Ref != "" && slices.Contains(form.RefKinds, other.Kind) && template.OrderOf(n, other) == template.Before && len(n.Scope.ByRef(other.Ref)) == 1 {
				output := form.RefOutput
				if output == "" {
					output = "id"
				}
				return edit.Quote("${refs." + other.Ref + "." + output + "}")
			}
		}
	}
	return ""
}

// exampleOf returns JSON text that fits a schema, its default or example where
// it has one; empty where none is known.
func exampleOf(id catalog.SchemaID, depth int) string {
	const deepest = 6
	s := id.Schema()
	switch {
	case depth > deepest:
		return ""
	case s.Default != "":
		return s.Default
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Alternatives()) > 0:
		for _, a := range s.Alternatives() {
			if text := exampleOf(a, depth+1); text != "" {
				return text
			}
		}
		return ""
	case len(s.Enum) > 0:
		for _, e := range s.Enum {
			if !e.Hidden {
				return enumText(e)
			}
		}
	}
	switch {
	case s.Role == catalog.RolePlan:
		return `"nf-compute-20"`
	case s.Role == catalog.RoleRegion:
		return `"europe-west"`
	case s.Types.Has(catalog.TypeObject):
		var b strings.Builder
		for _, p := range s.Properties {
			if !p.Required {
				continue
			}
			text := exampleOf(p.Schema, depth+1)
			if text == "" {
				return ""
			}
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(edit.Quote(p.Name) + ": " + text)
		}
		return "{" + b.String() + "}"
	case s.Types.Has(catalog.TypeArray):
		if s.MinItems == 0 {
			return "[]"
		}
		if text := exampleOf(s.Items, depth+1); text != "" {
			return "[" + strings.Repeat(text+", ", int(s.MinItems)-1) + text + "]"
		}
	case s.Types.Has(catalog.TypeString):
		return exampleText(id)
	case s.Types&numberTypes != 0:
		switch {
		case s.HasMinimum:
			return strconv.FormatFloat(s.Minimum, 'f', -1, 64)
		case s.HasMaximum && s.Maximum < 1:
			return strconv.FormatFloat(s.Maximum, 'f', -1, 64)
		}
		return "1"
	case s.Types.Has(catalog.TypeBoolean):
		return "false"
	}
	return ""
}

// exampleText returns a text that a schema takes, with quotes.
func exampleText(id catalog.SchemaID) string {
	for _, text := range [...]string{"example", "/", "https://example.com/path", "example.com", "10.0.0.0/16", "10.0.0.1", "10m", "10s", "#57637a", "owner/name", "25%"} {
		if validate.Valid(syntax.Parse(edit.Quote(text)).Root(), id, validate.Options{}) {
			return edit.Quote(text)
		}
	}
	return ""
}

// enumText is a value of an enumeration as JSON text.
func enumText(e catalog.EnumValue) string {
	if e.Type == catalog.TypeString {
		return edit.Quote(e.Text)
	}
	return e.Text
}

// removeUnknown takes a property away that the schema does not have, where none
// with a like name is meant.
func (x *fixer) removeUnknown() {
	if p, ok := x.problem(); ok && !p.Certain {
		x.removeMember(p.Member)
	}
}

// removeMember offers to take a member away.
func (x *fixer) removeMember(m syntax.Member) {
	if m.IsValid() {
		x.offerVerified(fmt.Sprintf("Remove %q", m.KeyText()), x.edited(func(b *edit.Builder) { b.RemoveMember(m) })...)
	}
}

// removeEither offers to take away one of two properties that exclude each other.
func (x *fixer) removeEither() {
	p, ok := x.problem()
	if !ok {
		return
	}
	x.removeMember(p.Member)
	for _, other := range p.Expected {
		if m, ok := p.Value.GetMember(other); ok {
			x.removeMember(m)
		}
	}
}

// memberOf returns the member of which v is the value, and the schema of the
// object that it stands in.
func (x *fixer) memberOf(v syntax.Value) (m syntax.Member, ok bool) {
	steps := x.Tree.PathAt(v.Range().Start).Steps
	for _, step := range slices.Backward(steps) {
		if step.Value.Range() == v.Range() {
			continue
		}
		m = step.Member
		break
	}
	return m, m.IsValid() && m.Value().Range() == v.Range()
}

// removeOptional takes a property away that need not be there.
func (x *fixer) removeOptional(v syntax.Value, add func(title string, edits ...syntax.Edit)) {
	m, ok := x.memberOf(v)
	if !ok {
		return
	}
	p := x.placeAt(m.Key().Range().Start + 1)
	if len(p.applicable) == 0 {
		return
	}
	for _, s := range p.applicable {
		if property, ok := s.Property(m.KeyText()); !ok || property.Required {
			return
		}
	}
	add(fmt.Sprintf("Remove %q", m.KeyText()), x.edited(func(b *edit.Builder) { b.RemoveMember(m) })...)
}

// retype writes a value as the type that its place takes, where it can be read
// as one.
func (x *fixer) retype() {
	p, ok := x.problem()
	if !ok {
		return
	}
	v := p.Value
	if v.Kind() == syntax.KindNull {
		x.removeOptional(v, x.mend)
		return
	}
	for _, text := range otherForms(v) {
		if validate.Valid(syntax.Parse(text).Root(), p.Schema, validate.Options{Hole: hole}) {
			title := "Write it as " + describeForm(syntax.Parse(text).Root())
			x.mend(title, x.edited(func(b *edit.Builder) { b.Replace(v, text) })...)
			return
		}
	}
	if f, err := strconv.ParseFloat(v.Text(), 64); err == nil && (v.Kind() == syntax.KindNumber || v.Kind() == syntax.KindString) {
		for _, n := range []float64{float64(int64(f)), float64(int64(f)) + 1} {
			text := strconv.FormatFloat(n, 'f', -1, 64)
			if validate.Valid(syntax.Parse(text).Root(), p.Schema, validate.Options{}) {
				x.offer("Change to "+text, syntax.Edit{Range: v.Range(), NewText: text})
			}
		}
	}
}

// otherForms lists other ways to write the same value: as a list of one element
// and the reverse, what a text says in JSON, a truth value that is spelt in words.
func otherForms(v syntax.Value) []string {
	out := []string{"[" + v.Raw() + "]"}
	switch v.Kind() {
	case syntax.KindArray:
		if v.Len() == 1 {
			out = append(out, v.Index(0).Raw())
		}
	case syntax.KindString:
		text := strings.TrimSpace(v.Text())
		if t := syntax.Parse(text); text != "" && !t.Green().HasErrors() {
			out = append(out, text)
		}
		switch strings.ToLower(text) {
		case "true", "yes", "on":
			out = append(out, "true")
		case "false", "no", "off":
			out = append(out, "false")
		}
	}
	return out
}

func describeForm(v syntax.Value) string {
	switch v.Kind() {
	case syntax.KindArray:
		return "an array"
	case syntax.KindObject:
		return "an object"
	case syntax.KindString:
		return "a string"
	}
	return v.Raw()
}

// chooseValue offers the values of a short enumeration of which none is near.
func (x *fixer) chooseValue() {
	const most = 6
	p, ok := x.problem()
	if !ok || p.Suggestion != "" || len(p.Expected) > most || !p.Value.Kind().IsScalar() {
		return
	}
	for _, want := range p.Expected {
		// What is not a number, a truth value or null stands in quotes.
		text := edit.Quote(want)
		if plain := syntax.Parse(want).Root(); plain.Kind() != syntax.KindWord && validate.Valid(plain, p.Schema, validate.Options{}) {
			text = want
		}
		x.offer("Change to "+text, syntax.Edit{Range: p.Value.Range(), NewText: text})
	}
}

// reform writes a text in the form that its place takes, where only separators,
// letter case, or what stands around it are wrong.
func (x *fixer) reform() {
	p, ok := x.problem()
	if !ok || p.Value.Kind() != syntax.KindString || strings.Contains(p.Value.Text(), "${") {
		return
	}
	for _, text := range reformed(p.Value.Text()) {
		if quoted := edit.Quote(text); validate.Valid(syntax.Parse(quoted).Root(), p.Schema, validate.Options{}) {
			x.mend("Change to "+quoted, syntax.Edit{Range: p.Value.Range(), NewText: quoted})
			return
		}
	}
}

// reformed lists texts that say the same in another form, the nearest first.
func reformed(text string) []string {
	trimmed := strings.TrimSpace(text)
	hyphens, joined := joinedBy(trimmed, '-'), joinedBy(trimmed, '-')
	if strings.Contains(trimmed, " ") {
		joined = joinedBy(trimmed, ' ')
	}
	return []string{
		trimmed, strings.ToLower(trimmed), "/" + trimmed, strings.TrimSuffix(trimmed, "/"), strings.TrimPrefix(trimmed, "/"),
		strings.TrimPrefix(strings.TrimPrefix(trimmed, "https://"), "http://"), "#" + trimmed, trimmed + "s", trimmed + "%",
		joined, hyphens, strings.ToLower(hyphens), trimmed + "/32", trimmed + ":latest",
	}
}

// joinedBy joins the letters and digits of a text by single separators.
func joinedBy(text string, separator rune) string {
	var b strings.Builder
	pending := false
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			if pending && b.Len() > 0 {
				b.WriteRune(separator)
			}
			b.WriteRune(r)
			pending = false
		case r == '\'':
		default:
			pending = true
		}
	}
	return b.String()
}

// clamp offers the bound that a number passes.
func (x *fixer) clamp() {
	p, ok := x.problem()
	if !ok || strings.Contains(p.Value.Text(), "${") {
		return
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(p.Value.Text()), 64)
	if err != nil {
		return
	}
	for _, s := range forms(p.Schema) {
		var bound float64
		switch {
		case s.HasMinimum && f < s.Minimum:
			bound = s.Minimum
		case s.HasMaximum && f > s.Maximum:
			bound = s.Maximum
		default:
			continue
		}
		text := strconv.FormatFloat(bound, 'f', -1, 64)
		x.offer("Change to "+text, syntax.Edit{Range: p.Value.Range(), NewText: text})
		return
	}
}

// shorten cuts what is too long and offers to leave out what is too short.
func (x *fixer) shorten() {
	p, ok := x.problem()
	if !ok {
		return
	}
	v := p.Value
	for _, s := range forms(p.Schema) {
		switch {
		case v.Kind() == syntax.KindString && s.MaxLength > 0 && !strings.Contains(v.Text(), "${"):
			runes := []rune(v.Text())
			if len(runes) <= int(s.MaxLength) {
				continue
			}
			text := edit.Quote(strings.TrimRight(string(runes[:s.MaxLength]), " -_./"))
			if validate.Valid(syntax.Parse(text).Root(), p.Schema, validate.Options{}) {
				x.offer(fmt.Sprintf("Cut it to %d characters", s.MaxLength), syntax.Edit{Range: v.Range(), NewText: text})
				return
			}
		case v.Kind() == syntax.KindArray && s.MaxItems > 0 && v.Len() > int(s.MaxItems):
			x.offer(fmt.Sprintf("Keep the first %d", s.MaxItems), x.edited(func(b *edit.Builder) {
				for i := int(s.MaxItems); i < v.Len(); i++ {
					b.RemoveElement(v.Index(i))
				}
			})...)
			return
		}
	}
	x.removeOptional(v, x.offer)
}

// renew writes an older property under the name that its schema tells.
func (x *fixer) renew() {
	p, ok := x.problem()
	if !ok || !p.Member.IsValid() {
		return
	}
	_, rest, ok := strings.Cut(p.Message, "Write `")
	if !ok {
		return
	}
	newer, _, ok := strings.Cut(rest, "`")
	if !ok {
		return
	}
	if there := p.Value.Get(newer); there.IsValid() {
		x.merge(p.Member, there, newer)
		return
	}
	for _, s := range forms(p.Schema) {
		if property, ok := s.Property(newer); ok && validate.Valid(p.Member.Value(), property.Schema, validate.Options{Hole: hole}) {
			x.mend(fmt.Sprintf("Change to %q", newer), x.edited(func(b *edit.Builder) { b.Rename(p.Member, newer) })...)
			return
		}
	}
}

// merge moves the elements of an older list to the newer one beside it.
func (x *fixer) merge(older syntax.Member, list syntax.Value, newer string) {
	if older.Value().Kind() != syntax.KindArray || list.Kind() != syntax.KindArray {
		return
	}
	x.mend(fmt.Sprintf("Move it to %q", newer), x.edited(func(b *edit.Builder) {
		for e := range older.Value().Elements() {
			b.InsertElement(list, list.Len(), e.Raw())
		}
		b.RemoveMember(older)
	})...)
}
