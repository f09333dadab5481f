package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A resource describes a kind that is created or updated by the identifier that
// its name slugs to. It is data; the methods below drive every such kind.
type resource struct {
	kind    string // of the node: "CombinedService"
	noun    string // for people: "service"
	segment string // of the path: "services"
	idParam string // of the path: "serviceId"
	// account says that such resources belong to the account and to no project.
	account bool
	// putNamed says that the path of put holds the identifier.
	putNamed bool

	// Operations. Put and get are empty where the platform has none: without get
	// nobody knows how a resource is, and what changes it says how it came out.
	get, create, put, patch string

	spec   []string // properties of the specification
	unread []string // those that get need not return
	once   []string // those that are read at creation only, as dotted paths
	// defaults are what the platform fills in where the specification is silent.
	defaults []fallback
	// computed are dotted paths of what the platform adds inside the
	// specification's properties when they are read back.
	computed []string
	secret   []string // patterns of secret output values, see pointers
	// literal is the dotted path of a property in which an empty object says something.
	literal string
	// awaited says that a node with a condition waits until the resource runs.
	awaited bool
	// private finds secret output values that no pattern names; nil where there
	// are none.
	private func(output map[string]any) []string

	// ident is the identifier of a resource whose name is left out; nil where it has to
	// have one, or where the platform makes one up.
	ident func(spec map[string]any) string
	// read brings what get returns into the specification's shape; nil when it
	// has that shape.
	read func(map[string]any) map[string]any
	// align spells a specification as the resource does where both mean the
	// same; nil where there is one spelling only.
	align func(current, desired map[string]any) map[string]any
	// check refuses an update before anything is sent; nil when fixed says all.
	check func(req NodeRequest, id string, current, desired map[string]any) error
	// uses lists the other resources that the specification names; some are
	// asked for only while the resource is being created.
	uses func(projectID string, spec map[string]any, creating bool) []use
	// repair is asked when put was refused; it may make put possible.
	repair func(ctx context.Context, d *Driver, req NodeRequest, id string, refusal *Error) (bool, error)
	// update replaces patch where the platform's update is no PATCH.
	update func(ctx context.Context, d *Driver, req NodeRequest, path map[string]string, current, desired map[string]any) error
	// enrich adds to the output what takes another operation, enrichment.
	enrichment string
	enrich     func(ctx context.Context, d *Driver, path map[string]string, output map[string]any)
}

// A use is another resource that a specification names.
type use struct {
	op       string
	path     map[string]string
	resource string
}

// inProject is the use of a resource of a project.
func inProject(op, projectID, segment, param, id string) use {
	return use{op, map[string]string{"projectId": projectID, param: id}, "projects/" + projectID + "/" + segment + "/" + id}
}

// A fallback is the value of a property that a specification leaves out; nil
// where the platform's choice is its own.
type fallback struct {
	path  string
	value any
}

// Update modes of a node. Put creates or replaces, which is what nodes without
// a mode do; create leaves an existing resource as it is; patch changes only
// what the specification names and needs the resource to exist.
const (
	modePut    = "put"
	modeCreate = "create"
	modePatch  = "patch"
)

func updateMode(req NodeRequest) (string, error) {
	switch mode := jsonvalue.String(req.Node, "updateMode"); mode {
	case "", modePut:
		return modePut, nil
	case modeCreate, modePatch:
		return mode, nil
	default:
		return "", Invalid("updateMode", "is %q; it is one of put, create and patch", mode)
	}
}

// fixed are the properties that no update can change, as dotted paths.
func (r *resource) fixed() []string {
	if k, ok := catalog.Lookup(r.kind); ok {
		return k.Fixed
	}
	return nil
}

func (r *resource) supports(string, any) error { return nil }

func (r *resource) repeatable(NodeRequest) bool { return true }

func (r *resource) find(context.Context, *Driver, NodeRequest) (Result, bool, error) {
	return Result{}, false, nil
}

// inProject tells whether such resources are in a project.
func (r *resource) inProject() bool { return !r.account && r.segment != "projects" }

// target works out the project, the identifier and the body of a request. The
// identifier is empty while the name is unknown.
func (r *resource) target(req NodeRequest) (projectID, id string, body map[string]any, err error) {
	spec, ok := req.Spec.(map[string]any)
	if !ok {
		return "", "", nil, Invalid("spec", "is missing")
	}
	body = make(map[string]any, len(spec))
	for k, v := range spec {
		if k != "projectId" {
			body[k] = v
		}
	}
	if r.inProject() {
		projectID = projectOf(req, spec)
		if projectID == "" {
			return "", "", nil, Invalid("projectId", "is missing: the node has no project context")
		}
	}
	id = Slug(jsonvalue.String(spec, "name"))
	if id == "" && r.ident != nil {
		id = r.ident(spec)
	}
	return projectID, id, body, nil
}

// projectOf prefers the node's own project to the one that it inherits.
func projectOf(req NodeRequest, spec any) string {
	if own := jsonvalue.String(spec, "projectId"); own != "" {
		return own
	}
	return req.ProjectID
}

