package local

import "github.com/nf-lsp/nf-lsp/internal/platform"

var tagFamily = family{
	flavour: flavour{noun: "tag", segment: "tags", idParam: "resourceTagId", kind: "ResourceTag", typ: "tag", account: true,
		check: fits("ResourceTag"), refuse: refuseTag},
	create: platform.OpAddTag, put: platform.OpPutTag, patch: platform.OpUpdateTag, get: platform.OpGetTag,
	list: platform.OpListTags, remove: platform.OpDeleteTag, member: "tags", held: heldTag,
}
