package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/lsp/wire"
)

// methods lists what the server understands. A method comes with what it
// advertises, so that the two cannot differ.
func methods() []method {
	return []method{
		initializeMethod(),
		initializedMethod(),
		shutdownMethod(),
		exitMethod(),

		didOpenMethod(),
		didChangeMethod(),
		didSaveMethod(),
		didCloseMethod(),
		didChangeConfigurationMethod(),
		didChangeWorkspaceFoldersMethod(),

		diagnosticMethod(),
		completionMethod(),
		completionResolveMethod(),
		hoverMethod(),
		signatureHelpMethod(),
		definitionMethod(),
		typeDefinitionMethod(),
		referencesMethod(),
		documentHighlightMethod(),
		prepareRenameMethod(),
		renameMethod(),
		linkedEditingRangeMethod(),
		documentSymbolMethod(),
		workspaceSymbolMethod(),
		foldingRangeMethod(),
		selectionRangeMethod(),
		documentLinkMethod(),
		formattingMethod(),
		rangeFormattingMethod(),
		onTypeFormattingMethod(),
		codeActionMethod(),
		codeActionResolveMethod(),
		semanticTokensMethod(),
		semanticTokensDeltaMethod(),
		semanticTokensRangeMethod(),
		inlayHintMethod(),
		codeLensMethod(),
		codeLensResolveMethod(),
		executeCommandMethod(),
		cancelProgressMethod(),
		workspaceDiagnosticMethod(),
		didChangeWatchedFilesMethod(),
		textDocumentContentMethod(),
		gitStatusMethod(),
		documentNodesMethod(),
		runEndedMethod(),
	}
}

// method is one method of the protocol.
type method struct {
	name   string
	isCall bool
	// accept decodes the parameters and either changes the server's state or
	// takes its view and returns the work on it. It runs in wire order.
	accept func(s *Server, params json.RawMessage) (any, wire.Work, error)
	// advertise announces the method to a client that may use it; nil where the
	// protocol takes the method for granted.
	advertise func(caps *protocol.ServerCapabilities, c *client)
}

// advertised sets what the method announces.
func (m method) advertised(by func(caps *protocol.ServerCapabilities, c *client)) method {
	m.advertise = by
	return m
}

// notification is a method that changes state and has no reply.
func notification[P any](name string, apply func(s *Server, p *P) error) method {
	return method{name: name, accept: func(s *Server, params json.RawMessage) (any, wire.Work, error) {
		p, err := decode[P](params)
		if err != nil {
			return nil, nil, err
		}
		return nil, nil, apply(s, p)
	}}
}

// command is a request that changes state and is answered at once.
func command[P any](name string, apply func(s *Server, p *P) (any, error)) method {
	return method{name: name, isCall: true, accept: func(s *Server, params json.RawMessage) (any, wire.Work, error) {
		p, err := decode[P](params)
		if err != nil {
			return nil, nil, err
		}
		result, err := apply(s, p)
		return result, nil, err
	}}
}

// query is a request that only reads: it is answered from the view of the
// moment at which it arrived, beside whatever arrives later. answer returns nil
// for "nothing to say".
func query[P any](name string, answer func(ctx context.Context, v *View, p *P) (any, error)) method {
	return method{name: name, isCall: true, accept: func(s *Server, params json.RawMessage) (any, wire.Work, error) {
		p, err := decode[P](params)
		if err != nil {
			return nil, nil, err
		}
		v := s.view.Load()
		return nil, func(ctx context.Context) (any, error) { return answer(ctx, v, p) }, nil
	}}
}

// decode reads parameters; absent ones are those of an empty object.
func decode[P any](params json.RawMessage) (*P, error) {
	p := new(P)
	if params == nil {
		return p, nil
	}
	if err := protocol.Unmarshal(params, p); err != nil {
		if !json.Valid(params) {
			return nil, jsonrpc2.Errorf(jsonrpc2.ParseError, "the parameters are not valid JSON: %v", err)
		}
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "the parameters do not have the form that the protocol gives them: %v", err)
	}
	return p, nil
}
