package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// The commands of GitOps have nf-run do the work, show that it goes on, and can be
// stopped: nf-run leaves both sides whole wherever it is stopped.

// stopping is how long an nf-run that was asked to stop may take.
const stopping = 10 * time.Second

// syncStatus asks the repository how it stands to a file. The document need not be saved.
func syncStatus(ctx context.Context, s *Server, v *View, document string, _ commandOptions) (any, error) {
	u, err := uri.Parse(document)
	if err != nil || !u.IsFile() {
		return nil, jsonrpc2.Errorf(codeRequestFailed, "%s is no file: only files are linked", document)
	}
	return s.sync(ctx, v, document, u.FsPath(), "status")
}

func syncPull(ctx context.Context, s *Server, v *View, document string, _ commandOptions) (any, error) {
	path, err := v.file(document)
	if err != nil {
		return nil, err
	}
	return s.sync(ctx, v, document, path, "pull", v.settings.targetFlags()...)
}

func syncPush(ctx context.Context, s *Server, v *View, document string, o commandOptions) (any, error) {
	path, err := v.file(document)
	if err != nil {
		return nil, err
	}
	flags := v.settings.targetFlags()
	if o.Message != "" {
		flags = append(flags, "--message="+o.Message)
	}
	return s.sync(ctx, v, document, path, "push", flags...)
}

// syncResolve settles conflicts. Without options it shows them.
func syncResolve(ctx context.Context, s *Server, v *View, document string, o commandOptions) (any, error) {
	if o.Side == "" && len(o.Take) == 0 && !o.Edited {
		return syncStatus(ctx, s, v, document, o)
	}
	path, err := v.file(document)
	if err != nil {
		return nil, err
	}
	var flags []string
	switch o.Side {
	case "":
	case "ours", "theirs":
		flags = append(flags, "--"+o.Side)
	default:
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "a side is ours or theirs, not %q", o.Side)
	}
	if o.Edited {
		flags = append(flags, "--edited")
	}
	for _, id := range slices.Sorted(maps.Keys(o.Take)) {
		flags = append(flags, "--take="+id+"="+o.Take[id])
	}
	return s.sync(ctx, v, document, path, "resolve", flags...)
}

// sync runs a command of nf-run sync, shows that it goes on and what came of it, and
// answers what it prints.
func (s *Server) sync(ctx context.Context, v *View, document, path, what string, flags ...string) (any, error) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	shown, err := s.startProgress(ctx, fmt.Sprintf("Northflank: %s %s", what, filepath.Base(path)), stop)
	if err != nil {
		s.log.Warn("no progress is shown", "command", what, "error", err)
	}
	answer, err := v.settings.gently(working, slices.Concat([]string{"sync", what, "--json"}, flags, []string{"--", path})...)
	ended := func(how string) {
		if err := shown.end(how); err != nil {
			s.log.Warn("the end of a command is not shown", "command", what, "error", err)
		}
	}
	s.rereadGit(keyOf(document)) // also where it failed: it may have come half the way
	if err != nil {
		if ctx.Err() == nil && working.Err() != nil {
			ended("stopped")
			return nil, jsonrpc2.Errorf(codeRequestFailed, "%s of %s was stopped; the next one goes on", what, filepath.Base(path))
		}
		ended("failed")
		return nil, err
	}
	outcome := readSyncOutcome(answer)
	if outcome.Error != "" && len(outcome.Conflicts) == 0 {
		ended("failed")
		return nil, jsonrpc2.Errorf(codeRequestFailed, "%s: %s", filepath.Base(path), outcome.Error)
	}
	said, kind := outcome.words()
	ended(said)
	if len(outcome.Conflicts) > 0 && s.client.gitStatus {
		return jsonrpc2.RawMessage(answer), nil // it has a view of its own for them
	}
	if err := s.show(kind, filepath.Base(path)+": "+said); err != nil {
		return nil, err
	}
	if len(outcome.Conflicts) > 0 && s.client.showsDocuments {
		if err := s.openConflicts(ctx, outcome.Conflicts, path); err != nil {
			return nil, err
		}
	}
	return jsonrpc2.RawMessage(answer), nil
}

