package platform

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A comparison is the outcome of laying a specification beside a resource.
type comparison struct {
	same             bool
	current, desired map[string]any // in one shape, without what cannot be compared
}

// preview compares the specification with the resource as it is.
func (r *resource) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	mode, err := updateMode(req)
	if err != nil {
		return Change{}, err
	}
	if name := jsonvalue.Get(req.Spec, "name"); IsUnknown(name) || IsUnknown(jsonvalue.Get(req.Spec, "projectId")) {
		spec, _ := req.Spec.(map[string]any)
		return r.change(Change{Action: ActionApply, Desired: req.Spec, Operations: r.operations(mode, r.create), Output: r.foresee("", "", nil, spec)}), nil
	}
	projectID, id, body, err := r.target(req)
	if err != nil {
		return Change{}, err
	}
	if r.get == "" {
		return r.blind(mode, projectID, id, body), nil
	}
	if id == "" {
		return Change{}, Invalid("name", "is missing")
	}
	path := r.path(projectID, id)
	var current map[string]any // what is in a project that does not exist need not be asked for
	if !r.inProject() || !knownMissing(ctx, projectResource(projectID)) {
		if current, err = r.load(ctx, d, path); err != nil {
			return Change{}, err
		}
	}
	change := Change{Resource: r.resourceName(projectID, id)}
	change.Needs, err = r.needs(ctx, d, projectID, current == nil, body)
	if err != nil {
		return Change{}, err
	}
	switch {
	case current == nil && mode == modePatch:
		change.Action = ActionUpdate
		change.Needs = append(change.Needs, change.Resource)
		change.Desired = jsonvalue.Normal(body)
		change.Operations = r.operations(mode, r.patch)
		change.Output = r.foresee(projectID, id, nil, nil)
	case current == nil:
		change.Action = ActionCreate
		change.Desired = jsonvalue.Normal(body)
		change.Operations = r.operations(mode, r.create)
		change.Output = r.foresee(projectID, id, nil, body)
	case mode == modeCreate:
		change.Action = ActionUnchanged
		diff := r.compare(modePatch, current, map[string]any{})
		change.Current, change.Desired = diff.current, diff.current
		change.Operations = r.operations(mode, "")
		change.Output = r.result(ctx, d, "", path, current).Output
	default:
		if err := r.refuse(req, id, current, body); err != nil {
			return Change{}, err
		}
		diff := r.compare(mode, current, body)
		change.Action = ActionUpdate
		change.Current, change.Desired = diff.current, diff.desired
		change.Operations = r.operations(mode, r.patch)
		if diff.same {
			change.Action, change.Operations = ActionUnchanged, r.operations(mode, "")
		}
		output, _ := r.result(ctx, d, "", path, current).Output.(map[string]any)
		if !diff.same {
			output = r.foresee(projectID, id, output, body)
		}
		change.Output = output
	}
	return r.change(change), nil
}

// blind is the preview of what cannot be read: it is created or updated. Its
// name need not be given.
func (r *resource) blind(mode, projectID, id string, body map[string]any) Change {
	change := Change{Action: ActionApply, Desired: jsonvalue.Normal(body), Operations: r.operations(mode, r.create),
		Output: r.foresee(projectID, id, nil, body)}
	if id != "" {
		change.Resource = r.resourceName(projectID, id)
	}
	return r.change(change)
}

// change marks the secret values of a change.
func (r *resource) change(c Change) Change {
	c.Secret = slices.Compact(slices.Sorted(slices.Values(append(pointers(c.Current, r.secret), pointers(c.Desired, r.secret)...))))
	output, _ := c.Output.(map[string]any)
	c.OutputSecret = r.secrets(output)
	return c
}

// operations are those that the node needs: what looks the resource up, what
// changes it and what reads it back. change is the operation of platforms
// without a put, empty where nothing is changed.
func (r *resource) operations(mode, change string) []string {
	var ops []string
	switch {
	case mode == modePut && r.put != "":
		ops = append(ops, r.put)
	case mode == modePatch && r.update == nil:
		ops = append(ops, r.patch)
	default:
		if r.get != "" {
			ops = append(ops, r.get)
		}
		if change != "" {
			ops = append(ops, change)
		}
	}
	if r.get != "" {
		ops = append(ops, r.get)
	}
	if r.enrichment != "" {
		ops = append(ops, r.enrichment)
	}
	return ops
}

// foresee predicts what references to the node will see. Of a resource that is
// there its present output stays, with the specification laid over it. What is
// left out is known only after apply.
func (r *resource) foresee(projectID, id string, current, body map[string]any) map[string]any {
	output := map[string]any{}
	for _, name := range r.spec {
		v, ok := body[name]
		if !ok || name == "ports" {
			continue
		}
		output[name] = v
	}
	if merged, ok := jsonvalue.Merge(current, output).(map[string]any); ok && current != nil {
		output = merged
	}
	if ports, ok := body["ports"].([]any); ok {
		output["ports"] = foreseePorts(jsonvalue.List(current, "ports"), ports)
	}
	if id != "" {
		output["id"] = id
	}
	if projectID != "" {
		output["projectId"] = projectID
	}
	return output
}

// foreseePorts keeps what the platform has given to ports of the same name.
func foreseePorts(current, desired []any) []any {
	ports := make([]any, len(desired))
	for i, port := range desired {
		ports[i] = port
		for _, known := range current {
			if name := jsonvalue.String(port, "name"); name != "" && name == jsonvalue.String(known, "name") {
				ports[i] = jsonvalue.Merge(known, port)
			}
		}
	}
	return ports
}

