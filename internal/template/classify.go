package template

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// classify decides from the content which document a value is, and whether the
// file itself says so. It must be cheap on foreign JSON (a large lock file, a
// data set): it looks at the root's members and, where those fit, at the first
// levels of the workflow, never at the whole file.
func classify(root syntax.Value) (Type, bool) {
	switch root.Kind() {
	case syntax.KindArray:
		for e := range root.Elements() {
			if isNode(e) {
				return Fragment, true
			}
			break
		}
		return None, true
	case syntax.KindObject:
	default:
		return None, true
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
		return t, true
	}
	if has.kind && isNode(root) && !has.apiVersion {
		return Fragment, true
	}
	version := api.Kind() == syntax.KindString && strings.HasPrefix(api.Text(), "v1")
	if !(has.spec || version) || has.apiVersion && !version && !isNode(spec) {
		return None, true
	}
	if has.spec && !isNode(spec) && !(version && !has.kind && spec.Kind() != syntax.KindArray) {
		return None, true
	}
	if !has.spec && !version {
		return None, true
	}
	for _, p := range []string{"nameFormat", "prefixName", "useBranchContents", "expiry", "schedule", "nameConditions"} {
		if options.Get(p).IsValid() {
			return PreviewEnv, true
		}
	}
	if has.webhook {
		return PreviewEnv, true
	}
	if has.richInputs {
		return ReleaseFlow, true
	}
	hints := lookAround(spec, 0)
	switch {
	case hints.release:
		return ReleaseFlow, true
	case hints.buildSource || hints.previewArgument:
		return PreviewEnv, true
	case hints.project || hints.context || has.project:
		return Template, true
	case has.triggers:
		// Both release flows and previews have triggers; a preview is the one
		// that may create resources.
		if hints.resource {
			return PreviewEnv, true
		}
		return ReleaseFlow, false
	case has.name:
		return Template, true
	}
	return Template, false
}

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
	k := v.Get("kind")
	if k.Kind() != syntax.KindString {
		return false
	}
	return known(k.Text()) || v.Get("spec").Kind() == syntax.KindObject
}

type hints struct{ release, buildSource, previewArgument, project, context, resource bool }

// lookAround reads the kinds of the nodes at and below v.
func lookAround(v syntax.Value, depth int) hints {
	var h hints
	if depth > 8 || v.Kind() != syntax.KindObject {
		return h
	}
	spec := v.Get("spec")
	switch kind := v.Get("kind").Text(); kind {
	case "Release":
		h.release = true
	case "BuildSource":
		h.buildSource = true
	case "Project":
		h.project = true
	case "Workflow", "workflow", "LoopWorkflow":
		if spec.Get("context").Get("projectId").IsValid() || v.Get("context").Get("projectId").IsValid() {
			h.context = true
		}
		for e := range spec.Get("steps").Elements() {
			h = h.or(lookAround(e, depth+1))
		}
	case "Addon", "CombinedService", "BuildService", "DeploymentService", "SecretGroup", "Volume", "CronJob", "ManualJob", "Job":
		h.resource = true
		if name := spec.Get("name"); name.Kind() == syntax.KindString && strings.Contains(name.Text(), "args.previewId") {
			h.previewArgument = true
		}
		if spec.Get("projectId").IsValid() {
			h.context = true
		}
	}
	return h
}

func (h hints) or(o hints) hints {
	return hints{
		h.release || o.release, h.buildSource || o.buildSource, h.previewArgument || o.previewArgument,
		h.project || o.project, h.context || o.context, h.resource || o.resource,
	}
}
