package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"

	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
	"github.com/nf-lsp/nf-lsp/internal/lsp/wire"
)

// handler is a server with one number for its state.
type handler struct {
	conn    *wire.Conn
	value   int // changed in Accept only, without a lock: the race detector watches
	started chan string
}

func (h *handler) Accept(method string, params json.RawMessage, isCall bool) (any, wire.Work, error) {
	switch method {
	case "set":
		return nil, nil, json.Unmarshal(params, &h.value)
	case "get":
		value := h.value
		return nil, func(context.Context) (any, error) {
			time.Sleep(time.Duration(value%7) * 100 * time.Microsecond)
			return jsonrpc2.RawMessage(fmt.Sprint(value)), nil
		}, nil
	case "hang":
		name := string(params)
		return nil, func(ctx context.Context) (any, error) {
			h.started <- name
			<-ctx.Done()
			return nil, ctx.Err()
		}, nil
	case "hang elsewhere":
		name := string(params)
		return wire.Elsewhere, func(ctx context.Context) (any, error) {
			h.started <- name
			<-ctx.Done()
			return nil, ctx.Err()
		}, nil
	case "slow":
		return nil, func(context.Context) (any, error) {
			time.Sleep(30 * time.Millisecond)
			return jsonrpc2.RawMessage(`"done"`), nil
		}, nil
	case "panic":
		h.panics()
	case "panic later":
		return nil, func(context.Context) (any, error) {
			var p *handler
			return p.value, nil
		}, nil
	case "ask":
		return nil, func(ctx context.Context) (any, error) {
			var answer jsonrpc2.RawMessage
			err := h.conn.Call(ctx, "client/question", jsonrpc2.RawMessage(`{"q":1}`), &answer)
			return answer, err
		}, nil
	case "fail":
		return nil, nil, errors.New("it is broken")
	case "coded":
		return nil, nil, fmt.Errorf("in detail: %w", jsonrpc2.ErrInvalidParams)
	case "nothing":
		return nil, nil, nil
	case "exit":
		h.conn.HangUp()
		return nil, nil, nil
	}
	return nil, nil, jsonrpc2.ErrMethodNotFound
}

func (h *handler) panics() { panic("at once") }

// start serves a handler over a pipe and checks, when the test ends, that the
// connection does and that nothing is left behind.
func start(t *testing.T, opts wire.Options) (*lsptest.Client, *handler) {
	t.Helper()
	near, far := net.Pipe()
	h := &handler{started: make(chan string, 100)}
	h.conn = wire.NewConn(far, h, opts)
	c := lsptest.NewClient(t, near)
	ended := make(chan struct{})
	go func() {
		h.conn.Run(context.Background())
		close(ended)
	}()
	t.Cleanup(func() {
		c.Close()
		select {
		case <-ended:
		case <-time.After(lsptest.Patience):
			t.Error("the connection does not end with the client's side")
		}
		for _, stack := range lsptest.Leaks("internal/lsp/wire.", "jsonrpc2.") {
			t.Errorf("left behind:\n%s", stack)
		}
	})
	return c, h
}

func wantError(t *testing.T, m *lsptest.Message, code int, about string) {
	t.Helper()
	if m.Error == nil {
		t.Fatalf("no error in %s", m.Raw)
	}
	if m.Error.Code != code || !strings.Contains(m.Error.Message, about) {
		t.Errorf("error %d %q, want %d about %q", m.Error.Code, m.Error.Message, code, about)
	}
}

func wantResult(t *testing.T, m *lsptest.Message, want string) {
	t.Helper()
	if m.Error != nil || string(m.Result) != want {
		t.Errorf("got %s, want the result %s", m.Raw, want)
	}
}

func TestEachQueryIsAnsweredFromTheStateOfItsMoment(t *testing.T) {
	c, _ := start(t, wire.Options{})
	const edits = 2000
	for i := 1; i <= edits; i++ {
		c.Notify("set", fmt.Sprint(i))
		if i%5 == 0 {
			c.Send(`{"jsonrpc":"2.0","id":%d,"method":"get"}`, i)
		}
	}
	for i := 5; i <= edits; i += 5 {
		wantResult(t, c.Reply(fmt.Sprint(i)), fmt.Sprint(i))
	}
}

