package local

import (
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Rollout strategies can be changed and not be read: the answers to what changes
// them show them.
var rolloutFamily = family{
	flavour: flavour{noun: "rollout strategy", segment: "gradual-rollout-strategies", idParam: "gradualRolloutStrategyId",
		kind: "RolloutStrategy", typ: "strategy", account: true, check: fits("RolloutStrategy"), ident: rolloutID, show: showRollout},
	create: platform.OpCreateRolloutStrategy, put: platform.OpPutRolloutStrategy, patch: platform.OpUpdateRolloutStrategy,
	remove: platform.OpDeleteRolloutStrategy,
}

// rolloutID is the identifier of a strategy, whose name need not be given.
func rolloutID(_ *call, spec map[string]any) (string, error) {
	if id := platform.Slug(jsonvalue.String(spec, "name")); id != "" {
		return id, nil
	}
	return freshID(), nil
}

func showRollout(c *call, r *record) (map[string]any, error) {
	shown := c.face(r)
	shown["name"] = orDefault(jsonvalue.String(r.spec, "name"), r.id())
	return shown, nil
}
