package platform

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var egressKind = resource{
	kind: "EgressIp", noun: "egress IP", segment: "egress-ips", idParam: "egressIpId", account: true,
	get: OpGetEgressIP, create: OpCreateEgressIP, put: OpPutEgressIP, patch: OpPatchEgressIP,
	spec: []string{"name", "description", "spec"},
}

var loadBalancerKind = resource{
	kind: "LoadBalancer", noun: "load balancer", segment: "load-balancers", idParam: "loadBalancerId", account: true,
	get: OpGetLoadBalancer, create: OpCreateLoadBalancer, put: OpPutLoadBalancer, patch: OpPatchLoadBalancer,
	spec: []string{"name", "description", "spec"},
	uses: loadBalancerUses,
}

// loadBalancerUses are the backends, which may be in any project.
func loadBalancerUses(_ string, spec map[string]any, _ bool) []use {
	var uses []use
	for _, port := range jsonvalue.List(spec, "spec.ports") {
		for _, backend := range jsonvalue.List(port, "backends") {
			project, name, ok := strings.Cut(jsonvalue.String(backend, "id"), "/")
			switch {
			case !ok || project == "" || name == "":
			case jsonvalue.String(backend, "type") == "addon":
				uses = append(uses, inProject(OpGetAddon, project, "addons", "addonId", name))
			default:
				uses = append(uses, inProject(OpGetService, project, "services", "serviceId", name))
			}
		}
	}
	return uses
}
