package local

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// knownBuilds bounds how many builds tell which branches there are.
const knownBuilds = 1000

// ownBuilds are the builds of a service or a job that builds, the newest first.
func (c *call) ownBuilds(job bool) (*record, []*record, error) {
	r, err := c.owner(job)
	if err != nil {
		return nil, nil, err
	}
	if err := builds(c, r); err != nil {
		return nil, nil, err
	}
	all, err := c.tx.list(r.key+"/build", page{newest: true, limit: knownBuilds})
	return r, all, err
}

// listOwnBranches lists the branches that are known without asking a repository: the
// one that is built, and those of which there are builds.
func listOwnBranches(job bool) handler {
	return func(c *call) (any, error) {
		r, all, err := c.ownBuilds(job)
		if err != nil {
			return nil, err
		}
		rows := []map[string]any{}
		known := map[string]bool{}
		for _, b := range all {
			state := stateOf[buildState](b)
			if known[state.Branch] {
				continue
			}
			known[state.Branch] = true
			rows = append(rows, map[string]any{"name": state.Branch, "id": state.Branch,
				"commit": map[string]any{"sha": state.SHA, "message": "", "date": c.stamp(b.created)}})
		}
		if own := branchOf(r); !known[own] {
			rows = append(rows, map[string]any{"name": own, "id": own})
		}
		slices.SortFunc(rows, func(a, b map[string]any) int {
			return strings.Compare(jsonvalue.String(a, "name"), jsonvalue.String(b, "name"))
		})
		rows, err = paged(c, rows)
		return map[string]any{"branches": rows}, err
	}
}

// listPullRequests lists the pull requests of which there are builds.
func listPullRequests(job bool) handler {
	return func(c *call) (any, error) {
		r, all, err := c.ownBuilds(job)
		if err != nil {
			return nil, err
		}
		rows := []map[string]any{}
		known := map[string]map[string]any{}
		for _, b := range all {
			number, ok := b.spec["pullRequestId"].(float64)
			if !ok {
				continue
			}
			id := jsonNumber(number)
			if row := known[id]; row != nil {
				row["created_at"] = c.stamp(b.created)
				continue
			}
			state := stateOf[buildState](b)
			known[id] = map[string]any{"id": number, "state": "open", "title": "#" + id, "source": state.Branch, "destination": branchOf(r),
				"sha": state.SHA, "created_at": c.stamp(b.created), "updated_at": c.stamp(b.created),
				"html_url": strings.TrimSuffix(repositoryOf(r), "/") + "/pull/" + id}
			rows = append(rows, known[id])
		}
		rows, err = paged(c, rows)
		return map[string]any{"pullRequests": rows}, err
	}
}

func jsonNumber(n float64) string {
	text, _ := json.Marshal(n)
	return string(text)
}

func getServiceDeployment(c *call) (any, error) {
	r, err := c.owner(false)
	if err != nil {
		return nil, err
	}
	if err := runs(c, r); err != nil {
		return nil, err
	}
	shown, err := showService(c, r)
	if err != nil {
		return nil, err
	}
	return shown["deployment"], nil
}

func getJobDeployment(c *call) (any, error) {
	r, err := c.owner(true)
	if err != nil {
		return nil, err
	}
	shown, err := showJob(c, r)
	if err != nil {
		return nil, err
	}
	return shown["deployment"], nil
}

// getHealthChecks shows probes with their port under the name of their protocol.
func getHealthChecks(job bool) handler {
	return func(c *call) (any, error) {
		r, err := c.owner(job)
		if err != nil {
			return nil, err
		}
		if err := runs(c, r); err != nil {
			return nil, err
		}
		rows := []any{}
		for _, v := range jsonvalue.List(r.spec, "healthChecks") {
			probe, ok := v.(map[string]any)
			if !ok {
				continue
			}
			probe = maps.Clone(probe)
			switch jsonvalue.String(probe, "protocol") {
			case "HTTP":
				probe["httpPort"] = probe["port"]
			case "TCP":
				probe["tcpSocketPort"] = probe["port"]
			}
			rows = append(rows, probe)
		}
		return map[string]any{"healthChecks": rows}, nil
	}
}
