package lsp

import (
	"context"
	"encoding/json"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/lsp/wire"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// How a document stands to Git is asked for by the request, and told by the notification
// to clients that take it. docs/lsp.md describes what they carry.
const (
	methodGitStatus        = "northflank/gitStatus"
	methodGitStatusChanged = "northflank/gitStatusChanged"
)

// gitStatus is what the request answers and the notification carries; the notification
// without the texts of conflicts.
type gitStatus struct {
	URI     string `json:"uri"`
	Version int32  `json:"version"`
	State   string `json:"state"`
	Title   string `json:"title,omitempty"`
	Error   string `json:"error,omitempty"`
	// Links are those of the document's file, which share one place.
	Links []gitLink `json:"links"`
	// Commit is the tip of the branch, as fetched last, Base the commit that both sides last
	// agreed on.
	Commit    string           `json:"commit,omitempty"`
	Base      string           `json:"base,omitempty"`
	Ours      []gitChange      `json:"ours"`
	Theirs    []changes.Change `json:"theirs"`
	Conflicts []any            `json:"conflicts"`
	Head      *gitHead         `json:"head,omitempty"`
	// Texts are the versions as a whole, by name, where they were asked for.
	Texts map[string]string `json:"texts,omitempty"`
}

// gitHead is what the document has changed since the last commit of its working copy.
type gitHead struct {
	Commit  string      `json:"commit"`
	Changes []gitChange `json:"changes"`
}

// gitChange is a change with its places in the document.
type gitChange struct {
	changes.Change
	Range protocol.Range `json:"range"`
	// SelectionRange is the ref or the kind of a node, or the name of a property.
	SelectionRange *protocol.Range  `json:"selectionRange,omitempty"`
	Parts          []protocol.Range `json:"parts,omitempty"`
}

type gitStatusParams struct {
	TextDocument struct {
		URI uri.URI `json:"uri"`
	} `json:"textDocument"`
	// Texts asks for whole versions.
	Texts bool `json:"texts"`
}

// gitStatusMethod answers how a document stands to Git. The first time it waits until that
// was read; afterwards the answer is that of the text as it is. Whole versions are read anew:
// somebody is about to put his own text together with them.
func gitStatusMethod() method {
	return method{name: methodGitStatus, isCall: true, accept: func(s *Server, params json.RawMessage) (any, wire.Work, error) {
		var p gitStatusParams
		if err := json.Unmarshal(params, &p); err != nil {
			return nil, nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s takes a textDocument with a uri: %v", methodGitStatus, err)
		}
		v := s.view.Load()
		return wire.Elsewhere, func(ctx context.Context) (any, error) {
			d := v.template(uri.URI(keyOf(string(p.TextDocument.URI))))
			if d == nil {
				return nil, jsonrpc2.Errorf(codeRequestFailed, "%s is not open", p.TextDocument.URI)
			}
			d.env.git.mu.Lock()
			var read <-chan struct{}
			if d.env.git.read != nil {
				read = d.env.git.read
			}
			d.env.git.mu.Unlock()
			if read == nil {
				read = s.readGit(v, d)
			} else if p.Texts {
				s.readGit(v, d)
				d.env.git.mu.Lock()
				read = d.env.git.over
				d.env.git.mu.Unlock()
			}
			select {
			case <-read:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			status := d.gitStatus(true)
			if p.Texts {
				d.addTexts(status)
			}
			return status, nil
		}, nil
	}}
}

// gitStatus is how this version stands to Git.
func (d *Document) gitStatus(full bool) *gitStatus {
	out := &gitStatus{URI: d.URI, Version: d.Version, State: gitUnknown, Links: []gitLink{}, Ours: []gitChange{}, Theirs: []changes.Change{}, Conflicts: []any{}}
	m := d.gitMarks()
	if m == nil {
		return out
	}
	g := m.versions
	out.State, out.Title, out.Error = m.state, m.title(), g.Error
	if g.Links != nil {
		out.Links = g.Links
	}
	if g.Theirs != nil {
		out.Commit = g.Theirs.Commit
	}
	if g.Base != nil {
		out.Base = g.Base.Commit
	}
	out.Ours = d.gitChanges(m.ours)
	if m.theirs != nil {
		out.Theirs = m.theirs
	}
	if m.state == "conflict" {
		for _, c := range g.Conflicts {
			if full {
				out.Conflicts = append(out.Conflicts, c)
			} else {
				out.Conflicts = append(out.Conflicts, struct {
					ID    string `json:"id"`
					Node  string `json:"node,omitempty"`
					Why   string `json:"why"`
					Whole bool   `json:"whole,omitempty"`
				}{c.ID, c.Node, c.Why, c.Whole})
			}
		}
	}
	if g.Head != nil && g.Head.Commit != "" {
		out.Head = &gitHead{g.Head.Commit, d.gitChanges(m.head)}
	}
	return out
}

// addTexts adds the versions that the document is compared with.
func (d *Document) addTexts(status *gitStatus) {
	d.env.git.mu.Lock()
	known := d.env.git.known
	d.env.git.mu.Unlock()
	if known == nil {
		return
	}
	status.Texts = make(map[string]string)
	for name, v := range map[string]*gitVersion{"head": known.Head, "base": known.Base, "theirs": known.Theirs} {
		if v.has() {
			status.Texts[name] = *v.Text
		}
	}
}

func (d *Document) gitChanges(marks []changes.Mark) []gitChange {
	out := make([]gitChange, len(marks))
	for i, m := range marks {
		out[i] = gitChange{Change: m.Change, Range: d.span(m.Range)}
		if m.Name != (syntax.Range{}) {
			at := d.span(m.Name)
			out[i].SelectionRange = &at
		}
		for _, part := range m.Parts {
			out[i].Parts = append(out[i].Parts, d.span(part))
		}
	}
	return out
}

// tellGitStatus has a client told, beside: whoever types does not wait for it.
func (s *Server) tellGitStatus(key documentKey) {
	s.background("status in Git", func(context.Context) error { return s.sendGitStatus(key) })
}

// sendGitStatus tells a client that takes it how a document stands to Git, if that is not
// what it was told last.
func (s *Server) sendGitStatus(key documentKey) error {
	d := s.view.Load().docs[key]
	if d == nil || !d.isJSON() {
		return nil
	}
	g := &d.env.git
	g.sending.Lock()
	defer g.sending.Unlock()
	if d = s.view.Load().docs[key]; d == nil || &d.env.git != g {
		return nil
	}
	g.mu.Lock()
	known := g.known
	g.mu.Unlock()
	if known == nil && g.sent == "" {
		return nil
	}
	status := d.gitStatus(false)
	version := status.Version
	status.Version = 0
	params, err := json.Marshal(status)
	if err != nil || string(params) == g.sent {
		return err
	}
	g.sent = string(params)
	status.Version = version
	if params, err = json.Marshal(status); err != nil {
		return err
	}
	return s.conn.Notify(methodGitStatusChanged, jsonrpc2.RawMessage(params))
}
