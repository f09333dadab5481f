package lsp

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/gitops/changes"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// gitVersions are what a document is compared with, as `nf-run sync versions` tells it.
// They are immutable.
type gitVersions struct {
	Links     []gitLink     `json:"links"`
	Status    string        `json:"status"`
	Conflicts []gitConflict `json:"conflicts"`
	Error     string        `json:"error"`
	Head      *gitVersion   `json:"head"`
	Base      *gitVersion   `json:"base"`
	Theirs    *gitVersion   `json:"theirs"`
	Watch     []string      `json:"watch"`
}

// gitLink ties a document to a file of a repository.
type gitLink struct {
	Name       string `json:"name"`
	Repository string `json:"repository"`
	Branch     string `json:"branch"`
	Path       string `json:"path"`
	Autorun    *bool  `json:"autorun,omitempty"`
	Shared     bool   `json:"shared,omitempty"`
}

// gitConflict is what has to be settled. The versions are as they are written, "" for none.
type gitConflict struct {
	ID     string `json:"id"`
	Node   string `json:"node,omitempty"`
	Why    string `json:"why"`
	Whole  bool   `json:"whole,omitempty"`
	Base   string `json:"base"`
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
}

// gitVersion is the file of a commit; Text is nil where that does not have it.
type gitVersion struct {
	Commit string  `json:"commit"`
	Text   *string `json:"text"`

	taken func() *changes.Version
}

// apart is the version taken apart, once.
func (g *gitVersion) apart() *changes.Version {
	if g == nil || g.Text == nil {
		return changes.Of(nil)
	}
	return g.taken()
}

func (g *gitVersion) has() bool { return g != nil && g.Text != nil }

// short is the commit as people read it.
func (g *gitVersion) short() string { return g.Commit[:min(len(g.Commit), 10)] }

// decodeGitVersions reads what nf-run prints. What before has taken apart already is not
// taken apart again.
func decodeGitVersions(text json.RawMessage, before *gitVersions) *gitVersions {
	g := new(gitVersions)
	if json.Unmarshal(text, g) != nil {
		return nil
	}
	var old []*gitVersion
	if before != nil {
		old = []*gitVersion{before.Head, before.Base, before.Theirs}
	}
	for _, v := range []*gitVersion{g.Head, g.Base, g.Theirs} {
		if !v.has() {
			continue
		}
		if i := slices.IndexFunc(old, func(o *gitVersion) bool { return o.has() && *o.Text == *v.Text }); i >= 0 {
			v.taken = old[i].taken
		} else {
			text := *v.Text
			v.taken = sync.OnceValue(func() *changes.Version { return changes.Of(syntax.Parse(text)) })
		}
		old = append(old, v)
	}
	return g
}

// The states of a document beside those of its file that nf-run tells: in-sync, ahead,
// behind, diverged, conflict, new, deleted, missing.
const (
	gitUnlinked = "unlinked"
	gitUnknown  = "unknown"
)

// state says how a text stands to the repository, also before it is saved. Whether changes
// of both sides go together is known of the file only.
func (g *gitVersions) state(text string) string {
	switch {
	case g == nil || g.Error != "":
		return gitUnknown
	case len(g.Links) == 0:
		return gitUnlinked
	case !g.Theirs.has() || !g.Base.has():
		return g.Status
	}
	text, base, theirs := lineFeeds(text), lineFeeds(*g.Base.Text), lineFeeds(*g.Theirs.Text)
	switch {
	case text == theirs:
		return "in-sync"
	case theirs == base:
		return "ahead"
	case text == base:
		return "behind"
	case g.Status == "conflict":
		return g.Status
	}
	return "diverged"
}

// lineFeeds is a text with the line ends that repositories have.
func lineFeeds(text string) string {
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// gitFacts are what is known of an open document and Git. They are read through nf-run:
// when somebody looks for the first time, when the document is saved, and when Git or
// nf-run have written what another version depends on.
type gitFacts struct {
	mu    sync.Mutex
	known *gitVersions
	// read is closed when the first reading has ended; nil while nobody has asked.
	read chan struct{}
	// reading is true while one is under way; again, when another has to follow.
	reading, again bool
	// over is closed when the reading that is under way has ended, and what has to follow.
	over chan struct{}
	// live is the newest version that was taken apart, of the analysis below; marks are its.
	live  *changes.Version
	of    *Document
	marks *gitMarks
	gone  map[changes.Change]bool // by the last text without mistakes in its syntax
	// titled is what the client shows in its lens, as far as it was told to ask again.
	titled string

	// sending keeps what is sent in the order of the versions; sent is what was sent last.
	sending sync.Mutex
	sent    string
}

// look returns what is known, and has it read if nobody has yet.
func (s *Server) lookAtGit(v *View, d *Document) *gitVersions {
	g := &d.env.git
	g.mu.Lock()
	known, first := g.known, g.read == nil
	g.mu.Unlock()
	if first {
		s.readGit(v, d)
	}
	return known
}

// readGit has what a document is compared with read anew, beside. The channel is closed
// when it is known for the first time.
func (s *Server) readGit(v *View, d *Document) <-chan struct{} {
	g := &d.env.git
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.read == nil {
		g.read = make(chan struct{})
	}
	if g.reading {
		g.again = true
		return g.read
	}
	g.reading = true
	first, over := g.read, make(chan struct{})
	g.over = over
	s.background("versions in Git", func(ctx context.Context) error {
		defer close(over)
		for {
			known := s.gitVersionsOf(ctx, s.view.Load().settings, d)
			g.mu.Lock()
			if known != nil || ctx.Err() == nil {
				g.known, g.of, g.marks = known, nil, nil
			}
			select {
			case <-first:
			default:
				close(first)
			}
			again := g.again && ctx.Err() == nil
			g.again, g.reading = false, again
			g.mu.Unlock()
			if known != nil {
				s.gitWatch.set(s, keyOf(d.URI), known.Watch)
			}
			if ctx.Err() == nil {
				s.gitChanged(keyOf(d.URI))
			}
			if !again {
				return nil
			}
		}
	})
	return first
}

// gitVersionsOf asks nf-run; nil where there is nothing to be known.
func (s *Server) gitVersionsOf(ctx context.Context, settings *settings, d *Document) *gitVersions {
	u, err := uri.Parse(d.URI)
	if err != nil || !u.IsFile() || !d.signs {
		return nil
	}
	// One process at a time, however many documents are open.
	select {
	case s.asking <- struct{}{}:
		defer func() { <-s.asking }()
	case <-ctx.Done():
		return nil
	}
	answer, err := settings.output(ctx, "sync", "versions", "--json", "--", u.FsPath())
	if err != nil {
		s.log.Debug("no versions in Git", "document", d.URI, "error", err)
		return nil
	}
	d.env.git.mu.Lock()
	before := d.env.git.known
	d.env.git.mu.Unlock()
	return decodeGitVersions(answer, before)
}

// gitChanged has everybody told who shows how a document stands to Git.
func (s *Server) gitChanged(key documentKey) {
	if s.client.gitStatus {
		s.tellGitStatus(key)
	}
	v := s.view.Load()
	d := v.docs[key]
	if d == nil || !s.client.refreshLenses {
		return
	}
	g := &d.env.git
	title := ""
	if m := d.gitMarks(); m != nil {
		title = m.title()
	}
	g.mu.Lock()
	changed := g.titled != title
	g.titled = title
	g.mu.Unlock()
	if changed {
		s.refresh(protocol.MethodWorkspaceCodeLensRefresh)
	}
}
