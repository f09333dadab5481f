package local

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// External addons are made in a cloud account. Here they are provisioning and then
// running, and nothing is made.
var externalAddonFamily = family{
	flavour: flavour{noun: "external addon", segment: "external-addons", idParam: "externalAddonId", kind: "ExternalAddon", typ: externalAddonType,
		literal: true,
		check:   fits("ExternalAddon"), refuse: refuseExternalAddon, born: bornProvisioned, grown: grownProvisioned, show: showExternalAddon},
	create: platform.OpCreateExternalAddon, patch: platform.OpUpdateExternalAddon, get: platform.OpGetExternalAddon,
	remove: platform.OpDeleteExternalAddon,
}

// integrationsOf are the cloud integrations that an external addon is made with, by
// the property that names each. One of an organisation is named "org/ID".
func integrationsOf(spec map[string]any) map[string]string {
	named := map[string]string{}
	for provider, v := range jsonvalue.Object(spec, "spec.provider") {
		id := jsonvalue.String(v, "integrationId")
		if _, plain, ok := strings.Cut(id, "/"); ok {
			id = plain
		}
		if id != "" {
			named["spec.provider."+provider+".integrationId"] = id
		}
	}
	return named
}

func refuseExternalAddon(c *call, _ *record, _ string, spec map[string]any) error {
	for property, id := range integrationsOf(spec) {
		known, err := c.tx.load(cloudIntegrations + "/" + id)
		if err != nil {
			return err
		}
		if known == nil {
			return absent(property, "is %q, which is no cloud integration", id)
		}
	}
	return nil
}

// usedByExternalAddon refuses to delete an integration that external addons are made
// with.
func (c *call) usedByExternalAddon(integration *record) error {
	all, err := c.tx.typed(externalAddonType)
	if err != nil {
		return err
	}
	for _, r := range all {
		for _, id := range integrationsOf(r.spec) {
			if id == integration.id() {
				return conflict("cloud integration %q is in use by external addon %q of project %q: delete that first", id, r.id(), r.projectID())
			}
		}
	}
	return nil
}

const externalAddonType = "external addon"

func showExternalAddon(c *call, r *record) (map[string]any, error) {
	shown := c.face(r)
	shown["projectId"] = r.projectID()
	shown["status"], _ = stateOf[provisioned](r).status(c, "provisioning", "running")
	return shown, nil
}

