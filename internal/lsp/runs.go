package lsp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// The notifications that tell of a run, to clients that ask for them.
const (
	methodRunState  = "northflank/runState"
	methodNodeState = "northflank/nodeState"
)

// startRun starts a detached run, answers its id, and follows it from then on.
// The run is a process of its own: it goes on when the editor is closed.
func startRun(ctx context.Context, s *Server, v *View, document string, options commandOptions) (any, error) {
	path, err := v.file(document)
	if err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"run", "--detach", "--json"}, options.untilFlags(), v.settings.targetFlags())
	answer, err := v.settings.output(ctx, append(args, path)...)
	if err != nil {
		return nil, err
	}
	var started struct {
		Run string `json:"run"`
	}
	if err := json.Unmarshal(answer, &started); err != nil || started.Run == "" {
		return nil, runnerError("run", err, "")
	}
	r := &followedRun{server: s, settings: v.settings, id: started.Run, document: document, name: filepath.Base(path)}
	s.background("run", r.follow)
	return started, nil
}

// abortRun asks for the end of a run.
func abortRun(ctx context.Context, _ *Server, v *View, id string, _ commandOptions) (any, error) {
	if strings.HasPrefix(id, "-") {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%q is no id of a run", id)
	}
	answer, err := v.settings.output(ctx, "abort", "--json", id)
	if err != nil {
		return nil, err
	}
	return jsonrpc2.RawMessage(answer), nil
}

// decideOnRun takes the user's decision on a node that waits for people. The run goes
// on in a process of its own where none executes it.
func decideOnRun(ctx context.Context, _ *Server, v *View, id string, options commandOptions) (any, error) {
	args := []string{"approve", "--detach", "--json"}
	if options.Reject {
		args = append(args, "--reject")
	}
	if options.Reason != "" {
		args = append(args, "--reason="+options.Reason)
	}
	args = append(args, "--", id)
	if options.Node != "" {
		args = append(args, options.Node)
	}
	answer, err := v.settings.output(ctx, args...)
	if err != nil {
		return nil, err
	}
	return jsonrpc2.RawMessage(answer), nil
}

// followedRun is a run that the client sees the progress of.
type followedRun struct {
	server   *Server
	settings *settings
	id       string
	document string // the URI as the client spells it
	name     string

	progress progress
	nodes    map[string]string // the states of those that do something, by path
	done     int
	end      *runEvent // the last event, once it is there
}

// runEvent is what is used of an event; docs/nf-run.md describes them.
type runEvent struct {
	Type string `json:"type"`
	Node struct {
		Path  string `json:"path"`
		Kind  string `json:"kind"`
		Ref   string `json:"ref,omitempty"`
		Label string `json:"label"`
	} `json:"node"`
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Attempt int    `json:"attempt"`
	Subject string `json:"subject"`
	Detail  string `json:"detail"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error"`
	Concluded bool `json:"concluded"`
	Nodes     []struct {
		Path string `json:"path"`
		Flow string `json:"flow"`
	} `json:"nodes"`
}

func (e *runEvent) why() string {
	if e.Error != nil {
		return e.Error.Message
	}
	return e.Reason
}

// follow reads the run's journal, through nf-run, until the run or the
// connection ends.
func (r *followedRun) follow(ctx context.Context) error {
	var err error
	r.progress, err = r.server.startProgress(ctx, "Northflank: "+r.name, r.cancel)
	if err != nil {
		r.server.log.Warn("no progress is shown", "run", r.id, "error", err)
	}
	defer r.conclude(ctx)
	cmd, err := r.settings.runnerProcess(ctx, "show", "--follow", "--json", r.id)
	if err != nil {
		return err
	}
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	readErr := r.read(events)
	// It exits as the run did: that is no failure of the reading.
	return errors.Join(readErr, ignoreExit(cmd.Wait()))
}

func ignoreExit(err error) error {
	if exit := (interface{ ExitCode() int })(nil); errors.As(err, &exit) && exit.ExitCode() > 0 {
		return nil
	}
	return err
}

