package platform

// Rollout strategies can be created and changed and not be read: a plan cannot
// tell whether one is there.
var rolloutKind = resource{
	kind: "RolloutStrategy", noun: "rollout strategy", segment: "gradual-rollout-strategies", idParam: "gradualRolloutStrategyId",
	account: true,
	create:  OpCreateRolloutStrategy, put: OpPutRolloutStrategy, patch: OpUpdateRolloutStrategy,
	spec: []string{"name", "type", "options", "details"},
}
