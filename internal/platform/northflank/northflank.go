// Package northflank carries the operations of the contract to the hosted
// platform, or to whatever speaks its REST API, over HTTP.
//
// One call of Do is one request, save for the rate limit: the target waits when
// the platform says that nothing is left, and sends what was refused for that
// reason once more. Everything else that may be tried again is for the caller to
// decide, who knows what an operation does when it is repeated.
//
// The package must not know nodes, templates or where a token is kept.
package northflank

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Host is the address of the hosted platform.
const Host = "https://api.northflank.com"

// Options configure a Target.
type Options struct {
	// Host is the address, "" for [Host]. A path in it stands before that of
	// every operation.
	Host string
	// Token is the API token. It is sent to Host and nowhere else.
	Token string
	// Team is the identifier of the team in whose scope operations are carried
	// out, "" for the token's own.
	Team string
	// Transport carries requests; nil for one with the proxy of the environment,
	// the system's certificates and bounded waits.
	Transport http.RoundTripper
	// Authorities are further certificate authorities to trust, as PEM, for
	// addresses and proxies whose certificates the system does not know. They are for
	// the Target's own transport.
	Authorities []byte
	// Timeout bounds one request with its answer; 0 means [DefaultTimeout].
	Timeout time.Duration
	// UserAgent names the program.
	UserAgent string
	// Clock tells the time of the rate limit and sleeps; nil for the real one.
	Clock Clock
}

// DefaultTimeout bounds one request with its answer.
const DefaultTimeout = 60 * time.Second

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 64 << 20

// A Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	// Sleep waits, and returns the context's error when that ends first.
	Sleep(ctx context.Context, d time.Duration) error
}

// A Target is the hosted platform. It is safe for concurrent use.
type Target struct {
	host      *url.URL
	token     string
	team      string
	userAgent string
	client    *http.Client
	allowance *allowance
}

var (
	_ platform.Target    = (*Target)(nil)
	_ platform.Pacer     = (*Target)(nil)
	_ platform.Templater = (*Target)(nil)
)

// OnlyInTemplates implements [platform.Templater]: the kinds for which the API has no
// operation, and those of which it does not say through which states they go.
func (t *Target) OnlyInTemplates(kind string, spec any) bool {
	switch kind {
	case "Action", "Condition":
		return jsonvalue.String(spec, "kind") == "VCS"
	case "Build", "BuildSource": // an operation starts a build whatever the rules are
		return platform.HasBuildRules(spec)
	case "Template": // what belongs to a pipeline, of which the node does not say which
		of := jsonvalue.String(spec, "kind")
		return of == "ReleaseFlow" || of == "PreviewEnv"
	case "BYOCRegistry",
		"CustomPlan",
		"ExternalAddon",
		"OpenTofu",
		"Pipeline",
		"ReleaseStage",
		"WorkloadIdentity":
		return true
	}
	return false
}

