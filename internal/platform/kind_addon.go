package platform

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var addonKind = resource{
	kind: "Addon", noun: "addon", segment: "addons", idParam: "addonId",
	get: OpGetAddon, create: OpCreateAddon, put: OpPutAddon, patch: OpPatchAddon,
	spec: []string{"name", "description", "stageId", "tags", "type", "infrastructure", "version", "billing", "source",
		"tlsEnabled", "externalAccessEnabled", "ipPolicies", "pitrEnabled", "typeSpecificSettings", "customCredentials",
		"backupSchedules", "metadata", "templateValues", "region"},
	unread: []string{"stageId", "infrastructure", "source", "typeSpecificSettings", "customCredentials",
		"backupSchedules", "metadata", "pitrEnabled"},
	once:     []string{"source"},
	defaults: []fallback{{"billing.storageClass", nil}},
	secret:   []string{"/secrets", "/templateValues"},
	private:  secretEnvs,
	read:     readAddon,
	align:    alignAddon,
	check:    checkAddon,
	repair:   upgradeAddon,
	uses:     addonUses,

	enrichment: OpGetAddonCredentials,
	enrich:     addCredentials,
}

// readAddon takes the specification from where get-addon shows it.
func readAddon(data map[string]any) map[string]any {
	spec := maps.Clone(data)
	for name, path := range map[string]string{
		"type":                  "spec.type",
		"version":               "spec.config.versionTag",
		"tlsEnabled":            "spec.config.networking.tlsEnabled",
		"externalAccessEnabled": "spec.config.networking.externalAccessEnabled",
	} {
		if v := jsonvalue.Get(data, path); v != nil && spec[name] == nil {
			spec[name] = v
		}
	}
	if _, ok := spec["billing"]; !ok {
		billing := map[string]any{}
		for name, path := range map[string]string{
			"deploymentPlan": "planId", "storage": "storageSize", "storageClass": "storageClass", "replicas": "replicas",
		} {
			if v := jsonvalue.Get(data, "spec.config.deployment."+path); v != nil {
				billing[name] = v
			}
		}
		spec["billing"] = billing
	}
	return spec
}

// alignAddon spells a specification that the addon satisfies already as the
// addon does: another name of its type, a selector of its version.
func alignAddon(current, desired map[string]any) map[string]any {
	aligned := maps.Clone(desired)
	if kind := jsonvalue.String(desired, "type"); kind != "" {
		aligned["type"] = AddonType(kind)
	}
	version, wish := jsonvalue.String(current, "version"), jsonvalue.String(desired, "version")
	if version != "" && wish != "" && VersionSatisfies(version, wish) {
		aligned["version"] = version
	}
	return aligned
}

// checkAddon refuses to shrink an addon and to change its version other than by
// an upgrade that the node allows.
func checkAddon(req NodeRequest, id string, current, desired map[string]any) error {
	have, ok := jsonvalue.Number(current, "billing.storage")
	want, wanted := jsonvalue.Number(desired, "billing.storage")
	if ok && wanted && want < have {
		return Unchangeable("addon", id, "billing.storage", have, want)
	}
	version, wish := jsonvalue.String(current, "version"), jsonvalue.String(desired, "version")
	if version == "" || VersionSatisfies(version, wish) {
		return nil
	}
	return CheckUpgrade(jsonvalue.String(current, "type"), id, version, wish, allowsUpgrade(req))
}

// addonUses is the addon that a new one is forked from.
func addonUses(projectID string, spec map[string]any, creating bool) []use {
	id := jsonvalue.String(spec, "source.addonId")
	if id == "" || !creating {
		return nil
	}
	if other := jsonvalue.String(spec, "source.projectId"); other != "" {
		projectID = other
	}
	return []use{inProject(OpGetAddon, projectID, "addons", "addonId", id)}
}

// AddonType is the platform's name of an addon type: "postgres" is accepted for
// "postgresql".
func AddonType(name string) string {
	if name == "postgres" {
		return "postgresql"
	}
	return name
}

func allowsUpgrade(req NodeRequest) bool {
	return jsonvalue.Bool(req.Node, "options.upgradeOnVersionMismatch")
}

// upgradeAddon upgrades an addon whose put was refused for its version, when
// the node allows that.
func upgradeAddon(ctx context.Context, d *Driver, req NodeRequest, id string, refusal *Error) (bool, error) {
	if _, ok := refusal.Details["version"]; !ok {
		return false, nil
	}
	projectID := projectOf(req, req.Spec)
	path := map[string]string{"projectId": projectID, "addonId": id}
	current, err := d.object(ctx, OpGetAddon, Params{Path: path}, nil)
	if IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	current = readAddon(current)
	version, wish := jsonvalue.String(current, "version"), jsonvalue.String(req.Spec, "version")
	if VersionSatisfies(version, wish) {
		return false, nil
	}
	if err := CheckUpgrade(jsonvalue.String(current, "type"), id, version, wish, allowsUpgrade(req)); err != nil {
		return false, err
	}
	err = d.do(ctx, OpUpgradeAddonVersion, Params{Path: path, Token: req.Token}, map[string]any{"version": wish}, nil)
	if err != nil {
		return false, fmt.Errorf("upgrading addon %q from %s to %s: %w", id, version, wish, err)
	}
	return true, nil
}

// addCredentials adds the connection details: all under envs by their key, the
// secret ones under secrets too. An addon that has none yet goes without.
func addCredentials(ctx context.Context, d *Driver, path map[string]string, output map[string]any) {
	credentials, err := d.object(ctx, OpGetAddonCredentials, Params{Path: path}, nil)
	if err != nil {
		return
	}
	for _, name := range []string{"envs", "secrets"} {
		if v, ok := credentials[name]; ok {
			output[name] = v
		}
	}
}

// secretEnvs are the connection details under envs that stand under secrets too,
// by other names.
func secretEnvs(output map[string]any) []string {
	secret := map[any]bool{}
	for _, v := range jsonvalue.Object(output, "secrets") {
		if s, ok := v.(string); ok && s != "" {
			secret[s] = true
		}
	}
	var found []string
	for k, v := range jsonvalue.Object(output, "envs") {
		if s, ok := v.(string); ok && secret[s] {
			found = append(found, "/envs/"+jsonvalue.EscapePointer(k))
		}
	}
	slices.Sort(found)
	return found
}
