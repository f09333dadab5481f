package platformtest

import (
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func testDomains(t *testing.T, w *world) {
	domain := map[string]string{"domain": "example.com"}
	_, err := w.try(platform.OpCreateDomain, nil, nil, `{"domain": "no domain"}`)
	refusal(t, err, 400, "domain")
	has(t, w.do(t, platform.OpCreateDomain, nil, nil, `{"domain": "example.com"}`), "name", "example.com", "status", "pending")
	_, err = w.try(platform.OpCreateDomain, nil, nil, `{"domain": "example.com"}`)
	refusal(t, err, 409, "example.com")
	_, err = w.try(platform.OpAddSubdomain, domain, nil, `{"subdomain": "shop"}`)
	refusal(t, err, 400, "domain", "verified")
	w.do(t, platform.OpVerifyDomain, domain, nil, "")
	has(t, w.do(t, platform.OpListDomains, nil, nil, ""), "domains.0.name", "example.com", "domains.0.status", "verified")

	_, err = w.try(platform.OpGetDomainCertificate, domain, nil, "")
	refusal(t, err, 404, "example.com")
	w.do(t, platform.OpImportDomainCertificate, domain, nil, `{"certificate": {"privateKey": "key", "certificateChain": "chain"}}`)
	has(t, w.do(t, platform.OpGetDomainCertificate, domain, nil, ""), "privateKey", "key", "certificateChain", "chain")

	shop := map[string]string{"domain": "example.com", "subdomain": "shop"}
	has(t, w.do(t, platform.OpAddSubdomain, domain, nil, `{"subdomain": "shop"}`), "fullName", "shop.example.com", "verified", false)
	_, err = w.try(platform.OpAddSubdomain, domain, nil, `{"subdomain": "shop"}`)
	refusal(t, err, 409, "shop")
	w.do(t, platform.OpPutSubdomain, domain, nil, `{"name": "shop", "options": {"minTlsProtocolVersion": "TLSV1_3"}}`)
	w.do(t, platform.OpVerifySubdomain, shop, nil, "")
	has(t, w.do(t, platform.OpGetSubdomain, shop, nil, ""), "verified", true)
	has(t, w.do(t, platform.OpGetDomain, domain, nil, ""), "subdomains.0.fullName", "shop.example.com")
	w.do(t, platform.OpEnableSubdomainCDN, shop, nil, `{"provider": "northflank"}`)
	has(t, w.do(t, platform.OpGetSubdomain, shop, nil, ""), "cdn.northflank.enabled", true)
	w.do(t, platform.OpDisableSubdomainCDN, shop, nil, `{"provider": "northflank"}`)
	has(t, w.do(t, platform.OpGetSubdomain, shop, nil, ""), "cdn.northflank.enabled", false)

	w.start(t, "DeploymentService", deployment("site", nginx))
	_, err = w.try(platform.OpAssignSubdomain, shop, nil, `{"projectId": "conformance", "serviceId": "site", "portName": "none"}`)
	refusal(t, err, 404, "portName")
	w.do(t, platform.OpAssignSubdomain, shop, nil, `{"projectId": "conformance", "serviceId": "site", "portName": "web"}`)
	testPaths(t, w, shop)
	w.do(t, platform.OpDeleteSubdomain, shop, nil, "")
	_, err = w.try(platform.OpGetSubdomain, shop, nil, "")
	refusal(t, err, 404, "shop", "example.com")
	w.do(t, platform.OpDeleteDomain, domain, nil, "")
	_, err = w.try(platform.OpGetDomain, domain, nil, "")
	refusal(t, err, 404, "example.com")
}

func testPaths(t *testing.T, w *world, shop map[string]string) {
	_, err := w.try(platform.OpAddSubdomainPath, shop, nil, `{"mode": "fuzzy", "uri": "/api"}`)
	refusal(t, err, 400, "mode")
	made := w.do(t, platform.OpAddSubdomainPath, shop, nil, `{"mode": "prefix", "uri": "/api"}`)
	_, err = w.try(platform.OpAddSubdomainPath, shop, nil, `{"mode": "prefix", "uri": "/api"}`)
	refusal(t, err, 409, jsonvalue.String(made, "name"))
	api := map[string]string{"domain": "example.com", "subdomain": "shop", "subdomainPath": jsonvalue.String(made, "name")}
	w.do(t, platform.OpUpdateSubdomainPath, api, nil, `{"options": {"priority": 7}}`)
	has(t, w.do(t, platform.OpListSubdomainPaths, shop, nil, ""), "paths.0.uri", "/api", "paths.0.options.priority", float64(7))
	w.do(t, platform.OpAssignSubdomainPath, api, nil, `{"assignment": {"project": "conformance", "service": "site", "port": "web"}}`)
	has(t, w.do(t, platform.OpGetSubdomainPath, api, nil, ""), "assignment.service", "site")
	w.do(t, platform.OpUnassignSubdomainPath, api, nil, "")
	has(t, w.do(t, platform.OpGetSubdomainPath, api, nil, ""), "assignment", nil)
	w.do(t, platform.OpAssignSubdomainPath, api, nil, `{"assignment": {"project": "conformance", "service": "site", "port": "web"}}`)
	w.do(t, platform.OpUnassignSubdomain, shop, map[string]string{"unassignPaths": "true"}, "")
	has(t, w.do(t, platform.OpGetSubdomainPath, api, nil, ""), "assignment", nil)
	w.do(t, platform.OpDeleteSubdomainPath, api, nil, "")
	_, err = w.try(platform.OpGetSubdomainPath, api, nil, "")
	refusal(t, err, 404, api["subdomainPath"])
}
