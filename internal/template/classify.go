package template

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// classify decides from the content which document a value is, and whether the
// file itself says so. It must be cheap on foreign JSON (a large lock file, a
// data set): it looks at the root's members and, where those fit, at the first
// node of its spec, never at the whole file. Where that leaves it open,
// fromNodes decides from what the nodes hint at.
func classify(root syntax.Value) (t Type, certain bool, fromNodes func(*evidence) (Type, bool)) {
	switch root.Kind() {
	case syntax.KindArray:
		n := 0
		for e := range root.Elements() {
			if isNode(e) && !isRecord(e) {
				return Fragment, true, nil
			}
			if n++; n == fewElements {
				break
			}
		}
		return None, true, nil
	case syntax.KindObject:
	default:
		return None, true, nil
	}

	var has struct{ apiVersion, spec, kind, triggers, richInputs, webhook, project, name bool }
	var schema string
	var spec, options, api syntax.Value
	n := 0
	for m := range root.Members() {
		if n++; n > 200 {
			break // no document of ours has that many properties at its root
		}
		switch v := m.Value(); m.KeyText() {
		case "$schema":
			schema = v.Text()
		case "apiVersion":
			has.apiVersion, api = true, v
		case "spec":
			has.spec, spec = true, v
		case "kind":
			has.kind = true
		case "triggers":
			has.triggers = v.Kind() == syntax.KindArray
		case "richInputs":
			has.richInputs = true
		case "webhook", "paused":
			has.webhook = true // release flows keep these two in their options
		case "project":
			has.project = true
		case "name":
			has.name = true
		case "options":
			options = v
		}
	}
	if t, ok := typeOfSchema(schema); ok {
		return t, true, nil
	}
	if has.kind && isNode(root) && !has.apiVersion {
		if isRecord(root) {
			return None, true, nil
		}
		return Fragment, true, nil
	}
	version := api.Kind() == syntax.KindString && strings.HasPrefix(api.Text(), "v1")
	if version && !has.spec && !strings.HasPrefix(api.Text(), "v1.") && (api.Text() != "v1" || !isDocument(root)) {
		return None, true, nil // Kubernetes, Helm and others have versions like this one
	}
	if !(has.spec || version) || has.apiVersion && !version && !isNode(spec) {
		return None, true, nil
	}
	if has.spec && !isNode(spec) && !(version && !has.kind && spec.Kind() != syntax.KindArray) {
		return None, true, nil
	}
	if !has.spec && !version {
		return None, true, nil
	}
	for _, p := range []string{"nameFormat", "prefixName", "useBranchContents", "expiry", "schedule", "nameConditions"} {
		if options.Get(p).IsValid() {
			return PreviewEnv, true, nil
		}
	}
	if has.webhook {
		return PreviewEnv, true, nil
	}
	if has.richInputs {
		return ReleaseFlow, true, nil
	}
	return Template, false, func(e *evidence) (Type, bool) {
		h := e.hints
		switch {
		case e.releases > e.strangers, e.releases > 0 && e.releases == e.strangers && !has.name:
			// A release flow creates nothing and needs no name. Where there are both,
			// what there is less of stands in the wrong place.
			return ReleaseFlow, true
		case h&(hintBuildSource|hintPreviewArgument) != 0:
			return PreviewEnv, true
		case h&(hintProject|hintContext) != 0 || has.project:
			return Template, true
		case has.triggers:
			// Both release flows and previews have triggers; a preview is the one
			// that may create resources.
			if h&hintResource != 0 {
				return PreviewEnv, true
			}
			return ReleaseFlow, false
		}
		return Template, has.name
	}
}

// fewElements is how many elements of a list are looked at to tell whether it is
// one of nodes.
const fewElements = 20

