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

func testSubdomainNodes(t *testing.T, w *world) {
	const shop = `{"domain": "example.com", "name": "shop", "options": {"autoVerify": true}}`
	_, err := w.driver.Start(w.ctx, w.request(t, "Subdomain", shop))
	refusal(t, err, 404, "example.com")
	if change := w.preview(t, "Subdomain", decode(t, shop)); len(change.Needs) != 1 || change.Needs[0] != "domains/example.com" {
		t.Errorf("it needs %v", change.Needs)
	}
	w.do(t, platform.OpCreateDomain, nil, nil, `{"domain": "example.com", "options": {"autoVerify": true}}`)
	w.do(t, platform.OpCreateDomain, nil, nil, `{"domain": "eu.example.com", "options": {"autoVerify": true}}`)
	_, err = w.driver.Start(w.ctx, w.request(t, "Subdomain", shop, `{"updateMode": "patch"}`))
	refusal(t, err, 404, "shop.example.com")
	change := w.preview(t, "Subdomain", decode(t, shop))
	if change.Action != platform.ActionCreate || change.Resource != "domains/example.com/subdomains/shop" {
		t.Errorf("the preview is %s of %s", change.Action, change.Resource)
	}
	has(t, change.Output, "fullName", "shop.example.com")
	path := `{"subdomain": "shop.example.com", "mode": "prefix", "uri": "/api", "options": {"priority": 1}}`
	if change := w.preview(t, "SubdomainPath", decode(t, path)); len(change.Needs) != 1 || change.Needs[0] != "domains/example.com/subdomains/shop" {
		t.Errorf("a path needs %v", change.Needs)
	}
	_, err = w.driver.Start(w.ctx, w.request(t, "SubdomainPath", path))
	refusal(t, err, 404, "subdomain", "shop.example.com")

	made := w.start(t, "Subdomain", shop).Output
	has(t, made, "name", "shop", "fullName", "shop.example.com", "id", "shop.example.com", "verified", true, "recordType", "CNAME")
	has(t, w.start(t, "Subdomain", shop).Output, "id", "shop.example.com")
	if result := w.start(t, "Subdomain", shop, `{"updateMode": "create"}`); result.Action != platform.ActionUnchanged {
		t.Errorf("create on what is there did %s", result.Action)
	}
	if change := w.preview(t, "Subdomain", decode(t, shop)); change.Action != platform.ActionUnchanged {
		t.Errorf("the preview is %s", change.Action)
	}
	has(t, w.start(t, "Subdomain", `{"domain": "example.com", "name": "@"}`).Output, "fullName", "example.com")
	t.Run("a path is added once, found by full name or name, and changed", func(t *testing.T) {
		first := w.start(t, "SubdomainPath", path)
		name := jsonvalue.String(first.Output, "name")
		if name == "" || first.Action != platform.ActionCreate {
			t.Fatalf("it did %s: %v", first.Action, first.Output)
		}
		again := w.start(t, "SubdomainPath", `{"subdomain": "shop", "mode": "prefix", "uri": "/api", "options": {"priority": 1}}`)
		has(t, again.Output, "name", name)
		if again.Action != platform.ActionUnchanged {
			t.Errorf("repeating it did %s", again.Action)
		}
		changed := `{"subdomain": "shop.example.com", "mode": "prefix", "uri": "/api", "options": {"priority": 5}}`
		if change := w.preview(t, "SubdomainPath", decode(t, changed)); change.Action != platform.ActionUpdate {
			t.Errorf("the preview is %s", change.Action)
		}
		has(t, w.start(t, "SubdomainPath", changed).Output, "name", name, "options.priority", float64(5))
		has(t, w.do(t, platform.OpListSubdomainPaths, map[string]string{"domain": "example.com", "subdomain": "shop"}, nil, ""), "paths.1", nil)
		_, err := w.driver.Start(w.ctx, w.request(t, "SubdomainPath", `{"subdomain": "shop.example.com", "mode": "exact", "uri": "/x"}`, `{"updateMode": "patch"}`))
		refusal(t, err, 404, "/x")
		w.start(t, "Subdomain", `{"domain": "eu.example.com", "name": "shop"}`)
		_, err = w.driver.Start(w.ctx, w.request(t, "SubdomainPath", `{"subdomain": "shop", "mode": "exact", "uri": "/y"}`))
		refusal(t, err, 400, "subdomain", "full name")
	})
	for _, spec := range []string{`{"mode": "prefix", "uri": "/"}`, `{"subdomain": "shop.example.com", "uri": "/"}`} {
		if _, err := w.driver.Start(w.ctx, w.request(t, "SubdomainPath", spec)); platform.StatusOf(err) != 400 {
			t.Errorf("%s: %v", spec, err)
		}
	}
}