// needs lists what the specification names and what is not there.
func (r *resource) needs(ctx context.Context, d *Driver, projectID string, creating bool, spec map[string]any) ([]string, error) {
	var uses []use
	if creating && projectID != "" {
		uses = append(uses, use{OpGetProject, map[string]string{"projectId": projectID}, projectResource(projectID)})
	}
	if r.uses != nil {
		uses = append(uses, r.uses(projectID, spec, creating)...)
	}
	return d.absent(ctx, uses)
}

// projectResource is the name of a project in plans.
func projectResource(id string) string { return "projects/" + id }

// absent returns the resources that do not exist, each once.
func (d *Driver) absent(ctx context.Context, uses []use) ([]string, error) {
	var missing []string
	for _, u := range uses {
		gone, err := d.missing(ctx, u)
		if err != nil {
			return nil, err
		}
		if gone {
			missing = append(missing, u.resource)
		}
	}
	slices.Sort(missing)
	return slices.Compact(missing), nil
}

// compare brings both sides into one shape. In patch mode the properties that
// the specification leaves out stay as they are.
func (r *resource) compare(mode string, current, desired map[string]any) comparison {
	current, desired = r.shape(current, desired)
	desired = jsonvalue.Pick(desired, r.spec)
	readable := make([]string, 0, len(r.spec))
	for _, name := range r.spec {
		if _, ok := current[name]; !ok && slices.Contains(r.unread, name) {
			desired = jsonvalue.Without(desired, name).(map[string]any)
			continue
		}
		readable = append(readable, name)
	}
	var have, want any = jsonvalue.Pick(current, readable), desired
	for _, path := range r.computed {
		have = jsonvalue.Without(have, path)
		want = jsonvalue.Without(want, path)
	}
	for _, path := range r.once {
		have = jsonvalue.Without(have, path)
		want = jsonvalue.Without(want, path)
	}
	if mode == modePatch {
		want = jsonvalue.Merge(have, want)
	}
	literally := [...]any{have, want}
	have, want = jsonvalue.Normal(have), jsonvalue.Normal(want)
	have, want = r.withoutDefaults(have, want), r.withoutDefaults(want, have)
	diff := comparison{same: jsonvalue.Equal(have, want)}
	if r.literal != "" && diff.same {
		diff.same = jsonvalue.Equal(jsonvalue.Get(literally[0], r.literal), jsonvalue.Get(literally[1], r.literal))
	}
	diff.current, _ = have.(map[string]any)
	diff.desired, _ = want.(map[string]any)
	return diff
}

// withoutDefaults leaves out what one side has and the other takes for granted:
// false, what the platform fills in, and what cannot change anyway.
func (r *resource) withoutDefaults(v, other any) any {
	for _, d := range r.defaults {
		if jsonvalue.Get(other, d.path) == nil && (d.value == nil || jsonvalue.Equal(jsonvalue.Get(v, d.path), d.value)) {
			v = jsonvalue.Without(v, d.path)
		}
	}
	for _, path := range r.fixed() {
		if jsonvalue.Get(other, path) == nil {
			v = jsonvalue.Without(v, path)
		}
	}
	return jsonvalue.Normal(withoutFalse(v, other))
}

func withoutFalse(v, other any) any {
	switch v := v.(type) {
	case map[string]any:
		o, ok := other.(map[string]any)
		if !ok {
			return v
		}
		out := make(map[string]any, len(v))
		for k, e := range v {
			counterpart, ok := o[k]
			if e == false && !ok {
				continue
			}
			out[k] = withoutFalse(e, counterpart)
		}
		return out
	case []any:
		o, ok := other.([]any)
		if !ok || len(o) != len(v) {
			return v
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withoutFalse(e, o[i])
		}
		return out
	}
	return v
}

// shape brings what was read and what is wanted into one spelling.
func (r *resource) shape(current, desired map[string]any) (have, want map[string]any) {
	if r.read != nil {
		current = r.read(current)
	}
	if r.align != nil {
		desired = r.align(current, desired)
	}
	return current, desired
}

// refuse finds the changes that no update can make.
func (r *resource) refuse(req NodeRequest, id string, current, desired map[string]any) error {
	current, desired = r.shape(current, desired)
	if err := fixedChange(r, id, current, desired); err != nil {
		return err
	}
	if r.check != nil {
		return r.check(req, id, current, desired)
	}
	return nil
}

// FixedChange finds the first property of a specification that differs from
// the resource as it is and that no update of the node's kind can change; nil
// when there is none. Targets that carry out updates themselves use it too.
func FixedChange(kind, id string, current, desired map[string]any) *Error {
	r := resourceOf(kind)
	if r == nil {
		return nil
	}
	return fixedChange(r, id, current, desired)
}

func fixedChange(r *resource, id string, current, desired map[string]any) *Error {
	for _, path := range r.fixed() {
		have, want := jsonvalue.Normal(jsonvalue.Get(current, path)), jsonvalue.Normal(jsonvalue.Get(desired, path))
		if want == nil || want == "" || IsUnknown(want) || have == nil || jsonvalue.Equal(have, want) {
			continue
		}
		return Unchangeable(r.noun, id, path, have, want)
	}
	return nil
}

// Unchangeable is the refusal to change a property of a resource.
func Unchangeable(noun, id, property string, have, want any) *Error {
	problem := fmt.Sprintf("cannot be changed from %s to %s once the %s exists", inWords(have), inWords(want), noun)
	return &Error{
		Status:  http.StatusBadRequest,
		ID:      ErrorUnchangeable,
		Message: fmt.Sprintf("%s of %s %q %s: keep it, or give the %s another name", property, noun, id, problem, noun),
		Details: map[string]any{property: []any{problem}},
	}
}

func inWords(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("%q", v)
	case map[string]any, []any:
		return "its value"
	}
	return fmt.Sprint(v)
}
