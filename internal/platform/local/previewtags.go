package local

import (
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A previewTag is recorded of a tag that stands for preview environments. Such a tag
// comes and goes with them, and is nobody else's to change.
type previewTag struct {
	Preview bool `json:"preview"`
}

// keepTag makes the tag of an environment, where there is none of its name.
func (c *call) keepTag(name string) error {
	key := tagFamily.segment + "/" + name
	r, err := c.tx.load(key)
	if err != nil || r != nil {
		return err
	}
	return c.tx.create(&record{key: key, parent: tagFamily.segment, typ: tagFamily.typ, created: c.now,
		spec: map[string]any{"name": name, "description": "of a preview environment"}}, previewTag{Preview: true})
}

// dropTag removes the tag of an environment that has gone, unless it is somebody
// else's, or another environment has the same name.
func (c *call) dropTag(name string) error {
	r, err := c.tx.load(tagFamily.segment + "/" + name)
	if err != nil || r == nil || !stateOf[previewTag](r).Preview {
		return err
	}
	environments, err := c.tx.typed(environmentType)
	if err != nil || slices.ContainsFunc(environments, func(env *record) bool { return env.id() == name }) {
		return err
	}
	return c.tx.remove(r.key)
}

// heldTag refuses to delete the tag of an environment.
func heldTag(_ *call, r *record) error {
	if stateOf[previewTag](r).Preview {
		return conflict("tag %q is that of a preview environment, and goes with it", r.id())
	}
	return nil
}

// refuseTag refuses to change the tag of an environment.
func refuseTag(_ *call, old *record, _ string, spec map[string]any) error {
	if old != nil && stateOf[previewTag](old).Preview && !unchanged(old.spec, spec) {
		return conflict("tag %q is that of a preview environment, and cannot be changed", old.id())
	}
	return nil
}

// tagged gives what the nodes of a preview make the environment's tag, and keeps its
// secret groups to what has it. What was there before the environment is shared, and
// stays as it is. Sources: "Create and manage previews", "Inject secrets securely and
// share environment resources".
func (c *call) tagged(document map[string]any, owner *record, tag string) error {
	env, err := c.tx.load(owner.key + "/previews/" + tag)
	if err != nil {
		return err
	}
	var failed error
	eachNode(document["spec"], func(node map[string]any) {
		kind, _ := node["kind"].(string)
		spec := jsonvalue.Object(node, "spec")
		if failed != nil || spec == nil || !takesTags(kind) {
			return
		}
		own, err := c.ownOf(kind, spec, owner, env)
		if err != nil || !own {
			failed = err
			return
		}
		withTag(spec, tag)
		if kind != "SecretGroup" {
			return
		}
		restrictions := map[string]any{}
		switch given := spec["restrictions"].(type) {
		case nil:
		case map[string]any:
			restrictions = given
		default:
			return // an expression
		}
		restrictions["restricted"] = true
		withTag(restrictions, tag)
		spec["restrictions"] = restrictions
	})
	return failed
}

// ownOf tells whether what a node makes belongs to an environment alone: its name is
// made of the environment's, or nothing of the name was there before.
func (c *call) ownOf(kind string, spec map[string]any, owner, env *record) (bool, error) {
	name := jsonvalue.String(spec, "name")
	if strings.Contains(name, "args.name") || strings.Contains(name, "args.previewId") {
		return true, nil
	}
	project := orDefault(jsonvalue.String(spec, "projectId"), owner.projectID())
	if name == "" || strings.Contains(name+project, "${") {
		return false, nil
	}
	r, err := c.tx.load("projects/" + project + "/" + collections[kind] + "/" + platform.Slug(name))
	return r == nil || env != nil && !r.created.Before(env.created), err
}

// withTag adds a tag to a list of tags that does not have it, in whatever way it is
// written there.
func withTag(of map[string]any, tag string) {
	list, ok := of["tags"].([]any)
	if of["tags"] != nil && !ok {
		return // an expression
	}
	for _, v := range list {
		text, _ := v.(string)
		if text = strings.Join(strings.Fields(text), ""); text == tag || text == "${args.previewId}" || text == "${args.name}" {
			return
		}
	}
	of["tags"] = append(slices.Clone(list), any(tag))
}

// takesTags tells of a kind whether what it makes can have tags.
func takesTags(kind string) bool {
	known, ok := catalog.Lookup(kind)
	if !ok {
		return false
	}
	_, ok = known.Spec.Schema().Property("tags")
	return ok
}
