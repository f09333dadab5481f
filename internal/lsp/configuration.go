package lsp

import (
	"context"
	"encoding/json"
	"reflect"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// registerConfiguration asks the client to announce changes of the settings.
func (s *Server) registerConfiguration() {
	s.background("registration", func(ctx context.Context) error {
		return s.conn.Call(ctx, protocol.MethodClientRegisterCapability, &protocol.RegistrationParams{
			Registrations: []protocol.Registration{{
				ID:              "northflank-settings",
				Method:          protocol.MethodWorkspaceDidChangeConfiguration,
				RegisterOptions: protocol.LSPAny(`{"section":"` + settingsSection + `"}`),
			}},
		}, nil)
	})
}

// settingsPull is the state of asking for the settings: one question is on its
// way at most, and one that has become stale is asked again.
type settingsPull struct {
	mu     sync.Mutex
	asking bool
	stale  bool // the settings have changed since the question was asked
}

// pullSettings asks the client for the settings and applies them when they come.
func (s *Server) pullSettings() {
	s.pull.mu.Lock()
	defer s.pull.mu.Unlock()
	if s.pull.asking {
		s.pull.stale = true
		return
	}
	s.pull.asking = true
	s.background("settings", func(ctx context.Context) error {
		for {
			next, err := s.askSettings(ctx)
			s.pull.mu.Lock()
			again := s.pull.stale && ctx.Err() == nil
			s.pull.stale, s.pull.asking = false, again
			s.pull.mu.Unlock()
			if again {
				continue
			}
			if err == nil && next != nil {
				s.applySettings(next)
			}
			return err
		}
	})
}

// askSettings returns the settings that the client has, for all and for each
// folder of the workspace, or nil if it answers without any.
func (s *Server) askSettings(ctx context.Context) (*settings, error) {
	section := settingsSection
	items := []protocol.ConfigurationItem{{Section: &section}}
	folders := s.view.Load().folders
	for _, f := range folders {
		scope := uri.URI(f.uri)
		items = append(items, protocol.ConfigurationItem{ScopeURI: &scope, Section: &section})
	}
	var raw jsonrpc2.RawMessage
	err := s.conn.Call(ctx, protocol.MethodWorkspaceConfiguration, &protocol.ConfigurationParams{Items: items}, &raw)
	if err != nil {
		return nil, err
	}
	var answers []any
	if err := json.Unmarshal(raw, &answers); err != nil || len(answers) == 0 {
		return nil, err
	}
	all := readSettings(loose{answers[0]})
	own, differs := make(map[documentKey]*settings), false
	for i, answer := range answers[1:min(len(answers), len(folders)+1)] {
		if _, said := answer.(map[string]any); said {
			of := readSettings(loose{answer})
			own[folderKey(folders[i].uri)] = of
			differs = differs || !reflect.DeepEqual(of, all)
		}
	}
	if differs {
		all.folders = own
	}
	return all, nil
}

// applySettings makes the settings those of all documents and lets the client
// know that findings may have changed.
func (s *Server) applySettings(next *settings) {
	changed := false
	s.update(func(v *View) {
		if changed = !reflect.DeepEqual(v.settings, next); changed {
			v.configure(next)
		}
	})
	if !changed {
		return
	}
	s.findingsChanged()
	if s.client.refreshHints {
		s.refresh(protocol.MethodWorkspaceInlayHintRefresh)
	}
}

// refresh asks the client to ask again.
func (s *Server) refresh(method string) {
	s.background("refresh", func(ctx context.Context) error {
		return s.conn.Call(ctx, method, nil, nil)
	})
}
