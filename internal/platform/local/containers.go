package local

import "slices"

func (c *call) showContainer(s *span) map[string]any {
	status, since := s.status()
	return map[string]any{"name": s.name, "status": status, "createdAt": c.tx.store.outside(s.begun).Unix(),
		"updatedAt": c.tx.store.outside(since).Unix()}
}

// paged is the page of what was worked out rather than stored that is asked for.
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

// showContainers shows a page of containers, the newest first.
func (c *call) showContainers(list []*span) ([]map[string]any, error) {
	slices.SortStableFunc(list, func(a, b *span) int { return b.begun.Compare(a.begun) })
	list, err := paged(c, list)
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]any, len(list))
	for i, s := range list {
		rows[i] = c.showContainer(s)
	}
	return rows, nil
}

// gone tells which containers are not there any more.
func gone(s *span) bool { return !s.there() }

// serviceSpans are the containers that a service has and had.
func (c *call) serviceSpans() ([]*span, error) {
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
	return c.spansOf(r, deployed.steps), nil
}

func listServiceContainers(c *call) (any, error) {
	all, err := c.serviceSpans()
	if err != nil {
		return nil, err
	}
	rows, err := c.showContainers(slices.DeleteFunc(all, gone))
	return map[string]any{"containers": rows}, err
}

func listAddonContainers(c *call) (any, error) {
	r, err := c.find("addon", "addons", "addonId")
	if err != nil {
		return nil, err
	}
	rows, err := c.showContainers(slices.DeleteFunc(c.spansOfAddon(r), gone))
	return map[string]any{"containers": rows}, err
}

// listJobContainers lists the containers of a run, of the newest one where none is
// named.
func listJobContainers(c *call) (any, error) {
	job, err := c.owner(true)
	if err != nil {
		return nil, err
	}
	runs, err := c.runsAsked(job, 1)
	if err != nil {
		return nil, err
	}
	var list []*span
	id := ""
	if len(runs) > 0 {
		list, id = []*span{c.spanOfRun(job, runs[0])}, runs[0].id()
	}
	rows, err := c.showContainers(list)
	return map[string]any{"containers": rows, "runId": id}, err
}

// runsAsked is the run of a job that the query names, or the newest ones.
func (c *call) runsAsked(job *record, most int) ([]*record, error) {
	if id := c.params.Query["runId"]; id != "" {
		run, err := c.below(job.key, "run", "runs", id)
		return []*record{run}, err
	}
	return c.tx.list(job.key+"/runs", page{newest: true, limit: most})
}
