package local

import (
	"maps"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A link is what a secret group passes on of an addon. It stands in the specification
// of the group; these operations change it there.
func (c *call) link() (group, addon *record, err error) {
	if group, err = c.secret(); err != nil {
		return nil, nil, err
	}
	addon, err = c.find("addon", "addons", "addonId")
	return group, addon, err
}

// linkOf is the position of an addon in a group's dependencies, -1 for none.
func linkOf(group, addon *record) int {
	return slices.IndexFunc(jsonvalue.List(group.spec, "addonDependencies"), func(d any) bool {
		return jsonvalue.String(d, "addonId") == addon.id()
	})
}

// defaultKey is the variable that a connection detail has without an alias.
func defaultKey(addon, key string) string { return "NF_" + strings.ToUpper(addon) + "_" + key }

// linkedKeys are the connection details that a dependency passes on, with their names.
func linkedKeys(dependency any) []any {
	linked := []any{}
	for _, k := range jsonvalue.List(dependency, "keys") {
		aliases := jsonvalue.List(k, "aliases")
		if aliases == nil {
			aliases = []any{}
		}
		name := jsonvalue.String(k, "keyName")
		linked = append(linked, map[string]any{"keyName": name, "aliases": aliases, "defaultKey": defaultKey(jsonvalue.String(dependency, "addonId"), name)})
	}
	return linked
}

func getSecretLink(c *call) (any, error) {
	group, addon, err := c.link()
	if err != nil {
		return nil, err
	}
	linked := []any{}
	i := linkOf(group, addon)
	if i >= 0 {
		linked = linkedKeys(jsonvalue.List(group.spec, "addonDependencies")[i])
	}
	return map[string]any{"secretName": group.spec["name"], "secretId": group.id(), "addonName": addon.spec["name"], "addonId": addon.id(),
		"addonType": addon.spec["type"], "linked": i >= 0, "linkedKeys": linked, "availableKeys": keysOf(c.connectionDetails(addon))}, nil
}

// updateSecretLink sets which connection details a group passes on of an addon.
func updateSecretLink(c *call) (any, error) {
	group, addon, err := c.link()
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("keys")
	k.each("keys", func(at string) {
		k.required(at + ".keyName")
		k.each(at+".aliases", func(at string) {
			if s, ok := jsonvalue.Get(k.spec, at).(string); !ok || s == "" {
				k.fail(at, "is no name of a variable")
			}
		})
		if name := jsonvalue.String(k.spec, at+".keyName"); name != "" {
			if _, ok := c.connectionDetail(addon, name); !ok {
				k.fail(at+".keyName", "is %q, which the %s addon %q does not have; it has %s", name, jsonvalue.String(addon.spec, "type"), addon.id(),
					strings.Join(keysOf(c.connectionDetails(addon)), ", "))
			}
		}
	})
	if err := k.err(); err != nil {
		return nil, err
	}
	dependency := map[string]any{"addonId": addon.id(), "keys": c.body["keys"]}
	dependencies := slices.Clone(jsonvalue.List(group.spec, "addonDependencies"))
	if i := linkOf(group, addon); i >= 0 {
		dependencies[i] = dependency
	} else {
		dependencies = append(dependencies, dependency)
	}
	return map[string]any{"keys": linkedKeys(dependency)}, c.relink(group, dependencies)
}

// removeSecretLink ends that a group passes anything of an addon on.
func removeSecretLink(c *call) (any, error) {
	group, addon, err := c.link()
	if err != nil {
		return nil, err
	}
	i := linkOf(group, addon)
	if i < 0 {
		return nil, notFound("link to addon", addon.id(), nameOf(group))
	}
	return nil, c.relink(group, slices.Delete(slices.Clone(jsonvalue.List(group.spec, "addonDependencies")), i, i+1))
}

// relink keeps a group with other links, as any other change of it.
func (c *call) relink(group *record, dependencies []any) error {
	spec := maps.Clone(group.spec)
	spec["addonDependencies"] = dependencies
	_, err := c.store(&secretFlavour, group.parent, group.key, group, spec)
	return err
}

// secretLinkHandlerOf returns what carries out an operation on a link, nil for one that
// is none.
func secretLinkHandlerOf(op string) handler {
	switch op {
	case platform.OpUpdateProjectSecret:
		return patches(&secretFlavour)
	case platform.OpGetSecretLink:
		return getSecretLink
	case platform.OpUpdateSecretLink:
		return updateSecretLink
	case platform.OpRemoveSecretLink:
		return removeSecretLink
	}
	return nil
}
