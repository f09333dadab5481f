package local

import (
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A runState is what is recorded of a job run when it starts.
type runState struct {
	Run     step  `json:"run"`
	Aborted int64 `json:"aborted,omitempty"`
}

// status is the state of the run at a time, and when it ended.
func (s runState) status(now time.Time) (status string, ended time.Time) {
	end, _ := s.Run.end()
	switch {
	case s.Aborted != 0:
		return "FAILED", time.Unix(0, s.Aborted)
	case !s.Run.ended(now):
		return "RUNNING", time.Time{}
	case s.Run.Fail != "":
		return "FAILED", end
	}
	return "SUCCESS", end
}

func (s runState) concluded(now time.Time) bool {
	status, _ := s.status(now)
	return status != "RUNNING"
}

func showRun(c *call, r *record) (map[string]any, error) {
	status, ended := stateOf[runState](r).status(c.now)
	bit := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	shown := map[string]any{
		"id": r.id(), "runName": r.id(), "status": status, "concluded": status != "RUNNING", "startedAt": c.stamp(r.created),
		"active": bit(status == "RUNNING"), "failed": bit(status == "FAILED"), "succeeded": bit(status == "SUCCESS"),
		"completions": 1, "backoffLimit": 0, "concludedAt": "",
	}
	if status != "RUNNING" {
		shown["concludedAt"] = c.stamp(ended)
	}
	return shown, nil
}

func runJob(c *call) (any, error) {
	job, err := c.find("job", "jobs", "jobId")
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.object("runtimeEnvironment", "billing", "deployment")
	k.plan("billing.deploymentPlan")
	if err := k.err(); err != nil {
		return nil, err
	}
	r, err := c.startRun(job, c.body)
	if err != nil {
		return nil, err
	}
	return map[string]any{"id": r.id(), "runName": r.id()}, nil
}

// startRun starts a run of a job, with what it changes for itself.
func (c *call) startRun(job *record, change map[string]any) (*record, error) {
	ready, err := c.hasImage(job, jsonvalue.Object(change, "deployment"))
	if err != nil {
		return nil, err
	}
	if !ready {
		return nil, conflict("job %q has no image to run yet: build it and wait for the build first", job.id())
	}
	r := &record{parent: job.key + "/runs", typ: "run", created: c.now, spec: change}
	r.key = r.parent + "/" + freshID()
	state := runState{Run: c.step(KindRun, job.id(), c.now, c.platform.delays.Run)}
	if err := c.tx.create(r, state); err != nil {
		return nil, err
	}
	return r, c.log(r.key, Ran)
}

func (c *call) jobRun() (*record, error) {
	job, err := c.find("job", "jobs", "jobId")
	if err != nil {
		return nil, err
	}
	return c.below(job.key, "run", "runs", c.path("runId"))
}

func getRun(c *call) (any, error) {
	r, err := c.jobRun()
	if err != nil {
		return nil, err
	}
	return showRun(c, r)
}

func listRuns(c *call) (any, error) {
	job, err := c.find("job", "jobs", "jobId")
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(job.key+"/runs", true, func(r *record) (map[string]any, error) { return showRun(c, r) })
	return map[string]any{"runs": rows}, err
}

func abortRun(c *call) (any, error) {
	r, err := c.jobRun()
	if err != nil {
		return nil, err
	}
	return nil, c.abortRun(r)
}

func (c *call) abortRun(r *record) error {
	state := stateOf[runState](r)
	if state.concluded(c.now) {
		return conflict("run %q has ended already", r.id())
	}
	state.Aborted = c.now.UnixNano()
	if err := c.tx.save(r, state, c.now); err != nil {
		return err
	}
	return c.log(r.key, Aborted)
}
