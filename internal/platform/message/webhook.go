package message

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// slackForm is what incoming webhooks of Slack take; those of Mattermost, Google Chat
// and Teams take the same.
func slackForm(text string) any { return map[string]any{"text": text} }

// rawForm is what is sent to any other address. Which form the platform uses is
// documented nowhere: text that is a JSON object or list is sent as it is, so that
// templates can make any form; other text as Slack takes it.
func rawForm(text string) any {
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		if json.Valid([]byte(trimmed)) {
			return json.RawMessage(trimmed)
		}
	}
	return slackForm(text)
}

// A post is a message to an address.
type post struct {
	to    *url.URL
	body  []byte
	token string
}

func newPost(spec any, form any, token string) (message, error) {
	const property = "spec.webhookUrl"
	address := jsonvalue.String(spec, property)
	if address == "" {
		return nil, platform.Invalid(property, "is missing: there is no address to send to")
	}
	to, err := url.Parse(address)
	if err != nil || to.Host == "" || to.Scheme != "https" && to.Scheme != "http" {
		return nil, platform.Invalid(property, "is no address: it has the form https://HOST/PATH") // it is not shown: it may be a secret
	}
	body, err := json.Marshal(form)
	if err != nil {
		return nil, err
	}
	return &post{to, body, token}, nil
}

func (p *post) send(ctx context.Context, out *client) (map[string]any, error) {
	header := http.Header{"Content-Type": {"application/json"}}
	if p.token != "" {
		header.Set("Idempotency-Key", p.token) // receivers that know it take the message once
	}
	_, err := out.do(ctx, request{method: http.MethodPost, to: p.to, header: header, body: p.body, public: true})
	return map[string]any{}, err
}

func (p *post) find(context.Context, *client) (map[string]any, bool, error) {
	return nil, false, errCannotTell
}
