package local

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var secretFlavour = flavour{
	noun: "secret group", segment: "secrets", idParam: "secretId", kind: "SecretGroup", typ: "secret",
	check:  checkSecret,
	refuse: refuseSecret,
	born:   func(*call, *record) (any, error) { return struct{}{}, nil },
	grown:  func(*call, *record, map[string]any) (any, error) { return struct{}{}, nil },
	show:   showSecretDetails,
	alone: func(r *record) bool {
		return r.spec["addonDependencies"] == nil && r.spec["externalAddonDependencies"] == nil
	},
}

func checkSecret(k *check) {
	k.name(secretNamePattern(), 100)
	k.text("description", 200)
	k.required("secretType", "priority")
	k.oneOf("type", "secret", "config")
	k.oneOf("secretType", "environment-arguments", "environment", "arguments")
	k.integer("priority", 0, 100)
	k.object("restrictions", "secrets", "secrets.variables", "secrets.files", "secrets.dockerSecretMounts")
	k.each("restrictions.nfObjects", func(at string) {
		k.required(at+".id", at+".type")
		k.oneOf(at+".type", "service", "job")
	})
	k.each("addonDependencies", func(at string) {
		k.required(at + ".addonId")
		k.each(at+".keys", func(at string) { k.required(at + ".keyName") })
	})
}

// linkedAddons are the properties that name addons whose details a secret group passes
// on, and the collections that these are in.
var linkedAddons = []struct{ property, segment, noun string }{
	{"addonDependencies", "addons", "addon"},
	{"externalAddonDependencies", "external-addons", "external addon"},
}

// refuseSecret checks that the addons and the connection details exist that the
// group passes on.
func refuseSecret(c *call, _ *record, key string, spec map[string]any) error {
	project := key[:len("projects/")+len(c.path("projectId"))]
	for _, l := range linkedAddons {
		for i, dependency := range jsonvalue.List(spec, l.property) {
			id := jsonvalue.String(dependency, "addonId")
			addon, err := c.tx.load(project + "/" + l.segment + "/" + id)
			if err != nil {
				return err
			}
			if addon == nil {
				return absent(fmt.Sprintf("%s.%d.addonId", l.property, i), "is %q, which is no %s of the project", id, l.noun)
			}
			for j, k := range jsonvalue.List(dependency, "keys") {
				name := jsonvalue.String(k, "keyName")
				if _, ok := c.connectionDetail(addon, name); !ok {
					return platform.Invalid(fmt.Sprintf("%s.%d.keys.%d.keyName", l.property, i, j),
						"is %q, which the %s %s %q does not have; it has %s", name, addonType(addon), l.noun, id, strings.Join(c.detailNames(addon), ", "))
				}
			}
		}
	}
	return nil
}

// addonType is what an addon is, or what an external one is made of.
func addonType(addon *record) string {
	if addon.typ == externalAddonType {
		return jsonvalue.String(addon.spec, "spec.resourceType")
	}
	return jsonvalue.String(addon.spec, "type")
}

// detailNames are the names of what an addon gives.
func (c *call) detailNames(addon *record) []string {
	if addon.typ == externalAddonType {
		return outputsOf(addon)
	}
	return keysOf(c.connectionDetails(addon))
}

func keysOf(details []detail) []string {
	keys := make([]string, len(details))
	for i, d := range details {
		keys[i] = d.key
	}
	return keys
}

// addonSecrets are the connection details that the group passes on, under their
// default name and their aliases.
func (c *call) addonSecrets(r *record) ([]any, map[string]any, error) {
	linked, variables := []any{}, map[string]any{}
	for _, l := range linkedAddons {
		for _, dependency := range jsonvalue.List(r.spec, l.property) {
			id := jsonvalue.String(dependency, "addonId")
			addon, err := c.tx.load("projects/" + r.projectID() + "/" + l.segment + "/" + id)
			if err != nil {
				return nil, nil, err
			}
			if addon == nil {
				continue // deleted since
			}
			own := map[string]any{}
			for _, k := range jsonvalue.List(dependency, "keys") {
				name := jsonvalue.String(k, "keyName")
				value, _ := c.connectionDetail(addon, name)
				own[defaultKey(id, name)] = value
				for _, alias := range jsonvalue.List(k, "aliases") {
					if alias, ok := alias.(string); ok && alias != "" {
						own[alias] = value
					}
				}
			}
			for k, v := range own {
				variables[k] = v
			}
			linked = append(linked, map[string]any{"id": id, "name": addon.spec["name"], "addonType": addonType(addon),
				"version": jsonvalue.String(addon.spec, "version"), "variables": own})
		}
	}
	return linked, variables, nil
}

func showSecretDetails(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description", "stageId", "addonDependencies", "externalAddonDependencies")
	shown["projectId"] = r.projectID()
	shown["type"] = orDefault(jsonvalue.String(r.spec, "type"), "secret")
	if shown["secrets"] == nil {
		shown["secrets"] = map[string]any{}
	}
	linked, _, err := c.addonSecrets(r)
	if err != nil {
		return nil, err
	}
	shown["addonSecrets"] = linked
	return shown, nil
}

func (c *call) secret() (*record, error) { return c.find("secret group", "secrets", "secretId") }

func getSecretDetails(c *call) (any, error) {
	r, err := c.secret()
	if err != nil {
		return nil, err
	}
	return showSecretDetails(c, r)
}

// getSecret shows the group's own variables, what it inherits from addons, or
// both.
func getSecret(c *call) (any, error) {
	r, err := c.secret()
	if err != nil {
		return nil, err
	}
	shown, err := showSecretDetails(c, r)
	if err != nil {
		return nil, err
	}
	_, inherited, err := c.addonSecrets(r)
	if err != nil {
		return nil, err
	}
	delete(shown, "addonSecrets")
	switch show := orDefault(c.params.Query["show"], "all"); show {
	case "this":
	case "inherited":
		shown["secrets"] = map[string]any{"variables": inherited}
	case "all":
		shown["secrets"] = jsonvalue.Merge(map[string]any{"variables": inherited}, shown["secrets"])
	default:
		return nil, platform.Invalid("show", "is %q; it is one of this, inherited, all", show)
	}
	return shown, nil
}

// secretRow is a group as lists show it: without its values.
func secretRow(r *record) (map[string]any, error) {
	row := jsonvalue.Pick(r.spec, []string{"name", "tags", "description", "secretType", "priority", "restrictions"})
	if _, ok := row["description"]; !ok {
		row["description"] = nil
	}
	row["id"], row["projectId"] = r.id(), r.projectID()
	row["type"] = orDefault(jsonvalue.String(r.spec, "type"), "secret")
	return row, nil
}

func listSecrets(c *call) (any, error) {
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(project.key+"/secrets", false, secretRow)
	return map[string]any{"secrets": rows}, err
}
