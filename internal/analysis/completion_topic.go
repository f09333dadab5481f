package analysis

import (
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Topic names what there is to say about a completion item, so that it is said
// only about the one that somebody looks at. It holds for this build of the
// program; topics about nodes and arguments hold as long as the document has
// them. Empty where there is nothing to say.
type Topic string

// What topics are about, and how they go on.
const (
	aboutKind      = "kind/"     // name
	aboutProperty  = "property/" // schema, index
	aboutEnum      = "enum/"     // schema, index
	aboutSchema    = "schema/"   // schema
	aboutPlan      = "plan/"     // id
	aboutRegion    = "region/"   // id
	aboutAddonType = "addon/"    // type
	aboutGPU       = "gpu/"      // type
	aboutFunction  = "fn/"       // name
	aboutRoot      = "root/"     // name
	aboutTrigger   = "trigger/"  // output
	aboutNode      = "node/"     // scope, ref
	aboutNameless  = "nameless/" // path of a node without a ref
	aboutArgument  = "argument/" // scope, name
)

const topicExpression Topic = "expression"

func topicKind(k *catalog.Kind) Topic { return Topic(aboutKind + k.Name) }
func topicPlan(id string) Topic       { return Topic(aboutPlan + id) }
func topicRegion(id string) Topic     { return Topic(aboutRegion + id) }
func topicAddonType(t string) Topic   { return Topic(aboutAddonType + t) }
func topicGPU(t string) Topic         { return Topic(aboutGPU + t) }
func topicSchema(id catalog.SchemaID) Topic {
	return Topic(aboutSchema + strconv.Itoa(int(id)))
}

func topicNode(n *template.Node) Topic {
	if n.Ref == "" {
		return Topic(aboutNameless + n.Path())
	}
	return topicRef(n.Scope, n.Ref)
}

func topicRef(s *template.Scope, ref string) Topic {
	return Topic(aboutNode + strconv.Itoa(int(s.Number)) + "/" + ref)
}

func topicProperty(id catalog.SchemaID, index int) Topic {
	return Topic(aboutProperty + strconv.Itoa(int(id)) + "/" + strconv.Itoa(index))
}

func topicEnum(id catalog.SchemaID, index int) Topic {
	return Topic(aboutEnum + strconv.Itoa(int(id)) + "/" + strconv.Itoa(index))
}

func topicArgument(s *template.Scope, name string) Topic {
	return Topic(aboutArgument + strconv.Itoa(int(s.Number)) + "/" + name)
}

// OfDocument reports whether the topic is about something in a document, so that
// the document is needed to explain it.
func (t Topic) OfDocument() bool {
	return strings.HasPrefix(string(t), aboutNode) || strings.HasPrefix(string(t), aboutNameless) || strings.HasPrefix(string(t), aboutArgument)
}

// Explain says in Markdown what there is to say about a topic that is about no
// document; empty where that is nothing.
func Explain(t Topic) string {
	about, rest, _ := strings.Cut(string(t), "/")
	switch about + "/" {
	case aboutKind:
		if k, ok := catalog.Lookup(rest); ok {
			return describeKind(k)
		}
	case aboutProperty:
		if s, i := indexed(rest); i >= 0 && i < len(s.Properties) {
			return describeProperty(&s.Properties[i])
		}
	case aboutEnum:
		if s, i := indexed(rest); i >= 0 && i < len(s.Enum) {
			return s.Enum[i].Doc
		}
	case aboutSchema:
		s, _ := indexed(rest)
		return s.Doc
	case aboutPlan:
		if p, ok := catalog.LookupPlan(rest); ok {
			return describedPlan(p)
		}
	case aboutRegion:
		if r := regionOf(rest); r != nil {
			return describeRegion(r)
		}
	case aboutAddonType:
		if t, ok := catalog.LookupAddonType(rest); ok {
			return describeAddonType(t)
		}
	case aboutGPU:
		for _, g := range catalog.GPUs() {
			if g.Type == rest {
				return "**" + g.Type + "**: " + describeGPU(g)
			}
		}
	case aboutFunction:
		if f, ok := expr.LookupFunction(rest); ok {
			return describeFunction(f)
		}
	case aboutRoot:
		for _, r := range expressionRoots {
			if r.name == rest {
				return r.doc
			}
		}
	case aboutTrigger:
		for _, o := range triggerOutputs {
			if o.name == rest {
				return o.doc
			}
		}
	}
	if t == topicExpression {
		return "A value that is worked out when the template runs: a reference, an argument or a function."
	}
	return ""
}

// indexed reads a schema and, where there is one, an index.
func indexed(rest string) (*catalog.Schema, int) {
	id, index, _ := strings.Cut(rest, "/")
	n, err := strconv.Atoi(id)
	if err != nil {
		return catalog.SchemaID(0).Schema(), -1
	}
	i, err := strconv.Atoi(index)
	if err != nil {
		i = -1
	}
	return catalog.SchemaID(n).Schema(), i
}

// Explain says what there is to say about a topic, in this document or in none.
func (s *Snapshot) Explain(t Topic) string {
	if !t.OfDocument() {
		return Explain(t)
	}
	if m := s.meant(); m != nil {
		return m.snapshot.Explain(t)
	}
	if !s.IsTemplate() {
		return ""
	}
	if path, ok := strings.CutPrefix(string(t), aboutNameless); ok {
		if n := s.Doc.NodeOf(s.Tree.Find(path)); n != nil && n.Path() == path {
			return describeNode(n)
		}
		return ""
	}
	about, rest, _ := strings.Cut(string(t), "/")
	index, name, _ := strings.Cut(rest, "/")
	number, err := strconv.ParseUint(index, 10, 31)
	if err != nil {
		return ""
	}
	scope := s.Doc.Scope(int32(number))
	if scope == nil {
		return ""
	}
	if about+"/" == aboutNode {
		if nodes := scope.ByRef(name); len(nodes) > 0 {
			return describeNode(nodes[0])
		}
		return ""
	}
	if a := scope.Argument(name); a != nil {
		return s.describeArgument(scope, a)
	}
	return ""
}
