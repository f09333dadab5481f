package lsp

import (
	"encoding/json"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/nf-lsp/nf-lsp/internal/lsp/wire"
)

func initializeMethod() method {
	return method{name: protocol.MethodInitialize, isCall: true, accept: initialize}
}

// initialize settles what the connection will be like. Nothing in its
// parameters is required: a client that only says hello is served.
func initialize(s *Server, params json.RawMessage) (any, wire.Work, error) {
	var said loose
	if params != nil {
		if err := json.Unmarshal(params, &said.value); err != nil {
			return nil, nil, jsonrpc2.Errorf(jsonrpc2.ParseError, "the parameters are not valid JSON: %v", err)
		}
	}
	c := readClient(said)
	s.client = c
	s.phase = phaseRunning
	s.update(func(v *View) {
		v.client = c
		v.folders = readFolders(said)
		v.configure(readSettings(said.at("initializationOptions")))
	})
	s.log.Info("initialized", "client", c.name, "version", c.version, "pulls", c.pullsDiagnostics)
	if pid, ok := said.number("processId"); ok {
		s.watchParent(int(pid))
	}
	return &protocol.InitializeResult{
		Capabilities: s.capabilities(),
		ServerInfo:   protocol.ServerInfo{Name: "nf-lsp", Version: protocol.NewOptional(s.opts.Version)},
	}, nil, nil
}

// capabilities lets each method say what it offers this client. A client is
// told nothing that its version of the protocol does not have.
func (s *Server) capabilities() protocol.ServerCapabilities {
	var caps protocol.ServerCapabilities
	if s.client.tellsEncoding {
		caps.PositionEncoding = positionEncoding(s.client.encoding)
	}
	for _, m := range methods() {
		if m.advertise != nil {
			m.advertise(&caps, s.client)
		}
	}
	s.client.withhold(&caps)
	return caps
}

// readFolders returns the roots of the workspace in the newest form that the
// client sent.
func readFolders(params loose) []folder {
	var folders []folder
	for _, f := range params.list("workspaceFolders") {
		if u := f.text("uri"); u != "" {
			folders = append(folders, folder{uri: u, name: f.text("name")})
		}
	}
	if u := params.text("rootUri"); folders == nil && u != "" {
		folders = append(folders, folder{uri: u})
	}
	return folders
}
