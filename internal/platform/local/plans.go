package local

import (
	"github.com/nf-lsp/nf-lsp/internal/catalog"
)

// listPlans lists the plans of the managed platform.
func listPlans(*call) (any, error) {
	rows := []any{}
	for _, p := range catalog.Plans() {
		if p.Hidden {
			continue
		}
		rows = append(rows, map[string]any{"id": p.ID, "name": p.ID, "currency": "usd", "amountPerMonth": p.Monthly,
			"amountPerHour": p.Hourly, "cpuResource": p.CPU, "ramResource": p.Memory})
	}
	return map[string]any{"plans": rows}, nil
}

// listRegions lists the regions of the managed platform with their GPUs.
func listRegions(*call) (any, error) {
	gpus := map[string]catalog.GPU{}
	for _, g := range catalog.GPUs() {
		gpus[g.Type] = g
	}
	rows := []any{}
	for _, r := range catalog.Regions() {
		devices := []any{}
		for _, name := range r.GPUTypes {
			if g, ok := gpus[name]; ok {
				devices = append(devices, map[string]any{"id": g.Type, "name": g.Name, "manufacturer": "nvidia",
					"memoryInfo":   map[string]any{"sizeInMiB": g.Memory * 1024},
					"countOptions": g.Counts, "pricing": map[string]any{"onDemand": g.Hourly}})
			}
		}
		rows = append(rows, map[string]any{"id": r.ID, "name": r.Name, "regionName": r.Name,
			"provider": map[string]any{"id": r.Provider, "region": r.ProviderRegion}, "gpuDevices": devices})
	}
	return map[string]any{"regions": rows}, nil
}

// dnsID is the label under which the account's host names stand.
func (c *call) dnsID() string { return label(c.derive("dns", "account")[:12]) }

func getDNSID(c *call) (any, error) { return map[string]any{"dns": c.dnsID()}, nil }
