// Package faultproxy makes the way between an HTTP client and a handler go
// wrong: answers come late, break off or never come, a rate limit refuses, a
// gateway gives up, before and after the handler has done its work.
//
// It is for tests, and must not know what the requests mean.
package faultproxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Fault is what becomes of one request.
type Fault uint8

// The faults. From Lost on the handler has done its work.
const (
	// None: the answer comes as it is.
	None Fault = iota
	// Late: the answer comes as it is, after a while.
	Late
	// Reset: the connection is reset before the handler hears of the request.
	Reset
	// Limited: the rate limit refuses, and says when there is more.
	Limited
	// LimitedSilently: the rate limit refuses, and says nothing else.
	LimitedSilently
	// Hung: nothing comes before the client gives up.
	Hung
	// Down: the gateway has nobody to ask. More requests fail in this way after
	// the first; see [Options.Storm].
	Down
	// Lost: the connection is reset in place of the answer.
	Lost
	// Truncated: the answer breaks off.
	Truncated
	// GaveUp: the gateway answers in the handler's place, which was too slow.
	GaveUp
	// Replaced: a page of a gateway comes in place of the answer, as a success.
	Replaced
	// Mute: the handler does its work, and nothing comes before the client gives up.
	Mute
	// Repeated: the answer comes, and comes once more.
	Repeated
	// Twice: the gateway asks the handler two times, and passes the second answer on.
	Twice
)

var names = [...]string{"none", "late", "reset", "limited", "limited silently", "hung", "down", "lost", "truncated", "gave up", "replaced",
	"mute", "repeated", "twice"}

// String is the fault's name.
func (f Fault) String() string { return names[f] }

// Done tells whether the handler has done its work.
func (f Fault) Done() bool { return f == None || f == Late || f >= Lost }

// A Plan says what becomes of a request. Calls come one at a time.
type Plan func(r *http.Request) Fault

// Options configure a Proxy.
type Options struct {
	// Plan is what goes wrong; nil for nothing.
	Plan Plan
	// Delay is how late a late answer comes.
	Delay time.Duration
	// Storm is how many requests fail after one that finds the gateway down.
	Storm int
	// RetryAfter is what a refusal of the rate limit says, in seconds.
	RetryAfter int
}

// An Entry is a request and what became of it.
type Entry struct {
	Method, Path string
	Fault        Fault
}

// A Proxy is a handler in front of another one.
type Proxy struct {
	next    http.Handler
	options Options

	mu    sync.Mutex
	plan  Plan
	storm int
	log   []Entry
}

// New returns a proxy in front of a handler.
func New(next http.Handler, options Options) *Proxy {
	return &Proxy{next: next, options: options, plan: options.Plan}
}

// Drawn is a plan that lets something go wrong with a share of the requests, in
// ways that are drawn among the faults given.
func Drawn(source *rand.Rand, share float64, faults ...Fault) Plan {
	return func(*http.Request) Fault {
		if source.Float64() >= share {
			return None
		}
		return faults[source.IntN(len(faults))]
	}
}

// Follow takes another plan, nil for none.
func (p *Proxy) Follow(plan Plan) {
	p.mu.Lock()
	p.plan, p.storm = plan, 0
	p.mu.Unlock()
}

// Log is what became of the requests so far.
func (p *Proxy) Log() []Entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Entry(nil), p.log...)
}

func (p *Proxy) draw(r *http.Request) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault := None
	switch {
	case p.storm > 0:
		p.storm--
		fault = Down
	case p.plan != nil:
		if fault = p.plan(r); fault == Down {
			p.storm = p.options.Storm
		}
	}
	p.log = append(p.log, Entry{r.Method, r.URL.Path, fault})
	return fault
}

// ServeHTTP implements [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fault := p.draw(r)
	if fault.Done() && strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		p.next.ServeHTTP(w, r) // to a WebSocket something happens before it opens, or nothing
		return
	}
	switch fault {
	case Late:
		time.Sleep(p.options.Delay)
	case Reset:
		reset(w)
		return
	case Limited, LimitedSilently:
		if fault == Limited {
			w.Header().Set("Retry-After", strconv.Itoa(p.options.RetryAfter))
		}
		page(w, http.StatusTooManyRequests)
		return
	case Hung:
		// The server notices that the client has gone when there is nothing left to read.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return
	case Down:
		page(w, http.StatusServiceUnavailable)
		return
	case Twice:
		request, err := io.ReadAll(r.Body)
		if err != nil {
			reset(w)
			return
		}
		first := r.Clone(r.Context())
		first.Body, r.Body = io.NopCloser(bytes.NewReader(request)), io.NopCloser(bytes.NewReader(request))
		p.next.ServeHTTP(httptest.NewRecorder(), first)
	case Mute:
		// A client that gives up does not stop what is on its way.
		asked := r.Context()
		r = r.WithContext(context.WithoutCancel(asked))
		defer func() { <-asked.Done() }()
	}
	answer := httptest.NewRecorder()
	p.next.ServeHTTP(answer, r)
	body := answer.Body.Bytes()
	switch fault {
	case Mute:
		return
	case Repeated:
		repeat(w, answer)
		return
	case Lost:
		reset(w)
		return
	case GaveUp:
		page(w, http.StatusGatewayTimeout)
		return
	case Replaced:
		page(w, http.StatusOK)
		return
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(answer.Code)
	if fault == Truncated {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		reset(w)
		return
	}
	_, _ = w.Write(body)
}

func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<html><body><h1>%d %s</h1></body></html>", status, http.StatusText(status))
}

// repeat writes an answer two times on the connection, and leaves it open.
func repeat(w http.ResponseWriter, answer *httptest.ResponseRecorder) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	var once bytes.Buffer
	result := answer.Result()
	result.ContentLength = int64(answer.Body.Len())
	_ = result.Write(&once)
	_, _ = connection.Write(bytes.Repeat(once.Bytes(), 2))
	time.AfterFunc(time.Second, func() { _ = connection.Close() })
}

// reset ends the connection as a machine does that knows nothing of it.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}
