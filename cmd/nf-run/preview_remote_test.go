//go:build unix

package main

import "testing"

// TestPreviewsOfAPlatformThatRunsThem makes an environment on a server, which executes
// its runs, and has them in this machine's history.
func TestPreviewsOfAPlatformThatRunsThem(t *testing.T) {
	s := storing(t)
	s.write(`{"apiVersion": "v1.2", "name": "web", "spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
		{"kind": "Project", "ref": "project", "spec": {"name": "Shop", "region": "europe-west"}},
		{"kind": "Pipeline", "spec": {"projectId": "${refs.project.id}", "name": "delivery", "stages": [], "preview": {"kind": "PreviewEnv", "spec": {"apiVersion": "v1.2",
			"options": {"nameFormat": "branch"},
			"triggers": [{"ref": "source", "vcsService": "github", "repoUrl": "https://github.com/acme/shop", "prRestrictions": ["*"]}],
			"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
				{"kind": "SecretGroup", "ref": "settings", "spec": {"name": "settings-${args.name}", "secretType": "environment", "priority": 1,
					"secrets": {"variables": {"BRANCH": "${refs.source.branch}"}}}}]}}}}}}]}}}`)
	s.expect("the pipeline", 0, nil, "remote", "run", s.file)
	on := []string{"--target", "northflank"}
	at := func(args ...string) []string { return append(append([]string{"preview"}, args...), on...) }
	s.expect("no environment", 0, []string{"There is no preview environment."}, at("list", "delivery")...)
	s.expect("one is made", 0, []string{"SecretGroup settings", "success"}, at("create", "delivery", "--name", "feature-x", "--branch", "feature/x")...)
	s.expect("it is listed", 0, []string{"feature-x", "feature/x@", "success"}, at("list", "delivery")...)
	s.expect("it is shown", 0, []string{"of https://github.com/acme/shop", "SecretGroup settings"}, at("show", "delivery", "feature-x")...)
	s.expect("its run is followed", 0, []string{"success"}, at("show", "delivery", "feature-x", "--follow")...)
	s.expect("it is in the history here", 0, []string{"shop/pipelines/delivery/preview-envs", "northflank"}, "runs")
	s.expect("it is paused", 0, []string{"paused"}, at("pause", "delivery", "feature-x")...)
	s.expect("triggers are not paused over the API", 1, []string{"in the browser"}, at("pause", "delivery")...)
	s.expect("a pull request makes another one", 0, []string{"of feature-y"}, append([]string{"trigger", "pull-request", "--repo", "https://github.com/acme/shop",
		"--branch", "feature/y", "--pull-request", "7"}, on...)...)
	s.expect("it goes", 0, []string{"deleted"}, at("delete", "delivery", "feature-x")...)
	s.expect("it has gone", 1, []string{"there is no preview environment"}, at("delete", "delivery", "feature-x")...)
}
