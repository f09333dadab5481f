package local

import (
	"fmt"
	"strconv"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A container is one that a service, a job run or an addon would have.
type container struct {
	name             string
	status           string // TASK_STARTING, TASK_RUNNING ...
	created, updated time.Time
}

func (c *call) showContainer(k container) map[string]any {
	return map[string]any{"name": k.name, "status": k.status, "createdAt": c.tx.store.outside(k.created).Unix(),
		"updatedAt": c.tx.store.outside(k.updated).Unix()}
}

// containersOf are the containers of a service: those of the rollout that goes on,
// and until it has succeeded those of the one before. A rollout makes new ones;
// scaling leaves those that are there.
func (c *call) containersOf(r *record, deployed rollout) []container {
	if deployed.paused || len(deployed.steps) == 0 {
		return nil
	}
	wanted := instances(r.spec)
	last := len(deployed.steps) - 1
	s, made := deployed.steps[last], generation(deployed.steps, last)
	var list []container
	if s.Kind == stepScale {
		first := deployed.steps[made]
		for i := range max(wanted, s.From) {
			k := c.container(r, first, i)
			switch {
			case i >= wanted && s.ended(c.now):
				continue
			case i >= wanted:
				k.status, k.updated = "TASK_KILLING", time.Unix(0, s.At)
			case i >= s.From:
				k = c.settled(k, s)
			default:
				k = c.settled(k, first)
			}
			list = append(list, k)
		}
		return list
	}
	for i := range wanted {
		list = append(list, c.settled(c.container(r, s, i), s))
	}
	if s.ended(c.now) && s.Fail == "" {
		return list
	}
	for before := last - 1; before >= 0; before-- {
		old := deployed.steps[before]
		if old.Fail != "" || old.Kind == stepScale || !old.ended(c.now) {
			continue
		}
		for i := range wanted {
			list = append(list, c.settled(c.container(r, old, i), old))
		}
		break
	}
	return list
}

// generation is the step that has made the containers that are there at a step.
func generation(steps []step, at int) int {
	for at > 0 && steps[at].Kind == stepScale {
		at--
	}
	return at
}

func instances(spec map[string]any) int {
	n, ok := jsonvalue.Number(spec, "deployment.instances")
	if !ok {
		return 1
	}
	return int(n)
}

// container is one of those that a step makes.
func (c *call) container(r *record, s step, i int) container {
	made := r.key + "\x00" + strconv.FormatInt(s.At, 10)
	name := fmt.Sprintf("%s-%s-%s", r.id(), label(c.derive("generation", made)[:10]), label(c.derive("container", made+"\x00"+strconv.Itoa(i))[:5]))
	return container{name: name}
}

// settled gives a container the state that the step which makes it has come to.
func (c *call) settled(k container, s step) container {
	k.created, k.updated, k.status = time.Unix(0, s.At), time.Unix(0, s.At), "TASK_STARTING"
	if end, ends := s.end(); ends && s.ended(c.now) {
		k.updated, k.status = end, "TASK_RUNNING"
		if s.Fail != "" {
			k.status = "TASK_FAILED"
		}
	}
	return k
}

// page answers with a page of what was worked out rather than stored.
func paged[T any](c *call, all []T) ([]T, error) {
	p, err := c.page(false)
	if err != nil {
		return nil, err
	}
	from := min(max(int(p.after), p.skip), len(all))
	to := min(from+p.limit, len(all))
	c.more = &pagination{Count: to - from}
	if to < len(all) {
		c.more.HasNextPage, c.more.Cursor = true, cursorAt(int64(to))
	}
	return all[from:to], nil
}

func (c *call) showContainers(list []container) ([]map[string]any, error) {
	list, err := paged(c, list)
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]any, len(list))
	for i, k := range list {
		rows[i] = c.showContainer(k)
	}
	return rows, nil
}

func listServiceContainers(c *call) (any, error) {
	r, err := c.owner(false)
	if err != nil {
		return nil, err
	}
	if err := runs(c, r); err != nil {
		return nil, err
	}
	deployed, err := c.rolloutOf(r)
	if err != nil {
		return nil, err
	}
	rows, err := c.showContainers(c.containersOf(r, deployed))
	return map[string]any{"containers": rows}, err
}

// listJobContainers lists the containers of a run, of the newest one where none is
// named.
func listJobContainers(c *call) (any, error) {
	job, err := c.owner(true)
	if err != nil {
		return nil, err
	}
	var run *record
	if id := c.params.Query["runId"]; id != "" {
		if run, err = c.below(job.key, "run", "runs", id); err != nil {
			return nil, err
		}
	} else {
		newest, err := c.tx.list(job.key+"/runs", page{newest: true, limit: 1})
		if err != nil {
			return nil, err
		}
		if len(newest) > 0 {
			run = newest[0]
		}
	}
	var list []container
	id := ""
	if run != nil {
		list, id = []container{c.containerOfRun(job, run)}, run.id()
	}
	rows, err := c.showContainers(list)
	return map[string]any{"containers": rows, "runId": id}, err
}

func (c *call) containerOfRun(job, run *record) container {
	state := stateOf[runState](run)
	k := c.container(job, state.Run, 0)
	k.created, k.updated, k.status = run.created, run.created, "TASK_RUNNING"
	if status, ended := state.status(c.now); status != "RUNNING" {
		k.updated = ended
		switch {
		case state.Aborted != 0:
			k.status = "TASK_KILLED"
		case status == "FAILED":
			k.status = "TASK_FAILED"
		default:
			k.status = "TASK_FINISHED"
		}
	}
	return k
}
