package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"sort"
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

// encode writes an ExportTraceServiceRequest as it is asked for.
func (x *exporter) encode(spans []span) (body []byte, contentType string) {
	r := request{resource: x.resource, scope: "nf-run", version: version.Number(), spans: spans}
	if x.settings.JSON || x.console != nil {
		return r.json(), "application/json"
	}
	return r.protobuf(), "application/x-protobuf"
}

// deliver makes one request. again says that the same may be asked for later.
func (x *exporter) deliver(spans []span) (again bool, err error) {
	body, contentType := x.encode(spans)
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
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("User-Agent", "nf-run/"+version.Number())
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	for key, value := range x.settings.Headers {
		r.Header.Set(key, value)
	}
	answer, err := x.client.Do(r)
	if err != nil {
		return true, unreached(err, r.URL.Host)
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

// unreached says why there was no answer. The address is left out but for its
// host: what stands around it may be a secret.
func unreached(err error, host string) error {
	if errors.Is(err, context.Canceled) || os.IsTimeout(err) {
		return fmt.Errorf("%s does not answer", host)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("%s: %w", host, err)
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
