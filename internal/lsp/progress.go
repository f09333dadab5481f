package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// progressTable holds the progress that clients show and may cancel.
type progressTable struct {
	mu     sync.Mutex
	count  int
	cancel map[string]func()
}

// progress is something that goes on for a while and that the client shows. The
// zero value is shown nowhere.
type progress struct {
	server *Server
	token  string
}

// progressPatience is how long a client has to say that it shows progress.
const progressPatience = 5 * time.Second

// startProgress shows the start of something. cancel is called, once at most,
// when the user wants it to stop; it must not block.
func (s *Server) startProgress(ctx context.Context, title string, cancel func()) (progress, error) {
	if !s.client.showsProgress {
		return progress{}, nil
	}
	t := &s.progress
	t.mu.Lock()
	t.count++
	token := fmt.Sprintf("northflank-%d", t.count)
	if t.cancel == nil {
		t.cancel = make(map[string]func())
	}
	t.cancel[token] = sync.OnceFunc(cancel)
	t.mu.Unlock()
	p := progress{s, token}
	// What is to be done does not wait for a client that never answers.
	asked, stop := context.WithTimeout(ctx, progressPatience)
	defer stop()
	err := s.conn.Call(asked, protocol.MethodWindowWorkDoneProgressCreate, &protocol.WorkDoneProgressCreateParams{Token: protocol.String(token)}, nil)
	if err != nil {
		p.forget()
		return progress{}, err
	}
	return p, p.send(map[string]any{"kind": "begin", "title": title, "cancellable": true, "percentage": 0})
}

// report shows how far it is.
func (p progress) report(message string, percentage int) error {
	return p.send(map[string]any{"kind": "report", "message": message, "percentage": percentage})
}

// end shows how it ended.
func (p progress) end(message string) error {
	err := p.send(map[string]any{"kind": "end", "message": message})
	p.forget()
	return err
}

func (p progress) send(value map[string]any) error {
	if p.server == nil {
		return nil
	}
	params, err := json.Marshal(map[string]any{"token": p.token, "value": value})
	if err != nil {
		return err
	}
	return p.server.conn.Notify(protocol.MethodProgress, jsonrpc2.RawMessage(params))
}

func (p progress) forget() {
	if p.server == nil {
		return
	}
	p.server.progress.mu.Lock()
	defer p.server.progress.mu.Unlock()
	delete(p.server.progress.cancel, p.token)
}

// cancelProgressMethod stops what a user wants to stop. What has ended already
// is left alone.
func cancelProgressMethod() method {
	return notification(protocol.MethodWindowWorkDoneProgressCancel, func(s *Server, p *protocol.WorkDoneProgressCancelParams) error {
		token, _ := p.Token.(protocol.String)
		s.progress.mu.Lock()
		cancel := s.progress.cancel[string(token)]
		s.progress.mu.Unlock()
		if cancel != nil {
			cancel()
		}
		return nil
	})
}
