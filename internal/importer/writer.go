package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// A writer writes one node.
type writer struct {
	im     *importer
	r      *resource
	secret []string // JSON pointers of what must not be in the text, or holds such
	// documents are the JSON pointers of documents in the spec.
	documents []string
	out       strings.Builder
}

// document writes the template around the nodes. Without the project, which is nil
// then, they are within the one that is there.
func (im *importer) document(project *resource, found []*resource) string {
	var b strings.Builder
	name := im.project
	if project != nil {
		name = jsonvalue.String(project.spec, "name")
	}
	b.WriteString("{\n  \"apiVersion\": \"v1.2\",\n  \"name\": " + edit.Quote(name) + ",\n  \"spec\": ")
	if project == nil {
		b.WriteString(im.workflow(im.project, found, 2))
	} else {
		b.WriteString("{\n    \"kind\": \"Workflow\",\n    \"spec\": {\n      \"type\": \"sequential\",\n      \"steps\": [\n" + im.node(project, 8))
		if len(found) > 0 {
			b.WriteString(",\n        " + im.workflow("${refs.project.id}", found, 8))
		}
		b.WriteString("\n      ]\n    }\n  }")
	}
	b.WriteString("\n}\n")
	return b.String()
}

// workflow writes a workflow within a project, indented by that many blanks.
func (im *importer) workflow(project string, found []*resource, indent int) string {
	at := strings.Repeat(" ", indent)
	nodes := make([]string, len(found))
	for i, r := range found {
		nodes[i] = im.node(r, indent+6)
	}
	lines := []string{
		"{", `  "kind": "Workflow",`, `  "spec": {`, `    "type": "sequential",`, `    "context": {`, `      "projectId": ` + edit.Quote(project), `    },`, `    "steps": [`,
	}
	return strings.Join(lines, "\n"+at) + "\n" + strings.Join(nodes, ",\n") + "\n" + at + "    ]\n" + at + "  }\n" + at + "}"
}

// node writes a node, indented by that many blanks.
func (im *importer) node(r *resource, indent int) string {
	w := &writer{im: im, r: r, secret: slices.Concat(r.secret, platform.Expand(r.spec, platform.SecretProperties(r.kind))),
		documents: platform.Expand(r.spec, documentsOf(r.kind))}
	at := strings.Repeat(" ", indent)
	w.out.WriteString(at + "{\n" + at + "  \"kind\": " + edit.Quote(r.kind) + ",\n" + at + "  \"ref\": " + edit.Quote(r.ref) + ",\n" + at + "  \"spec\": ")
	var forms []catalog.SchemaID
	if k, ok := catalog.Lookup(r.kind); ok {
		forms = formsOf([]catalog.SchemaID{k.Spec})
	}
	w.value(r.spec, forms, "", indent+2)
	w.out.WriteString("\n" + at + "}")
	return w.out.String()
}

// value writes a value that follows one of the forms, at a JSON pointer.
func (w *writer) value(v any, forms []catalog.SchemaID, pointer string, indent int) {
	at := strings.Repeat(" ", indent)
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			w.out.WriteString("{}")
			return
		}
		v = w.withUntold(v, forms, pointer)
		var node []catalog.SchemaID
		if w.inDocument(pointer) {
			node = w.nodeSpec(v, pointer)
		}
		w.out.WriteString("{")
		for i, name := range inOrder(v, forms) {
			if i > 0 {
				w.out.WriteString(",")
			}
			w.out.WriteString("\n" + at + "  " + edit.Quote(name) + ": ")
			members := membersOf(forms, name)
			if name == "spec" && node != nil {
				members = node
			}
			w.value(v[name], members, pointer+"/"+jsonvalue.EscapePointer(name), indent+2)
		}
		w.out.WriteString("\n" + at + "}")
	case []any:
		if len(v) == 0 {
			w.out.WriteString("[]")
			return
		}
		var items []catalog.SchemaID
		for _, f := range forms {
			items = append(items, f.Schema().Items)
		}
		items = formsOf(items)
		w.out.WriteString("[")
		for i, e := range v {
			if i > 0 {
				w.out.WriteString(",")
			}
			w.out.WriteString("\n" + at + "  ")
			w.value(e, items, pointer+"/"+strconv.Itoa(i), indent+2)
		}
		w.out.WriteString("\n" + at + "]")
	default:
		w.scalar(v, forms, pointer)
	}
}

// untold stands for a secret that the platform does not tell, such as a password, or that
// is empty there.
type untold struct{}

