package local

import (
	"encoding/json"
	"maps"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var templateFamily = family{
	flavour: flavour{noun: "template", versioned: true, segment: "templates", idParam: "templateId", typ: "template", account: true,
		check: checkTemplate, refuse: refuseTemplate, born: bornTemplate, grown: grownTemplate, show: showTemplate},
	create: platform.OpCreateTemplate, replace: platform.OpUpdateTemplate, get: platform.OpGetTemplate,
	list: platform.OpListTemplates, remove: platform.OpDeleteTemplate,
	member: "templates", hidden: []string{"arguments", "argumentOverrides", "gitops", "spec", "teardownSpec", "$schema", "project"},
	unread: []string{"argumentOverrides"},
}

var templateRuns = holder{kind: platform.TemplateDocument, runParam: "templateRunId", idName: "templateId", member: "templateRuns",
	find:     func(c *call) (*record, error) { return c.ofAccount("template", "templates", "templateId") },
	document: func(_ *call, r *record) (platform.Document, map[string]any, error) { return templateDocument(r.spec) }}

// checkTemplate checks what stands around the nodes of a template; the nodes are for
// whoever runs it. A template that is kept in a repository need not hold any.
func checkTemplate(k *check) {
	k.name(secretNamePattern(), 100)
	checkDocument(k)
	if !k.present("gitops") {
		k.required("apiVersion", "spec")
	}
	if k.present("gitops") {
		k.required("gitops.vcsService", "gitops.repoUrl", "gitops.branch", "gitops.filePath")
		k.oneOf("gitops.vcsService", "bitbucket", "gitlab", "github", "self-hosted", "azure")
	}
}

// concurrencyPolicies are what may happen to a run while another one goes on.
var concurrencyPolicies = []string{"allow", "queue", "forbid", "latest", "replace"}

// checkDocument checks what documents of all types have.
func checkDocument(k *check) {
	k.text("description", 200)
	k.oneOf("apiVersion", "v1", "v1.1", "v1.2")
	k.object("options", "arguments", "argumentOverrides", "spec", "teardownSpec", "teardownSpec.spec", "gitops", "project",
		"options.runOnCreationArgumentOverrides")
	k.oneOf("options.concurrencyPolicy", concurrencyPolicies...)
	k.boolean("options.autorun", "options.runOnCreation")
}

// refuseTemplate has the nodes looked at by what would run them.
func refuseTemplate(c *call, _ *record, _ string, spec map[string]any) error {
	if spec["spec"] == nil {
		return nil
	}
	document, _, err := templateDocument(spec)
	if err != nil {
		return err
	}
	return c.checked(document)
}

// checked has a document looked at, where somebody can.
func (c *call) checked(d platform.Document) error {
	if c.platform.runner == nil {
		return nil
	}
	return c.platform.runner.Check(d)
}

// templateDocument is the document of a template: what the platform adds to it is not
// in it.
func templateDocument(spec map[string]any) (platform.Document, map[string]any, error) {
	if spec["spec"] == nil {
		return platform.Document{}, nil, conflict("template %q has nothing to run: its document is in a repository, which nobody has read", jsonvalue.String(spec, "name"))
	}
	text, err := json.Marshal(spec)
	return platform.Document{Type: platform.TemplateDocument, Identity: jsonvalue.String(spec, "name"), Text: text}, spec, err
}

// bornTemplate runs a new template that wants to be run when it is created.
func bornTemplate(c *call, r *record) (any, error) {
	if jsonvalue.Bool(r.spec, "options.runOnCreation") && r.spec["spec"] != nil {
		if _, err := c.begin(&templateRuns, r, nil, flowRun{}); err != nil {
			return nil, err
		}
	}
	return struct{}{}, nil
}

// grownTemplate runs a template again that wants to be run when it is changed.
func grownTemplate(c *call, r *record, _ map[string]any) (any, error) {
	if jsonvalue.Bool(r.spec, "options.autorun") && r.spec["spec"] != nil {
		if _, err := c.begin(&templateRuns, r, nil, flowRun{}); err != nil {
			return nil, err
		}
	}
	return struct{}{}, nil
}

func showTemplate(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description", "gitops")
	shown["apiVersion"] = orDefault(jsonvalue.String(r.spec, "apiVersion"), "v1.2")
	shown["concurrencyPolicy"] = orDefault(jsonvalue.String(r.spec, "options.concurrencyPolicy"), "allow")
	options := map[string]any{"autorun": false}
	maps.Copy(options, jsonvalue.Object(r.spec, "options"))
	shown["options"] = options
	return shown, nil
}