// outputsOf are the outputs that an external addon's configuration declares, sorted.
func outputsOf(r *record) []string {
	var names []string
	for _, at := range []string{"spec.config.envs.data", "spec.config.secrets.data", "spec.outputs"} {
		for name := range jsonvalue.Object(r.spec, at) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// output is an output of an external addon. Nothing is made in a cloud here, so that
// but for the region it is made up. One that declares none has every output.
func (c *call) output(r *record, name string) (string, bool) {
	if declared := outputsOf(r); len(declared) > 0 && !slices.Contains(declared, name) {
		return "", false
	}
	if name == "region" {
		for _, provider := range jsonvalue.Object(r.spec, "spec.provider") {
			if region := jsonvalue.String(provider, "region"); region != "" {
				return region, true
			}
		}
	}
	return r.id() + "-" + label(c.derive("output "+name, r.key)[:12]), true
}

// listExternalAddons has the list a level deeper than others have, and its own count.
func listExternalAddons(c *call) (any, error) {
	parent, err := c.collection(&externalAddonFamily.flavour)
	if err != nil {
		return nil, err
	}
	wanted := func(r *record) (bool, error) {
		shown, err := showExternalAddon(c, r)
		if err != nil {
			return false, err
		}
		typ, status := c.params.Query["resourceType"], c.params.Query["status"]
		return (typ == "" || typ == jsonvalue.String(shown, "spec.resourceType")) && (status == "" || status == shown["status"]), nil
	}
	page, err := c.listWhere(parent, false, wanted)
	if err != nil {
		return nil, err
	}
	all, err := c.tx.all(parent)
	if err != nil {
		return nil, err
	}
	total := 0
	for _, r := range all {
		ok, err := wanted(r)
		if err != nil {
			return nil, err
		}
		if ok {
			total++
		}
	}
	rows := make([]map[string]any, len(page))
	for i, r := range page {
		if rows[i], err = showExternalAddon(c, r); err != nil {
			return nil, err
		}
	}
	asked, err := c.page(false)
	if err != nil {
		return nil, err
	}
	count := map[string]any{"page": 1 + asked.skip/asked.limit, "perPage": asked.limit, "total": total}
	return map[string]any{"data": map[string]any{"externalAddons": rows, "pagination": count}}, nil
}

// AI models are served by no engine here: their deployment is provisioning, starting
// and then running.
var modelFamily = family{
	flavour: flavour{noun: "AI model", segment: "llm-model-deployments", idParam: "llmModelDeploymentId", kind: "LLMModelDeployment", typ: "model",
		check: fits("LLMModelDeployment"), born: bornModel, grown: grownModel, show: showModel},
	create: platform.OpCreateModel, patch: platform.OpUpdateModel, get: platform.OpGetModel, list: platform.OpListModels,
	remove: platform.OpDeleteModel, member: "llmModelDeployments",
}

// A modelState is what is recorded of a model: its provisioning, and its rollouts
// after that.
type modelState struct {
	Steps []step `json:"steps"`
}

func bornModel(c *call, r *record) (any, error) {
	return modelState{[]step{c.step(KindProvision, r.id(), c.now, c.platform.delays.Provision)}}, nil
}

func grownModel(c *call, r *record, _ map[string]any) (any, error) {
	state := stateOf[modelState](r)
	state.Steps = remember(state.Steps, c.step(KindDeploy, r.id(), c.now, c.platform.delays.Deploy))
	return state, nil
}

func showModel(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description")
	shown["projectId"] = r.projectID()
	shown["entityId"], shown["entityType"], shown["creatorId"] = "local", "team", "local"
	host := label(c.derive("dns", r.key)[:12]) + ".code.run"
	shown["dns"] = map[string]any{"base": r.id() + "--" + host, "zone": "code.run"}
	shown["ports"] = c.showPorts(r)
	shown["status"] = stateOf[modelState](r).status(c)
	return shown, nil
}

func (s modelState) status(c *call) string {
	for _, last := range slices.Backward(s.Steps) {
		switch {
		case !last.begun(c.now):
			continue
		case last.ended(c.now) && last.Fail != "":
			return "crashed"
		case last.ended(c.now):
			return "running"
		case last.Kind == KindDeploy || last.progress(c.now) > 0.8:
			return "starting"
		}
		return "provisioning"
	}
	return "pending"
}

// getOpenTofuJobLogs tells of the job that provisions an external addon, which goes by
// the addon's internal identifier. Other jobs of OpenTofu are those of nodes, which the
// platform does not know of here.
func getOpenTofuJobLogs(c *call) (any, error) {
	addons, err := c.tx.typed(externalAddonType)
	if err != nil {
		return nil, err
	}
	id := c.path("opentofuJobId")
	at := slices.IndexFunc(addons, func(r *record) bool { return c.face(r)["internalId"] == id })
	if at < 0 {
		return nil, notFound("OpenTofu job", id, "")
	}
	q, err := c.logQuery()
	if err != nil {
		return nil, err
	}
	return c.answerLines(q, provisioningLines(addons[at], id)), nil
}

// provisioningLines are what the provisioning of an external addon leaves in its log.
func provisioningLines(addon *record, job string) []line {
	step := stateOf[provisioned](addon).Step
	say := func(at time.Time, format string, args ...any) line {
		return line{at: at, source: job, text: fmt.Sprintf(format, args...)}
	}
	lines := []line{say(time.Unix(0, step.At), "OpenTofu would be applied for external addon %s; nothing is made in a cloud here", addon.id())}
	if end, ends := step.end(); ends {
		if step.Fail != "" {
			lines = append(lines, say(end, "external addon has failed: %s", step.Fail))
		} else {
			lines = append(lines, say(end, "external addon is running"))
		}
	}
	return lines
}
