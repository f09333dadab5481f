package platformtest

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

func testSecretLinks(t *testing.T, w *world) {
	w.start(t, "Addon", `{"name": "data", "type": "postgresql", "version": "16", "billing": {"deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1}}`)
	w.start(t, "SecretGroup", `{"name": "settings", "secretType": "environment", "priority": 10}`)
	group := at("secretId", "settings")
	link := with(group, "addonId", "data")
	has(t, w.do(t, platform.OpGetSecretLink, link, nil, ""), "linked", false, "secretName", "settings", "addonType", "postgresql", "availableKeys.0", "HOST")
	_, err := w.try(platform.OpRemoveSecretLink, link, nil, "")
	refusal(t, err, 404, "data")
	for what, body := range map[string]string{
		"keys":              `{}`,
		"keys.0.keyName":    `{"keys": [{"keyName": "COLOUR"}]}`,
		"keys.0.aliases.0":  `{"keys": [{"keyName": "HOST", "aliases": [1]}]}`,
		"keys is not an ar": `{"keys": "HOST"}`,
	} {
		_, err := w.try(platform.OpUpdateSecretLink, link, nil, body)
		refusal(t, err, 400, what)
	}
	_, err = w.try(platform.OpUpdateSecretLink, with(group, "addonId", "nobody"), nil, `{"keys": []}`)
	refusal(t, err, 404, "nobody")
	has(t, w.do(t, platform.OpUpdateSecretLink, link, nil, `{"keys": [{"keyName": "HOST", "aliases": ["DB_HOST"]}]}`),
		"keys.0.keyName", "HOST", "keys.0.aliases.0", "DB_HOST", "keys.0.defaultKey", "NF_DATA_HOST")
	host := jsonText(t, w.do(t, platform.OpGetProjectSecretDetails, group, nil, ""))
	has(t, w.do(t, platform.OpGetSecretLink, link, nil, ""), "linked", true, "linkedKeys.0.defaultKey", "NF_DATA_HOST")
	// A second link of the same addon takes the place of the first.
	w.do(t, platform.OpUpdateSecretLink, link, nil, `{"keys": [{"keyName": "PORT", "aliases": ["DB_PORT"]}]}`)
	details := w.do(t, platform.OpGetProjectSecretDetails, group, nil, "")
	has(t, details, "addonSecrets.0.variables.DB_PORT", "5432", "addonSecrets.0.variables.DB_HOST", nil, "addonSecrets.1", nil)
	if host == jsonText(t, details) {
		t.Errorf("the link has not changed what the group passes on: %s", host)
	}
	w.do(t, platform.OpUpdateProjectSecret, group, nil, `{"priority": 20}`)
	has(t, w.do(t, platform.OpGetProjectSecretDetails, group, nil, ""), "priority", 20, "addonSecrets.0.id", "data")
	w.do(t, platform.OpRemoveSecretLink, link, nil, "")
	has(t, w.do(t, platform.OpGetProjectSecretDetails, group, nil, ""), "addonSecrets.0", nil)
}
