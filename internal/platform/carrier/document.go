package carrier

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// ref is the carried node's in its template, at its place there.
const (
	ref   = "node"
	place = "spec.spec.steps.0.spec."
)

// secretArgument begins the names of the arguments that secrets travel in.
const secretArgument = "NF_SECRET_"

// nameOf is the name of the template for an attempt of a node.
func nameOf(req platform.NodeRequest) string {
	sum := sha256.Sum256([]byte(req.Token))
	return "nf-run-" + hex.EncodeToString(sum[:10])
}

// document is the template that runs a node once. What is resolved in the node stays as
// it is. Secrets are not in its text but in overrides of its arguments, which the
// platform encrypts and does not show.
func document(req platform.NodeRequest) (json.RawMessage, error) {
	c := carriage{documents: req.Documents, secret: req.Secret, overrides: map[string]any{}}
	kind, spec := req.Kind, req.Spec
	if kind == "BuildSource" { // which stands in previews only
		kind, spec = "Build", platform.SourceAsBuild(spec)
	}
	node := map[string]any{"kind": kind, "ref": ref, "spec": c.value(spec, "/spec", "", false)}
	for name, v := range req.Node {
		switch name {
		case "ref", "kind", "spec", "settings", "skipNodeExecution": // are for who runs the node
		default:
			node[name] = c.value(v, "/"+jsonvalue.EscapePointer(name), "-", false)
		}
	}
	// How often it is tried is for the engine to say, which knows what it has tried.
	node["settings"] = map[string]any{"maxAttempts": 1}
	flow := map[string]any{"type": "sequential", "steps": []any{node}}
	if req.ProjectID != "" {
		flow["context"] = map[string]any{"projectId": escape(req.ProjectID)}
	}
	template := map[string]any{
		"apiVersion": "v1.2", "name": nameOf(req),
		"description": fmt.Sprintf("Carries one %s node of a run of nf-run, which removes it when that has ended.", req.Kind),
		"options":     map[string]any{"autorun": false, "concurrencyPolicy": "allow"},
		"arguments":   map[string]any{},
		"spec":        map[string]any{"kind": "Workflow", "spec": flow},
	}
	if len(c.overrides) > 0 {
		template["argumentOverrides"] = c.overrides
	}
	text, err := jsonvalue.Marshal(template)
	if err != nil {
		return nil, fmt.Errorf("the node cannot be written as JSON: %w", err)
	}
	return text, nil
}

// A carriage writes a resolved node so that resolving it once more changes nothing.
type carriage struct {
	documents, secret []string
	overrides         map[string]any // of the arguments for secrets, by name
}

// value writes a value at a pointer of the node, inSpec that of the spec ("-" outside of
// it). nested says that it is in a document whose expressions are for its own runs.
func (c *carriage) value(v any, pointer, inSpec string, nested bool) any {
	nested = nested || slices.Contains(c.documents, pointer)
	if inSpec != "-" && slices.Contains(c.secret, inSpec) {
		return c.override(v, nested)
	}
	below := func(segment string) (string, string) {
		if inSpec == "-" {
			return pointer + segment, "-"
		}
		return pointer + segment, inSpec + segment
	}
	switch v := v.(type) {
	case string:
		if nested {
			return v
		}
		return escape(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			at, atSpec := below("/" + jsonvalue.EscapePointer(name))
			out[name] = c.value(member, at, atSpec, nested)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			at, atSpec := below("/" + strconv.Itoa(i))
			out[i] = c.value(item, at, atSpec, nested)
		}
		return out
	}
	return v
}

// override puts each part of a secret value into an argument of its own.
func (c *carriage) override(v any, nested bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = c.override(member, nested)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = c.override(item, nested)
		}
		return out
	case nil:
		return nil
	case string:
		if nested {
			return c.inDocument(v)
		}
		return c.argument(escape(v), nested)
	}
	return c.argument(v, nested)
}

// inDocument puts what is text in a string of a document into arguments, and leaves the
// document's own expressions where they are.
func (c *carriage) inDocument(s string) string {
	parsed := expr.Parse(s)
	var b strings.Builder
	for i := range parsed.Parts {
		if part := &parsed.Parts[i]; part.Kind == expr.Literal {
			b.WriteString(c.argument(escape(part.Text), true))
		} else {
			b.WriteString(parsed.Text[part.Start:part.End])
		}
	}
	return b.String()
}

func (c *carriage) argument(v any, nested bool) string {
	name := secretArgument + strconv.Itoa(len(c.overrides)+1)
	c.overrides[name] = v
	if nested { // of whose expressions the template resolves these only
		return "${template.args." + name + "}"
	}
	return "${args." + name + "}"
}

// escape writes text that stays as it is when it is resolved. What is resolved when a
// container starts, ${{...}}, no template takes for its own.
func escape(s string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	var b strings.Builder
	for {
		i := strings.Index(s, "${")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		if !strings.HasPrefix(s[i:], "${{") || i > 0 && s[i-1] == '\\' {
			b.WriteByte('\\')
		}
		b.WriteString("${")
		s = s[i+len("${"):]
	}
}

// inNode makes a refusal of a template one of the node in it.
func inNode(err error) error {
	var refusal *platform.Error
	if !errors.As(err, &refusal) {
		return err
	}
	own := *refusal
	own.Message = pathInNode(own.Message)
	if refusal.Details != nil {
		own.Details = map[string]any{}
		for at, problems := range refusal.Details {
			own.Details[pathInNode(at)] = problems
		}
	}
	return &own
}

// pathInNode takes the place of the node in its template off the paths of properties.
func pathInNode(text string) string { return strings.ReplaceAll(text, place, "") }
