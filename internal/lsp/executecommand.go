package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/lsp/wire"
)

// The commands that every editor can have executed.
const (
	commandCheck = "nf.check"
	commandPlan  = "nf.plan"
	commandRun   = "nf.run"
	commandAbort = "nf.abort"
)

// executeCommandMethod has nf-run do what a command says. That can take its
// time, so the work is done beside the questions about documents.
func executeCommandMethod() method {
	m := method{name: protocol.MethodWorkspaceExecuteCommand, isCall: true, accept: executeCommand}
	return m.advertised(func(caps *protocol.ServerCapabilities, c *client) {
		if c.executesCommands {
			caps.ExecuteCommandProvider = protocol.ExecuteCommandOptions{
				Commands: []string{commandCheck, commandPlan, commandRun, commandAbort},
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
	argument, err := commandArgument(p)
	if err != nil {
		return nil, nil, err
	}
	v := s.view.Load()
	return wire.Elsewhere, func(ctx context.Context) (any, error) { return execute(ctx, s, v, argument) }, nil
}

// commands takes the only argument of each: the URI of a document, or the id of
// a run.
var commands = map[string]func(ctx context.Context, s *Server, v *View, argument string) (any, error){
	commandCheck: func(ctx context.Context, s *Server, v *View, u string) (any, error) {
		return s.ask(ctx, v, u, summaryOfCheck, "check", "--json")
	},
	commandPlan: func(ctx context.Context, s *Server, v *View, u string) (any, error) {
		return s.ask(ctx, v, u, summaryOfPlan, append([]string{"plan", "--json"}, v.settings.targetFlags()...)...)
	},
	commandRun:   startRun,
	commandAbort: abortRun,
}

func commandArgument(p *protocol.ExecuteCommandParams) (string, error) {
	what := "the URI of a document"
	if p.Command == commandAbort {
		what = "the id of a run"
	}
	var argument string
	if len(p.Arguments) != 1 || json.Unmarshal(p.Arguments[0], &argument) != nil || argument == "" {
		return "", jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s takes one argument, %s", p.Command, what)
	}
	return argument, nil
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
