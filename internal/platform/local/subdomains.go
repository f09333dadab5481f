package local

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A routeState is what is recorded of a subdomain or of one of its paths.
type routeState struct {
	Verified bool  `json:"verified,omitempty"`
	Port     *port `json:"port,omitempty"` // that it is assigned to
}

// A port is one of a service.
type port struct {
	Project string `json:"project"`
	Service string `json:"service"`
	Name    string `json:"port"`
}

var subdomainFamily = family{
	flavour: flavour{noun: "subdomain", idParam: "subdomain", typ: "subdomain", account: true, within: withinDomain, ident: subdomainID,
		check: checkSubdomain, normal: normalSubdomain, refuse: refuseSubdomain, born: bornSubdomain, show: showSubdomain},
	create: platform.OpAddSubdomain, put: platform.OpPutSubdomain, get: platform.OpGetSubdomain, remove: platform.OpDeleteSubdomain,
}

func withinDomain(c *call) (string, error) {
	r, err := c.look(&domainFamily.flavour)
	if err != nil {
		return "", err
	}
	return r.key + "/subdomains", nil
}

// fullName is the host name of a subdomain.
func fullName(r *record) string {
	domain := strings.Split(r.key, "/")[1]
	if r.id() == "@" {
		return domain
	}
	return r.id() + "." + domain
}

var subdomainPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(\*|@|[0-9a-z]([0-9a-z-]*[0-9a-z])?(\.[0-9a-z]([0-9a-z-]*[0-9a-z])?)*)$`)
})

// subdomainID is what create calls subdomain and put calls name.
func subdomainID(_ *call, spec map[string]any) (string, error) {
	return orDefault(jsonvalue.String(spec, "subdomain"), jsonvalue.String(spec, "name")), nil
}

func checkSubdomain(k *check) {
	name := "subdomain"
	if k.present("name") {
		name = "name"
	}
	k.required(name)
	k.pattern(name, subdomainPattern(), 1, 253)
	k.oneOf("routingMode", "paths", "geoRouting", "loadBalancerSubdomain")
	k.oneOf("options.tlsMode", "default", "passthrough")
	k.oneOf("options.minTlsProtocolVersion", "TLSV1_1", "TLSV1_2", "TLSV1_3")
	k.object("options", "cdn", "cdn.northflank")
}

func normalSubdomain(c *call, _ *record, spec map[string]any) (map[string]any, error) {
	spec["name"], _ = subdomainID(c, spec)
	delete(spec, "subdomain")
	delete(spec, "domain")
	return spec, nil
}

// refuseSubdomain wants the domain verified first.
func refuseSubdomain(c *call, _ *record, _ string, _ map[string]any) error {
	domain, err := c.look(&domainFamily.flavour)
	if err == nil && !stateOf[domainState](domain).Verified {
		err = platform.Invalid("domain", "%q is not verified yet: verify it first", domain.id())
	}
	return err
}

func bornSubdomain(_ *call, r *record) (any, error) {
	return routeState{Verified: jsonvalue.Bool(r.spec, "options.autoVerify")}, nil
}

func showSubdomain(c *call, r *record) (map[string]any, error) {
	state := stateOf[routeState](r)
	shown := map[string]any{"id": fullName(r), "name": r.id(), "fullName": fullName(r), "recordType": "CNAME", "content": c.target(fullName(r)),
		"verified": state.Verified, "routingMode": orDefault(jsonvalue.String(r.spec, "routingMode"), "paths"),
		"certificate": map[string]any{"inProgress": !state.Verified}, "options": r.spec["options"]}
	if cdn := jsonvalue.Object(r.spec, "cdn.northflank"); cdn != nil {
		row := jsonvalue.Pick(cdn, []string{"enabled", "options"})
		row["status"] = "disabled"
		if jsonvalue.Bool(cdn, "enabled") {
			row["status"] = "deployed"
		}
		shown["cdn"] = map[string]any{"northflank": row}
	}
	return shown, nil
}

func verifySubdomain(c *call) (any, error) {
	r, err := c.look(&subdomainFamily.flavour)
	if err != nil {
		return nil, err
	}
	state := stateOf[routeState](r)
	state.Verified = true
	return nil, c.keep(r, state)
}

// keep stores a changed record and logs it.
func (c *call) keep(r *record, state any) error {
	if err := c.tx.save(r, state, c.now); err != nil {
		return err
	}
	return c.log(r.key, Updated)
}

// switchesCDN turns the CDN of a subdomain on or off.
func switchesCDN(on bool) handler {
	return func(c *call) (any, error) {
		r, err := c.look(&subdomainFamily.flavour)
		if err != nil {
			return nil, err
		}
		k := &check{spec: c.body}
		k.required("provider")
		k.oneOf("provider", "northflank")
		if err := k.err(); err != nil {
			return nil, err
		}
		cdn := map[string]any{"enabled": on}
		if options := c.body["options"]; options != nil {
			cdn["options"] = options
		}
		r.spec["cdn"] = map[string]any{"northflank": jsonvalue.Merge(jsonvalue.Get(r.spec, "cdn.northflank"), cdn)}
		return nil, c.keep(r, stateOf[routeState](r))
	}
}

var pathFamily = family{
	flavour: flavour{noun: "path", idParam: "subdomainPath", typ: "path", account: true, within: withinSubdomain, ident: pathID,
		check: checkPath, born: func(*call, *record) (any, error) { return routeState{}, nil }, show: showPath},
	create: platform.OpAddSubdomainPath, patch: platform.OpUpdateSubdomainPath, get: platform.OpGetSubdomainPath,
	list: platform.OpListSubdomainPaths, remove: platform.OpDeleteSubdomainPath, member: "paths",
}

func withinSubdomain(c *call) (string, error) {
	r, err := c.look(&subdomainFamily.flavour)
	if err != nil {
		return "", err
	}
	return r.key + "/paths", nil
}

// pathID is the same for the same mode and path: there is one of each.
func pathID(c *call, spec map[string]any) (string, error) {
	mode := jsonvalue.String(spec, "mode")
	return mode + "-" + hex.EncodeToString(c.derive("path", c.at.key+"\x00"+mode+"\x00"+jsonvalue.String(spec, "uri"))[:6]), nil
}

func checkPath(k *check) {
	fits("SubdomainPath")(k)
}

func showPath(c *call, r *record) (map[string]any, error) {
	shown := jsonvalue.Pick(r.spec, []string{"mode", "uri", "options"})
	shown["id"], shown["name"], shown["createdAt"] = r.id(), r.id(), c.stamp(r.created)
	shown["subdomain"] = strings.Split(r.key, "/")[3]
	if p := stateOf[routeState](r).Port; p != nil {
		shown["assignment"] = p
	}
	return shown, nil
}

// assigns assigns a subdomain or a path to the port of a service.
func assigns(f *family, project, service, name string) handler {
	return func(c *call) (any, error) {
		r, err := c.look(&f.flavour)
		if err != nil {
			return nil, err
		}
		k := &check{spec: c.body}
		k.required(project, service, name)
		if err := k.err(); err != nil {
			return nil, err
		}
		p := &port{jsonvalue.String(c.body, project), jsonvalue.String(c.body, service), jsonvalue.String(c.body, name)}
		known, err := c.tx.load("projects/" + p.Project + "/services/" + p.Service)
		if err != nil {
			return nil, err
		}
		if known == nil {
			return nil, absent(service, "is %q, which is no service of project %q", p.Service, p.Project)
		}
		named := func(v any) bool { return jsonvalue.String(v, "name") == p.Name }
		if !slices.ContainsFunc(jsonvalue.List(known.spec, "ports"), named) {
			return nil, absent(name, "is %q, which is no port of service %q", p.Name, p.Service)
		}
		state := stateOf[routeState](r)
		state.Port = p
		return nil, c.keep(r, state)
	}
}

// unassigns takes a subdomain or a path from its port.
func unassigns(f *family) handler {
	return func(c *call) (any, error) {
		r, err := c.look(&f.flavour)
		if err != nil {
			return nil, err
		}
		state := stateOf[routeState](r)
		state.Port = nil
		if err := c.keep(r, state); err != nil || c.params.Query["unassignPaths"] != "true" {
			return nil, err
		}
		paths, err := c.tx.list(r.key+"/paths", page{limit: largestPage})
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			if err := c.keep(p, routeState{}); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
}
