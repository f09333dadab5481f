package platform

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// subdomainFamily drives Subdomain nodes: names below a domain of the account.
type subdomainFamily struct{}

func (subdomainFamily) supports(string, any) error { return nil }

func (subdomainFamily) repeatable(NodeRequest) bool { return true }

func (subdomainFamily) find(context.Context, *Driver, NodeRequest) (Result, bool, error) {
	return Result{}, false, nil
}

// target takes a Subdomain node apart. What is unknown in a plan is empty.
func (subdomainFamily) target(req NodeRequest) (path map[string]string, body map[string]any, err error) {
	path = map[string]string{}
	for param, name := range map[string]string{"domain": "domain", "subdomain": "name"} {
		v := jsonvalue.Get(req.Spec, name)
		if path[param] = jsonvalue.String(req.Spec, name); path[param] == "" && !IsUnknown(v) {
			return nil, nil, missingProperty(name)
		}
	}
	spec, _ := req.Spec.(map[string]any)
	body, _ = jsonvalue.Normal(jsonvalue.Pick(spec, []string{"name", "options", "cdn"})).(map[string]any)
	return path, body, nil
}

func subdomainName(path map[string]string) string {
	return "domains/" + path["domain"] + "/subdomains/" + path["subdomain"]
}

// load reads a subdomain; nil when it does not exist. The domain has to.
func (subdomainFamily) load(ctx context.Context, d *Driver, path map[string]string) (map[string]any, error) {
	data, err := d.object(ctx, OpGetSubdomain, Params{Path: path}, nil)
	if !IsNotFound(err) {
		return data, err
	}
	return nil, d.do(ctx, OpGetDomain, Params{Path: map[string]string{"domain": path["domain"]}}, nil, nil)
}

func (f subdomainFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	mode, err := updateMode(req)
	if err != nil {
		return Change{}, err
	}
	path, body, err := f.target(req)
	if err != nil {
		return Change{}, err
	}
	change := Change{Action: ActionApply, Desired: body, Operations: []string{OpPutSubdomain, OpGetSubdomain}, Output: map[string]any{}}
	if path["domain"] == "" || path["subdomain"] == "" {
		return change, nil
	}
	change.Resource = subdomainName(path)
	full := map[string]any{"name": path["subdomain"], "fullName": fullName(path), "id": fullName(path)}
	change.Output = full
	current, err := d.object(ctx, OpGetSubdomain, Params{Path: path}, nil)
	switch {
	case IsNotFound(err):
		change.Action = ActionCreate
		domain := map[string]string{"domain": path["domain"]}
		change.Needs, err = d.absent(ctx, []use{{OpGetDomain, domain, "domains/" + path["domain"]}})
		if mode == modePatch {
			change.Action, change.Needs = ActionUpdate, append(change.Needs, change.Resource)
		}
		return change, err
	case err != nil:
		return Change{}, err
	}
	change.Output = withID(current, path)
	if mode == modeCreate || f.same(current, body) {
		change.Action = ActionUnchanged
	} else {
		change.Action = ActionUpdate
	}
	asked := jsonvalue.Pick(current, []string{"name", "options", "cdn"})
	change.Current = jsonvalue.Normal(jsonvalue.Without(asked, "cdn.northflank.status"))
	return change, nil
}

// same tells whether a subdomain is as it is asked for, as far as it can be read: the
// documented get-subdomain does not show the options.
func (subdomainFamily) same(current, body map[string]any) bool {
	return (current["options"] == nil || holds(current, body, "options")) && holds(current, body, "cdn")
}

// holds tells whether a property is as it is asked for.
func holds(current, body map[string]any, name string) bool {
	have, want := current[name], body[name]
	return want == nil || have != nil && jsonvalue.Equal(jsonvalue.Merge(have, want), have)
}

