package local

import (
	"fmt"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Global secrets are what `secrets.` in expressions leads to.
var globalSecretFamily = family{
	flavour: flavour{noun: "global secret", segment: "secrets", idParam: "secretId", typ: "global", account: true,
		check: checkGlobalSecret},
	create: platform.OpCreateGlobalSecret, put: platform.OpPutGlobalSecret, patch: platform.OpPatchGlobalSecret,
	get: platform.OpGetGlobalSecret, list: platform.OpListGlobalSecrets, remove: platform.OpDeleteGlobalSecret,
	member: "secrets", hidden: []string{"secrets", "gitops"},
}

func checkGlobalSecret(k *check) {
	k.name(secretNamePattern(), 100)
	k.text("description", 200)
	k.required("type")
	k.oneOf("type", "secret", "config")
	k.object("secrets", "secrets.values", "secrets.files", "gitops")
	for id, file := range jsonvalue.Object(k.spec, "secrets.files") {
		if _, ok := file.(map[string]any); !ok {
			k.fail(fmt.Sprintf("secrets.files.%s", id), "is not an object")
		}
	}
	if k.present("gitops") {
		k.required("gitops.vcsService", "gitops.repoUrl", "gitops.branch", "gitops.filePath")
		k.oneOf("gitops.vcsService", "bitbucket", "gitlab", "github", "self-hosted", "azure")
	}
}