// withUntold adds the secrets that an object cannot do without.
func (w *writer) withUntold(v map[string]any, forms []catalog.SchemaID, pointer string) map[string]any {
	var form *catalog.Schema
	for _, f := range forms {
		if s := f.Schema(); len(s.Properties) > 0 {
			if form != nil {
				return v // of which it is one
			}
			form = s
		}
	}
	if form == nil || w.inDocument(pointer) {
		return v
	}
	for i := range form.Properties {
		p := &form.Properties[i]
		if _, there := v[p.Name]; !p.Required || there {
			continue
		}
		if slices.ContainsFunc(formsOf([]catalog.SchemaID{p.Schema}), func(f catalog.SchemaID) bool { return f.Schema().Secret }) ||
			w.isSecret(nil, pointer+"/"+jsonvalue.EscapePointer(p.Name)) {
			v = maps.Clone(v)
			v[p.Name] = untold{}
		}
	}
	return v
}

func (w *writer) scalar(v any, forms []catalog.SchemaID, pointer string) {
	text, isText := v.(string)
	inside := w.inDocument(pointer)
	if _, not := v.(untold); not {
		name := w.argument(pointer, "")
		w.im.left = append(w.im.left, fmt.Sprintf("the value of argument %s: the platform does not tell it, or it is empty", name))
		w.out.WriteString(edit.Quote("${args." + name + "}"))
		return
	}
	switch {
	case inside && strings.Contains(text, "${"): // is resolved when the document runs
		w.out.WriteString(edit.Quote(text))
	case v != nil && v != "" && w.isSecret(forms, pointer):
		of := "args."
		if inside {
			of = "template.args."
		}
		w.out.WriteString(edit.Quote("${" + of + w.argument(pointer, v) + "}"))
	case isText && inside:
		w.out.WriteString(edit.Quote(text))
	case isText:
		ref := w.reference(text, forms)
		switch {
		case w.r.kind == "SubdomainPath" && pointer == "/subdomain": // a name without the domain may be one of several
			ref = w.im.domain(text)
		case ref == "" && isDomainOfPort(pointer):
			ref = w.im.domain(text)
		}
		if ref != "" {
			w.out.WriteString(edit.Quote(ref))
			return
		}
		w.out.WriteString(edit.Quote(strings.ReplaceAll(text, "${", `\${`)))
	default:
		raw, _ := json.Marshal(v)
		w.out.Write(raw)
	}
}

// isSecret tells whether what stands at a pointer must not be in the text: a secret
// by its schema, or in a place where people put secrets.
func (w *writer) isSecret(forms []catalog.SchemaID, pointer string) bool {
	for _, f := range forms {
		if f.Schema().Secret {
			return true
		}
	}
	return slices.ContainsFunc(w.secret, func(secret string) bool {
		return pointer == secret || strings.HasPrefix(pointer, secret+"/")
	})
}

// argument keeps a secret and returns the name of its argument: that of the variable
// where it is one and the name is free, else the resource's with it.
func (w *writer) argument(pointer string, v any) string {
	last := pointer[strings.LastIndexByte(pointer, '/')+1:]
	name := upper(w.r.ref + "_" + last)
	for i := 2; ; i++ {
		if _, taken := w.im.arguments[name]; !taken {
			break
		}
		name = upper(w.r.ref+"_"+last) + "_" + strconv.Itoa(i)
	}
	w.im.arguments[name] = v
	return name
}

// upper makes a name of an argument: letters, digits and underscores.
func upper(text string) string {
	var b strings.Builder
	lower := false
	for _, c := range text {
		switch {
		case c >= 'A' && c <= 'Z':
			if lower {
				b.WriteByte('_')
			}
			b.WriteRune(c)
			lower = false
			continue
		case c >= 'a' && c <= 'z':
			b.WriteRune(c - 'a' + 'A')
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		default:
			b.WriteByte('_')
		}
		lower = c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
	}
	return b.String()
}

// reference is the expression that stands for an identifier; empty where the text is
// none of a resource that is in the template.
func (w *writer) reference(text string, forms []catalog.SchemaID) string {
	for _, f := range forms {
		s := f.Schema()
		for _, kind := range s.RefKinds {
			if ref := w.im.refs[kind][text]; ref != "" && ref != w.r.ref {
				output := s.RefOutput
				if output == "" {
					output = "id"
				}
				return "${refs." + ref + "." + output + "}"
			}
		}
	}
	return ""
}

// inOrder lists the members of an object as the reference does, the others behind.
func inOrder(object map[string]any, forms []catalog.SchemaID) []string {
	var names []string
	for _, f := range forms {
		for _, p := range f.Schema().Properties {
			if _, there := object[p.Name]; there && !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// membersOf are the forms of a member.
func membersOf(forms []catalog.SchemaID, name string) []catalog.SchemaID {
	var out []catalog.SchemaID
	for _, f := range forms {
		s := f.Schema()
		if p, ok := s.Property(name); ok {
			out = append(out, p.Schema)
		} else if !s.Closed {
			out = append(out, s.Additional)
		}
	}
	return formsOf(out)
}