func (f subdomainFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	mode, err := updateMode(req)
	if err != nil {
		return Result{}, err
	}
	path, body, err := f.target(req)
	if err != nil {
		return Result{}, err
	}
	if mode != modePut {
		current, err := f.load(ctx, d, path)
		switch {
		case err != nil:
			return Result{}, err
		case current == nil && mode == modePatch:
			return Result{}, fmt.Errorf("updateMode patch changes an existing subdomain: %w", &Error{Status: http.StatusNotFound, ID: ErrorNotFound,
				Operation: OpGetSubdomain, Message: fmt.Sprintf("there is no subdomain %q", fullName(path))})
		case current != nil && mode == modeCreate:
			return Result{Action: ActionUnchanged, Output: withID(current, path)}, nil
		}
	}
	answer, err := d.object(ctx, OpPutSubdomain, Params{Path: map[string]string{"domain": path["domain"]}, Token: req.Token}, body)
	if err != nil {
		return Result{}, err
	}
	output, err := d.object(ctx, OpGetSubdomain, Params{Path: path}, nil)
	if err != nil {
		return Result{}, fmt.Errorf("reading back subdomain %q: %w", fullName(path), unseen(err))
	}
	output, _ = jsonvalue.Merge(answer, output).(map[string]any)
	return Result{Action: ActionApply, Output: withID(output, path)}, nil
}

// withID adds the identifier, which the documented answers leave out.
func withID(subdomain map[string]any, path map[string]string) map[string]any {
	output := maps.Clone(subdomain)
	if output["id"] == nil {
		output["id"] = fullName(path)
	}
	return output
}

// fullName is the host name of a subdomain; "@" is the domain itself.
func fullName(path map[string]string) string {
	if path["subdomain"] == "@" {
		return path["domain"]
	}
	return path["subdomain"] + "." + path["domain"]
}

// pathFamily drives SubdomainPath nodes. A path is known by its mode and its text,
// which no update can change.
type pathFamily struct{ subdomainFamily }

func (pathFamily) same(current, body map[string]any) bool { return holds(current, body, "options") }

func (pathFamily) target(req NodeRequest) (subdomain string, body map[string]any, err error) {
	for _, name := range []string{"subdomain", "mode", "uri"} {
		if v := jsonvalue.Get(req.Spec, name); v == nil || v == "" {
			return "", nil, missingProperty(name)
		}
	}
	spec, _ := req.Spec.(map[string]any)
	body, _ = jsonvalue.Normal(jsonvalue.Pick(spec, []string{"mode", "uri", "options"})).(map[string]any)
	if !IsUnknown(spec["subdomain"]) {
		subdomain = jsonvalue.String(spec, "subdomain")
	}
	return subdomain, body, nil
}

// locate finds out which domain a subdomain is of: a full name ends with it, a bare
// name is looked for in each. A subdomain that is not there yet is located by its
// full name; found tells.
func (pathFamily) locate(ctx context.Context, d *Driver, subdomain string) (path map[string]string, found bool, err error) {
	var domains []string
	err = d.each(ctx, listing{op: OpListDomains, member: "domains"}, searchPages, func(item map[string]any) bool {
		domains = append(domains, jsonvalue.String(item, "name"))
		return true
	})
	if err != nil {
		return nil, false, err
	}
	var candidates []map[string]string
	for _, domain := range domains {
		if subdomain == domain {
			candidates = append(candidates, map[string]string{"domain": domain, "subdomain": "@"})
		} else if name, ok := strings.CutSuffix(subdomain, "."+domain); ok {
			candidates = append(candidates, map[string]string{"domain": domain, "subdomain": name})
		}
	}
	full := len(candidates) > 0
	if !full {
		for _, domain := range domains {
			candidates = append(candidates, map[string]string{"domain": domain, "subdomain": subdomain})
		}
	}
	var there []map[string]string
	for _, c := range candidates {
		err := d.do(ctx, OpGetSubdomain, Params{Path: c}, nil, nil)
		if err == nil {
			there = append(there, c)
		} else if !IsNotFound(err) {
			return nil, false, err
		}
	}
	switch {
	case len(there) == 1:
		return there[0], true, nil
	case len(there) > 1:
		return nil, false, Invalid("subdomain", "is %q, which is one of several domains: write the full name", subdomain)
	case full:
		return candidates[0], false, nil
	}
	return nil, false, nil
}