// typeOfSchema reads the document type from the vendor's `$schema` addresses,
// whatever host they are on (GitOps wrote several over the years).
func typeOfSchema(schema string) (Type, bool) {
	i := strings.LastIndex(schema, "/v1/schemas/")
	if i < 0 {
		return None, false
	}
	switch strings.TrimSuffix(schema[i+len("/v1/schemas/"):], ".json") {
	case "template":
		return Template, true
	case "release-flow":
		return ReleaseFlow, true
	case "preview-environment", "preview-env", "preview":
		return PreviewEnv, true
	}
	return None, false
}

// isNode reports whether v looks like a node: an object with a known kind, or
// with a kind and a spec.
func isNode(v syntax.Value) bool {
	if v.Kind() != syntax.KindObject {
		return false
	}
	k := nameOf(v.Get("kind"))
	return k != "" && (definition(k) != nil || v.Get("spec").Kind() == syntax.KindObject)
}

// isRecord reports whether v only looks like a node because of its kind: it has no
// spec, and something that nodes of the kind do not have.
func isRecord(v syntax.Value) bool {
	if v.Kind() != syntax.KindObject || v.Get("spec").IsValid() {
		return false
	}
	d := definition(nameOf(v.Get("kind")))
	return d != nil && !hasOnly(v, d.Node.Schema())
}

// isDocument reports whether all that stands in v stands in documents of ours.
func isDocument(v syntax.Value) bool {
	var roots []*catalog.Schema
	for _, t := range []Type{Template, ReleaseFlow, PreviewEnv} {
		roots = append(roots, catalog.Document(t.String()).Root.Schema())
	}
	return hasOnly(v, roots...)
}

// hasOnly reports whether each member of v that has a value is one of the schemas',
// or may be misspelt.
func hasOnly(v syntax.Value, schemas ...*catalog.Schema) bool {
	var names []string
	for _, s := range schemas {
		for _, p := range s.Properties {
			names = append(names, p.Name)
		}
	}
	for m := range v.Members() {
		name := m.KeyText()
		if m.Value().IsValid() && !slices.Contains(names, name) && validate.Closest(name, names) == "" {
			return false
		}
	}
	return true
}

// hints are what a node says about the type of its document.
type hints uint8

const (
	hintRelease hints = 1 << iota
	hintBuildSource
	hintPreviewArgument
	hintProject
	hintContext
	hintResource
	hintStranger // of a kind that release flows do not take
)

// evidence is what the nodes of a document say together.
type evidence struct {
	hints
	// releases is how many nodes stand in release flows only, strangers how many
	// never do.
	releases, strangers int32
}

func (e *evidence) add(h hints) {
	e.hints |= h
	if h&hintRelease != 0 {
		e.releases++
	}
	if h&hintStranger != 0 {
		e.strangers++
	}
}

func (e *evidence) join(o evidence) {
	e.hints |= o.hints
	e.releases += o.releases
	e.strangers += o.strangers
}

// deepestHint is how deep in workflows a node's hints still count.
const deepestHint = 8

func hintsOf(f *Facts, name, project syntax.Value) hints {
	var h hints
	switch f.Kind {
	case "Release":
		h = hintRelease
	case "BuildSource":
		h = hintBuildSource
	case "Project":
		h = hintProject
	case "Workflow", "workflow", "LoopWorkflow":
		if f.GivesProject {
			h = hintContext
		}
	case "Addon", "CombinedService", "BuildService", "DeploymentService", "SecretGroup", "Volume", "CronJob", "ManualJob", "Job":
		h = hintResource
		if strings.Contains(textOf(name), "args.previewId") {
			h |= hintPreviewArgument
		}
		if project.IsValid() {
			h |= hintContext
		}
	}
	if f.Definition != nil && !slices.Contains(catalog.Document("releaseFlow").SpecKinds, f.Definition.Name) {
		h |= hintStranger
	}
	return h
}

// definition returns what the catalog knows of a kind, or nil. A workflow may be
// written in lower case, as the guides do.
func definition(kind string) *catalog.Kind {
	if kind == "workflow" {
		kind = "Workflow"
	}
	k, _ := catalog.Lookup(kind)
	return k
}
