package platform

var tagKind = resource{
	kind: "ResourceTag", noun: "tag", segment: "tags", idParam: "resourceTagId", account: true,
	get: OpGetTag, create: OpAddTag, put: OpPutTag, patch: OpUpdateTag,
	spec: []string{"name", "description", "color", "useSpotNodes", "useOnDemandNodes", "nodeAffinities", "sandboxing",
		"useAsInfrastructureLabel"},
	unread: []string{"useAsInfrastructureLabel"},
}
