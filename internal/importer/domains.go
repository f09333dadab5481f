package importer

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// withDomains adds the subdomains that ports of the services are reached under, with
// their paths, in front of the services. The domains are the account's, and stay.
func (im *importer) withDomains(ctx context.Context, found []*resource) ([]*resource, error) {
	names := map[string]bool{}
	for _, r := range found {
		for _, port := range jsonvalue.List(r.spec, "ports") {
			for _, name := range jsonvalue.List(port, "domains") {
				if text, ok := name.(string); ok {
					names[text] = true
				}
			}
		}
	}
	if len(names) == 0 {
		return found, nil
	}
	var front []*resource
	for domain, err := range platform.Items(ctx, im.target, platform.OpListDomains, nil, "domains") {
		if platform.StatusOf(err) == http.StatusForbidden {
			im.left = append(im.left, "the subdomains of ports: the token may not list domains")
			break
		}
		if err != nil {
			return nil, err
		}
		own, err := im.subdomains(ctx, jsonvalue.String(domain, "name"), names)
		if err != nil {
			return nil, err
		}
		front = append(front, own...)
	}
	return append(front, found...), nil
}

// subdomains are those of a domain that have one of the names, or a path with one.
func (im *importer) subdomains(ctx context.Context, domain string, names map[string]bool) ([]*resource, error) {
	response, err := im.target.Do(ctx, platform.OpGetDomain, platform.Params{Path: map[string]string{"domain": domain}}, nil)
	if err != nil {
		return nil, err
	}
	var data map[string]any
	if err := response.Data(&data); err != nil {
		return nil, err
	}
	var out []*resource
	for _, row := range jsonvalue.List(data, "subdomains") {
		full := jsonvalue.String(row, "fullName")
		name := strings.TrimSuffix(full, "."+domain)
		if full == domain {
			name = "@"
		}
		paths, err := im.paths(ctx, domain, name, full)
		if err != nil {
			return nil, err
		}
		used := names[full]
		for _, p := range paths {
			used = used || names[p.id]
		}
		if !used {
			continue
		}
		spec, _, err := im.current(ctx, "Subdomain", map[string]any{"domain": domain, "name": name})
		if err != nil {
			return nil, fmt.Errorf("subdomain %q: %w", full, err)
		}
		if spec == nil {
			continue // it has gone in the meantime
		}
		spec["domain"] = domain
		out = append(out, im.found("Subdomain", full, "", tidy(spec)))
		for _, p := range paths {
			out = append(out, im.found("SubdomainPath", p.id, "", p.spec))
		}
	}
	return out, nil
}

// paths are those of a subdomain, by what ports call them.
func (im *importer) paths(ctx context.Context, domain, subdomain, full string) ([]*resource, error) {
	var out []*resource
	at := map[string]string{"domain": domain, "subdomain": subdomain}
	for row, err := range platform.Items(ctx, im.target, platform.OpListSubdomainPaths, at, "paths") {
		if err != nil {
			return nil, fmt.Errorf("the paths of %q: %w", full, err)
		}
		spec := jsonvalue.Pick(row, []string{"mode", "uri", "options"})
		spec["subdomain"] = full
		out = append(out, &resource{id: jsonvalue.String(row, "name"), spec: tidy(spec)})
	}
	return out, nil
}

// tidy leaves out what is not set.
func tidy(spec map[string]any) map[string]any {
	out, _ := jsonvalue.Normal(spec).(map[string]any)
	return out
}

// isDomainOfPort tells of a JSON pointer into a service whether a domain of a port stands
// there.
func isDomainOfPort(pointer string) bool {
	s := strings.Split(pointer, "/")
	return len(s) == 5 && s[1] == "ports" && s[3] == "domains"
}

// domain is the expression for what a port is reached under; empty where nothing in the
// template makes that.
func (im *importer) domain(name string) string {
	if ref := im.refs["Subdomain"][name]; ref != "" {
		return "${refs." + ref + ".fullName}"
	}
	if ref := im.refs["SubdomainPath"][name]; ref != "" {
		return "${refs." + ref + ".name}"
	}
	return ""
}
