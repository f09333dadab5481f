package local

import (
	"fmt"
	"maps"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func showService(c *call, r *record) (map[string]any, error) {
	project, err := c.projectNamed(r.projectID())
	if err != nil {
		return nil, err
	}
	shown := c.face(r, "description", "stageId", "infrastructure", "buildSettings", "runtimeEnvironment", "runtimeFiles",
		"buildArguments", "buildFiles", "dockerSecretMounts", "healthChecks", "createOptions")
	shown["appId"], shown["projectId"], shown["serviceType"] = appID(r), r.projectID(), r.typ
	state := stateOf[serviceState](r)
	shown["servicePaused"] = state.Paused != 0
	shown["disabledCI"] = state.Paused != 0 || jsonvalue.Bool(r.spec, "disabledCI")
	shown["disabledCD"] = state.Paused != 0 || state.Held != 0
	shown["cluster"] = cluster(project)
	status := map[string]any{}
	if r.typ != "deployment" {
		if err := c.showBuilding(r, jsonvalue.Object(r.spec, "vcsData"), shown, status); err != nil {
			return nil, err
		}
	}
	if r.typ != "build" {
		deployed, err := c.rolloutOf(r)
		if err != nil {
			return nil, err
		}
		deployment := map[string]any{"status": deployed.status, "reason": "DEPLOYING", "lastTransitionTime": c.stamp(deployed.since)}
		if deployed.scaling {
			deployment["reason"] = "SCALING"
		}
		if deployed.reason != "" {
			deployment["message"] = deployed.reason
		}
		status["deployment"] = deployment
		if shown["deployment"], err = c.showDeployment(r, regionOf(project), deployed); err != nil {
			return nil, err
		}
		shown["ports"] = c.showPorts(r)
	}
	if r.typ == "build" {
		plan := orDefault(jsonvalue.String(r.spec, "billing.buildPlan"), "nf-compute-400-16")
		shown["billing"] = jsonvalue.Merge(map[string]any{"buildPlan": plan, "deploymentPlan": plan}, shown["billing"])
	}
	shown["status"] = status
	return shown, nil
}

// showBuilding adds what services and jobs that build from a repository show.
func (c *call) showBuilding(r *record, vcs, shown, status map[string]any) error {
	builds, err := c.lastBuilds(r.key)
	if err != nil {
		return err
	}
	if len(builds) > 0 {
		state, since := stateOf[buildState](builds[0]).status(c.now)
		status["build"] = map[string]any{"status": state, "lastTransitionTime": c.stamp(since)}
	}
	dockerfile := jsonvalue.Object(r.spec, "buildSettings.dockerfile")
	if vcs != nil {
		vcs = maps.Clone(vcs)
		vcs["publicRepo"] = jsonvalue.String(vcs, "vcsLinkId") == "" && jsonvalue.String(vcs, "accountLogin") == ""
		vcs["dockerWorkDir"] = orDefault(jsonvalue.String(dockerfile, "dockerWorkDir"), "/")
		vcs["dockerFilePath"] = orDefault(jsonvalue.String(dockerfile, "dockerFilePath"), "/Dockerfile")
		shown["vcsData"] = vcs
	}
	engine := orDefault(jsonvalue.String(dockerfile, "buildEngine"), "buildkit")
	settings := map[string]any{}
	if buildpack := jsonvalue.Object(r.spec, "buildSettings.buildpack"); buildpack != nil {
		engine = "buildpack"
		settings["builder"] = orDefault(jsonvalue.String(buildpack, "builder"), "HEROKU_24")
		settings["buildpackLocators"] = jsonvalue.List(buildpack, "buildpackLocators")
	}
	settings["useCache"] = jsonvalue.Bool(dockerfile, "buildkit.useCache")
	shown["buildEngineConfiguration"] = map[string]any{"buildEngine": engine, engine: settings}
	return nil
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func (c *call) showDeployment(r *record, region string, deployed rollout) (map[string]any, error) {
	deployment := map[string]any{}
	maps.Copy(deployment, jsonvalue.Object(r.spec, "deployment"))
	deployment["region"] = region
	if internal := jsonvalue.Object(deployment, "internal"); internal != nil {
		shown, err := c.showInternal(r, internal, deployed.image)
		if err != nil {
			return nil, err
		}
		deployment["internal"] = shown
	}
	if external := jsonvalue.Object(deployment, "external"); external != nil {
		external = maps.Clone(external)
		external["registryProvider"] = registryOf(jsonvalue.String(external, "imagePath"))
		external["privateImage"] = jsonvalue.String(external, "credentials") != ""
		deployment["external"] = external
	}
	return deployment, nil
}

// showInternal adds what is known of an image that is built here.
func (c *call) showInternal(r *record, internal map[string]any, deployed *image) (map[string]any, error) {
	id := jsonvalue.String(internal, "id")
	owner, err := c.tx.load("projects/" + r.projectID() + "/services/" + id)
	if err != nil {
		return nil, err
	}
	shown := map[string]any{"nfObjectId": id, "nfObjectType": "service", "repository": "", "branch": "", "buildSHA": "latest", "buildId": ""}
	if owner != nil {
		shown["repository"], shown["branch"] = repositoryOf(owner), branchOf(owner)
		shown["appId"] = appID(owner)
	}
	maps.Copy(shown, internal)
	if deployed == nil && owner != nil && strings.HasSuffix(r.parent, "/jobs") {
		// A job's next run takes the newest.
		images, err := c.images(owner.key, internal)
		if err != nil {
			return nil, err
		}
		if len(images) > 0 {
			deployed = &images[0]
		}
	}
	if deployed != nil {
		shown["deployedSHA"], shown["buildId"] = deployed.state.SHA, deployed.build
	}
	return shown, nil
}

func registryOf(image string) string {
	host, _, found := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(image, "https://"), "http://"), "/")
	switch {
	case !found || !strings.Contains(host, ".") || strings.HasSuffix(host, "docker.io"):
		return "dockerhub"
	case host == "ghcr.io":
		return "github"
	case strings.HasSuffix(host, "gitlab.com"):
		return "gitlab"
	case strings.HasSuffix(host, ".azurecr.io"):
		return "acr"
	case strings.HasSuffix(host, "gcr.io") || strings.HasSuffix(host, "pkg.dev"):
		return "gar"
	case strings.Contains(host, ".ecr."):
		return "ecr"
	}
	return "custom"
}

