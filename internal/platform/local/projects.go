package local

import (
	"net/http"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var projectFlavour = flavour{
	noun: "project", segment: "projects", idParam: "projectId", kind: "Project", typ: "project",
	check: checkProject,
	born:  func(*call, *record) (any, error) { return struct{}{}, nil },
	grown: func(*call, *record, map[string]any) (any, error) { return struct{}{}, nil },
	show:  showProject,
}

func checkProject(k *check) {
	k.name(namePattern(), 39)
	k.text("description", 200)
	k.pattern("color", colorPattern(), 4, 7)
	k.object("networking")
	if k.present("region") && k.present("clusterId") {
		k.fail("clusterId", "excludes region: a project is in a region or on a cluster")
	}
}

// defaultRegion is where projects are that name neither region nor cluster.
const defaultRegion = "europe-west"

func regionOf(project *record) string {
	if region := jsonvalue.String(project.spec, "region"); region != "" {
		return region
	}
	if jsonvalue.String(project.spec, "clusterId") != "" {
		return ""
	}
	return defaultRegion
}

// cluster is where a project's resources run.
func cluster(project *record) map[string]any {
	id := jsonvalue.String(project.spec, "clusterId")
	if id == "" {
		id = "nf-" + regionOf(project)
	}
	return map[string]any{"id": id, "name": id, "namespace": "ns-" + project.id(), "loadBalancers": []any{}}
}

func showProject(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description", "color", "networking")
	shown["region"] = regionOf(r)
	shown["deployment"] = map[string]any{"region": regionOf(r)}
	shown["cluster"] = cluster(r)
	for _, segment := range []string{"services", "jobs", "addons"} {
		children, err := c.tx.list(r.key+"/"+segment, page{limit: largestPage})
		if err != nil {
			return nil, err
		}
		rows := make([]any, 0, len(children))
		for _, child := range children {
			row := map[string]any{"id": child.id(), "appId": appID(child), "name": child.spec["name"], "description": child.spec["description"]}
			switch segment {
			case "services":
				row["serviceType"] = child.typ
			case "jobs":
				row["jobType"] = child.typ
			case "addons":
				row["spec"] = map[string]any{"type": child.spec["type"]}
			}
			rows = append(rows, row)
		}
		shown[segment] = rows
	}
	return shown, nil
}

// appID is the full identifier of a resource in a project.
func appID(r *record) string { return "/local/" + r.projectID() + "/" + r.id() }

func getProject(c *call) (any, error) {
	r, err := c.project()
	if err != nil {
		return nil, err
	}
	return showProject(c, r)
}

func listProjects(c *call) (any, error) {
	rows, err := c.rows("projects", false, func(r *record) (map[string]any, error) {
		return map[string]any{"id": r.id(), "name": r.spec["name"], "description": r.spec["description"]}, nil
	})
	return map[string]any{"projects": rows}, err
}

// deleteProject refuses to take resources along unless it is told to.
func deleteProject(c *call) (any, error) {
	r, err := c.project()
	if err != nil {
		return nil, err
	}
	if c.params.Query["delete_child_objects"] != "true" {
		for _, segment := range []string{"services", "jobs", "addons", "secrets", "volumes", "external-addons", "llm-model-deployments"} {
			children, err := c.tx.list(r.key+"/"+segment, page{limit: 1})
			if err != nil {
				return nil, err
			}
			if len(children) > 0 {
				return nil, &platform.Error{Status: http.StatusConflict, ID: platform.ErrorConflict,
					Message: "project \"" + r.id() + "\" still has " + segment + ": delete them first, or set delete_child_objects"}
			}
		}
	}
	if err := c.tx.remove(r.key); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Deleted)
}
