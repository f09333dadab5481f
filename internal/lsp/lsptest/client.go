// Package lsptest is a language client for tests: it writes and reads raw
// frames, so that a test sees exactly the bytes that an editor would. It shares
// no code with the server and knows nothing of its types.
package lsptest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Patience is how long a test waits for a message that must come. It is no
// measure of speed: it only turns a hang into a failure.
const Patience = 20 * time.Second

// Message is one message from the server.
type Message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
	Result  json.RawMessage `json:"result"`
	Error   *Error          `json:"error"`
	Raw     string          `json:"-"`
}

// Error is the error of a reply.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// IsReply reports whether m answers a request.
func (m *Message) IsReply() bool { return m.Method == "" }

// IsRequest reports whether m is a request of the server.
func (m *Message) IsRequest() bool { return m.Method != "" && m.ID != nil }

// TB is what the client needs of a test.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Client talks to a server over a pair of pipes. Its methods may be used from
// one goroutine at a time.
type Client struct {
	tb     TB
	conn   io.ReadWriteCloser
	Seen   func(*Message) // called for each message that the test takes
	mu     sync.Mutex
	queue  []*Message
	ended  error
	signal chan struct{}
	done   chan struct{}
}

// NewClient starts to read from conn.
func NewClient(tb TB, conn io.ReadWriteCloser) *Client {
	c := &Client{tb: tb, conn: conn, signal: make(chan struct{}, 1), done: make(chan struct{})}
	go c.readLoop()
	return c
}

func (c *Client) readLoop() {
	defer close(c.done)
	in := bufio.NewReader(c.conn)
	for {
		m, err := readMessage(in)
		c.mu.Lock()
		if err != nil {
			c.ended = err
		} else {
			c.queue = append(c.queue, m)
		}
		c.mu.Unlock()
		select {
		case c.signal <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func readMessage(in *bufio.Reader) (*Message, error) {
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		return nil, fmt.Errorf("header %v: %w", header, err)
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, err
	}
	m := &Message{Raw: string(body)}
	if err := json.Unmarshal(body, m); err != nil {
		return nil, fmt.Errorf("body %s: %w", body, err)
	}
	if m.Version != "2.0" {
		return nil, fmt.Errorf("body %s: jsonrpc is not 2.0", body)
	}
	return m, nil
}

// Frame puts a header before a body.
func Frame(body string) string {
	return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

// Send writes one frame.
func (c *Client) Send(format string, args ...any) {
	c.tb.Helper()
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	c.Raw(Frame(format))
}

// Raw writes bytes as they are.
func (c *Client) Raw(bytes string) {
	c.tb.Helper()
	if _, err := io.WriteString(c.conn, bytes); err != nil {
		c.tb.Fatalf("writing to the server: %v", err)
	}
}

// Next returns the next message of the server.
func (c *Client) Next() *Message {
	c.tb.Helper()
	m, err := c.take(func(*Message) bool { return true }, Patience)
	if err != nil {
		c.tb.Fatalf("waiting for a message: %v", err)
	}
	return m
}

// Reply returns the reply to the request with this id (as it stands in JSON).
// Other messages stay in the queue.
func (c *Client) Reply(id string) *Message {
	c.tb.Helper()
	m, err := c.take(func(m *Message) bool { return m.IsReply() && string(m.ID) == id }, Patience)
	if err != nil {
		c.tb.Fatalf("waiting for the reply to %s: %v", id, err)
	}
	return m
}

// Await returns the next request or notification of this method.
func (c *Client) Await(method string) *Message {
	c.tb.Helper()
	m, err := c.take(func(m *Message) bool { return m.Method == method }, Patience)
	if err != nil {
		c.tb.Fatalf("waiting for %s: %v", method, err)
	}
	return m
}

// Call sends a request and returns its reply.
func (c *Client) Call(id int, method, params string) *Message {
	c.tb.Helper()
	c.Send(`{"jsonrpc":"2.0","id":%d,"method":%q,"params":%s}`, id, method, params)
	return c.Reply(strconv.Itoa(id))
}

// Notify sends a notification.
func (c *Client) Notify(method, params string) {
	c.tb.Helper()
	c.Send(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, params)
}

// Rest returns what is left in the queue.
func (c *Client) Rest() []*Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	rest := c.queue
	c.queue = nil
	if c.Seen != nil {
		for _, m := range rest {
			c.Seen(m)
		}
	}
	return rest
}

// Requests returns the requests of the server that are in the queue, without
// waiting for any.
func (c *Client) Requests() []*Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	var requests []*Message
	c.queue = slices.DeleteFunc(c.queue, func(m *Message) bool {
		if m.IsRequest() {
			requests = append(requests, m)
		}
		return m.IsRequest()
	})
	return requests
}

// Ended waits until the server has closed its side and returns what was left
// unread.
func (c *Client) Ended() []*Message {
	c.tb.Helper()
	select {
	case <-c.done:
	case <-time.After(Patience):
		c.tb.Fatalf("the server does not close the connection")
	}
	return c.Rest()
}

// Close closes the client's side.
func (c *Client) Close() { _ = c.conn.Close() }

func (c *Client) take(want func(*Message) bool, patience time.Duration) (*Message, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		c.mu.Lock()
		for i, m := range c.queue {
			if want(m) {
				c.queue = append(c.queue[:i:i], c.queue[i+1:]...)
				c.mu.Unlock()
				if c.Seen != nil {
					c.Seen(m)
				}
				return m, nil
			}
		}
		ended := c.ended
		c.mu.Unlock()
		if ended != nil {
			return nil, fmt.Errorf("the server closed the connection (%w)", ended)
		}
		select {
		case <-c.signal:
		case <-late.C:
			return nil, fmt.Errorf("nothing came within %v", patience)
		}
	}
}
