package message

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// Bounds of what is read of an answer, in bytes.
const (
	maxAnswer = 4 << 20
	maxSaid   = 300
)

// maxRedirects is how often a receiver may send a message on.
const maxRedirects = 3

// A client sends requests. It keeps no connections: messages are few, and far between.
type client struct {
	allowed allowed
	agent   string
	once    sync.Once
	guarded *http.Client // public addresses and those that are allowed
	trusted *http.Client // any address: for those that the user of this machine has set
}

// A request is one to a receiver.
type request struct {
	method string
	to     *url.URL
	header http.Header
	body   []byte
	// public says that a template has chosen the address.
	public bool
}

// A blockedError says that a message must not go to an address.
type blockedError struct{ what string }

// Error implements error.
func (e *blockedError) Error() string {
	return e.what + " is no public address: templates may not reach into the networks of this machine, unless it is allowed in NF_ALLOW_ADDRESSES"
}

func (c *client) init() {
	guarded := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialer := &net.Dialer{Timeout: 10 * time.Second}
			if host, _, err := net.SplitHostPort(address); err != nil || !c.allowed.name(host) && ctx.Value(proxied{}) == nil {
				// After the name was resolved, so that no name leads where no address may: the
				// connection goes to the address that was looked at.
				dialer.Control = func(_, address string, _ syscall.RawConn) error { return c.allowed.check(address) }
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
	c.guarded = &http.Client{Transport: guarded, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	c.trusted = &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second},
		CheckRedirect: c.guarded.CheckRedirect}
}

// proxied marks a context whose connection goes to a proxy, which may be anywhere.
type proxied struct{}

// do sends a request and returns the body of the answer. An error that is no refusal
// and cannot be tried again says that nobody knows whether the request has arrived.
func (c *client) do(ctx context.Context, r request) ([]byte, error) {
	c.once.Do(c.init)
	to := r.to
	for range maxRedirects + 1 {
		answer, err := c.sendTo(ctx, r, to)
		if err != nil {
			return nil, err
		}
		body, readErr := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
		_ = answer.Body.Close()
		switch status := answer.StatusCode; {
		case status >= 200 && status < 300:
			if readErr != nil {
				body = nil // it was taken, whatever it said
			}
			return body, nil
		case status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect:
			next, err := to.Parse(answer.Header.Get("Location"))
			if err != nil || next.Host == "" {
				return nil, refusal(to.Hostname(), status, "it leads nowhere")
			}
			if to.Scheme == "https" && next.Scheme != "https" || next.Scheme != "https" && next.Scheme != "http" {
				return nil, refusal(to.Hostname(), status, "it leads to an address that is not encrypted")
			}
			if !r.public && next.Host != to.Host {
				return nil, refusal(to.Hostname(), status, "it leads to another host, which must not get the token")
			}
			to = next
		case status >= 300 && status < 400:
			return nil, refusal(to.Hostname(), status, "it leads elsewhere, without the message; give the address that it leads to")
		default:
			return nil, refusal(to.Hostname(), status, hide(r.to, hide(to, said(body))))
		}
	}
	return nil, refusal(to.Hostname(), http.StatusPermanentRedirect, fmt.Sprintf("more than %d addresses lead on", maxRedirects))
}

// sendTo sends a request to one address.
func (c *client) sendTo(ctx context.Context, r request, to *url.URL) (*http.Response, error) {
	connected := false
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }})
	sender := c.trusted
	if r.public {
		sender = c.guarded
		proxy, err := http.ProxyFromEnvironment(&http.Request{URL: to})
		if err != nil {
			return nil, unreachable(to, err)
		}
		if proxy != nil {
			// The proxy makes the connection: what can be known of the address is looked at here.
			if err := c.allowed.checkHost(ctx, to.Hostname()); err != nil {
				return nil, explain(to, err, false)
			}
			ctx = context.WithValue(ctx, proxied{}, true)
		}
	}
	request, err := http.NewRequestWithContext(ctx, r.method, to.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, platform.Invalid("spec.webhookUrl", "is no address that can be asked")
	}
	request.Header = r.header.Clone()
	if c.agent != "" {
		request.Header.Set("User-Agent", c.agent)
	}
	answer, err := sender.Do(request)
	if err != nil {
		return nil, explain(to, err, connected)
	}
	return answer, nil
}