func noSubdomain(subdomain string) error {
	refusal := Invalid("subdomain", "is %q, which is no subdomain of any domain", subdomain)
	refusal.Status, refusal.ID, refusal.Operation = http.StatusNotFound, ErrorNotFound, OpGetSubdomain
	return refusal
}

// current is the path that is there already; nil when there is none.
func (pathFamily) current(ctx context.Context, d *Driver, path map[string]string, body map[string]any) (map[string]any, error) {
	var current map[string]any
	err := d.each(ctx, listing{op: OpListSubdomainPaths, path: path, member: "paths"}, searchPages, func(item map[string]any) bool {
		if jsonvalue.Equal(item["mode"], body["mode"]) && jsonvalue.Equal(item["uri"], body["uri"]) {
			current = item
		}
		return current == nil
	})
	return current, err
}

func (f pathFamily) preview(ctx context.Context, d *Driver, req NodeRequest) (Change, error) {
	subdomain, body, err := f.target(req)
	if err != nil {
		return Change{}, err
	}
	change := Change{Action: ActionApply, Desired: body, Operations: []string{OpListSubdomainPaths, OpAddSubdomainPath}, Output: map[string]any{}}
	if subdomain == "" || HasUnknown(body) {
		return change, nil
	}
	path, found, err := f.locate(ctx, d, subdomain)
	if err != nil {
		return Change{}, err
	}
	change.Action = ActionCreate
	if !found {
		change.Needs = []string{"domains/*/subdomains/" + subdomain}
		if path != nil {
			change.Needs = []string{subdomainName(path)}
		}
		return change, nil
	}
	current, err := f.current(ctx, d, path, body)
	if err != nil || current == nil {
		return change, err
	}
	change.Resource = subdomainName(path) + "/paths/" + jsonvalue.String(current, "name")
	change.Current, change.Output = jsonvalue.Pick(current, []string{"mode", "uri", "options"}), current
	change.Action = ActionUpdate
	if f.same(current, body) {
		change.Action = ActionUnchanged
	} else {
		change.Operations[1] = OpUpdateSubdomainPath
	}
	return change, nil
}

func (f pathFamily) start(ctx context.Context, d *Driver, req NodeRequest) (Result, error) {
	mode, err := updateMode(req)
	if err != nil {
		return Result{}, err
	}
	subdomain, body, err := f.target(req)
	if err != nil {
		return Result{}, err
	}
	path, found, err := f.locate(ctx, d, subdomain)
	if err == nil && !found {
		err = noSubdomain(subdomain)
	}
	if err != nil {
		return Result{}, err
	}
	current, err := f.current(ctx, d, path, body)
	if err != nil {
		return Result{}, err
	}
	switch {
	case current == nil && mode == modePatch:
		return Result{}, fmt.Errorf("updateMode patch changes an existing path: %w", &Error{Status: http.StatusNotFound, ID: ErrorNotFound,
			Operation: OpListSubdomainPaths, Message: fmt.Sprintf("subdomain %q has no path %q", subdomain, jsonvalue.String(body, "uri"))})
	case current == nil:
		made, err := d.object(ctx, OpAddSubdomainPath, Params{Path: path, Token: req.Token}, body)
		if err != nil && StatusOf(err) != http.StatusConflict {
			return Result{}, err
		}
		// Another process may have added it in between.
		if current, err = f.current(ctx, d, path, body); err != nil || current == nil {
			return Result{Action: ActionCreate, Output: made}, err
		}
		output, _ := jsonvalue.Merge(made, current).(map[string]any)
		return Result{Action: ActionCreate, Output: output}, nil
	case mode == modeCreate || f.same(current, body):
		return Result{Action: ActionUnchanged, Output: current}, nil
	}
	name := with(path, "subdomainPath", jsonvalue.String(current, "name"))
	if err := d.do(ctx, OpUpdateSubdomainPath, Params{Path: name, Token: req.Token}, jsonvalue.Pick(body, []string{"options"}), nil); err != nil {
		return Result{}, err
	}
	output, err := d.object(ctx, OpGetSubdomainPath, Params{Path: name}, nil)
	return Result{Action: ActionUpdate, Output: output}, err
}
