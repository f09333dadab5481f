package engine

import (
	"fmt"
	"math"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
)

// A Cost is what resources cost each month, in US dollars: their instances
// running all the time. Traffic is never in it.
type Cost struct {
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// Partial says that there is more to pay: LeftOut names it.
	Partial bool     `json:"partial,omitempty"`
	LeftOut []string `json:"leftOut,omitempty"`
}

func (c *Cost) plus(other *Cost) *Cost {
	if other == nil {
		return c
	}
	if c == nil {
		c = &Cost{}
	}
	c.Before, c.After = cents(c.Before+other.Before), cents(c.After+other.After)
	for _, what := range other.LeftOut {
		c.leaveOut(what)
	}
	return c
}

// leaveOut notes what else has to be paid.
func (c *Cost) leaveOut(what string) {
	c.Partial = true
	if at, there := slices.BinarySearch(c.LeftOut, what); !there {
		c.LeftOut = slices.Insert(c.LeftOut, at, what)
	}
}

func cents(f float64) float64 { return math.Round(f*100) / 100 }

// unpriced is what kinds cost beside instances that run all the time. Neither the
// platform's list of plans nor the documentation has prices of these, or they are paid by
// the hour of work that nobody knows before.
var unpriced = map[string]string{
	"Addon":              "the storage of addons",
	"Volume":             "volumes",
	"Job":                "runs of jobs",
	"ManualJob":          "runs of jobs",
	"CronJob":            "runs of jobs",
	"BuildService":       "builds",
	"CombinedService":    "builds",
	"LoadBalancer":       "load balancers",
	"EgressIp":           "egress addresses",
	"LLMModelDeployment": "deployments of models",
}

// costOf is what a resource costs before and after; nil for kinds that cost nothing.
func costOf(kind string, before, after any) *Cost {
	c := &Cost{}
	what := unpriced[kind]
	if what != "" {
		c.leaveOut(what)
	}
	switch kind {
	case "CombinedService", "DeploymentService":
		c.Before, c.After = c.monthly(before, "deployment", "instances"), c.monthly(after, "deployment", "instances")
	case "Addon":
		c.Before, c.After = c.monthly(before, "billing", "replicas"), c.monthly(after, "billing", "replicas")
	default:
		if what == "" {
			return nil
		}
	}
	return c
}

// monthly prices a specification. The number of instances is
// deployment.instances of services and billing.replicas of addons.
func (c *Cost) monthly(spec any, holder, name string) float64 {
	object, ok := spec.(map[string]any)
	if !ok {
		return 0
	}
	count := 1.0
	in, _ := object[holder].(map[string]any)
	if v, ok := in[name]; ok {
		if count, ok = v.(float64); !ok {
			c.leaveOut("instances of which only the run can tell the number")
			return 0
		}
	}
	if count == 0 {
		return 0
	}
	billing, _ := object["billing"].(map[string]any)
	named, ok := billing["deploymentPlan"]
	if !ok {
		c.leaveOut("plans that are not named")
		return 0
	}
	id, ok := named.(string)
	if !ok {
		c.leaveOut("plans that only the run can tell")
		return 0
	}
	price := price(id)
	if price == 0 {
		c.leaveOut(fmt.Sprintf("the plan %s", id))
	}
	return cents(price * count)
}

// price is the monthly price of a plan; 0 where it is not known.
func price(id string) float64 {
	for range 2 { // a plan may be another name of one
		for _, p := range catalog.Plans() {
			if p.ID != id {
				continue
			}
			if p.Monthly > 0 || p.SameAs == "" {
				return p.Monthly
			}
			id = p.SameAs
			break
		}
	}
	return 0
}