// New returns a target. An address that is none, and one that would send the
// token unencrypted over a network, is an error.
func New(options Options) (*Target, error) {
	text := options.Host
	if text == "" {
		text = Host
	}
	host, err := url.Parse(text)
	switch {
	case err != nil || host.Host == "" || host.Scheme != "https" && host.Scheme != "http":
		return nil, fmt.Errorf("the platform's address %q is not one: it has the form %s", text, Host)
	case host.User != nil || host.RawQuery != "" || host.Fragment != "":
		return nil, errors.New("the platform's address holds more than scheme, host, port and path")
	case host.Scheme == "http" && !loopback(host.Hostname()):
		return nil, fmt.Errorf("the platform's address %q is not encrypted, and its host is not this machine: use https", text)
	case options.Token == "":
		return nil, errors.New("there is no API token")
	case strings.ContainsFunc(options.Token, func(c rune) bool { return c <= ' ' || c > '~' }):
		return nil, errors.New("the API token holds a space, a line break or a character that no token has")
	}
	host.Path = strings.TrimSuffix(host.Path, "/")
	transport := options.Transport
	if transport == nil {
		if transport, err = newTransport(options.Authorities); err != nil {
			return nil, err
		}
	}
	timeout := options.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	clock := options.Clock
	if clock == nil {
		clock = realClock{}
	}
	return &Target{
		host: host, token: options.Token, team: options.Team, userAgent: options.UserAgent,
		client: &http.Client{
			Transport: transport, Timeout: timeout,
			// The API redirects nothing. Whoever does would get the token, or
			// turn a POST into a GET.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		allowance: &allowance{clock: clock},
	}, nil
}

func loopback(name string) bool {
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

func newTransport(authorities []byte) (*http.Transport, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	t.ResponseHeaderTimeout = DefaultTimeout
	if authorities == nil {
		return t, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(authorities) {
		return nil, errors.New("there is no certificate in the PEM text of the certificate authorities")
	}
	t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return t, nil
}

// Name implements [platform.Target].
func (t *Target) Name() string { return "northflank" }

// PollAfter implements [platform.Pacer]: further and further apart, for the sake
// of the rate limit. A server on this machine has none that matters.
func (t *Target) PollAfter(polls int) time.Duration {
	if loopback(t.host.Hostname()) {
		return platform.Backoff(polls, 10*time.Millisecond, time.Second)
	}
	return platform.Backoff(polls, 2*time.Second, 30*time.Second)
}

// Close gives idle connections up.
func (t *Target) Close() error {
	t.client.CloseIdleConnections()
	return nil
}

// Do implements [platform.Target].
func (t *Target) Do(ctx context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	operation, ok := platform.LookupOperation(op)
	if !ok {
		return platform.Response{}, &platform.Error{Status: http.StatusNotImplemented, ID: platform.ErrorUnknownOp, Operation: op,
			Message: fmt.Sprintf("there is no operation %q", op)}
	}
	if operation.Own() && !loopback(t.host.Hostname()) {
		return platform.Response{}, &platform.Error{Status: http.StatusNotImplemented, ID: platform.ErrorUnknownOp, Operation: op,
			Message: fmt.Sprintf("the API of the hosted platform has no %s: it is there in the browser only, and on the local platform", operation.Title())}
	}
	if name := operation.Missing(params); name != "" {
		err := platform.Invalid(name, "is missing")
		err.Operation = op
		return platform.Response{}, err
	}
	if isCommand(operation) {
		return t.execute(ctx, operation, params, body)
	}
	address, err := t.address(operation, params)
	if err != nil {
		return platform.Response{}, err
	}
	for {
		if err := t.allowance.await(ctx); err != nil {
			return platform.Response{}, err
		}
		response, again, err := t.send(ctx, operation, address, body)
		if !again {
			return response, err
		}
	}
}

// address returns where an operation is carried out.
func (t *Target) address(op platform.Operation, params platform.Params) (string, error) {
	segments := strings.Split(strings.TrimPrefix(op.Path, "/v1/"), "/")
	for i, s := range segments {
		name, isParameter := strings.CutPrefix(s, "{")
		if !isParameter {
			continue
		}
		value := params.Path[strings.TrimSuffix(name, "}")]
		if value == "." || value == ".." {
			return "", platform.Invalid(strings.TrimSuffix(name, "}"), "is %q, which is no identifier", value)
		}
		segments[i] = url.PathEscape(value)
	}
	var b strings.Builder
	b.WriteString(t.host.Scheme + "://" + t.host.Host + t.host.EscapedPath() + "/v1/")
	if t.team != "" && !op.NoTeam {
		b.WriteString("teams/" + url.PathEscape(t.team) + "/")
	}
	b.WriteString(strings.Join(segments, "/"))
	if len(params.Query) > 0 {
		query := url.Values{}
		for name, value := range params.Query {
			query.Set(name, value)
			if platform.TakesMany(name) {
				query[name] = strings.Split(value, ",")
			}
		}
		b.WriteString("?" + query.Encode())
	}
	return b.String(), nil
}

// send makes one request. It answers again when the platform has refused it
// because of the rate limit, without looking at it.
func (t *Target) send(ctx context.Context, op platform.Operation, address string, body json.RawMessage) (_ platform.Response, again bool, _ error) {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(body)
	}
	request, err := http.NewRequestWithContext(ctx, op.Method, address, content)
	if err != nil {
		return platform.Response{}, false, err
	}
	request.Header.Set("Authorization", "Bearer "+t.token)
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if t.userAgent != "" {
		request.Header.Set("User-Agent", t.userAgent)
	}
	if op.Effect == platform.Once {
		// The transport repeats a request on a connection that turns out to be
		// closed unless its body cannot be had again: this one must not be.
		request.GetBody = nil
		if body == nil {
			request.Body = io.NopCloser(bytes.NewReader(nil))
		}
	}
	answer, err := t.client.Do(request)
	if err != nil {
		return platform.Response{}, false, fmt.Errorf("%s: no answer came: %w", op.ID, withoutAddress(err))
	}
	defer func() { _ = answer.Body.Close() }()
	t.allowance.note(answer)
	if answer.StatusCode == http.StatusTooManyRequests && t.allowance.spent() {
		_, _ = io.CopyN(io.Discard, answer.Body, 1<<16)
		return platform.Response{}, true, nil
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return platform.Response{}, false, fmt.Errorf("%s: the answer broke off: %w", op.ID, withoutAddress(err))
	case len(text) > maxAnswer:
		return platform.Response{}, false, fmt.Errorf("%s: the answer has more than %d bytes", op.ID, maxAnswer)
	case answer.StatusCode < 200 || answer.StatusCode > 299:
		refusal, ours := refusalOf(op, answer, text)
		if op.Effect == platform.Once && undecided(answer.StatusCode, ours) {
			return platform.Response{}, false, fmt.Errorf("%s: whether it was done is not known: %s", op.ID, refusal.Message)
		}
		return platform.Response{}, false, refusal
	case len(bytes.TrimSpace(text)) == 0:
		text = []byte(`{"data":{}}`)
	case !json.Valid(text):
		return platform.Response{}, false, fmt.Errorf("%s: the answer is no JSON; does %s speak the API?", op.ID, t.host.Host)
	}
	return platform.Response{Status: answer.StatusCode, Body: text}, false, nil
}

// withoutAddress takes the address off an error of the client: the operation
// says where it went, and addresses are long.
func withoutAddress(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