// read takes in one event a line, and passes over what is none.
func (r *followedRun) read(from io.Reader) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var e runEvent
			if json.Unmarshal(line, &e) == nil {
				if err := r.apply(&e); err != nil {
					return err
				}
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (r *followedRun) apply(e *runEvent) error {
	switch e.Type {
	case "run.created":
		r.nodes = make(map[string]string)
		for _, n := range e.Nodes {
			if n.Flow == "" {
				r.nodes[n.Path] = "pending"
			}
		}
	case "node.iterations": // in the place of what stood in the loop
		for path := range r.nodes {
			if strings.HasPrefix(path, e.Node.Path+"/spec/steps/") || strings.HasPrefix(path, e.Node.Path+"/spec/iterations/") {
				if isOver(r.nodes[path]) {
					r.done--
				}
				delete(r.nodes, path)
			}
		}
		for _, n := range e.Nodes {
			if n.Flow == "" {
				r.nodes[n.Path] = "pending"
			}
		}
	case "run.state":
		if e.Concluded {
			r.end = e
		}
		return r.tell(methodRunState, map[string]any{"state": e.State, "concluded": e.Concluded}, e)
	case "node.state", "node.attempt":
		if err := r.tell(methodNodeState, map[string]any{"state": e.State, "node": e.Node}, e); err != nil {
			return err
		}
		before, counts := r.nodes[e.Node.Path]
		if !counts {
			return nil
		}
		r.nodes[e.Node.Path] = e.State
		if e.State == "approval_wait" && before != e.State {
			said := fmt.Sprintf("%s: %s waits for an approval; %s says yes or no to run %s", r.name, e.Node.Label, commandApprove, r.id)
			if err := r.server.show(protocol.MessageTypeInfo, said); err != nil {
				return err
			}
		}
		if isOver(e.State) && !isOver(before) {
			r.done++
		}
		message := fmt.Sprintf("%d/%d %s: %s", r.done, len(r.nodes), e.Node.Label, e.State)
		if e.Detail != "" {
			message += ", " + e.Detail
		}
		return r.progress.report(message, 100*r.done/max(1, len(r.nodes)))
	}
	return nil
}

func isOver(state string) bool {
	switch state {
	case "success", "failure", "skipped", "aborted":
		return true
	}
	return false
}

// tell sends a notification about the run to a client that wants them.
func (r *followedRun) tell(method string, params map[string]any, e *runEvent) error {
	if !r.server.client.runEvents {
		return nil
	}
	params["run"], params["uri"] = r.id, r.document
	for name, text := range map[string]string{"reason": e.Reason, "subject": e.Subject, "detail": e.Detail} {
		if text != "" {
			params[name] = text
		}
	}
	if e.Attempt > 0 {
		params["attempt"] = e.Attempt
	}
	if e.Error != nil {
		params["error"] = e.Error.Message
	}
	encoded, err := json.Marshal(params)
	if err != nil {
		return err
	}
	return r.server.conn.Notify(method, jsonrpc2.RawMessage(encoded))
}

// cancel asks for the end of the run; it is followed until it has ended.
func (r *followedRun) cancel() {
	r.server.background("abort", func(ctx context.Context) error {
		_, err := r.settings.output(ctx, "abort", "--json", r.id)
		if err != nil {
			return errors.Join(err, r.server.show(protocol.MessageTypeError, fmt.Sprintf("The run %s could not be stopped: %v", r.id, err)))
		}
		return nil
	})
}

// conclude shows how the run ended. Where the client is gone, nobody sees it.
func (r *followedRun) conclude(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	r.server.runEnded(r.document)
	kind, ended := protocol.MessageTypeWarning, "is no longer followed, though it may go on"
	if r.end != nil {
		kind, ended = protocol.MessageTypeError, r.end.State
		if r.end.State == "success" {
			kind = protocol.MessageTypeInfo
		}
		if why := r.end.why(); why != "" {
			ended += ": " + why
		}
	}
	err := errors.Join(r.progress.end(ended), r.server.show(kind, fmt.Sprintf("%s: run %s: %s", r.name, r.id, ended)))
	if err != nil {
		r.server.log.Warn("the end of a run is not shown", "run", r.id, "error", err)
	}
}

// show shows a message to the user.
func (s *Server) show(kind protocol.MessageType, message string) error {
	return s.conn.Notify(protocol.MethodWindowShowMessage, &protocol.ShowMessageParams{Type: kind, Message: message})
}
