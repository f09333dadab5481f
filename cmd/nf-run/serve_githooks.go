package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/gitops/git"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
	"github.com/nf-lsp/nf-lsp/internal/trigger/githost"
)

// hostHooks acts on what Git hosts tell: events start what listens to them, and pushes are
// pulled into linked files.
type hostHooks struct {
	syncer *gitops.Syncer
	watch  *gitops.Watch
	// target hears of events; nil where only files are kept up to date.
	target platform.Target
}

// heardOutput is the answer to a Git host, version 1. Its users see it beside the delivery.
type heardOutput struct {
	Version int    `json:"version"`
	Event   string `json:"event"`
	// Outcomes are what has come of each event, as of "trigger --json".
	Outcomes []eventAnswer `json:"outcomes"`
	// Files are the links whose files are compared with the repository now.
	Files []string `json:"files"`
}

// Hook implements [api.GitHooks].
func (h *hostHooks) Hook(_ context.Context, name string) (api.GitHook, bool, error) {
	k, ok, err := h.syncer.Hook(name)
	return api.GitHook{Name: k.Name, Host: githost.Host(k.Host), Secret: k.Secret, Repository: k.Repository}, ok, err
}

// Heard implements [api.GitHooks].
func (h *hostHooks) Heard(ctx context.Context, hook api.GitHook, told githost.Told) (any, error) {
	out := heardOutput{Version: 1, Event: told.What, Outcomes: []eventAnswer{}, Files: []string{}}
	branches := map[string]bool{}
	for _, e := range told.Events {
		if e.Kind == trigger.Push || e.Kind == trigger.Deleted {
			branches[e.Branch] = true
		}
	}
	if len(branches) > 0 {
		of := func(l gitops.Link) bool {
			if !branches[l.Branch.String()] {
				return false
			}
			for _, address := range told.Repositories {
				if trigger.SameRepository(address, l.URL.String()) {
					return true
				}
			}
			return false
		}
		links, err := h.watch.Links()
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			if of(l) {
				out.Files = append(out.Files, l.Name)
			}
		}
		// Before the events: what they start may run the file.
		h.watch.Tell(of)
	}
	if h.target == nil {
		return out, nil
	}
	for _, e := range told.Events {
		if e.Kind == trigger.Push && e.Paths == nil && e.Before != "" {
			e.Paths = h.changed(ctx, told.Repositories, e)
		}
		if e.Kind == trigger.PullRequest || e.Kind == trigger.Label {
			h.proposed(ctx, told.Repositories, &e)
		}
		answer, err := sendEvent(ctx, h.target, sentEvent{e.Event, "git-hook " + hook.Name + " " + e.Delivery})
		if err != nil {
			return nil, err
		}
		out.Outcomes = append(out.Outcomes, answer)
	}
	return out, nil
}

// lookUp is how long it may take to look up which files an event has changed: hosts wait for
// an answer for ten seconds.
const lookUp = 5 * time.Second

// changed are the files that a push has changed, where its host does not tell and its
// repository has a link; nil where that cannot be known, so that no path rule leaves
// anything out.
func (h *hostHooks) changed(ctx context.Context, repositories []string, e githost.Event) []string {
	links, err := h.watch.Links()
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookUp)
	defer cancel()
	for _, l := range links {
		for _, address := range repositories {
			if l.Branch.String() != e.Branch || !trigger.SameRepository(address, l.URL.String()) {
				continue
			}
			paths, err := h.syncer.ChangedFiles(ctx, l, git.Hash(e.Before), git.Hash(e.SHA))
			if err != nil {
				return nil
			}
			return paths
		}
	}
	return nil
}

// proposed adds to an event of a pull request which files that changes, and what its last
// commit says, where its repository has a link. What cannot be known leaves nothing out.
func (h *hostHooks) proposed(ctx context.Context, repositories []string, e *githost.Event) {
	branch, err := git.ParseBranch(e.Branch)
	into, wrong := git.ParseBranch(e.Into)
	if err != nil || wrong != nil || e.Fork || e.Paths != nil {
		return
	}
	links, err := h.watch.Links()
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookUp)
	defer cancel()
	for _, l := range links {
		for _, address := range repositories {
			if !trigger.SameRepository(address, l.URL.String()) {
				continue
			}
			p, err := h.syncer.Proposed(ctx, l, branch, into, git.Hash(e.Before), git.Hash(e.SHA))
			if err != nil {
				return
			}
			if e.Paths = p.Paths; e.Commits == nil && p.Message != "" {
				e.Commits = []trigger.Commit{{SHA: e.SHA, Message: p.Message}}
			}
			return
		}
	}
}

// hostHooks are the webhooks of a server. It keeps the linked files up to date that Git
// hosts tell of, until it is stopped.
func (c *command) hostHooks(ctx context.Context, dir string, sealer seal.Sealer, target platform.Target) (hooks *hostHooks, stop func(), err error) {
	s := &gitops.Syncer{Dir: filepath.Join(dir, "sync"), Git: &git.Program{}, Sealer: sealer}
	near := abs(".")
	f := watchFlags{within: within, pushFlags: pushFlags{pullFlags: pullFlags{target: "local"}}}
	// What it says stands beside the log, and not in it.
	saying := &command{in: strings.NewReader(""), out: c.errOut, errOut: c.errOut, keyring: c.keyring, state: dir}
	w := saying.watch(s, f, func() ([]gitops.Link, error) { return s.Links(near) })
	w.Every, w.Saved = 0, nil
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		if err := w.Run(ctx, false); err != nil && ctx.Err() == nil {
			fmt.Fprintf(c.errOut, "nf-run: linked files are not kept up to date: %v\n", err)
		}
	})
	return &hostHooks{s, w, target}, func() { cancel(); watching.Wait() }, nil
}