func TestCancellation(t *testing.T) {
	c, h := start(t, wire.Options{})
	c.Send(`{"jsonrpc":"2.0","id":7,"method":"hang","params":1}`)
	c.Send(`{"jsonrpc":"2.0","id":"7","method":"hang","params":2}`)
	<-h.started
	<-h.started
	c.Notify("$/cancelRequest", `{"id":"7"}`)
	wantError(t, c.Reply(`"7"`), -32800, "")
	c.Notify("$/cancelRequest", `{"id":7}`)
	wantError(t, c.Reply(`7`), -32800, "")
	for _, params := range []string{`{"id":7}`, `{"id":null}`, `{"id":1.5}`, `{"id":{}}`, `[]`, `{}`, `3`, `null`} {
		c.Notify("$/cancelRequest", params)
	}
	// Both ids are free again and a number beyond 32 bits is an id too.
	c.Send(`{"jsonrpc":"2.0","id":7,"method":"nothing"}`)
	wantResult(t, c.Reply(`7`), "null")
	c.Send(`{"jsonrpc":"2.0","id":9007199254740993,"method":"hang","params":3}`)
	<-h.started
	c.Notify("$/cancelRequest", `{"id":9007199254740993}`)
	wantError(t, c.Reply(`9007199254740993`), -32800, "")
}

func TestRequestsThatWaitForTheirTurnCanBeCancelled(t *testing.T) {
	c, h := start(t, wire.Options{})
	const n = 100 // more than are worked on at once
	for i := range n {
		c.Send(`{"jsonrpc":"2.0","id":%d,"method":"hang","params":%d}`, i, i)
	}
	<-h.started
	for i := n - 1; i >= 0; i-- {
		c.Notify("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, i))
	}
	for i := range n {
		wantError(t, c.Reply(fmt.Sprint(i)), -32800, "")
	}
	wantResult(t, c.Call(n, "nothing", "null"), "null")
}

func TestWaitingElsewhereKeepsNobodyWaiting(t *testing.T) {
	c, h := start(t, wire.Options{})
	const many = 100
	for id := range many {
		c.Send(`{"jsonrpc":"2.0","id":%d,"method":"hang elsewhere","params":"x"}`, id+1)
	}
	for range many {
		<-h.started
	}
	if m := c.Call(many+1, "get", "{}"); m.Error != nil {
		t.Errorf("got %s", m.Raw)
	}
	for id := range many {
		c.Notify("$/cancelRequest", fmt.Sprintf(`{"id":%d}`, id+1))
		if m := c.Reply(fmt.Sprint(id + 1)); m.Error == nil || m.Error.Code != -32800 {
			t.Errorf("got %s", m.Raw)
		}
	}
}

func TestAPanicCostsItsRequestOnly(t *testing.T) {
	log := new(lsptest.Log)
	c, _ := start(t, wire.Options{Log: log.Logger()})
	wantError(t, c.Call(1, "panic", "null"), -32603, "at once")
	wantError(t, c.Call(2, "panic later", "null"), -32603, "nil pointer")
	c.Notify("panic", "null")
	c.Notify("panic later", "null")
	wantResult(t, c.Call(3, "get", "null"), "0")
	if got := strings.Count(log.String(), "conn_test.go"); got < 3 {
		t.Errorf("the log shows %d places of panics, want 3:\n%s", got, log)
	}
}

func TestErrors(t *testing.T) {
	c, _ := start(t, wire.Options{})
	wantError(t, c.Call(1, "fail", "null"), -32603, "it is broken")
	wantError(t, c.Call(2, "coded", "null"), -32602, "in detail")
	wantError(t, c.Call(3, "unknown/method", "null"), -32601, "")
	c.Notify("fail", "null")
	c.Notify("unknown/method", "null")
	wantResult(t, c.Call(4, "nothing", "null"), "null")
}

func TestAnIdInUseIsRefused(t *testing.T) {
	c, h := start(t, wire.Options{})
	c.Send(`{"jsonrpc":"2.0","id":1,"method":"hang","params":1}`)
	<-h.started
	c.Send(`{"jsonrpc":"2.0","id":1,"method":"nothing"}`)
	wantError(t, c.Reply("1"), -32600, "in use")
	c.Notify("$/cancelRequest", `{"id":1}`)
	wantError(t, c.Reply("1"), -32800, "")
}

func TestGarbageCostsOneError(t *testing.T) {
	ping := lsptest.Frame(`{"jsonrpc":"2.0","id":"ping","method":"nothing"}`)
	tests := []struct {
		name, in string
		id       string
		code     int
	}{
		{"a printed line", "oh no, it printed\n", "null", -32700},
		{"a header without a length", "Foo: bar\r\n\r\n{}\r\n", "null", -32700},
		{"a length that is no number", "Content-Length: many\r\n\r\n{}\r\n", "null", -32700},
		{"a huge length", "Content-Length: 99999999999\r\n\r\n", "null", -32700},
		{"a body that is not JSON", lsptest.Frame(`hello`), "null", -32700},
		{"a body that is cut off", lsptest.Frame(`{"jsonrpc":"2.0","id":1,"meth`), "null", -32700},
		{"two values in one body", lsptest.Frame(`{"jsonrpc":"2.0","id":1,"method":"nothing"} {}`), "null", -32700},
		{"bytes that are not UTF-8", lsptest.Frame("\xff\xfe\x00"), "null", -32700},
		{"a batch", lsptest.Frame(`[{"jsonrpc":"2.0","id":1,"method":"nothing"}]`), "null", -32600},
		{"an empty batch", lsptest.Frame(`[]`), "null", -32600},
		{"a number", lsptest.Frame(`42`), "null", -32600},
		{"a null", lsptest.Frame(`null`), "null", -32600},
		{"an empty object", lsptest.Frame(`{}`), "null", -32600},
		{"no version", lsptest.Frame(`{"id":1,"method":"nothing"}`), "1", -32600},
		{"another version", lsptest.Frame(`{"jsonrpc":"1.0","id":"a","method":"nothing"}`), `"a"`, -32600},
		{"a method that is no string", lsptest.Frame(`{"jsonrpc":"2.0","id":1,"method":5}`), "1", -32600},
		{"an id that is no integer", lsptest.Frame(`{"jsonrpc":"2.0","id":1.5,"method":"nothing"}`), "null", -32600},
		{"an id that is an object", lsptest.Frame(`{"jsonrpc":"2.0","id":{},"method":"nothing"}`), "null", -32600},
		{"a request that is a response too", lsptest.Frame(`{"jsonrpc":"2.0","id":1,"method":"nothing","result":null}`), "1", -32600},
		{"a response that has both outcomes", lsptest.Frame(`{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}`), "null", -32600},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := start(t, wire.Options{})
			c.Raw(tt.in + ping)
			m := c.Next()
			wantError(t, m, tt.code, "")
			if string(m.ID) != tt.id {
				t.Errorf("the error names the request %s, want %s", m.ID, tt.id)
			}
			if m := c.Next(); string(m.ID) != `"ping"` {
				t.Errorf("a second answer: %s", m.Raw)
			}
		})
	}
}