func (r *resource) path(projectID, id string) map[string]string {
	path := map[string]string{}
	if r.inProject() {
		path["projectId"] = projectID
	}
	if id != "" {
		path[r.idParam] = id
	}
	return path
}

// resourceName is the name of a resource in plans: "projects/p/services/s".
func (r *resource) resourceName(projectID, id string) string {
	if !r.inProject() {
		return r.segment + "/" + id
	}
	return "projects/" + projectID + "/" + r.segment + "/" + id
}

// load reads a resource; nil when it does not exist.
func (r *resource) load(ctx context.Context, d *Driver, path map[string]string) (map[string]any, error) {
	data, err := d.object(ctx, r.get, Params{Path: path}, nil)
	if IsNotFound(err) {
		return nil, nil
	}
	return data, err
}

func (r *resource) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	mode, err := updateMode(req)
	if err != nil {
		return Result{}, err
	}
	projectID, id, body, err := r.target(req)
	if err != nil {
		return Result{}, err
	}
	action, answer := ActionApply, map[string]any(nil)
	switch {
	case mode == modePut && r.put != "":
		if prompt, ok := d.target.(Prompt); ok && r.get != "" && id != "" {
			var result *Result
			if result, answer, err = r.putAndRead(ctx, d, prompt, req, projectID, id, body); result != nil {
				return *result, nil
			}
			if answer != nil || err != nil {
				break
			}
		}
		answer, err = r.doPut(ctx, d, req, projectID, id, body)
	case mode == modePatch && r.update == nil:
		action = ActionUpdate
		answer, err = d.object(ctx, r.patch, Params{Path: r.path(projectID, id), Token: req.Token}, r.patchBody(body))
		if IsNotFound(err) {
			err = fmt.Errorf("updateMode patch changes an existing %s and there is none with the id %q: %w", r.noun, id, err)
		}
	default:
		action, answer, err = r.createOrUpdate(ctx, d, req, mode, projectID, id, body)
	}
	if err != nil {
		return Result{}, err
	}
	if actual := jsonvalue.String(answer, "id"); actual != "" {
		id = actual
	}
	path := r.path(projectID, id)
	if r.get == "" {
		return r.result(ctx, d, action, path, answer), nil
	}
	output, err := d.object(ctx, r.get, Params{Path: path}, nil)
	if err != nil {
		return Result{}, fmt.Errorf("reading back %s %q: %w", r.noun, id, unseen(err))
	}
	return r.outcome(ctx, d, req, action, path, id, answer, output), nil
}

// unseen is why what was just put cannot be read. That it is not there may pass: a
// platform answers before all of it knows, or what was taken for the answer to the put
// was one that came twice. Putting it once more does no harm.
func unseen(err error) error {
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Status != http.StatusNotFound {
		return err
	}
	passing := *refusal
	passing.Retryable = true
	return &passing
}

// outcome is the result of a node of which the platform has said what it has done and
// how the resource is now.
func (r *resource) outcome(ctx context.Context, d *Driver, req NodeRequest, action Action, path map[string]string, id string, answer, output map[string]any) Result {
	output, _ = jsonvalue.Merge(answer, output).(map[string]any)
	result := r.result(ctx, d, action, path, output)
	if r.awaited && waits(req) {
		result.Wait = runningWait(r.get, path, r.noun, id, 0)
		result.Wait.Base = result.Output
	}
	return result
}

// putAndRead puts a resource and reads it back in one go. Where the read has told
// nothing, or the resource has another identifier than its name says, there is an
// answer to the put only, and it is durable. There is none of both where the put was
// refused in a way that may be repaired.
func (r *resource) putAndRead(ctx context.Context, d *Driver, target Prompt, req NodeRequest, projectID, id string, body map[string]any) (*Result, map[string]any, error) {
	path, params := r.path(projectID, id), r.putParams(req, projectID, id)
	raw, err := d.prepare(r.put, params, body)
	if err != nil {
		return nil, nil, err
	}
	put, seen, durable, err := target.DoAndRead(ctx, r.put, params, raw, r.get, Params{Path: path})
	var refusal *Error
	if errors.As(err, &refusal) && r.repair != nil {
		return nil, nil, nil
	}
	var answer, output map[string]any
	if err = heard(r.put, put, err, &answer); err != nil {
		return nil, nil, errors.Join(err, settle(durable))
	}
	if actual := jsonvalue.String(answer, "id"); len(seen.Body) == 0 || actual != "" && actual != id {
		return nil, answer, settle(durable)
	}
	if output = answer; !bytes.Equal(put.Body, seen.Body) {
		output = nil
		if err = heard(r.get, seen, nil, &output); err != nil {
			return nil, nil, errors.Join(err, settle(durable))
		}
	}
	result := r.outcome(ctx, d, req, ActionApply, path, id, answer, output)
	result.Durable = durable
	return &result, nil, nil
}

func settle(durable func() error) error {
	if durable == nil {
		return nil
	}
	return durable()
}

func (r *resource) result(ctx context.Context, d *Driver, action Action, path map[string]string, output map[string]any) Result {
	if output == nil {
		output = map[string]any{}
	}
	if projectID := path["projectId"]; projectID != "" && r.inProject() {
		output["projectId"] = projectID
	}
	if r.enrich != nil {
		r.enrich(ctx, d, path, output)
	}
	return Result{Action: action, Output: output, Secret: r.secrets(output)}
}

