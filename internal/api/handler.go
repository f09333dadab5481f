package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// Options configure a Handler.
type Options struct {
	// Target carries the operations out. Without one there are none, and webhooks of Git
	// hosts are all that is answered.
	Target platform.Target
	// GitHooks, which may be nil, are the webhooks of Git hosts.
	GitHooks GitHooks
	// Tokens are who may call. Without any everybody may who reaches the server
	// under a loopback name.
	Tokens []Token
	// Hosts are further names under which a server without tokens is reached.
	Hosts []string
	// RateLimit is how many requests each caller has in an hour, 0 for any
	// number. Responses tell the platform's own limit then, and that all of it is left.
	RateLimit int
	// WebhookLimit is how often each webhook may be called in a minute; 0 means
	// [DefaultWebhookLimit].
	WebhookLimit int
	// MaxBody bounds a request's body in bytes; 0 means [DefaultMaxBody].
	MaxBody int64
	// Now tells the time of the rate limit; nil for time.Now.
	Now func() time.Time
	// Page, which may be nil, answers beside the operations.
	Page Page
	// Log, which may be nil, hears of every request: never of its body, its
	// query, its token or the token in the address of a webhook.
	Log func(Entry)
}

// A Page is what people see of the server.
type Page interface {
	http.Handler
	// Owns tells whether the page answers at a path, and whether everybody may
	// have that; else it is asked for with a token, like an operation.
	Owns(path string) (owned, open bool)
}

// DefaultMaxBody bounds a request's body: the largest templates have a few
// megabytes.
const DefaultMaxBody = 16 << 20

// loginPath is where the official CLI asks whether its token is valid. The
// reference has no page for it; the CLI looks at the status alone.
const loginPath = "/v1/login"

// An Entry is what is logged of a request.
type Entry struct {
	Caller    string // the token's name
	Method    string
	Path      string // with its escapes
	Operation string // [platform.Operation.ID], "" when none was found
	Status    int
	Duration  time.Duration
	// Err is why the server itself has failed, with a stack after a panic.
	Err error
}

// A Handler serves the operations of a target. It is safe for concurrent use.
type Handler struct {
	options Options
	routes  *routes
	tokens  tokens
	limiter *limiter
	guard   guard
	streams streams
	// webhooks counts calls of each webhook, strangers those of addresses that are no
	// webhook's, by who makes them.
	webhooks, strangers *limiter
	// gitHookTurns bounds how many large requests of Git hosts are read at once.
	gitHookTurns chan struct{}
}

// New returns a handler. Two tokens of one name are an error.
func New(options Options) (*Handler, error) {
	if options.MaxBody == 0 {
		options.MaxBody = DefaultMaxBody
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.WebhookLimit == 0 {
		options.WebhookLimit = DefaultWebhookLimit
	}
	known, err := newTokens(options.Tokens)
	if err != nil {
		return nil, err
	}
	return &Handler{
		options:  options,
		routes:   newRoutes(),
		tokens:   known,
		limiter:  newLimiter(options.RateLimit, window, options.Now),
		webhooks: newLimiter(options.WebhookLimit, webhookWindow, options.Now), strangers: newLimiter(options.WebhookLimit, webhookWindow, options.Now),
		gitHookTurns: make(chan struct{}, gitHookBodies),
		guard:        guard{open: len(options.Tokens) == 0, hosts: options.Hosts, origins: http.NewCrossOriginProtection()},
	}, nil
}

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	entry := Entry{Method: r.Method, Path: r.URL.EscapedPath()}
	status := &recorder{ResponseWriter: w}
	if h.options.Log == nil {
		h.serve(status, r, &entry)
		return
	}
	started := time.Now()
	h.serve(status, r, &entry)
	entry.Status, entry.Duration = status.status, time.Since(started)
	h.options.Log(entry)
}

