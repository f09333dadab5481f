package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// runsItself says whether a template with a text runs when its file changes: what its link
// says, else what the file says.
func runsItself(l gitops.Link, text string) bool {
	if l.Autorun != nil {
		return *l.Autorun
	}
	yes, ok := syntax.Parse(text).Root().Get("options").Get("autorun").Bool()
	return yes && ok
}

// owe lets changes of files owe runs to their links, unless nothing is to run.
func (f *pullFlags) owe(s *gitops.Syncer) {
	if f.noRun {
		return
	}
	s.Owe = func(l gitops.Link, text string) (run, target string) {
		if !runsItself(l, text) {
			return "", ""
		}
		return history.NewID(time.Now()), f.target
	}
}

// startOwed starts the runs that changes of a link's file owe, in processes of their own and
// under the concurrency policies. With noRun it forgets them.
func (c *command) startOwed(ctx context.Context, s *gitops.Syncer, l gitops.Link, noRun bool) ([]startedRun, error) {
	if noRun {
		return nil, s.Forgive(ctx, l)
	}
	var runs []startedRun
	err := s.Start(ctx, l, func(l gitops.Link, o gitops.OwedRun, text string) (bool, error) {
		r, err := c.startRun(ctx, s, l, o, text)
		runs = append(runs, r)
		return r.Run != "", err
	})
	return runs, err
}

// startRun starts an owed run of a text, or finds it started.
func (c *command) startRun(ctx context.Context, s *gitops.Syncer, l gitops.Link, o gitops.OwedRun, text string) (startedRun, error) {
	r := startedRun{Link: l.Name, Run: o.Run}
	store, err := c.openState(ctx)
	if err != nil {
		return startedRun{Link: l.Name, Exit: exitFailed, Owed: true}, err
	}
	// Who began with it may have ended before that was noted.
	_, err = store.Find(ctx, o.Run)
	_ = store.Close()
	if err == nil {
		return r, nil
	}
	of := string(o.Commit)
	if o.Merged {
		of += "+" // the file has changes that the commit does not have
	}
	args := []string{"run", l.File, "--detach", "--id", o.Run, "--as", l.Name, "--of-commit", of, "--target", o.Target, "--state", filepath.Dir(s.Dir)}
	if c.caFile != "" {
		args = append(args, "--ca-file", c.caFile)
	}
	var said bytes.Buffer
	starter := &command{in: strings.NewReader(""), out: io.Discard, errOut: &said, keyring: c.keyring, source: engine.Source(text)}
	switch code := starter.execute(ctx, args); code {
	case exitOK:
		_, _ = said.WriteTo(c.errOut) // warnings
		return r, nil
	case exitNotStarted: // by the template's own policy
		_, _ = said.WriteTo(c.errOut)
		return startedRun{Link: l.Name, Exit: code}, nil
	default:
		why := strings.ReplaceAll(strings.TrimSpace(said.String()), "nf-run: ", "")
		return startedRun{Link: l.Name, Exit: code, Owed: true}, errors.New(why + fmt.Sprintf("\nno run of %s was started: it is owed, and the next pull or watch tries again; 'nf-run sync pull --no-run' forgets it", l.Name))
	}
}
