package local

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A flavour is a kind of resource: how it is checked, set up, changed and shown.
type flavour struct {
	noun    string // "service"
	segment string // "services"
	idParam string // "serviceId"
	kind    string // of node, for what no update can change: "CombinedService"
	typ     string // "combined"
	once    []string
	// versioned says that what a resource was before a change is kept.
	versioned bool
	// literal says that an empty object says something: the name of an output.
	literal bool
	// account says that resources of the flavour belong to no project; segment is
	// then the whole path of the collection, unless within leads to it.
	account bool
	// within returns the collection where it is below another resource.
	within func(c *call) (string, error)
	// ident returns the identifier that a specification gives its resource; nil
	// where the name slugs to it.
	ident func(c *call, spec map[string]any) (string, error)

	check func(k *check)
	// normal spells a specification as it is stored; nil to store it as it came.
	normal func(c *call, old *record, spec map[string]any) (map[string]any, error)
	// refuse finds what cannot be: changes that are not possible, other resources
	// that are not there. old is nil for a new resource.
	refuse func(c *call, old *record, key string, spec map[string]any) error
	// born sets a new resource up and returns its state.
	born func(c *call, r *record) (any, error)
	// grown follows a change of the specification and returns the state.
	grown func(c *call, r *record, old map[string]any) (any, error)
	show  func(c *call, r *record) (map[string]any, error)
	// alone tells whether what is shown of a record takes no look at others; nil where it
	// may.
	alone func(r *record) bool
}

// shows is what a change answers of the resource.
func (c *call) shows(f *flavour, r *record) (any, error) {
	if f.alone != nil && f.alone(r) {
		return deferred(func(c *call) (map[string]any, error) { return f.show(c, r) }), nil
	}
	return f.show(c, r)
}

// project returns the record of the project that the path names.
func (c *call) project() (*record, error) { return c.projectNamed(c.path("projectId")) }

// projectNamed returns the record of a project, read once in an operation.
func (c *call) projectNamed(id string) (*record, error) {
	if c.home != nil && c.home.id() == id {
		return c.home, nil
	}
	key := "projects/" + id
	if t := c.tx; t.home != nil && t.home.key == key {
		c.home = t.home
		return c.home, nil
	}
	r, err := c.tx.load(key)
	if err == nil && r == nil {
		err = notFound("project", id, "")
	}
	if err == nil {
		c.home, c.tx.home = r, r
	}
	return r, err
}

// find returns a resource of the project by a path parameter. What is in a project
// goes with it, so that the project is looked for only where the resource is not
// there, to say which of the two is missing.
func (c *call) find(noun, segment, param string) (*record, error) {
	r, err := c.tx.load("projects/" + c.path("projectId") + "/" + segment + "/" + c.path(param))
	if err != nil || r != nil {
		return r, err
	}
	project, err := c.project()
	if err != nil {
		return nil, err
	}
	return nil, notFound(noun, c.path(param), inParent(project.key))
}

// ofAccount returns a resource of the account by a path parameter.
func (c *call) ofAccount(noun, segment, param string) (*record, error) {
	id := c.path(param)
	r, err := c.tx.load(segment + "/" + id)
	if err == nil && r == nil {
		err = notFound(noun, id, "")
	}
	return r, err
}

func (c *call) below(parent, noun, segment, id string) (*record, error) {
	r, err := c.tx.load(parent + "/" + segment + "/" + id)
	if err == nil && r == nil {
		err = notFound(noun, id, inParent(parent))
	}
	return r, err
}

// parent returns the collection that resources of the flavour are in.
func (c *call) collection(f *flavour) (string, error) {
	switch {
	case f.within != nil:
		return f.within(c)
	case f.account || f.segment == "projects":
		return f.segment, nil
	}
	project, err := c.project()
	if err != nil {
		return "", err
	}
	return project.key + "/" + f.segment, nil
}

// asked is the request's body as a specification.
func (c *call) asked() map[string]any {
	spec := maps.Clone(c.body)
	delete(spec, "projectId")
	return spec
}

func (c *call) createNew(f *flavour) (any, error) {
	return c.set(f, func(old *record) error {
		if old != nil {
			return taken(f.noun, old.id())
		}
		return nil
	})
}

func (c *call) put(f *flavour) (any, error) {
	return c.set(f, func(*record) error { return nil })
}

// set creates or replaces the resource that the name slugs to.
func (c *call) set(f *flavour, allow func(*record) error) (any, error) {
	parent, err := c.collection(f)
	if err != nil {
		return nil, err
	}
	spec := c.asked()
	k := &check{spec: spec}
	f.check(k)
	if err := k.err(); err != nil {
		return nil, err
	}
	id := platform.Slug(jsonvalue.String(spec, "name"))
	if f.ident != nil {
		if id, err = f.ident(c, spec); err != nil {
			return nil, err
		}
	}
	key := parent + "/" + id
	old, err := c.tx.load(key)
	if err != nil {
		return nil, err
	}
	if err := allow(old); err != nil {
		return nil, err
	}
	return c.store(f, parent, key, old, spec)
}