// secrets are the pointers of the secret values of an output.
func (r *resource) secrets(output map[string]any) []string {
	found := pointers(output, r.secret)
	if r.private != nil {
		found = append(found, r.private(output)...)
	}
	return found
}

func (r *resource) putParams(req NodeRequest, projectID, id string) Params {
	if !r.putNamed {
		id = ""
	}
	return Params{Path: r.path(projectID, id), Token: req.Token}
}

func (r *resource) doPut(ctx context.Context, d *Driver, req NodeRequest, projectID, id string, body map[string]any) (map[string]any, error) {
	params := r.putParams(req, projectID, id)
	answer, err := d.object(ctx, r.put, params, body)
	var refusal *Error
	if err == nil || r.repair == nil || !errors.As(err, &refusal) {
		return answer, err
	}
	repaired, repairErr := r.repair(ctx, d, req, id, refusal)
	if repairErr != nil {
		return nil, repairErr
	}
	if !repaired {
		return nil, err
	}
	return d.object(ctx, r.put, params, body)
}

// createOrUpdate looks the resource up first. A resource that another process
// creates in between is updated.
func (r *resource) createOrUpdate(ctx context.Context, d *Driver, req NodeRequest, mode, projectID, id string, body map[string]any) (Action, map[string]any, error) {
	path := r.path(projectID, id)
	if id == "" {
		return "", nil, Invalid("name", "is missing")
	}
	if r.get == "" { // only creating is left: a mode that changes has its own operation
		answer, err := d.object(ctx, r.create, Params{Path: r.path(projectID, ""), Token: req.Token}, body)
		return ActionCreate, answer, err
	}
	current, err := r.load(ctx, d, path)
	if err != nil {
		return "", nil, err
	}
	if current == nil {
		if mode == modePatch {
			return "", nil, &Error{Status: http.StatusNotFound, ID: ErrorNotFound, Operation: r.get,
				Message: fmt.Sprintf("updateMode patch changes an existing %s and there is none with the id %q", r.noun, id)}
		}
		answer, err := d.object(ctx, r.create, Params{Path: r.path(projectID, ""), Token: req.Token}, body)
		if StatusOf(err) != http.StatusConflict {
			return ActionCreate, answer, err
		}
		conflict := err
		if current, err = r.load(ctx, d, path); err != nil || current == nil {
			return "", nil, errors.Join(conflict, err)
		}
	}
	if mode == modeCreate {
		return ActionUnchanged, current, nil
	}
	diff := r.compare(mode, current, body)
	if err := r.refuse(req, id, current, body); err != nil {
		return "", nil, err
	}
	if diff.same {
		return ActionUnchanged, current, nil
	}
	if r.update != nil {
		return ActionUpdate, nil, r.update(ctx, d, req, path, current, body)
	}
	answer, err := d.object(ctx, r.patch, Params{Path: path, Token: req.Token}, r.patchBody(body))
	return ActionUpdate, answer, err
}

// patchBody leaves out what identifies the resource and what only its creation
// reads.
func (r *resource) patchBody(body map[string]any) map[string]any {
	var v any = body
	for _, path := range append([]string{"name"}, r.once...) {
		v = jsonvalue.Without(v, path)
	}
	patch, _ := v.(map[string]any)
	return patch
}

// object carries out an operation whose data is an object.
func (d *Driver) object(ctx context.Context, op string, params Params, body any) (map[string]any, error) {
	var data map[string]any
	err := d.do(ctx, op, params, body, &data)
	return data, err
}

// do carries out an operation and decodes its data into v.
func (d *Driver) do(ctx context.Context, op string, params Params, body, v any) error {
	_, err := d.ask(ctx, op, params, body, v)
	return err
}

// ask is do that returns the answer as well.
func (d *Driver) ask(ctx context.Context, op string, params Params, body, v any) (Response, error) {
	raw, err := d.prepare(op, params, body)
	if err != nil {
		return Response{}, err
	}
	response, err := d.target.Do(ctx, op, params, raw)
	if err = heard(op, response, err, v); err != nil {
		return Response{}, err
	}
	return response, nil
}

// prepare writes the body of a request, which needs certain parameters.
func (d *Driver) prepare(op string, params Params, body any) (raw json.RawMessage, err error) {
	if body != nil {
		if raw, err = jsonvalue.Marshal(body); err != nil {
			return nil, fmt.Errorf("%s: the request cannot be written as JSON: %w", op, err)
		}
	}
	if operation, ok := LookupOperation(op); ok {
		if name := operation.Missing(params); name != "" {
			return nil, Invalid(name, "is missing")
		}
	}
	return raw, nil
}

// heard decodes what an operation has answered into v.
func heard(op string, response Response, err error, v any) error {
	if err != nil {
		var refusal *Error
		if errors.As(err, &refusal) && refusal.Operation == "" {
			refusal.Operation = op
		}
		return err
	}
	if err := response.Data(v); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}
