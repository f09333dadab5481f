package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// What hovers and completion say about things, in Markdown.

// describeKind says what a kind of node is for and what it asks for.
func describeKind(k *catalog.Kind) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", k.Name)
	if k.Title != "" && k.Title != k.Name {
		b.WriteString(", " + k.Title)
	}
	if k.Doc != "" {
		b.WriteString("\n\n" + k.Doc)
	}
	var required []string
	for _, p := range k.Spec.Schema().Properties {
		if p.Required {
			required = append(required, code(p.Name))
		}
	}
	if len(required) > 0 {
		b.WriteString("\n\nRequired: " + listed(required, 12))
	}
	if k.Project && len(k.ProjectUnless) == 0 {
		b.WriteString("\n\nWorks in a project.")
	}
	return b.String()
}

// describeNode says what a node is, and what others can read of it.
func describeNode(n *template.Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**", n.Kind)
	if name := n.Spec().Get("name"); name.Kind() == syntax.KindString {
		fmt.Fprintf(&b, " %s", code(name.Text()))
	}
	if n.Ref != "" {
		fmt.Fprintf(&b, " as %s", code("refs"+suffix(n.Ref)))
	}
	if kind, ok := catalog.Lookup(n.Kind); ok && kind.Doc != "" {
		b.WriteString("\n\n" + kind.Doc)
	}
	if shape := outputShape(n); shape != nil && len(shape.Properties) > 0 {
		b.WriteString("\n\nOutputs: " + describeShape(shape))
	}
	return b.String()
}

// maxShown is how many members of an output are listed.
const maxShown = 16

// describeShape lists what an output has.
func describeShape(s *catalog.Schema) string {
	var names []string
	for _, p := range s.Properties {
		names = append(names, code(p.Name)+" "+typeName(p.Schema.Schema()))
	}
	return listed(names, maxShown)
}

func describeTrigger(t *template.Trigger) string {
	var names []string
	for _, o := range triggerOutputs {
		names = append(names, code(o.name))
	}
	return "**Git trigger** " + code(t.Ref) + "\n\nOutputs: " + strings.Join(names, ", ")
}

// describeFunction says what a function does.
func describeFunction(f *expr.Function) string {
	var b strings.Builder
	fmt.Fprintf(&b, "```\n%s\n```\n\n%s", f.Signature(), f.Doc)
	if f.Example != "" {
		fmt.Fprintf(&b, "\n\nExample: %s", code(f.Example))
		if f.Gives != "" {
			b.WriteString(" gives " + code(f.Gives))
		}
	}
	return b.String()
}

// describeArgument says which value an argument has and how often it is used.
func (s *Snapshot) describeArgument(scope *template.Scope, a *template.Argument) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**argument** %s", code(a.Name))
	d, declares := a.Declaration()
	if declares {
		b.WriteString(describeDeclaration(d))
	} else if a.Value.IsValid() {
		fmt.Fprintf(&b, "\n\nvalue: %s", code(shownJSON(a.Value)))
		if a.Value.Kind() == syntax.KindString {
			if text := expr.Parse(a.Value.Text()); text.HasExpressions() {
				if v, ok := text.Fold(); ok {
					b.WriteString(", which is always " + shownValue(v))
				}
			} else if text.Text == "" {
				b.WriteString(", so an override has to give one")
			}
		}
	}
	if a.Override.IsValid() && d.Secret {
		b.WriteString("\n\noverride: " + code(expr.Mask))
	} else if a.Override.IsValid() {
		fmt.Fprintf(&b, "\n\noverride: %s", code(shownJSON(a.Override)))
	}
	return b.String() + s.describeUses(&entity{kind: entityArgument, name: a.Name, scope: scope})
}

// describeDeclaration says which values an argument takes. The default of a
// secret is not shown.
func describeDeclaration(d template.Declaration) string {
	var parts []string
	if d.Type != "" {
		parts = append(parts, "type "+code(d.Type))
	}
	if d.Required {
		parts = append(parts, "required")
	}
	if d.Secret {
		parts = append(parts, "secret")
	}
	switch {
	case !d.Default.IsValid():
	case d.Secret:
		parts = append(parts, "default "+code(expr.Mask))
	default:
		parts = append(parts, "default "+code(shownJSON(d.Default)))
	}
	if len(parts) == 0 {
		return ""
	}
	return "\n\ndeclared: " + strings.Join(parts, ", ")
}

// shownValue writes a value of the language for a person.
func shownValue(v expr.Value) string {
	if v.IsUndefined() {
		return "`undefined`"
	}
	return code(short(string(v.MaskedJSON())))
}

// shownJSON writes a value of the file for a person: on one line, its texts as they
// read.
func shownJSON(v syntax.Value) string {
	const enough = 600 // bytes: of more, nothing would be shown
	var b strings.Builder
	var write func(v syntax.Value)
	write = func(v syntax.Value) {
		separator, end := "", ""
		switch v.Kind() {
		case syntax.KindString:
			b.WriteString(edit.Quote(v.Text()))
		case syntax.KindObject:
			b.WriteByte('{')
			separator = " "
			for m := range v.Members() {
				if b.Len() > enough {
					break
				}
				b.WriteString(separator + edit.Quote(m.KeyText()) + ": ")
				write(m.Value())
				separator, end = ", ", " "
			}
			b.WriteString(end + "}")
		case syntax.KindArray:
			b.WriteByte('[')
			for e := range v.Elements() {
				if b.Len() > enough {
					break
				}
				b.WriteString(separator)
				write(e)
				separator = ", "
			}
			b.WriteByte(']')
		default:
			b.WriteString(v.Raw())
		}
	}
	write(v)
	return short(b.String())
}

