// Package telemetry tells OpenTelemetry of runs: an observer makes spans of the
// events of a run, and an exporter sends them to a collector.
//
// It writes OTLP over HTTP itself, as protocol buffers or JSON. The module
// go.opentelemetry.io/otel with its HTTP exporter was weighed: v1.47.0 adds 11.7 MB
// to a program that speaks HTTP already (gRPC and the registry of protocol buffers
// come with it, which also start with every process), half of what nf-run has, and
// it makes random identifiers, where a run that is resumed by another process has to
// make the same ones again. Its definitions, and the official decoder, are what the
// tests read requests with.
//
// The package must not know templates, secrets or how anything is shown. What it
// sends are events, in which secrets are masked already.
package telemetry

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/version"
)

// defaultTimeout is how long a request to a collector may take, and
// defaultEndpoint where it is, as the specification of the OTLP exporter says:
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
const (
	defaultTimeout  = 10 * time.Second
	defaultEndpoint = "http://localhost:4318"
)

// Settings are what the environment says. The names of the variables are those of
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
type Settings struct {
	// Console writes spans as lines of JSON instead of sending them.
	Console bool
	// Endpoint takes the requests. Headers, which may hold secrets, go with them.
	Endpoint string
	Headers  map[string]string
	Timeout  time.Duration
	Gzip     bool
	// JSON sends JSON instead of protocol buffers.
	JSON bool
	// Resource are the attributes of the process.
	Resource map[string]string
	// Parent is the traceparent of whoever started the process; empty for none.
	Parent string
}

// Read reads the environment through getenv. It returns nil where no traces are
// wanted: they are where an endpoint or an exporter is named.
func Read(getenv func(string) string) (*Settings, error) {
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || strings.HasSuffix(getenv("OTEL_TRACES_SAMPLER"), "always_off") {
		return nil, nil
	}
	own, common := getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), getenv("OTEL_EXPORTER_OTLP_ENDPOINT")
	s := &Settings{Timeout: defaultTimeout}
	switch exporter := getenv("OTEL_TRACES_EXPORTER"); exporter {
	case "none":
		return nil, nil
	case "console":
		s.Console = true
	case "otlp":
	case "":
		if own == "" && common == "" {
			return nil, nil
		}
	default:
		return nil, fmt.Errorf("OTEL_TRACES_EXPORTER takes otlp, console or none, not %q", exporter)
	}
	either := func(name string) string {
		return cmp.Or(getenv("OTEL_EXPORTER_OTLP_TRACES_"+name), getenv("OTEL_EXPORTER_OTLP_"+name))
	}
	switch protocol := either("PROTOCOL"); {
	case s.Console, protocol == "", protocol == "http/protobuf":
	case protocol == "http/json":
		s.JSON = true
	case protocol == "grpc":
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not spoken here: set http/protobuf, and the endpoint that a collector has for it (port 4318)")
	default:
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL takes http/protobuf or http/json, not %q", protocol)
	}
	if s.Endpoint = own; own == "" {
		s.Endpoint = strings.TrimRight(cmp.Or(common, defaultEndpoint), "/") + "/v1/traces"
	}
	if u, err := url.Parse(s.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the endpoint of OpenTelemetry is no http or https address")
	}
	var err error
	if s.Headers, err = pairs(either("HEADERS")); err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_HEADERS %w", err)
	}
	if s.Resource, err = pairs(getenv("OTEL_RESOURCE_ATTRIBUTES")); err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES %w", err)
	}
	s.Resource["service.name"] = cmp.Or(getenv("OTEL_SERVICE_NAME"), s.Resource["service.name"], "nf-run")
	s.Resource["service.version"] = cmp.Or(s.Resource["service.version"], version.Number())
	if ms, err := strconv.Atoi(either("TIMEOUT")); err == nil && ms > 0 {
		s.Timeout = time.Duration(ms) * time.Millisecond
	}
	s.Gzip = either("COMPRESSION") == "gzip"
	if parent := getenv("TRACEPARENT"); parent != "" {
		// One that is malformed is left alone: https://www.w3.org/TR/trace-context/
		if p, ok := parseParent(parent); ok {
			if !p.sampled {
				return nil, nil // whoever has begun the trace records nothing of it
			}
			s.Parent = parent
		}
	}
	return s, nil
}

// pairs reads KEY=VALUE,KEY=VALUE with percent-encoded values. The error shows
// nothing of them: they may be secrets.
func pairs(text string) (map[string]string, error) {
	out := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		key = strings.TrimSpace(key)
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || key == "" || err != nil {
			return nil, fmt.Errorf("is not a list of NAME=VALUE with commas between")
		}
		out[key] = value
	}
	return out, nil
}

// A parent is a span of another process.
type parent struct {
	trace   traceID
	span    spanID
	sampled bool
}

// parseParent reads version 00 of a traceparent, and what later versions have in
// common with it.
func parseParent(text string) (parent, bool) {
	var p parent
	parts := strings.Split(strings.TrimSpace(text), "-")
	if len(parts) < 4 || len(parts[0]) != 2 || parts[0] == "ff" || parts[0] == "00" && len(parts) != 4 || strings.ToLower(text) != text {
		return p, false
	}
	var flags [1]byte
	for _, x := range []struct {
		into []byte
		text string
	}{{p.trace[:], parts[1]}, {p.span[:], parts[2]}, {flags[:], parts[3]}} {
		if len(x.text) != 2*len(x.into) {
			return p, false
		}
		if _, err := hex.Decode(x.into, []byte(x.text)); err != nil {
			return p, false
		}
	}
	p.sampled = flags[0]&1 == 1
	return p, p.trace != traceID{} && p.span != spanID{}
}

// id makes an identifier of what it names, so that a process that goes on with a
// run finds the same.
func id(into []byte, names ...string) {
	sum := sha256.Sum256([]byte("nf-run\x00" + strings.Join(names, "\x00")))
	copy(into, sum[:])
}

// New starts an exporter with an observer in front of it. console is written to
// where the settings say so; warn is told, once, why spans were not delivered.
func New(s *Settings, console io.Writer, warn func(string)) *Tracer {
	return &Tracer{out: newExporter(s, console, warn), runs: map[string]*trace{}, start: time.Now()}
}