func TestResponsesThatNobodyWaitsForAreDropped(t *testing.T) {
	c, _ := start(t, wire.Options{})
	c.Send(`{"jsonrpc":"2.0","id":99,"result":1}`)
	c.Send(`{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"m"}}`)
	c.Send(`{"jsonrpc":"2.0","id":98}`)
	c.Send(`{"jsonrpc":"2.0","id":1,"method":"nothing"}`)
	if m := c.Next(); string(m.ID) != "1" {
		t.Errorf("unexpected %s", m.Raw)
	}
}

func TestTheServerMayAskTheClient(t *testing.T) {
	tests := []struct{ name, answer, want string }{
		{"and gets a result", `"result":[1,2]`, "[1,2]"},
		{"and a response without a result is null", `"x":0`, "null"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := start(t, wire.Options{})
			c.Send(`{"jsonrpc":"2.0","id":1,"method":"ask"}`)
			question := c.Await("client/question")
			c.Send(`{"jsonrpc":"2.0","id":%s,%s}`, question.ID, tt.answer)
			wantResult(t, c.Reply("1"), tt.want)
		})
	}
	t.Run("and gets an error", func(t *testing.T) {
		c, _ := start(t, wire.Options{})
		c.Send(`{"jsonrpc":"2.0","id":1,"method":"ask"}`)
		question := c.Await("client/question")
		c.Send(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"what?"}}`, question.ID)
		wantError(t, c.Reply("1"), -32601, "what?")
	})
	t.Run("and the client leaves without an answer", func(t *testing.T) {
		c, _ := start(t, wire.Options{})
		c.Send(`{"jsonrpc":"2.0","id":1,"method":"ask"}`)
		c.Await("client/question") // the clean-up checks that the call ends
	})
}

func TestWhatIsInFlightIsAnsweredBeforeTheEnd(t *testing.T) {
	c, _ := start(t, wire.Options{})
	c.Raw(lsptest.Frame(`{"jsonrpc":"2.0","id":1,"method":"slow"}`) + lsptest.Frame(`{"jsonrpc":"2.0","method":"exit"}`))
	wantResult(t, c.Reply("1"), `"done"`)
	if rest := c.Ended(); len(rest) > 0 {
		t.Errorf("unexpected %s", rest[0].Raw)
	}
}

func TestAClientThatDoesNotReadHoldsNothingUp(t *testing.T) {
	near, far := net.Pipe()
	h := &handler{}
	h.conn = wire.NewConn(far, h, wire.Options{})
	ended := make(chan struct{})
	go func() {
		h.conn.Run(context.Background())
		close(ended)
	}()
	const n = 500
	for i := range n { // a pipe holds nothing: each write ends when it was read
		if _, err := io.WriteString(near, lsptest.Frame(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"nothing"}`, i))); err != nil {
			t.Fatal(err)
		}
	}
	c := lsptest.NewClient(t, near)
	for i := range n {
		wantResult(t, c.Reply(fmt.Sprint(i)), "null")
	}
	c.Close()
	<-ended
}
