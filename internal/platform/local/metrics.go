package local

import (
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// metricUnits are the units of what is measured.
var metricUnits = map[string]string{
	"cpu": "vCPU", "memory": "mb", "networkIngress": "kbps", "networkEgress": "kbps", "tcpConnectionsOpen": "count", "diskUsage": "mb",
	"requests": "rps", "http4xxResponses": "rps", "http5xxResponses": "rps", "bandwidth": "kbps", "bandwidthVolume": "mb",
}

// usedHere says in every answer what its values are made of.
const usedHere = "local platform: the containers that it would have; nothing runs in them, so that they use nothing"

const (
	// defaultRange is how far back metrics go that name no time.
	defaultRange = time.Hour
	// finest is the shortest time between two values, mostValues how many there are
	// of a container at most.
	finest     = 15 * time.Second
	mostValues = 240
)

// getMetrics answers with the values of each container over its life: they use
// nothing, as nothing runs in them.
func getMetrics(spans func(*call) ([]*span, error)) handler {
	return func(c *call) (any, error) {
		query := c.params.Query
		if err := oneOf(query, "queryType", "range", "single"); err != nil {
			return nil, err
		}
		types := strings.Split(orDefault(query["metricTypes"], "cpu,memory"), ",")
		for _, t := range types {
			if metricUnits[t] == "" {
				return nil, platform.Invalid("metricTypes", "has %q, which is not measured", t)
			}
		}
		all, err := spans(c)
		if err != nil {
			return nil, err
		}
		from, to, step, err := c.metricRange()
		if err != nil {
			return nil, err
		}
		data := map[string]any{}
		for _, t := range types {
			data[t] = map[string]any{"metricInfo": map[string]any{"metricId": t, "metricUnit": metricUnits[t], "metricResolution": step.Seconds(),
				"source": usedHere}, "values": c.values(all, from, to, step)}
		}
		return data, nil
	}
}

// metricRange reads from the query of which times values are asked for.
func (c *call) metricRange() (from, to time.Time, step time.Duration, err error) {
	if c.params.Query["queryType"] == "single" {
		at := c.now
		if text := c.params.Query["time"]; text != "" {
			t, err := time.Parse(time.RFC3339, text)
			if err != nil {
				return at, at, 0, platform.Invalid("time", "is %q, which is no time such as 2026-01-31T12:00:00Z", text)
			}
			at = c.tx.store.inside(t)
		}
		return at, at, finest, nil
	}
	from, to, err = c.timeRange()
	if to.IsZero() || to.After(c.now) {
		to = c.now
	}
	if from.IsZero() {
		from = to.Add(-defaultRange)
	}
	return from, to, max(finest, to.Sub(from)/mostValues).Round(time.Second), err
}

func (c *call) values(all []*span, from, to time.Time, step time.Duration) []map[string]any {
	rows := []map[string]any{}
	only := c.params.Query["containerName"]
	for _, s := range all {
		if only != "" && s.name != only {
			continue
		}
		points := []map[string]any{}
		for at := from; !at.After(to); at = at.Add(step) {
			if !at.Before(s.begun) && (s.there() || at.Before(s.ended)) {
				points = append(points, map[string]any{"value": 0, "ts": c.stamp(at)})
			}
		}
		if len(points) > 0 {
			rows = append(rows, map[string]any{"metadata": map[string]any{"containerId": s.name}, "data": points})
		}
	}
	return rows
}

// deploymentSpans are the containers that a request asks about.
func deploymentSpans(c *call) ([]*span, error) {
	all, err := c.serviceSpans()
	if err != nil {
		return nil, err
	}
	if id := c.params.Query["deploymentId"]; id != "" {
		all = slices.DeleteFunc(all, func(s *span) bool { return s.generation != id })
	}
	return all, nil
}

func jobSpans(c *call) ([]*span, error) {
	job, err := c.owner(true)
	if err != nil {
		return nil, err
	}
	asked, err := c.runsAsked(job, largestPage)
	var all []*span
	for _, run := range asked {
		if err == nil {
			all = append(all, c.spanOfRun(job, run))
		}
	}
	return all, err
}

func addonSpans(c *call) ([]*span, error) {
	r, err := ofAddon(c)
	if err != nil {
		return nil, err
	}
	return c.spansOfAddon(r), nil
}

// buildSpans are the containers that builds would run in.
func buildSpans(job bool) func(*call) ([]*span, error) {
	return func(c *call) ([]*span, error) {
		owner, err := c.owner(job)
		if err != nil {
			return nil, err
		}
		if err := builds(c, owner); err != nil {
			return nil, err
		}
		asked, err := c.buildsAsked(owner)
		if err != nil {
			return nil, err
		}
		var all []*span
		for _, b := range asked {
			state := stateOf[buildState](b)
			if !state.Build.begun(c.now) || state.Aborted != 0 && state.Aborted < state.Build.At {
				continue
			}
			s := &span{name: b.id(), begun: time.Unix(0, state.Build.At)}
			if status, since := state.status(c.now); status == "SUCCESS" || status == "FAILURE" || status == "ABORTED" {
				s.ended = since
			}
			all = append(all, s)
		}
		return all, nil
	}
}

// watchHandlerOf returns what reads logs, metrics and containers; nil for an operation
// that is none of these.
func watchHandlerOf(op string) handler {
	switch op {
	case platform.OpListServiceContainers:
		return listServiceContainers
	case platform.OpListJobContainers:
		return listJobContainers
	case platform.OpListAddonContainers:
		return listAddonContainers
	case platform.OpGetServiceLogs:
		return getLogs(ofService, serviceLines)
	case platform.OpGetJobLogs:
		return getLogs(ofJob, jobLines)
	case platform.OpGetAddonLogs:
		return getLogs(ofAddon, addonLines)
	case platform.OpGetServiceBuildLogs:
		return getBuildLogs(false)
	case platform.OpGetJobBuildLogs:
		return getBuildLogs(true)
	case platform.OpGetBackupLogs:
		return getBackupLogs
	case platform.OpGetRestoreLogs:
		return getRestoreLogs
	case platform.OpGetServiceMetrics:
		return getMetrics(deploymentSpans)
	case platform.OpGetJobMetrics:
		return getMetrics(jobSpans)
	case platform.OpGetAddonMetrics:
		return getMetrics(addonSpans)
	case platform.OpGetServiceBuildMetrics:
		return getMetrics(buildSpans(false))
	case platform.OpGetJobBuildMetrics:
		return getMetrics(buildSpans(true))
	}
	return nil
}
