package local

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Egress IPs are staging until they are provisioned, then active.
var egressFamily = family{
	flavour: flavour{noun: "egress IP", segment: "egress-ips", idParam: "egressIpId", kind: "EgressIp", typ: "egress", account: true,
		check: fits("EgressIp"), born: bornProvisioned, grown: grownProvisioned, show: showEgress},
	create: platform.OpCreateEgressIP, put: platform.OpPutEgressIP, patch: platform.OpPatchEgressIP,
	get: platform.OpGetEgressIP, list: platform.OpListEgressIPs, remove: platform.OpDeleteEgressIP,
	member: "egressIps", hidden: []string{"state"},
}

func showEgress(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description")
	status, since := stateOf[provisioned](r).status(c, "staging", "active")
	state := map[string]any{"status": status, "lastTransitionTime": since}
	if status == "active" {
		state["ipAddress"] = c.address(r.key)
	}
	shown["state"] = state
	return shown, nil
}

// address is a made-up address of the range that is reserved for examples
// (RFC 5737).
func (c *call) address(key string) string {
	return fmt.Sprintf("203.0.113.%d", 1+c.derive("address", key)[0]%254)
}

// Load balancers are provisioning until they are provisioned.
var loadBalancerFamily = family{
	flavour: flavour{noun: "load balancer", segment: "load-balancers", idParam: "loadBalancerId", kind: "LoadBalancer", typ: "balancer",
		account: true, check: fits("LoadBalancer"), refuse: refuseLoadBalancer, born: bornProvisioned, grown: grownProvisioned,
		show: showLoadBalancer},
	create: platform.OpCreateLoadBalancer, put: platform.OpPutLoadBalancer, patch: platform.OpPatchLoadBalancer,
	get: platform.OpGetLoadBalancer, list: platform.OpListLoadBalancers, remove: platform.OpDeleteLoadBalancer,
	member: "loadBalancers", hidden: []string{"state"},
}

// refuseLoadBalancer checks that the backends exist: "PROJECT/SERVICE".
func refuseLoadBalancer(c *call, _ *record, _ string, spec map[string]any) error {
	for i, port := range jsonvalue.List(spec, "spec.ports") {
		for j, backend := range jsonvalue.List(port, "backends") {
			id := jsonvalue.String(backend, "id")
			project, name, _ := strings.Cut(id, "/")
			segment := "services"
			if jsonvalue.String(backend, "type") == "addon" {
				segment = "addons"
			}
			known, err := c.tx.load("projects/" + project + "/" + segment + "/" + name)
			if err != nil {
				return err
			}
			if known == nil {
				return absent(fmt.Sprintf("spec.ports.%d.backends.%d.id", i, j), "is %q, which is none of the %s", id, segment)
			}
		}
	}
	return nil
}

// absent is the refusal of a property that names what is not there.
func absent(property, format string, args ...any) error {
	refusal := platform.Invalid(property, format, args...)
	refusal.Status, refusal.ID = http.StatusNotFound, platform.ErrorNotFound
	return refusal
}

func showLoadBalancer(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description")
	status, since := stateOf[provisioned](r).status(c, "provisioning", "provisioned")
	state := map[string]any{"status": status, "lastTransitionTime": since, "endpoints": []any{}}
	if status == "provisioned" {
		state["endpoints"] = []any{c.address(r.key)}
	}
	shown["state"] = state
	return shown, nil
}

var networkPolicyFamily = family{
	flavour: flavour{noun: "network policy", segment: "network-policies", idParam: "networkPolicyId", typ: "policy", account: true,
		check: checkNetworkPolicy},
	create: platform.OpCreateNetworkPolicy, patch: platform.OpUpdateNetworkPolicy, get: platform.OpGetNetworkPolicy,
	remove: platform.OpDeleteNetworkPolicy,
}

func checkNetworkPolicy(k *check) {
	k.name(namePattern(), 39)
	k.text("description", 200)
	k.object("spec", "spec.restrictions", "spec.restrictions.projects", "spec.restrictions.tags", "spec.egress", "spec.ingress")
	if k.present("spec.restrictions.projects") {
		k.required("spec.restrictions.projects.enabled")
		k.oneOf("spec.restrictions.projects.restrictionMode", "in", "notIn")
	}
	if k.present("spec.restrictions.tags") {
		k.required("spec.restrictions.tags.enabled", "spec.restrictions.tags.matchCondition")
		k.oneOf("spec.restrictions.tags.matchCondition", "or", "and")
	}
	names := func(at string) { k.pattern(at, planPattern(), 3, 100) }
	for _, list := range []string{"restrictions.projects.items", "restrictions.tags.items", "egress.allowToTags", "egress.allowToProjects",
		"ingress.allowFromTags", "ingress.allowFromProjects"} {
		k.each("spec."+list, names)
	}
	k.each("spec.egress.allowTo", func(at string) { k.required(at) })
}
