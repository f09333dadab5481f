package engine

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

func TestWhatAPlanTakesResourcesToCost(t *testing.T) {
	tests := []struct{ name, kind, before, after, want string }{
		{"instances of a known plan", "DeploymentService", "", `{"billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 3}}`, "0 16.2"},
		{"one, where no number is given", "DeploymentService", "", `{"billing": {"deploymentPlan": "nf-compute-20"}}`, "0 5.4"},
		{"none", "DeploymentService", `{"billing": {"deploymentPlan": "nf-compute-20"}}`, `{"billing": {"deploymentPlan": "my-own"}, "deployment": {"instances": 0}}`, "5.4 0"},
		{"builds are paid by the hour", "CombinedService", "", `{"billing": {"deploymentPlan": "nf-compute-20"}}`, "0 5.4 without builds"},
		{"a plan of the team's own", "DeploymentService", "", `{"billing": {"deploymentPlan": "my-own"}}`, "0 0 without the plan my-own"},
		{"a plan with GPUs, of which only those have a price", "DeploymentService", "", `{"billing": {"deploymentPlan": "nf-gpu-l4-24-1g"}}`, "0 0 without the plan nf-gpu-l4-24-1g"},
		{"no plan", "DeploymentService", "", `{}`, "0 0 without plans that are not named"},
		{"a plan that is not known yet", "DeploymentService", "", `{"billing": {"deploymentPlan": null}}`, "0 0 without plans that only the run can tell"},
		{"a number that is not known yet", "DeploymentService", "", `{"billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": null}}`,
			"0 0 without instances of which only the run can tell the number"},
		{"replicas of an addon, whose storage has no known price", "Addon", `{"billing": {"deploymentPlan": "nf-compute-20", "replicas": 1, "storage": 4096}}`,
			`{"billing": {"deploymentPlan": "nf-compute-20", "replicas": 3, "storage": 4096}}`, "5.4 16.2 without the storage of addons"},
		{"a volume", "Volume", "", `{"spec": {"storageSize": 5120}}`, "0 0 without volumes"},
		{"a job is paid while it runs", "ManualJob", "", `{"billing": {"deploymentPlan": "nf-compute-20"}}`, "0 0 without runs of jobs"},
		{"also by the clock", "CronJob", "", `{"billing": {"deploymentPlan": "nf-compute-20"}}`, "0 0 without runs of jobs"},
		{"what costs nothing", "SecretGroup", "", `{"name": "s"}`, "nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := costOf(tt.kind, specOf(t, tt.before), specOf(t, tt.after)).text(t); got != tt.want {
				t.Errorf("it costs %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCostsAddUp(t *testing.T) {
	var sum *Cost
	for _, c := range []*Cost{nil, {Before: 1, After: 2.1}, {After: 0.2, Partial: true, LeftOut: []string{"volumes"}}, nil, {Partial: true, LeftOut: []string{"builds", "volumes"}}} {
		sum = sum.plus(c)
	}
	if got, want := sum.text(t), "1 2.3 without builds, volumes"; got != want {
		t.Errorf("they come to %q, want %q", got, want)
	}
}

// specOf is a specification, in which null stands for what only the run can tell.
func specOf(t *testing.T, text string) any {
	t.Helper()
	if text == "" {
		return nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	for _, part := range v.(map[string]any) {
		if m, ok := part.(map[string]any); ok {
			for k := range m {
				if m[k] == nil {
					m[k] = platform.Unknown
				}
			}
		}
	}
	return v
}

func (c *Cost) text(t *testing.T) string {
	t.Helper()
	if c == nil {
		return "nothing"
	}
	if c.Partial != (len(c.LeftOut) > 0) {
		t.Errorf("partial is %v, and it leaves out %q", c.Partial, c.LeftOut)
	}
	out := toJSON(t, c.Before) + " " + toJSON(t, c.After)
	if c.Partial {
		out += " without " + strings.Join(c.LeftOut, ", ")
	}
	return out
}