// syncOutcome is what is used of what nf-run prints, of a status and of what was done.
type syncOutcome struct {
	Outcome   string            `json:"outcome"`
	Error     string            `json:"error"`
	Changes   []json.RawMessage `json:"changes"`
	Conflicts []gitConflict     `json:"conflicts"`
	Runs      []struct {
		Run string `json:"run"`
	} `json:"runs"`
	// Of a status, of which a file has one for each of its links.
	Links []struct {
		Status    string            `json:"status"`
		Error     string            `json:"error"`
		Ours      []json.RawMessage `json:"ours"`
		Theirs    []json.RawMessage `json:"theirs"`
		Conflicts []gitConflict     `json:"conflicts"`
	} `json:"links"`
}

func readSyncOutcome(answer json.RawMessage) syncOutcome {
	var o syncOutcome
	if err := json.Unmarshal(answer, &o); err != nil {
		return syncOutcome{Error: "nf-run printed what cannot be read: " + err.Error()}
	}
	if o.Outcome == "" && len(o.Links) > 0 && o.Error == "" {
		l := o.Links[0]
		o.Outcome, o.Error, o.Conflicts = l.Status, l.Error, l.Conflicts
	}
	return o
}

// words say what came of it.
func (o syncOutcome) words() (string, protocol.MessageType) {
	n := func(count int, one string) string {
		if count == 1 {
			return "1 " + one
		}
		return fmt.Sprintf("%d %ss", count, one)
	}
	ours, theirs := 0, 0
	if len(o.Links) > 0 {
		ours, theirs = len(o.Links[0].Ours), len(o.Links[0].Theirs)
	}
	said := ""
	switch o.Outcome {
	case "in-sync":
		return "in step with the repository", protocol.MessageTypeInfo
	case "ahead":
		said = "has changes to push"
		if ours > 0 {
			said = n(ours, "change") + " to push"
		}
	case "behind":
		said = "there are changes to pull"
		if theirs > 0 {
			said = n(theirs, "change") + " to pull"
		}
	case "diverged":
		said = fmt.Sprintf("%s here, %s there; they go together: pull or push", n(ours, "change"), n(theirs, "change"))
	case "updated":
		said = "pulled, " + n(len(o.Changes), "change")
	case "merged":
		said = "has the changes of both sides, " + n(len(o.Changes), "change") + "; push them"
	case "pushed":
		said = "pushed, " + n(len(o.Changes), "change")
	case "new":
		said = "new to the repository: the first push makes it"
	case "deleted":
		return "gone from the repository", protocol.MessageTypeWarning
	case "missing":
		said = "missing here: pull it"
	case "conflict":
		parts := make([]string, len(o.Conflicts))
		for i, c := range o.Conflicts {
			node := c.Node
			if node == "" {
				node = c.ID
			}
			parts[i] = node + ": " + c.Why
		}
		return n(len(o.Conflicts), "conflict") + ", nothing was changed: " + strings.Join(parts, "; "), protocol.MessageTypeWarning
	default:
		said = o.Outcome
	}
	for _, r := range o.Runs {
		if r.Run != "" {
			said += "; run " + r.Run + " was started"
		}
	}
	return said, protocol.MessageTypeInfo
}

// openConflicts shows the versions of what has to be settled to editors that have no view
// of their own for it.
func (s *Server) openConflicts(ctx context.Context, list []gitConflict, template string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Conflicts of %s\n\nNothing was changed. %s takes a side for all (`side`) or for some (`take`), or the file as it is (`edited`).\n", filepath.Base(template), commandSyncResolve)
	for _, c := range list {
		title := c.Node
		if title == "" {
			title = c.ID
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s. Its id is %s.\n", title, c.Why, asCode(c.ID))
		for _, side := range [][2]string{{"Base", c.Base}, {"Ours", c.Ours}, {"Theirs", c.Theirs}} {
			if side[1] == "" {
				fmt.Fprintf(&b, "\n%s: not there\n", side[0])
				continue
			}
			fence := "```"
			for strings.Contains(side[1], fence) {
				fence += "`"
			}
			fmt.Fprintf(&b, "\n%s:\n\n%sjson\n%s\n%s\n", side[0], fence, side[1], fence)
		}
	}
	return s.openText(ctx, b.String(), filepath.Base(template)+".conflicts.md")
}

// gently runs nf-run as output does; when it is to stop, it is asked to, and has time to.
func (s *settings) gently(ctx context.Context, args ...string) (json.RawMessage, error) {
	cmd, err := s.runnerProcess(ctx, args...)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" { // where nobody can be asked
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = stopping
	}
	return printedBy(ctx, cmd, args[0])
}