// look returns the resource of the flavour that the path names.
func (c *call) look(f *flavour) (*record, error) {
	parent, err := c.collection(f)
	if err != nil {
		return nil, err
	}
	id := c.path(f.idParam)
	r, err := c.tx.load(parent + "/" + id)
	if err == nil && r == nil {
		in := inParent(parent)
		if f.account && f.within == nil {
			in = ""
		}
		err = notFound(f.noun, id, in)
	}
	return r, err
}

// patch changes the properties that the body names. Objects are merged, arrays
// replaced.
func (c *call) patch(f *flavour) (any, error) {
	parent, err := c.collection(f)
	if err != nil {
		return nil, err
	}
	old, err := c.look(f)
	if err != nil {
		return nil, err
	}
	id := old.id()
	body := c.asked()
	if name := jsonvalue.String(body, "name"); name != "" && platform.Slug(name) != id {
		return nil, platform.Invalid("name", "cannot be changed")
	}
	delete(body, "name")
	merged, _ := jsonvalue.Merge(without(old.spec, body), body).(map[string]any)
	k := &check{spec: merged}
	f.check(k)
	if err := k.err(); err != nil {
		return nil, err
	}
	return c.store(f, parent, old.key, old, merged)
}

// exclusive are groups of properties of which a specification has one.
var exclusive = [][]string{
	{"deployment.external", "deployment.internal", "deployment.vcs"},
	{"buildSettings.dockerfile", "buildSettings.buildpack"},
}

// without leaves out of a specification what a property of the patch takes the place of.
func without(spec, patch map[string]any) map[string]any {
	for _, group := range exclusive {
		named := slices.ContainsFunc(group, func(path string) bool { return jsonvalue.Get(patch, path) != nil })
		for _, path := range group {
			if named && jsonvalue.Get(patch, path) == nil {
				spec, _ = jsonvalue.Without(spec, path).(map[string]any)
			}
		}
	}
	return spec
}

// replace gives the resource that the path names another specification. It keeps
// its name where that is left out.
func (c *call) replace(f *flavour) (any, error) {
	parent, err := c.collection(f)
	if err != nil {
		return nil, err
	}
	old, err := c.look(f)
	if err != nil {
		return nil, err
	}
	spec := c.asked()
	if name := jsonvalue.String(spec, "name"); name != "" && platform.Slug(name) != old.id() {
		return nil, platform.Invalid("name", "cannot be changed")
	}
	if spec["name"] == nil {
		spec["name"] = old.spec["name"]
	}
	k := &check{spec: spec}
	f.check(k)
	if err := k.err(); err != nil {
		return nil, err
	}
	return c.store(f, parent, old.key, old, spec)
}

// store keeps a checked specification.
func (c *call) store(f *flavour, parent, key string, old *record, spec map[string]any) (any, error) {
	if old != nil && old.typ != f.typ {
		return nil, &platform.Error{Status: http.StatusConflict, ID: platform.ErrorConflict,
			Message: fmt.Sprintf("%s %q exists already and is a %s %s, not a %s one: give the new one another name",
				f.noun, old.id(), old.typ, f.noun, f.typ),
			Details: map[string]any{"name": []any{"is taken"}}}
	}
	var err error
	if f.normal != nil {
		if spec, err = f.normal(c, old, spec); err != nil {
			return nil, err
		}
	}
	if old != nil {
		for _, name := range f.once {
			if delete(spec, name); old.spec[name] != nil {
				spec[name] = old.spec[name]
			}
		}
		if refusal := platform.FixedChange(f.kind, old.id(), old.spec, spec); refusal != nil {
			return nil, refusal
		}
	}
	same := old != nil && unchanged(old.spec, spec)
	if same && f.literal {
		same = jsonvalue.Equal(old.spec, spec)
	}
	if same {
		if err := c.log(key, Nothing); err != nil {
			return nil, err
		}
		return c.shows(f, old)
	}
	if f.refuse != nil {
		if err := f.refuse(c, old, key, spec); err != nil {
			return nil, err
		}
	}
	if old != nil && f.typ == "template" && c.platform.draftsOnly && c.cause == "" {
		return nil, conflict("templates are changed by drafts only here: propose the change with 'nf-run draft create'")
	}
	if f.versioned {
		if err := c.keepVersion(key, old, spec); err != nil {
			return nil, err
		}
	}
	r, change := old, Updated
	var state any
	if old == nil {
		r, change = &record{key: key, parent: parent, typ: f.typ, created: c.now, updated: c.now, spec: spec}, Created
		state, err = f.born(c, r)
	} else {
		before := old.spec
		r.spec = spec
		state, err = f.grown(c, r, before)
	}
	if err != nil {
		return nil, err
	}
	if old == nil {
		err = c.tx.create(r, state)
	} else {
		err = c.tx.save(r, state, c.now)
	}
	if err != nil {
		return nil, err
	}
	if err := c.log(key, change); err != nil {
		return nil, err
	}
	return c.shows(f, r)
}

// delete removes a resource and what is below it.
func (c *call) delete(noun, segment, param string) (any, error) {
	r, err := c.find(noun, segment, param)
	if err != nil {
		return nil, err
	}
	if err := c.tx.remove(r.key); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Deleted)
}
