package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strconv"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/version"
)

const (
	// batch is how many spans a request holds, interval how often one is sent.
	batch    = 512
	interval = 2 * time.Second
	// most is how many spans wait for a collector; what comes then is dropped: a
	// collector that is down must not fill the memory.
	most = 20_000
	// patience is how long the end of the program is put off for what has not been
	// sent. The run has ended by then, and its result has been said.
	patience = time.Second
)

// span is a Span of OTLP/JSON:
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
type span struct {
	TraceID    string      `json:"traceId"`
	SpanID     string      `json:"spanId"`
	Parent     string      `json:"parentSpanId,omitempty"`
	Name       string      `json:"name"`
	Kind       int         `json:"kind"`
	Start      string      `json:"startTimeUnixNano"`
	End        string      `json:"endTimeUnixNano"`
	Attributes []attribute `json:"attributes,omitempty"`
	Events     []event     `json:"events,omitempty"`
	Status     *status     `json:"status,omitempty"`
}

type event struct {
	Time       string      `json:"timeUnixNano"`
	Name       string      `json:"name"`
	Attributes []attribute `json:"attributes,omitempty"`
}

type status struct {
	Code    int    `json:"code"`
	Message string `json:"message,omitempty"`
}

// Values of the enumerations of OTLP.
const (
	kindInternal = 1
	kindClient   = 3
	codeOK       = 1
	codeError    = 2
)

func nanoseconds(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// An exporter sends spans beside the run, which never waits for it.
type exporter struct {
	settings *Settings
	resource []attribute
	console  io.Writer
	client   *http.Client
	warn     func(string)

	mu      sync.Mutex
	pending []span
	dropped int
	said    bool

	context context.Context
	giveUp  context.CancelFunc
	stop    chan struct{}
	done    chan struct{}
}

func newExporter(s *Settings, console io.Writer, warn func(string)) *exporter {
	x := &exporter{settings: s, warn: warn, stop: make(chan struct{}), done: make(chan struct{})}
	x.context, x.giveUp = context.WithCancel(context.Background())
	for _, key := range sortedKeys(s.Resource) {
		x.resource = append(x.resource, text(key, s.Resource[key]))
	}
	if s.Console {
		x.console = console
	} else {
		x.client = &http.Client{Timeout: s.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // the headers are for this address only
		}}
	}
	go x.loop()
	return x
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func (x *exporter) add(s span) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.pending) >= most {
		x.dropped++
		return
	}
	x.pending = append(x.pending, s)
}

func (x *exporter) loop() {
	defer close(x.done)
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-x.stop:
			x.send()
			return
		case <-ticker.C:
			x.send()
		}
	}
}

// send sends what is pending. What a collector cannot take at the moment stays for
// the next time.
func (x *exporter) send() {
	for {
		x.mu.Lock()
		spans := x.pending[:min(batch, len(x.pending))]
		x.mu.Unlock()
		if len(spans) == 0 {
			return
		}
		again, err := x.deliver(spans)
		if err != nil {
			x.complain(err.Error())
		}
		if again {
			return
		}
		x.mu.Lock()
		x.pending = x.pending[len(spans):]
		x.mu.Unlock()
	}
}

func (x *exporter) complain(why string) {
	if !x.said {
		x.said = true
		x.warn("traces were not delivered: " + why)
	}
}

// request is what an ExportTraceServiceRequest holds.
func (x *exporter) request(spans []span) any {
	scope := map[string]any{"name": "nf-run", "version": version.Number()}
	return map[string]any{"resourceSpans": []any{map[string]any{
		"resource":   map[string]any{"attributes": x.resource},
		"scopeSpans": []any{map[string]any{"scope": scope, "spans": spans}},
	}}}
}

// deliver makes one request. again says that the same may be asked for later.
func (x *exporter) deliver(spans []span) (again bool, err error) {
	body, err := json.Marshal(x.request(spans))
	if err != nil {
		return false, err
	}
	if x.console != nil {
		_, err := x.console.Write(append(body, '\n'))
		return false, err
	}
	encoding := ""
	if x.settings.Gzip {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(body); err != nil {
			return false, err
		}
		if err := z.Close(); err != nil {
			return false, err
		}
		body, encoding = b.Bytes(), "gzip"
	}
	r, err := http.NewRequestWithContext(x.context, http.MethodPost, x.settings.Endpoint, bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "nf-run/"+version.Number())
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	for key, value := range x.settings.Headers {
		r.Header.Set(key, value)
	}
	answer, err := x.client.Do(r)
	if err != nil {
		return true, err
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true, fmt.Errorf("the collector answers %s", answer.Status)
	}
	if answer.StatusCode/100 != 2 {
		return false, fmt.Errorf("the collector answers %s", answer.Status)
	}
	return false, nil
}

// close sends the rest, for a moment.
func (x *exporter) close() {
	close(x.stop)
	timer := time.AfterFunc(patience, x.giveUp)
	defer timer.Stop()
	<-x.done
	x.giveUp()
	if x.dropped > 0 {
		x.complain(fmt.Sprintf("%d spans came faster than the collector took them", x.dropped))
	}
	if x.client != nil {
		x.client.CloseIdleConnections()
	}
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }
