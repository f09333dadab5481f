package northflank_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/northflank"
)

// commanded is a target whose platform answers a command with messages, and then closes.
func commanded(t *testing.T, messages ...string) (target *northflank.Target, heard chan string) {
	t.Helper()
	heard = make(chan string, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard <- r.URL.Path + " " + r.Header.Get("Authorization")
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = conn.CloseNow() }()
		_, first, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		heard <- string(first)
		for _, m := range messages {
			_ = conn.Write(r.Context(), websocket.MessageText, []byte(m))
		}
	}))
	t.Cleanup(server.Close)
	target, err := northflank.New(northflank.Options{Host: server.URL, Token: "secret-token", Team: "shift"})
	if err != nil {
		t.Fatal(err)
	}
	return target, heard
}

func execute(ctx context.Context, target *northflank.Target) (platform.Response, error) {
	return do(ctx, target, platform.OpExecuteServiceCommand, map[string]string{"projectId": "p", "serviceId": "s"}, `{"command":["ls"]}`)
}

func TestACommandSaysWhatThePlatformsClientSays(t *testing.T) {
	target, heard := commanded(t, `{"type":"init","data":{"auth":"successful"}}`, `{"type":"stdOut","data":"a"}`, `{"type":"stdErr","data":"e"}`,
		`{"type":"stdOut","data":"b"}`, `{"type":"completion","data":{"exitCode":0,"status":"Success"}}`)
	response, err := execute(t.Context(), target)
	if err != nil || string(response.Body) != `{"data":{"commandResult":{"exitCode":0,"status":"Success"},"stdErr":"e","stdOut":"ab"}}` {
		t.Errorf("%s, %v", response.Body, err)
	}
	if at := <-heard; at != "/v1/command-exec/teams/shift/projects/p/services/s " {
		t.Errorf("it was opened at %q", at)
	}
	if first := <-heard; first != `{"data":{"auth":{"apiToken":"secret-token","type":"apiToken"},"context":{"command":["ls"]}},"type":"init"}` {
		t.Errorf("its first message is %s", first)
	}
}

// What has not begun is refused; whether what has begun was done is open.
func TestACommandThatFails(t *testing.T) {
	const begun = `{"type":"init","data":{"auth":"successful"}}`
	for name, test := range map[string]struct {
		messages []string
		status   int // 0 for an error that leaves open what was done
		says     string
	}{
		"a token that is not valid":         {[]string{`{"type":"init","data":{"auth":"failed","message":"who are you"}}`}, 401, "who are you"},
		"a refusal":                         {[]string{begun, `{"type":"error","data":{"message":"no such container"}}`}, 400, "no such container"},
		"a refusal with its status":         {[]string{begun, `{"type":"error","data":{"message":"it is asleep","status":409,"id":"conflict"}}`}, 409, "it is asleep"},
		"an error after something happened": {[]string{begun, `{"type":"stdOut","data":"x"}`, `{"type":"error","data":{"message":"the container has gone"}}`}, 0, "the container has gone"},
		"an end without a result":           {[]string{begun}, 0, "ended before the command did"},
		"what is no JSON":                   {[]string{"<html>"}, 0, "no JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			target, _ := commanded(t, test.messages...)
			_, err := execute(t.Context(), target)
			if platform.StatusOf(err) != test.status || err == nil || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "secret-token") {
				t.Errorf("%v, status %d", err, platform.StatusOf(err))
			}
		})
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	target, err := northflank.New(northflank.Options{Host: server.URL, Token: "secret-token"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := execute(t.Context(), target); platform.StatusOf(err) != http.StatusNotFound {
		t.Errorf("where there are no commands: %v", err)
	}
	server.Close()
	var refusal *platform.Error
	if _, err := execute(t.Context(), target); !errors.As(err, &refusal) || !refusal.Retryable {
		t.Errorf("where nobody listens: %v", err)
	}
}
