package engine

import (
	"math"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
)

// A Cost is what resources cost each month, in US dollars: their instances
// running all the time. Storage, traffic and builds are not in it.
type Cost struct {
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	// Partial says that some plan's price or number of instances is not known.
	Partial bool `json:"partial,omitempty"`
}

func (c *Cost) plus(other *Cost) *Cost {
	switch {
	case other == nil:
		return c
	case c == nil:
		return &Cost{other.Before, other.After, other.Partial}
	}
	c.Before, c.After = cents(c.Before+other.Before), cents(c.After+other.After)
	c.Partial = c.Partial || other.Partial
	return c
}

func cents(f float64) float64 { return math.Round(f*100) / 100 }

// costOf is what a resource costs before and after; nil for kinds whose
// instances do not run all the time.
func costOf(kind string, before, after any) *Cost {
	instances := ""
	switch kind {
	case "CombinedService", "DeploymentService":
		instances = "deployment"
	case "Addon":
		instances = "billing"
	default:
		return nil
	}
	c := &Cost{}
	known := true
	c.Before, known = monthly(before, instances, known)
	c.After, known = monthly(after, instances, known)
	c.Partial = !known
	return c
}

// monthly prices a specification. The number of instances is
// deployment.instances of services and billing.replicas of addons.
func monthly(spec any, instances string, known bool) (float64, bool) {
	object, ok := spec.(map[string]any)
	if !ok {
		return 0, known
	}
	billing, _ := object["billing"].(map[string]any)
	id, _ := billing["deploymentPlan"].(string)
	price := price(id)
	count := 1.0
	holder, name := billing, "replicas"
	if instances == "deployment" {
		holder, _ = object["deployment"].(map[string]any)
		name = "instances"
	}
	if v, ok := holder[name]; ok {
		if count, ok = v.(float64); !ok {
			return 0, false
		}
	}
	if price == 0 {
		return 0, known && count == 0
	}
	return cents(price * count), known
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
