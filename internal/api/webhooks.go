package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// DefaultWebhookLimit is how often a webhook may be called in a minute.
const DefaultWebhookLimit = 60

const (
	webhookWindow = time.Minute
	// webhookBody bounds the body of a request to a webhook in bytes. Nobody reads it:
	// what a webhook is told stands in the address.
	webhookBody = 1 << 20
)

// deliveryHeaders carry an identifier of the sender's that stays the same when it
// sends a request again: those of RFC drafts and of the Git hosts.
var deliveryHeaders = [...]string{"Idempotency-Key", "Webhook-Id", "X-Github-Delivery", "X-Gitlab-Event-Uuid", "X-Request-Uuid"}

// webhookAddress takes the path of a webhook apart, /FAMILY/TOKEN; hidden is the path
// as it may be shown. What only begins like one is hidden as well.
func webhookAddress(u *url.URL) (family, token, hidden string, ok bool) {
	segments := strings.Split(strings.TrimPrefix(u.Path, "/"), "/")
	switch segments[0] {
	case platform.WebhookPreviews, platform.WebhookReleaseFlows, platform.WebhookWorkflows:
	default:
		return "", "", "", false
	}
	if len(segments) > 1 {
		token = strings.Join(segments[1:], "/")
	}
	return segments[0], token, "/" + segments[0] + "/…", true
}

// webhook answers a request to a webhook.
func (h *Handler) webhook(w *recorder, r *http.Request, family, token string, entry *Entry) {
	entry.Caller, entry.Operation = "webhook", "webhook"
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header()["Allow"] = []string{"GET, POST"}
		refuse(w, refusal(http.StatusMethodNotAllowed, ErrorMethod, "a webhook takes GET and POST"))
		return
	}
	digest := sha256.Sum256([]byte(family + "/" + token))
	if !h.webhooks.admit(hex.EncodeToString(digest[:]), w.Header()) {
		refuse(w, refusal(http.StatusTooManyRequests, ErrorRateLimit, "the webhook is called too often; the header x-ratelimit-reset says in how many seconds it can be again"))
		return
	}
	response, err := h.callWebhook(w, r, family, token)
	if err == nil {
		answer(w, response.Status, response.Body)
		return
	}
	// Those who try addresses out get fewer answers.
	if platform.IsNotFound(err) && !h.strangers.admit(remoteHost(r), w.Header()) {
		err = refusal(http.StatusTooManyRequests, ErrorRateLimit, "too many addresses that are no webhook's")
	}
	entry.Err = h.fail(w, err)
}

func (h *Handler) callWebhook(w *recorder, r *http.Request, family, token string) (platform.Response, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return platform.Response{}, refusal(http.StatusBadRequest, platform.ErrorValidation, "the query of the address cannot be read")
	}
	if r.Body != nil {
		var tooLarge *http.MaxBytesError
		switch _, err := io.Copy(io.Discard, http.MaxBytesReader(w.ResponseWriter, r.Body, webhookBody)); {
		case errors.As(err, &tooLarge):
			return platform.Response{}, refusal(http.StatusRequestEntityTooLarge, ErrorTooLarge, "the request is too large")
		case err != nil:
			return platform.Response{}, refusal(http.StatusRequestTimeout, ErrorTimeout, "the request did not arrive as a whole")
		}
	}
	query := map[string]string{}
	for name := range values {
		query[name] = values.Get(name)
	}
	call := map[string]any{"family": family, "token": token, "query": query}
	for _, name := range deliveryHeaders {
		if id := r.Header.Get(name); id != "" {
			call["delivery"] = clip(name+" "+id, 190)
			break
		}
	}
	body, err := json.Marshal(call)
	if err != nil {
		return platform.Response{}, err
	}
	ctx := platform.WithActor(r.Context(), func() string { return "webhook" })
	return h.options.Target.Do(ctx, platform.OpCallWebhook, platform.Params{}, body)
}

// remoteHost is who is at the other end, as far as the connection tells.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
