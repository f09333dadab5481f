package lsp

import (
	"context"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

func documentLinkMethod() method {
	return query(protocol.MethodTextDocumentDocumentLink, documentLink).
		advertised(func(caps *protocol.ServerCapabilities, _ *client) {
			caps.DocumentLinkProvider = &protocol.DocumentLinkOptions{}
		})
}

func documentLink(_ context.Context, v *View, p *protocol.DocumentLinkParams) (any, error) {
	links := []protocol.DocumentLink{}
	d := v.template(p.TextDocument.URI)
	if d == nil {
		return links, nil
	}
	copied := sync.OnceValue(func() workingCopy { return workingCopyOf(uri.URI(d.URI)) })
	for _, l := range d.Analysis().Links() {
		target := uri.URI(l.URL)
		if l.URL == "" {
			file, ok := copied().file(l.Repository, l.Path)
			if !ok {
				continue
			}
			target = file
		}
		link := protocol.DocumentLink{Range: d.span(l.Range), Target: &target}
		if d.env.client.linkTooltips {
			link.Tooltip = &l.Tooltip
		}
		links = append(links, link)
	}
	return links, nil
}
