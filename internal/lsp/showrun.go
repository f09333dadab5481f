package lsp

import (
	"context"
	"os"
	"path/filepath"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// showLastRun answers the newest run of a document. Editors that open documents
// when they are told to show a summary of it; it lies in a folder of its own that
// only the user may read, and is written anew each time.
func showLastRun(ctx context.Context, s *Server, v *View, document string, _ commandOptions) (any, error) {
	u, err := uri.Parse(document)
	if err != nil || !u.IsFile() {
		return nil, jsonrpc2.Errorf(codeRequestFailed, "%s is no file: only files have a history of runs", document)
	}
	answer, err := v.settings.output(ctx, "show", "latest", "--of", u.FsPath(), "--json")
	if err != nil {
		return nil, err
	}
	if facts := decodeRunFacts(answer); facts != nil && s.client.showsDocuments {
		summary, err := v.settings.text(ctx, "show", facts.Run, "--format", "markdown")
		if err != nil {
			return nil, err
		}
		if err := s.openText(ctx, summary, filepath.Base(u.FsPath())+".run.md"); err != nil {
			return nil, err
		}
	}
	return jsonrpc2.RawMessage(answer), nil
}

// openText shows a text in a file of its own, which goes when the connection ends.
func (s *Server) openText(ctx context.Context, text, name string) error {
	dir, err := os.MkdirTemp("", "nf-lsp-run-")
	if err != nil {
		return jsonrpc2.Errorf(codeRequestFailed, "the summary cannot be written: %v", err)
	}
	s.removeLater(dir)
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return jsonrpc2.Errorf(codeRequestFailed, "the summary cannot be written: %v", err)
	}
	focus := true
	return s.conn.Call(ctx, protocol.MethodWindowShowDocument, &protocol.ShowDocumentParams{URI: uri.File(path), TakeFocus: &focus}, nil)
}

// removeLater removes a folder when the connection ends.
func (s *Server) removeLater(dir string) {
	s.background("summary of a run", func(ctx context.Context) error {
		<-ctx.Done()
		return os.RemoveAll(dir)
	})
}
