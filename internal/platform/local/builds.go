package local

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A buildState is what is recorded of a build when it starts. Its spec is the
// request that started it.
type buildState struct {
	Branch  string `json:"branch"`
	SHA     string `json:"sha"`
	Queue   step   `json:"queue"`
	Build   step   `json:"build"`
	Deploy  step   `json:"deploy"` // the rollout of what it built
	Aborted int64  `json:"aborted,omitempty"`
}

// status is the state of the build at a time, and since when.
func (s buildState) status(now time.Time) (status string, since time.Time) {
	if s.Aborted != 0 {
		return "ABORTED", time.Unix(0, s.Aborted)
	}
	if !s.Queue.ended(now) {
		return "QUEUED", time.Unix(0, s.Queue.At)
	}
	if s.Build.ended(now) {
		end, _ := s.Build.end()
		if s.Build.Fail != "" {
			return "FAILURE", end
		}
		return "SUCCESS", end
	}
	phases := []struct {
		until  float64
		status string
	}{{0.1, "STARTING"}, {0.25, "CLONING"}, {0.9, "BUILDING"}, {1, "UPLOADING"}}
	progress, from := s.Build.progress(now), 0.0
	for _, phase := range phases {
		if progress < phase.until {
			status = phase.status
			break
		}
		from = phase.until
		status = phase.status
	}
	return status, time.Unix(0, s.Build.At+int64(from*float64(max(s.Build.For, 0))))
}

// succeeded tells whether and when the build gave an image.
func (s buildState) succeeded(now time.Time) (time.Time, bool) {
	status, since := s.status(now)
	return since, status == "SUCCESS"
}

// startBuild records a build of a service or a job.
func (c *call) startBuild(owner *record, request map[string]any) (*record, error) {
	branch := jsonvalue.String(request, "branch")
	if branch == "" {
		branch = branchOf(owner)
	}
	sha := jsonvalue.String(request, "sha")
	if sha == "" {
		// The head of a branch, as far as anyone can tell from here.
		number, _ := jsonvalue.Number(request, "pullRequestId")
		head, err := c.head(repositoryOf(owner), int(number), branch)
		if err != nil {
			return nil, err
		}
		sha = head
	}
	delays := c.platform.delays
	state := buildState{Branch: branch, SHA: sha, Queue: step{Kind: "queue", At: c.now.UnixNano(), For: int64(delays.Queue)}}
	state.Build = c.step(KindBuild, owner.id(), c.now.Add(delays.Queue), delays.Build)
	end := time.Unix(0, state.Build.At+max(state.Build.For, 0))
	state.Deploy = c.step(KindDeploy, owner.id(), end, delays.Deploy)
	r := &record{parent: owner.key + "/build", typ: "build", created: c.now, spec: request}
	r.key = r.parent + "/" + freshID()
	if err := c.tx.create(r, state); err != nil {
		return nil, err
	}
	return r, c.log(r.key, Ran)
}

// sourceOf is where what a service or a job builds comes from.
func sourceOf(owner *record) map[string]any {
	if vcs := jsonvalue.Object(owner.spec, "vcsData"); vcs != nil {
		return vcs
	}
	return jsonvalue.Object(owner.spec, "deployment.vcs")
}

func branchOf(owner *record) string {
	if branch := jsonvalue.String(sourceOf(owner), "projectBranch"); branch != "" {
		return branch
	}
	if branch := jsonvalue.String(owner.spec, "bundleData.branch"); branch != "" {
		return branch
	}
	return "main"
}

func repositoryOf(owner *record) string { return jsonvalue.String(sourceOf(owner), "projectUrl") }

func showBuild(c *call, r *record) (map[string]any, error) {
	state := stateOf[buildState](r)
	status, since := state.status(c.now)
	concluded := status == "SUCCESS" || status == "FAILURE" || status == "ABORTED"
	owner := r.parent[:len(r.parent)-len("/build")]
	shown := map[string]any{
		"id": r.id(), "branch": state.Branch, "sha": state.SHA, "status": status, "concluded": concluded,
		"createdAt":  c.stamp(r.created),
		"internalId": hex.EncodeToString(c.derive("id", r.key)[:12]),
		"registry": map[string]any{"uri": fmt.Sprintf("registry.northflank.com/%s/%s:%s", r.projectID(),
			(&record{key: owner}).id(), r.id())},
	}
	if number := r.spec["pullRequestId"]; number != nil {
		shown["pullRequestId"] = number
	}
	if concluded {
		shown["success"] = status == "SUCCESS"
		shown["buildConcludedAt"] = c.tx.store.outside(since).UnixMilli()
		shown["message"] = ""
		if status == "FAILURE" {
			shown["message"] = state.Build.Fail
		}
	}
	return shown, nil
}

// lastBuilds returns the newest builds of a service or a job.
func (c *call) lastBuilds(owner string) ([]*record, error) {
	return c.tx.list(owner+"/build", page{newest: true, limit: 30})
}

func (c *call) owner(job bool) (*record, error) {
	if job {
		return c.find("job", "jobs", "jobId")
	}
	return c.find("service", "services", "serviceId")
}

func beginBuild(job bool) handler {
	return func(c *call) (any, error) {
		owner, err := c.owner(job)
		if err != nil {
			return nil, err
		}
		if sha := jsonvalue.String(c.body, "sha"); sha != "" && len(sha) != 40 && c.body["bundleUrl"] == nil {
			return nil, platform.Invalid("sha", "is %s long; a commit has 40", characters(len(sha)))
		}
		switch {
		case job && jsonvalue.Object(owner.spec, "deployment.vcs") == nil:
			return nil, conflict("job %q does not build: it runs an image that is built elsewhere", owner.id())
		case !job && owner.typ == "deployment":
			return nil, conflict("service %q does not build: it is a deployment service", owner.id())
		}
		r, err := c.startBuild(owner, c.body)
		if err != nil {
			return nil, err
		}
		return showBuild(c, r)
	}
}

func (c *call) build(job bool) (*record, error) {
	owner, err := c.owner(job)
	if err != nil {
		return nil, err
	}
	r, err := c.tx.load(owner.key + "/build/" + c.path("buildId"))
	if err == nil && r == nil {
		err = notFound("build", c.path("buildId"), inParent(owner.key))
	}
	return r, err
}

func getBuild(job bool) handler {
	return func(c *call) (any, error) {
		r, err := c.build(job)
		if err != nil {
			return nil, err
		}
		return showBuild(c, r)
	}
}

func listBuilds(job bool) handler {
	return func(c *call) (any, error) {
		owner, err := c.owner(job)
		if err != nil {
			return nil, err
		}
		rows, err := c.rows(owner.key+"/build", true, func(r *record) (map[string]any, error) { return showBuild(c, r) })
		return map[string]any{"builds": rows}, err
	}
}

func abortBuild(job bool) handler {
	return func(c *call) (any, error) {
		r, err := c.build(job)
		if err != nil {
			return nil, err
		}
		state := stateOf[buildState](r)
		if status, _ := state.status(c.now); status == "SUCCESS" || status == "FAILURE" || status == "ABORTED" {
			return nil, conflict("build %q has ended already: %s", r.id(), status)
		}
		state.Aborted = c.now.UnixNano()
		if err := c.tx.save(r, state, c.now); err != nil {
			return nil, err
		}
		return nil, c.log(r.key, Aborted)
	}
}
