package local

import (
	"fmt"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// links are the sources of services and jobs that name a linked account at a Git host, one
// for each account. Accounts are linked in the hosted platform's browser application, so
// that no others are known here.
func (c *call) links() ([]map[string]any, error) {
	var found []map[string]any
	for _, typ := range []string{combinedFlavour.typ, buildServiceFlavour.typ, manualJobFlavour.typ, cronJobFlavour.typ} {
		owners, err := c.tx.typed(typ)
		if err != nil {
			return nil, err
		}
		for _, r := range owners {
			source := sourceOf(r)
			id := jsonvalue.String(source, "vcsLinkId")
			if id != "" && !slices.ContainsFunc(found, func(known map[string]any) bool { return jsonvalue.String(known, "vcsLinkId") == id }) {
				found = append(found, source)
			}
		}
	}
	return found, nil
}

func listVCSProviders(c *call) (any, error) {
	found, err := c.links()
	rows := []any{}
	for _, source := range found {
		rows = append(rows, map[string]any{"vcsService": hostOf(source), "login": jsonvalue.String(source, "accountLogin"), "email": "",
			"internalId": jsonvalue.String(source, "vcsLinkId")})
	}
	return map[string]any{"vcsAccountLinks": rows}, err
}

func hostOf(source map[string]any) string {
	return orDefault(jsonvalue.String(source, "projectType"), "self-hosted")
}

// generateVCSToken gives a token that opens nothing, and stays the same.
func generateVCSToken(c *call) (any, error) {
	if err := oneOf(c.params.Query, "force_refresh", "true", "false"); err != nil {
		return nil, err
	}
	host, id := c.path("customVCSId"), c.path("vcsLinkId")
	found, err := c.links()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(found, func(source map[string]any) bool {
		return jsonvalue.String(source, "vcsLinkId") == id && jsonvalue.String(source, "selfHostedVcsId") == host
	})
	if at < 0 {
		return nil, &platform.Error{Status: 404, ID: platform.ErrorNotFound,
			Message: fmt.Sprintf("no service or job names a linked account %q of Git host %q", id, host)}
	}
	return map[string]any{"vcsService": hostOf(found[at]), "token": "local-" + label(c.derive("Git token", host+"\x00"+id))}, nil
}