// serve answers one request, whatever happens to it.
func (h *Handler) serve(w *recorder, r *http.Request, entry *Entry) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		entry.Err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		if w.status == 0 {
			refuse(w, refusal(http.StatusInternalServerError, platform.ErrorInternal, "the server has failed at this request"))
		}
	}()
	family, token, hidden, hooked := webhookAddress(r.URL)
	if hooked {
		entry.Path = hidden
	}
	// No page can sign a request, whatever name leads it here.
	if name, is := gitHookName(r.URL); is && h.options.GitHooks != nil {
		h.gitHook(w, r, name, entry)
		return
	}
	if reason := h.guard.refuses(r); reason != "" {
		refuse(w, refusal(http.StatusForbidden, ErrorForbidden, reason))
		return
	}
	if h.options.Target == nil {
		refuse(w, refusal(http.StatusNotFound, platform.ErrorNotFound, "only webhooks of Git hosts are answered here, at "+gitHookPath))
		return
	}
	if hooked {
		h.webhook(w, r, family, token, entry)
		return
	}
	if isStream(r) {
		h.stream(w, r, entry)
		return
	}
	ours, open := false, false
	if h.options.Page != nil {
		ours, open = h.options.Page.Owns(r.URL.Path)
	}
	if open {
		h.options.Page.ServeHTTP(w, r)
		return
	}
	caller, ok := h.tokens.caller(r)
	if !ok {
		w.Header()["Www-Authenticate"] = []string{"Bearer"}
		refuse(w, refusal(http.StatusUnauthorized, ErrorUnauthorized, "the request carries no valid token: send \"Authorization: Bearer TOKEN\""))
		return
	}
	entry.Caller = caller
	if ours {
		entry.Operation = "page"
		h.options.Page.ServeHTTP(w, r.WithContext(withCaller(r.Context(), caller)))
		return
	}
	if !h.limiter.admit(caller, w.Header()) {
		refuse(w, refusal(http.StatusTooManyRequests, ErrorRateLimit,
			fmt.Sprintf("the limit of %d requests an hour is spent; the header x-ratelimit-reset says in how many seconds there are more", h.options.RateLimit)))
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == loginPath {
		entry.Operation = "login"
		answer(w, http.StatusOK, []byte(`{"data":{}}`))
		return
	}
	found, methods := h.routes.find(r.Method, r.URL.EscapedPath())
	switch {
	case found.operation != nil:
	case methods != nil:
		w.Header()["Allow"] = []string{strings.Join(methods, ", ")}
		refuse(w, refusal(http.StatusMethodNotAllowed, ErrorMethod, fmt.Sprintf("%s takes %s, not %s", clip(r.URL.Path, 200), strings.Join(methods, " and "), clip(r.Method, 20))))
		return
	default:
		refuse(w, refusal(http.StatusNotFound, platform.ErrorNotFound, "there is no operation at "+clip(r.URL.Path, 200)))
		return
	}
	entry.Operation = found.operation.ID
	response, err := h.call(w, r, found, entry.Caller)
	if err != nil {
		entry.Err = h.fail(w, err)
		return
	}
	answer(w, response.Status, response.Body)
}

// call reads the request and carries the operation out.
func (h *Handler) call(w *recorder, r *http.Request, found match, caller string) (platform.Response, error) {
	query, err := query(r, found.operation)
	if err != nil {
		return platform.Response{}, err
	}
	// The server closes the connection of a request that is too large when it
	// gets the writer that is its own.
	body, err := h.body(w.ResponseWriter, r)
	if err != nil {
		return platform.Response{}, err
	}
	ctx := platform.WithActor(r.Context(), func() string { return caller })
	return h.options.Target.Do(ctx, found.operation.ID, platform.Params{Path: found.path, Query: query}, body)
}

// query keeps the parameters that the operation has. Others do nothing, as on
// the platform.
func query(r *http.Request, op *platform.Operation) (map[string]string, error) {
	if r.URL.RawQuery == "" {
		return nil, nil
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refusal(http.StatusBadRequest, platform.ErrorValidation, "the query of the address cannot be read")
	}
	query := map[string]string{}
	for _, name := range op.Query {
		if values.Has(name) {
			query[name] = values.Get(name)
			if platform.TakesMany(name) {
				query[name] = strings.Join(values[name], ",")
			}
		}
	}
	return query, nil
}

// body reads the request's body, nil when there is none.
func (h *Handler) body(w http.ResponseWriter, r *http.Request) (json.RawMessage, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, h.options.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refusal(http.StatusRequestEntityTooLarge, ErrorTooLarge, fmt.Sprintf("the request has more than %d bytes", tooLarge.Limit))
	case err != nil:
		return nil, refusal(http.StatusRequestTimeout, ErrorTimeout, "the request did not arrive as a whole")
	case len(bytes.TrimSpace(body)) == 0:
		return nil, nil
	}
	// A form of a web page has another type; what has none comes from a script.
	if given := r.Header.Get("Content-Type"); given != "" {
		media, _, err := mime.ParseMediaType(given)
		if err != nil || media != "application/json" && !strings.HasSuffix(media, "+json") {
			return nil, refusal(http.StatusUnsupportedMediaType, ErrorMediaType, "the request has the Content-Type "+clip(given, 80)+"; it is application/json")
		}
	}
	return body, nil
}

// fail answers with what an operation has returned in place of a response, and
// returns it when it is the server's own failure.
func (h *Handler) fail(w http.ResponseWriter, err error) error {
	var known *platform.Error
	switch {
	case errors.As(err, &known):
		refuse(w, known)
		if known.Status >= http.StatusInternalServerError && known.Status != http.StatusNotImplemented {
			return err
		}
		return nil
	case errors.Is(err, context.Canceled):
		// Nobody waits for the answer any more.
		refuse(w, refusal(http.StatusServiceUnavailable, platform.ErrorUnavailable, "the request was given up"))
		return nil
	}
	refuse(w, refusal(http.StatusInternalServerError, platform.ErrorInternal, "the server has failed at this request"))
	return err
}

var jsonType = []string{"application/json; charset=utf-8"}

func answer(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	header["Content-Type"] = jsonType
	header["Content-Length"] = []string{strconv.Itoa(len(body))}
	header["X-Content-Type-Options"] = []string{"nosniff"}
	header["Cache-Control"] = []string{"no-store"} // answers hold secrets
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// A recorder remembers the status that was sent.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
