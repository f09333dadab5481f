package local

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A copyState is what is recorded of a copy of a repository when it begins.
type copyState struct {
	Step step `json:"step"`
}

const (
	copyType  = "repository copy"
	copiesKey = "repository-copies"
)

// hosts are the addresses below which Git hosts have their repositories. That of a host
// of one's own is not known here; the top-level domain is reserved (RFC 2606).
var hosts = map[string]string{
	"github": "https://github.com", "gitlab": "https://gitlab.com", "bitbucket": "https://bitbucket.org",
	"azure": "https://dev.azure.com", "self-hosted": "https://git.local-platform.invalid",
}

// copyRepository begins the copy of a repository into a linked account. Nothing is read
// and nothing made at a Git host.
func copyRepository(c *call) (any, error) {
	k := &check{spec: c.body}
	k.object("sourceData", "targetData")
	k.required("sourceData.repoUrl", "targetData.name")
	services := []string{"github", "gitlab", "bitbucket", "azure", "self-hosted"}
	k.oneOf("sourceData.vcsService", services...)
	k.oneOf("targetData.vcsService", services...)
	if err := k.err(); err != nil {
		return nil, err
	}
	r := &record{parent: copiesKey, typ: copyType, created: c.now, spec: c.body}
	r.key = r.parent + "/" + freshID()
	s := c.step(KindClone, jsonvalue.String(c.body, "targetData.name"), c.now, c.platform.delays.Clone)
	if err := c.tx.create(r, copyState{s}); err != nil {
		return nil, err
	}
	if err := c.log(r.key, Ran); err != nil {
		return nil, err
	}
	return c.showCopy(r), nil
}

func getRepositoryCopy(c *call) (any, error) {
	id := c.path("trackerId")
	r, err := c.tx.load(copiesKey + "/" + id)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, &platform.Error{Status: 404, ID: platform.ErrorNotFound, Message: fmt.Sprintf("there is no copy of a repository with the tracker %q", id)}
	}
	return c.showCopy(r), nil
}

func (c *call) showCopy(r *record) map[string]any {
	s := stateOf[copyState](r).Step
	service := orDefault(jsonvalue.String(r.spec, "targetData.vcsService"), orDefault(jsonvalue.String(r.spec, "sourceData.vcsService"), "github"))
	owner := orDefault(jsonvalue.String(r.spec, "targetData.accountLogin"), "local-platform")
	shown := map[string]any{"trackerId": r.id(), "status": "running", "createdAt": c.stamp(r.created), "projectType": service,
		"projectUrl": strings.Join([]string{hosts[service], owner, jsonvalue.String(r.spec, "targetData.name")}, "/")}
	switch {
	case !s.ended(c.now):
	case s.Fail != "":
		shown["status"], shown["message"] = "failure", s.Fail
	default:
		shown["status"] = "success"
	}
	return shown
}