// showPorts gives ports their identifiers, and public ones their host name:
// port--service--hash.code.run.
func (c *call) showPorts(r *record) []any {
	ports := jsonvalue.List(r.spec, "ports")
	shown := make([]any, 0, len(ports))
	for _, p := range ports {
		port, ok := p.(map[string]any)
		if !ok {
			continue
		}
		port = maps.Clone(port)
		name := jsonvalue.String(port, "name")
		port["id"] = strings.ToLower(name)
		port["public"] = jsonvalue.Bool(port, "public")
		if jsonvalue.Bool(port, "public") {
			port["dns"] = fmt.Sprintf("%s--%s--%s.code.run", strings.ToLower(name), r.id(),
				label(c.derive("dns", r.key)[:12]))
		}
		domains := []any{}
		for _, domain := range jsonvalue.List(port, "domains") {
			domains = append(domains, map[string]any{"name": domain})
		}
		port["domains"] = domains
		shown = append(shown, port)
	}
	return shown
}

func getService(c *call) (any, error) {
	r, err := c.find("service", "services", "serviceId")
	if err != nil {
		return nil, err
	}
	return showService(c, r)
}

func getServicePorts(c *call) (any, error) {
	r, err := c.find("service", "services", "serviceId")
	if err != nil {
		return nil, err
	}
	return map[string]any{"ports": c.showPorts(r)}, nil
}

func listServices(c *call) (any, error) {
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(project.key+"/services", false, func(r *record) (map[string]any, error) {
		shown, err := showService(c, r)
		return jsonvalue.Pick(shown, []string{"id", "appId", "projectId", "name", "tags", "description", "serviceType",
			"disabledCI", "disabledCD", "status"}), err
	})
	return map[string]any{"services": rows}, err
}

func restartService(c *call) (any, error) {
	r, err := c.find("service", "services", "serviceId")
	if err != nil {
		return nil, err
	}
	if r.typ == "build" {
		return nil, conflict("service %q does not run: it is a build service", r.id())
	}
	state := stateOf[serviceState](r)
	if state.Paused != 0 {
		return nil, conflict("service %q is paused: resume it, which gives it new containers", r.id())
	}
	state.Rollouts = remember(state.Rollouts, c.step(KindDeploy, r.id(), c.now, c.platform.delays.Deploy))
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Ran)
}

// executeInService runs no command: it answers as one would that succeeds.
func executeInService(c *call) (any, error) {
	r, err := c.find("service", "services", "serviceId")
	if err != nil {
		return nil, err
	}
	deployed, err := c.rolloutOf(r)
	if err != nil {
		return nil, err
	}
	if deployed.paused || deployed.status != "COMPLETED" {
		return nil, conflict("service %q is not running: wait for it before executing a command", r.id())
	}
	return c.execute(r)
}
