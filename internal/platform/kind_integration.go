package platform

import (
	"context"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var sshIdentityKind = resource{
	kind: "SSHIdentity", noun: "SSH identity", segment: "integrations/ssh-identities", idParam: "identityId", account: true, putNamed: true,
	get: OpGetSSHIdentity, create: OpAddSSHIdentity, put: OpPutSSHIdentity, patch: OpUpdateSSHIdentity,
	spec: []string{"name", "description", "sshPublicKeys", "restrictions"},
}

// The platform has no PUT for registries, and their credentials and restrictions
// are all that can be changed.
var registryKind = resource{
	kind: "CustomDockerCredentials", noun: "registry", segment: "integrations/registries", idParam: "credentialId", account: true,
	get: OpGetRegistry, create: OpAddRegistry, patch: OpUpdateRegistry,
	spec:   []string{"name", "provider", "registryUrl", "aws", "gcp", "azure", "integrationId", "credentials", "restrictions"},
	unread: []string{"credentials"},
	secret: []string{"/credentials/password"},
	check:  checkRegistry,
	update: updateRegistry,
}

func checkRegistry(_ NodeRequest, id string, current, desired map[string]any) error {
	for _, property := range []string{"provider", "registryUrl", "aws", "gcp", "azure", "integrationId"} {
		have, want := jsonvalue.Normal(current[property]), jsonvalue.Normal(desired[property])
		if want != nil && !IsUnknown(want) && !HasUnknown(want) && !jsonvalue.Equal(have, want) {
			return Unchangeable("registry", id, property, have, want)
		}
	}
	return nil
}

func updateRegistry(ctx context.Context, d *Driver, req NodeRequest, path map[string]string, _, desired map[string]any) error {
	body := jsonvalue.Pick(desired, []string{"credentials", "restrictions"})
	return d.do(ctx, OpUpdateRegistry, Params{Path: path, Token: req.Token}, body, nil)
}