func short(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return s
}

// describeProperty says what a property is for and what it takes.
func describeProperty(p *catalog.Property) string {
	var b strings.Builder
	schema := p.Schema.Schema()
	fmt.Fprintf(&b, "**%s** (%s", p.Name, typeName(schema))
	if p.Required {
		b.WriteString(", required")
	}
	b.WriteString(")")
	if doc := propertyDoc(p); doc != "" {
		b.WriteString("\n\n" + doc)
	}
	if c := constraints(schema); c != "" {
		b.WriteString("\n\n" + c)
	}
	if schema.Deprecated != "" {
		b.WriteString("\n\nDeprecated: " + schema.Deprecated)
	}
	return b.String()
}

// constraints lists what a value has to keep to. Of alternatives it lists what
// each of them asks for.
func constraints(s *catalog.Schema) string {
	var lines []string
	add := func(line string) {
		if !has(lines, line) {
			lines = append(lines, line)
		}
	}
	constrain(s, add)
	if len(lines) == 0 {
		return ""
	}
	return "- " + strings.Join(lines, "\n- ")
}

func constrain(s *catalog.Schema, add func(string)) {
	for _, a := range s.Alternatives() {
		if alternative := a.Schema(); len(alternative.Properties) == 0 {
			constrain(alternative, add)
		} else if alternative.Title != "" {
			add("may be: " + alternative.Title)
		}
	}
	if n := len(s.Enum); n > 0 {
		values := make([]string, 0, n)
		for _, v := range s.Enum {
			if !v.Hidden {
				values = append(values, code(v.Text))
			}
		}
		add("One of " + listed(values, 20))
	}
	bounds(add, int(s.MinLength), int(s.MaxLength), "character")
	bounds(add, int(s.MinItems), int(s.MaxItems), "element")
	switch {
	case s.HasMinimum && s.HasMaximum:
		add(fmt.Sprintf("%v to %v", s.Minimum, s.Maximum))
	case s.HasMinimum:
		add(fmt.Sprintf("at least %v", s.Minimum))
	case s.HasMaximum:
		add(fmt.Sprintf("at most %v", s.Maximum))
	}
	if s.Pattern != nil {
		add("matches " + code(s.Pattern.Source))
	}
	if len(s.RefKinds) > 0 {
		output := s.RefOutput
		if output == "" {
			output = "id"
		}
		add(fmt.Sprintf("the %s of a node of the kind %s", code(output), strings.Join(s.RefKinds, " or ")))
	}
	if s.Secret {
		add("a secret: give it by an argument override, not in the file")
	}
	if s.Default != "" {
		add("default " + code(s.Default))
	}
	if len(s.Examples) > 0 {
		examples := make([]string, len(s.Examples))
		for i, e := range s.Examples {
			examples[i] = code(short(e))
		}
		add("such as " + listed(examples, 4))
	}
}

// bounds says how many of something there may be.
func bounds(add func(string), low, high int, what string) {
	switch {
	case low > 0 && high > 0 && low == high:
		add("exactly " + plural(low, what))
	case low > 0 && high > 0:
		add(fmt.Sprintf("%d to %s", low, plural(high, what)))
	case high > 0:
		add("at most " + plural(high, what))
	case low > 0:
		add("at least " + plural(low, what))
	}
}

// describedPlan says what a plan gives and costs.
func describedPlan(p *catalog.Plan) string {
	doc := "**" + p.ID + "**: " + describePlan(*p)
	if p.Hourly > 0 && p.Monthly > 0 {
		doc += fmt.Sprintf(" ($%g an hour)", p.Hourly)
	}
	if p.SameAs != "" {
		doc += "\n\nAnother name of " + code(p.SameAs) + "."
	}
	if p.Build {
		doc += "\n\nBuilds can use it as well."
	}
	if p.DefaultFor != "" {
		doc += "\n\nThe default of " + code(p.DefaultFor) + "."
	}
	if p.Doc != "" {
		doc += "\n\n" + p.Doc
	}
	return doc
}

func regionOf(id string) *catalog.Region {
	regions := catalog.Regions()
	for i := range regions {
		if regions[i].ID == id {
			return &regions[i]
		}
	}
	return nil
}

func describeRegion(r *catalog.Region) string {
	doc := "**" + r.Name + "**"
	if r.Group != "" {
		doc += ", " + r.Group
	}
	if r.Provider != "" {
		doc += "\n\n" + strings.ToUpper(r.Provider) + " " + code(r.ProviderRegion)
	}
	if len(r.GPUTypes) > 0 {
		types := make([]string, len(r.GPUTypes))
		for i, t := range r.GPUTypes {
			types[i] = code(t)
		}
		doc += "\n\nGPUs: " + listed(types, 8)
	}
	if r.Doc != "" {
		doc += "\n\n" + r.Doc
	}
	return doc
}

func describeAddonType(t *catalog.AddonType) string {
	doc := "**" + t.Name + "**"
	if t.AliasOf != "" {
		doc += ", the older name of " + code(t.AliasOf)
		if current, ok := catalog.LookupAddonType(t.AliasOf); ok {
			t = current
		}
	}
	if t.Doc != "" {
		doc += "\n\n" + t.Doc
	}
	if len(t.Versions) > 0 {
		doc += "\n\n" + describeVersions(t)
	}
	if len(t.Backups) > 0 {
		doc += "\n\nBackups: " + strings.Join(t.Backups, ", ")
	}
	var keys []string
	for _, k := range t.Keys {
		keys = append(keys, code(k.Name))
	}
	if len(keys) > 0 {
		doc += "\n\nConnection details: " + listed(keys, maxShown)
	}
	return doc
}
