package northflank

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/coder/websocket"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Commands are executed over a WebSocket, of which the reference says nothing: what is
// said is what the platform's own JavaScript client says. The token is in the first
// message, as there.

// A message is what either side says.
type message struct {
	Type string          `json:"type"`
	Data json.RawMessage `json:"data"`
}

// execPath stands in front of the path of what a command is executed in.
const execPath = "command-exec/"

// isCommand tells of the operations that execute commands.
func isCommand(op platform.Operation) bool {
	return op.ID == platform.OpExecuteServiceCommand || op.ID == platform.OpExecuteJobCommand
}

// commandAddress is where a command is executed, instead of at the operation's address.
func (t *Target) commandAddress(op platform.Operation, params platform.Params) (string, error) {
	address, err := t.address(op, params)
	if err != nil {
		return "", err
	}
	front := t.host.Scheme + "://" + t.host.Host + t.host.EscapedPath() + "/v1/"
	return front + execPath + strings.TrimSuffix(strings.TrimPrefix(address, front), "/exec"), nil
}

// execute executes a command and answers how it has ended, and what it has written.
// After the platform has taken the command, an answer that does not come leaves open
// what it has done.
func (t *Target) execute(ctx context.Context, op platform.Operation, params platform.Params, body json.RawMessage) (platform.Response, error) {
	address, err := t.commandAddress(op, params)
	if err != nil {
		return platform.Response{}, err
	}
	conn, err := t.open(ctx, op, address)
	if err != nil {
		return platform.Response{}, err
	}
	defer func() { _ = conn.CloseNow() }()
	conn.SetReadLimit(maxAnswer)
	first, err := json.Marshal(map[string]any{"type": "init", "data": map[string]any{
		"auth": map[string]any{"type": "apiToken", "apiToken": t.token}, "context": body}})
	if err != nil {
		return platform.Response{}, err
	}
	if err := conn.Write(ctx, websocket.MessageText, first); err != nil {
		return platform.Response{}, fmt.Errorf("%s: no answer came: %w", op.ID, err)
	}
	var out, errOut bytes.Buffer
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return platform.Response{}, fmt.Errorf("%s: the connection ended before the command did: %w", op.ID, err)
		}
		var m message
		if err := json.Unmarshal(text, &m); err != nil {
			return platform.Response{}, fmt.Errorf("%s: the answer is no JSON; does %s speak the API?", op.ID, t.host.Host)
		}
		switch m.Type {
		case "init":
			var auth struct{ Auth, Message string }
			if json.Unmarshal(m.Data, &auth) == nil && auth.Auth != "successful" {
				return platform.Response{}, &platform.Error{Status: http.StatusUnauthorized, ID: "unauthorized", Operation: op.ID,
					Message: strings.TrimSpace("the platform refuses the command: " + auth.Message)}
			}
		case "stdOut", "stdErr":
			into := &out
			if m.Type == "stdErr" {
				into = &errOut
			}
			var written string
			if json.Unmarshal(m.Data, &written) == nil && into.Len()+len(written) <= maxAnswer {
				into.WriteString(written)
			}
		case "error":
			return platform.Response{}, failed(op, m, out.Len()+errOut.Len() > 0)
		case "completion":
			_ = conn.Close(websocket.StatusNormalClosure, "")
			var result any
			if err := json.Unmarshal(m.Data, &result); err != nil {
				return platform.Response{}, fmt.Errorf("%s: how the command has ended cannot be read: %w", op.ID, err)
			}
			text, err := jsonvalue.Marshal(map[string]any{"data": map[string]any{"commandResult": result, "stdOut": out.String(), "stdErr": errOut.String()}})
			return platform.Response{Status: http.StatusOK, Body: text}, err
		}
	}
}

// open opens a WebSocket. It waits for the rate limit, as for any request.
func (t *Target) open(ctx context.Context, op platform.Operation, address string) (*websocket.Conn, error) {
	header := http.Header{}
	if t.userAgent != "" {
		header.Set("User-Agent", t.userAgent)
	}
	for {
		if err := t.allowance.await(ctx); err != nil {
			return nil, err
		}
		conn, answer, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPClient: t.client, HTTPHeader: header}) //nolint:bodyclose // Dial says it need not be
		if err == nil {
			return conn, nil
		}
		if err = t.notOpened(op, answer, err); platform.StatusOf(err) != http.StatusTooManyRequests || !t.allowance.spent() {
			return nil, err
		}
	}
}

// notOpened is why a WebSocket did not open: nothing was executed.
func (t *Target) notOpened(op platform.Operation, answer *http.Response, err error) error {
	if answer == nil {
		return &platform.Error{Status: http.StatusServiceUnavailable, ID: platform.ErrorUnavailable, Operation: op.ID, Retryable: true,
			Message: fmt.Sprintf("%s cannot be reached: %v", t.host.Host, withoutAddress(err))}
	}
	t.allowance.note(answer)
	text := make([]byte, 1<<10) // what Dial has kept of the answer
	n := 0
	if answer.Body != nil {
		n, _ = answer.Body.Read(text)
	}
	answer.Request = &http.Request{URL: t.host}
	refusal, _ := refusalOf(op, answer, text[:n])
	return refusal
}

// failed is what the platform says has gone wrong. Where the command has written
// something before, what it has done is open.
func failed(op platform.Operation, m message, begun bool) error {
	var problem platform.Error
	if json.Unmarshal(m.Data, &problem) != nil || problem.Message == "" {
		problem.Message = "the command has failed"
	}
	if begun {
		return errors.New(op.ID + ": " + problem.Message)
	}
	if problem.Status == 0 { // the platform says no more than a sentence
		problem.Status, problem.ID = http.StatusBadRequest, platform.ErrorValidation
	}
	problem.Operation = op.ID
	return &problem
}
