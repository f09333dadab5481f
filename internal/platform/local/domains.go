package local

import (
	"regexp"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A domainState is what is recorded of a domain. Nobody asks the DNS here: a
// domain is verified as soon as somebody says so.
type domainState struct {
	Verified bool `json:"verified,omitempty"`
	// Key and Chain are the imported certificate.
	Key   string `json:"key,omitempty"`
	Chain string `json:"chain,omitempty"`
}

var domainFamily = family{
	flavour: flavour{noun: "domain", segment: "domains", idParam: "domain", typ: "domain", account: true, check: checkDomain,
		ident: domainID, born: bornDomain, show: showDomain},
	create: platform.OpCreateDomain, get: platform.OpGetDomain, list: platform.OpListDomains, remove: platform.OpDeleteDomain,
	member: "domains", hidden: []string{"subdomains", "redirect", "certificates"},
}

// domainPattern is that of host names, which the operation's own follows.
var domainPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9-]{2,}$`)
})

func checkDomain(k *check) {
	k.required("domain")
	k.pattern("domain", domainPattern(), 3, 253)
	k.oneOf("redirect.mode", "wildcard", "default")
	k.oneOf("certificates.mode", "wildcard", "wildcard-import", "default")
}

func domainID(_ *call, spec map[string]any) (string, error) {
	return strings.ToLower(jsonvalue.String(spec, "domain")), nil
}

func bornDomain(_ *call, r *record) (any, error) {
	input := jsonvalue.Object(r.spec, "certificates.certificateInput")
	return domainState{Verified: jsonvalue.Bool(r.spec, "options.autoVerify"),
		Key: jsonvalue.String(input, "privateKey"), Chain: jsonvalue.String(input, "certificateChain")}, nil
}

// target is where DNS records of a name point to.
func (c *call) target(name string) string { return name + "." + c.dnsID() + ".dns.northflank.com" }

func showDomain(c *call, r *record) (map[string]any, error) {
	state := stateOf[domainState](r)
	shown := map[string]any{"name": r.id(), "status": "pending", "hostname": r.id(), "token": label(c.derive("token", r.key)[:24])}
	if state.Verified {
		shown["status"] = "verified"
	}
	shown["redirect"] = map[string]any{"mode": orDefault(jsonvalue.String(r.spec, "redirect.mode"), "default"),
		"target": map[string]any{"record": c.target(r.id())}}
	shown["certificates"] = map[string]any{"mode": orDefault(jsonvalue.String(r.spec, "certificates.mode"), "default"),
		"dcvRecord": "_acme-challenge." + r.id(), "dcvTarget": map[string]any{"record": c.target("acme." + r.id())}}
	subdomains, err := c.tx.list(r.key+"/subdomains", page{limit: largestPage})
	if err != nil {
		return nil, err
	}
	rows := []any{}
	for _, s := range subdomains {
		rows = append(rows, map[string]any{"name": s.id(), "fullName": fullName(s)})
	}
	shown["subdomains"] = rows
	return shown, nil
}

func verifyDomain(c *call) (any, error) {
	r, err := c.look(&domainFamily.flavour)
	if err != nil {
		return nil, err
	}
	state := stateOf[domainState](r)
	state.Verified = true
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Updated)
}

func importCertificate(c *call) (any, error) {
	r, err := c.look(&domainFamily.flavour)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("certificate.privateKey", "certificate.certificateChain")
	if err := k.err(); err != nil {
		return nil, err
	}
	state := stateOf[domainState](r)
	state.Key, state.Chain = jsonvalue.String(c.body, "certificate.privateKey"), jsonvalue.String(c.body, "certificate.certificateChain")
	if err := c.tx.save(r, state, c.now); err != nil {
		return nil, err
	}
	return nil, c.log(r.key, Updated)
}

// getCertificate shows the imported certificate; this platform issues none.
func getCertificate(c *call) (any, error) {
	r, err := c.look(&domainFamily.flavour)
	if err != nil {
		return nil, err
	}
	state := stateOf[domainState](r)
	if state.Chain == "" {
		return nil, notFound("certificate", r.id(), "")
	}
	const end = "-----END CERTIFICATE-----"
	first, rest, _ := strings.Cut(state.Chain, end)
	if strings.Contains(state.Chain, end) {
		first += end
	}
	return map[string]any{"certificateChain": state.Chain, "certificate": first, "issuerCertificate": strings.TrimSpace(rest),
		"privateKey": state.Key}, nil
}
