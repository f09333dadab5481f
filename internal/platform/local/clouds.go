package local

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// The collections of what belongs to clouds.
const (
	cloudIntegrations = "cloud-providers/integrations"
	clusters          = "cloud-providers/clusters"
)

var cloudIntegrationFamily = family{
	flavour: flavour{noun: "cloud integration", segment: cloudIntegrations, idParam: "integrationId", kind: "BYOCIntegration",
		typ: "integration", account: true, check: fits("BYOCIntegration")},
	create: platform.OpCreateCloudIntegration, put: platform.OpPutCloudIntegration, patch: platform.OpPatchCloudIntegration,
	get: platform.OpGetCloudIntegration, list: platform.OpListCloudIntegrations, remove: platform.OpDeleteCloudIntegration,
	member: "integrations", hidden: []string{"credentials"},
	held: func(c *call, r *record) error {
		if err := c.usedByExternalAddon(r); err != nil {
			return err
		}
		for _, user := range []struct{ collection, noun, property string }{
			{clusters, "cluster", "integrationId"}, {cloudRegistries, "cloud registry", "integrationId"},
			{workloadIdentities, "workload identity", "spec.providerLinkInternalId"},
		} {
			if err := c.heldBy(r, "cloud integration", user.collection, user.noun, user.property); err != nil {
				return err
			}
		}
		return nil
	},
}

// A clusterState is what is recorded of a cluster: its provisioning, and what
// was done to its nodes.
type clusterState struct {
	provisioned
	Nodes map[string]string `json:"nodes,omitempty"` // status by identifier, where it is not ready
}

// Clusters are provisioning until they run.
var clusterFamily = family{
	flavour: flavour{noun: "cluster", segment: clusters, idParam: "clusterId", kind: "BYOCCluster", typ: "cluster",
		account: true, check: fits("BYOCCluster"), refuse: refuseCluster, born: bornCluster, show: showCluster},
	create: platform.OpCreateCluster, put: platform.OpPutCluster, patch: platform.OpPatchCluster, get: platform.OpGetCluster,
	list: platform.OpListClusters, remove: platform.OpDeleteCluster, member: "clusters",
	held: func(c *call, r *record) error { return c.heldBy(r, "cluster", "projects", "project", "clusterId") },
}

// heldBy refuses to delete what a resource of a collection refers to.
func (c *call) heldBy(r *record, noun, collection, user, property string) error {
	for p := (page{limit: largestPage}); ; {
		users, err := c.tx.list(collection, p)
		if err != nil || len(users) == 0 {
			return err
		}
		for _, u := range users {
			if jsonvalue.String(u.spec, property) == r.id() {
				return conflict("%s %q is in use by %s %q: delete that first", noun, r.id(), user, u.id())
			}
		}
		p.after = users[len(users)-1].seq
	}
}

func refuseCluster(c *call, _ *record, _ string, spec map[string]any) error {
	id := jsonvalue.String(spec, "integrationId")
	if id == "" {
		return nil
	}
	integration, err := c.tx.load(cloudIntegrations + "/" + id)
	if err == nil && integration == nil {
		err = absent("integrationId", "is %q, which is no cloud integration", id)
	}
	return err
}

func bornCluster(c *call, r *record) (any, error) {
	return clusterState{provisioned: provisioned{c.step(KindProvision, r.id(), c.now, c.platform.delays.Provision)}}, nil
}

func showCluster(c *call, r *record) (map[string]any, error) {
	shown := c.face(r)
	state := stateOf[clusterState](r)
	name, since := state.status(c, "provisioning", "running")
	status := map[string]any{"state": name, "transitionTime": since}
	if name == "error" {
		status["reason"] = state.Step.Fail
	}
	shown["status"], shown["deletionRequested"] = map[string]any{"state": status}, false
	return shown, nil
}

// listClusterNodes lists the nodes that the cluster's pools ask for, once they
// are there.
func listClusterNodes(c *call) (any, error) {
	r, err := c.look(&clusterFamily.flavour)
	if err != nil {
		return nil, err
	}
	rows, wanted := []any{}, c.params.Query["status"]
	for id, pool := range c.nodes(r) {
		status := orDefault(stateOf[clusterState](r).Nodes[id], "ready")
		if wanted == "" || wanted == status {
			rows = append(rows, map[string]any{"nodeId": id, "nodeName": r.id() + "-" + id, "nodePool": jsonvalue.String(pool, "id"),
				"status": status, "region": jsonvalue.String(r.spec, "region"), "instanceType": jsonvalue.String(pool, "nodeType"),
				"createdAt": c.stamp(r.created)})
		}
	}
	c.more = &pagination{Count: len(rows)}
	return map[string]any{"nodes": rows}, nil
}

// nodes visits the nodes of a cluster that runs, with their pools.
func (c *call) nodes(r *record) func(yield func(id string, pool any) bool) {
	return func(yield func(string, any) bool) {
		if !stateOf[clusterState](r).Step.ended(c.now) {
			return
		}
		for _, pool := range jsonvalue.List(r.spec, "nodePools") {
			count, _ := jsonvalue.Number(pool, "nodeCount")
			for i := range min(int(count), largestPage) {
				if !yield(fmt.Sprintf("%s-%d", jsonvalue.String(pool, "id"), i+1), pool) {
					return
				}
			}
		}
	}
}

// marks gives a node of a cluster a status.
func marks(status string) handler {
	return func(c *call) (any, error) {
		r, err := c.look(&clusterFamily.flavour)
		if err != nil {
			return nil, err
		}
		for id := range c.nodes(r) {
			if id != c.path("nodeId") {
				continue
			}
			state := stateOf[clusterState](r)
			if state.Nodes == nil {
				state.Nodes = map[string]string{}
			}
			state.Nodes[id] = status
			if err := c.tx.save(r, state, c.now); err != nil {
				return nil, err
			}
			return nil, c.log(r.key+"/nodes/"+id, Updated)
		}
		return nil, notFound("node", c.path("nodeId"), `cluster "`+r.id()+`"`)
	}
}