// explain says what is wrong with a connection, without the address, which may be a
// secret. Where nothing was sent, it can be tried again.
func explain(to *url.URL, err error, connected bool) error {
	var blocked *blockedError
	if errors.As(err, &blocked) {
		return &platform.Error{Status: http.StatusForbidden, ID: "address-refused", Message: blocked.Error()}
	}
	if !connected {
		return unreachable(to, err)
	}
	return fmt.Errorf("%s has not answered: %w", to.Hostname(), bareError(err))
}

func unreachable(to *url.URL, err error) error {
	if errors.Is(err, context.Canceled) {
		return context.Canceled
	}
	return &platform.Error{Status: http.StatusServiceUnavailable, ID: "unreachable", Retryable: true,
		Message: fmt.Sprintf("%s cannot be reached: %v", to.Hostname(), bareError(err))}
}

// bareError takes the address off an error of net/http.
func bareError(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		if of.Timeout() {
			return errors.New("it took too long")
		}
		return of.Err
	}
	return err
}

// said is what a receiver says for people: the beginning of its answer, in one line.
func said(body []byte) string {
	text := strings.Join(strings.Fields(string(body)), " ")
	if strings.HasPrefix(text, "<") { // a page
		return ""
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, text)
	if len(text) > maxSaid {
		text = strings.ToValidUTF8(text[:maxSaid], "") + "…"
	}
	return text
}

// hide takes out of what a receiver says what it repeats of the address, which may be
// as good as a password.
func hide(to *url.URL, text string) string {
	parts := []string{to.String(), to.RequestURI()}
	for _, path := range []string{to.Path, to.EscapedPath()} {
		for _, segment := range strings.Split(path, "/") {
			if len(segment) >= 8 { // less is a word, mostly
				parts = append(parts, segment)
			}
		}
	}
	for _, values := range to.Query() {
		for _, value := range values {
			if len(value) >= 4 {
				parts = append(parts, value, url.QueryEscape(value))
			}
		}
	}
	if password, ok := to.User.Password(); ok && password != "" {
		parts = append(parts, password)
	}
	for _, part := range parts {
		if len(part) > 1 {
			text = strings.ReplaceAll(text, part, "***")
		}
	}
	return text
}

// allowed are addresses that are not public and may be reached all the same.
type allowed struct {
	names    map[string]bool
	networks []netip.Prefix
}

func parseAllowed(list []string) (allowed, error) {
	a := allowed{names: map[string]bool{}}
	for _, text := range list {
		text = strings.ToLower(strings.Trim(strings.TrimSpace(text), "[]"))
		if text == "" {
			continue
		}
		if network, err := netip.ParsePrefix(text); err == nil {
			a.networks = append(a.networks, network.Masked())
			continue
		}
		if ip, err := netip.ParseAddr(text); err == nil {
			ip = ip.Unmap()
			a.networks = append(a.networks, netip.PrefixFrom(ip, ip.BitLen()))
			continue
		}
		if strings.ContainsAny(text, "/:*@ ") {
			return a, fmt.Errorf("%q is no host name, IP address or network such as 10.0.0.0/8 that messages may go to", text)
		}
		a.names[text] = true
	}
	return a, nil
}

func (a allowed) name(host string) bool {
	return a.names[strings.ToLower(strings.TrimSuffix(host, "."))]
}

// check looks at an address with a port.
func (a allowed) check(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return &blockedError{"what it leads to"}
	}
	return a.checkIP(at.Addr())
}

func (a allowed) checkIP(ip netip.Addr) error {
	ip = ip.Unmap().WithZone("")
	for _, network := range a.networks {
		if network.Contains(ip) {
			return nil
		}
	}
	if public(ip) {
		return nil
	}
	return &blockedError{ip.String()}
}

// checkHost looks at the addresses of a name. A name that cannot be resolved here is
// the proxy's to refuse.
func (a allowed) checkHost(ctx context.Context, host string) error {
	if a.name(host) {
		return nil
	}
	if strings.EqualFold(host, "localhost") {
		return &blockedError{host}
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return a.checkIP(ip)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	for _, ip := range found {
		if err := a.checkIP(ip); err != nil {
			return err
		}
	}
	return nil
}

// public tells whether an address is one of the internet: neither of this machine or
// of a network around it, nor one that others are hidden in (RFC 6890 lists them).
func public(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, network := range special() {
		if network.Contains(ip) {
			return false
		}
	}
	return true
}

var special = sync.OnceValue(func() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "::/96", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
})
