package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/lsp/wire"
)

// The commands that every editor can have executed.
const (
	commandCheck   = "nf.check"
	commandPlan    = "nf.plan"
	commandRun     = "nf.run"
	commandApprove = "nf.approve"
	commandAbort   = "nf.abort"
	commandShow    = "nf.show"
	commandGraph   = "nf.graph"

	commandSyncStatus  = "nf.sync.status"
	commandSyncPull    = "nf.sync.pull"
	commandSyncPush    = "nf.sync.push"
	commandSyncResolve = "nf.sync.resolve"
)

// executeCommandMethod has nf-run do what a command says. That can take its
// time, so the work is done beside the questions about documents.
func executeCommandMethod() method {
	m := method{name: protocol.MethodWorkspaceExecuteCommand, isCall: true, accept: executeCommand}
	return m.advertised(func(caps *protocol.ServerCapabilities, c *client) {
		if c.executesCommands {
			caps.ExecuteCommandProvider = protocol.ExecuteCommandOptions{
				Commands: []string{commandCheck, commandPlan, commandRun, commandApprove, commandAbort, commandShow, commandGraph,
					commandSyncStatus, commandSyncPull, commandSyncPush, commandSyncResolve},
			}
		}
	})
}

func executeCommand(s *Server, params json.RawMessage) (any, wire.Work, error) {
	p, err := decode[protocol.ExecuteCommandParams](params)
	if err != nil {
		return nil, nil, err
	}
	execute := commands[p.Command]
	if execute == nil {
		return nil, nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "there is no command %q", p.Command)
	}
	argument, options, err := commandArguments(p)
	if err != nil {
		return nil, nil, err
	}
	v := s.view.Load()
	return wire.Elsewhere, func(ctx context.Context) (any, error) { return execute(ctx, s, v, argument, options) }, nil
}

// commandOptions may stand behind a command's argument; members that a command
// does not know are passed over.
type commandOptions struct {
	// Until is the node that a run ends with: its ref or JSON pointer.
	Until string `json:"until,omitempty"`
	// Format is how a graph is written: "svg", "mermaid", "dot" or "json".
	Format string `json:"format,omitempty"`
	// Node is the node that is decided on: its ref or JSON pointer; Reject says no, and
	// Reason why.
	Node   string `json:"node,omitempty"`
	Reject bool   `json:"reject,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Message is that of the commit of a push.
	Message string `json:"message,omitempty"`
	// Side is taken at all conflicts that Take does not name: "ours" or "theirs"; Take has
	// the sides of single ones by their ids. Edited takes the file as it is.
	Side   string            `json:"side,omitempty"`
	Take   map[string]string `json:"take,omitempty"`
	Edited bool              `json:"edited,omitempty"`
	// States, of a graph, are those of a run as the client knows it, by the nodes'
	// JSON pointers; without, what the history says is shown.
	States map[string]knownState `json:"states,omitempty"`
}

// knownState is what a client knows of a node of a run. Kind and Ref say which
// node it was.
type knownState struct {
	Kind  string `json:"kind"`
	Ref   string `json:"ref"`
	State string `json:"state"`
	Took  string `json:"took"`
}

// commands take the URI of a document, or the id of a run.
var commands = map[string]func(ctx context.Context, s *Server, v *View, argument string, options commandOptions) (any, error){
	commandCheck: func(ctx context.Context, s *Server, v *View, u string, _ commandOptions) (any, error) {
		return s.ask(ctx, v, u, summaryOfCheck, "check", "--json")
	},
	commandPlan: func(ctx context.Context, s *Server, v *View, u string, o commandOptions) (any, error) {
		return s.ask(ctx, v, u, summaryOfPlan, slices.Concat([]string{"plan", "--json"}, o.untilFlags(), v.settings.targetFlags())...)
	},
	commandRun:     startRun,
	commandApprove: decideOnRun,
	commandAbort:   abortRun,
	commandShow:    showLastRun,
	commandGraph:   drawGraph,

	commandSyncStatus:  syncStatus,
	commandSyncPull:    syncPull,
	commandSyncPush:    syncPush,
	commandSyncResolve: syncResolve,
}

func (o commandOptions) untilFlags() []string {
	if o.Until == "" {
		return nil
	}
	return []string{"--until=" + o.Until}
}

func commandArguments(p *protocol.ExecuteCommandParams) (argument string, options commandOptions, err error) {
	what := "the URI of a document"
	if p.Command == commandAbort || p.Command == commandApprove {
		what = "the id of a run"
	}
	if n := len(p.Arguments); n == 0 || n > 2 || json.Unmarshal(p.Arguments[0], &argument) != nil || argument == "" {
		return "", options, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s takes one argument, %s, and may take an object of options", p.Command, what)
	}
	if len(p.Arguments) == 2 && json.Unmarshal(p.Arguments[1], &options) != nil {
		return "", options, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "the options of %s are an object", p.Command)
	}
	return argument, options, nil
}

// file returns the file of a document. nf-run reads files: what is not in
// one yet, or differs from it, is refused.
func (v *View) file(argument string) (string, error) {
	u, err := uri.Parse(argument)
	if err != nil || !u.IsFile() {
		return "", jsonrpc2.Errorf(codeRequestFailed, "%s is no file: save the document to one first", argument)
	}
	path := u.FsPath()
	saved, err := os.ReadFile(path)
	if err != nil {
		return "", jsonrpc2.Errorf(codeRequestFailed, "%s cannot be read (%v): save the document first", path, err)
	}
	if d := v.docs[documentKey(u)]; d != nil && d.Text() != string(saved) {
		return "", jsonrpc2.Errorf(codeRequestFailed, "%s has changes that are not saved: save it first", filepath.Base(path))
	}
	if f := v.configuration.project(string(u)); f != nil {
		// nf-run goes by what is saved of these, too.
		saved, err := os.ReadFile(f.Path)
		if d := v.docs[documentKey(uri.File(f.Path))]; d != nil && (err != nil || d.Text() != string(saved)) {
			return "", jsonrpc2.Errorf(codeRequestFailed, "%s has changes that are not saved: save it first", f.Path)
		}
	}
	return path, nil
}

// summaryOfCheck says what a check has found.
func summaryOfCheck(answer json.RawMessage) (string, protocol.MessageType) {
	var found struct{ Errors, Warnings int }
	if json.Unmarshal(answer, &found) != nil {
		return "", 0
	}
	kind := protocol.MessageTypeInfo
	switch {
	case found.Errors > 0:
		kind = protocol.MessageTypeError
	case found.Warnings > 0:
		kind = protocol.MessageTypeWarning
	}
	return fmt.Sprintf("%d errors, %d warnings", found.Errors, found.Warnings), kind
}

// summaryOfPlan says how much a run would do.
func summaryOfPlan(answer json.RawMessage) (string, protocol.MessageType) {
	var plan struct {
		Summary struct{ Create, Update, Unchanged, Apply, Run, Wait, Skip int }
	}
	if json.Unmarshal(answer, &plan) != nil {
		return "", 0
	}
	var parts []string
	n := plan.Summary
	for _, p := range []struct {
		count int
		what  string
	}{{n.Create, "create"}, {n.Update, "update"}, {n.Unchanged, "unchanged"}, {n.Apply, "apply"}, {n.Run, "run"}, {n.Wait, "wait"}, {n.Skip, "skip"}} {
		if p.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.count, p.what))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing to do"}
	}
	return "plan: " + strings.Join(parts, ", "), protocol.MessageTypeInfo
}
