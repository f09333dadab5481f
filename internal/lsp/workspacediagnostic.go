package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/lsp/wire"
)

// workspaceDiagnosticMethod answers with the findings of all templates of the
// workspace, those in files that are not open too.
func workspaceDiagnosticMethod() method {
	m := method{name: protocol.MethodWorkspaceDiagnostic, isCall: true, accept: workspaceDiagnostic}
	return m.advertised(func(caps *protocol.ServerCapabilities, c *client) {
		if options, ok := caps.DiagnosticProvider.(*protocol.DiagnosticOptions); ok && c.workspaceDiagnostics {
			options.WorkspaceDiagnostics = true
		}
	})
}

func workspaceDiagnostic(s *Server, params json.RawMessage) (any, wire.Work, error) {
	p, err := decode[workspaceDiagnosticParams](params)
	if err != nil {
		return nil, nil, err
	}
	v := s.view.Load()
	return wire.Elsewhere, func(ctx context.Context) (any, error) { return s.workspaceReport(ctx, v, p) }, nil
}

// workspaceDiagnosticParams are those of the protocol, the URIs as the client
// spells them.
type workspaceDiagnosticParams struct {
	PreviousResultIDs []struct {
		URI   string `json:"uri"`
		Value string `json:"value"`
	} `json:"previousResultIds"`
}

func (s *Server) workspaceReport(ctx context.Context, v *View, p *workspaceDiagnosticParams) (any, error) {
	type previous struct{ uri, id string }
	had := make(map[documentKey]previous, len(p.PreviousResultIDs))
	for _, r := range p.PreviousResultIDs {
		had[keyOf(r.URI)] = previous{r.URI, r.Value}
	}
	items := []jsonrpc2.RawMessage{}
	add := func(key documentKey, u string, version string, r *report) {
		if had[key].uri != "" {
			u = had[key].uri
		}
		same := had[key].id == r.id
		delete(had, key)
		if same {
			items = append(items, jsonrpc2.RawMessage(fmt.Sprintf(`{"kind":"unchanged","uri":%s,"version":%s,"resultId":%q}`, quoted(u), version, r.id)))
			return
		}
		items = append(items, jsonrpc2.RawMessage(fmt.Sprintf(`{"kind":"full","uri":%s,"version":%s,"resultId":%q,"items":%s}`, quoted(u), version, r.id, r.items)))
	}
	for key, d := range v.docs {
		if d.isReported() {
			add(key, d.URI, fmt.Sprint(d.Version), d.report())
		}
	}
	err := s.files.reports(ctx, s, v, func(u uri.URI, r *report) { add(documentKey(u), string(u), "null", r) })
	if err != nil {
		return nil, err
	}
	// What the client knows of and is no template any more, or gone.
	for _, gone := range had {
		items = append(items, jsonrpc2.RawMessage(fmt.Sprintf(`{"kind":"full","uri":%s,"version":null,"items":[]}`, quoted(gone.uri))))
	}
	slices.SortFunc(items, func(a, b jsonrpc2.RawMessage) int { return strings.Compare(string(a), string(b)) })
	var out []byte
	out = append(out, `{"items":[`...)
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, item...)
	}
	return jsonrpc2.RawMessage(append(out, `]}`...)), nil
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil { // it is a string
		panic(err)
	}
	return string(b)
}
