package northflank

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// refusalOf reads the platform's error from the body of an answer, and tells
// whether it is the platform's. A body of another form, as a proxy sends, is told
// by its beginning.
func refusalOf(op platform.Operation, answer *http.Response, text []byte) (refusal *platform.Error, ours bool) {
	refusal = &platform.Error{Status: answer.StatusCode, Operation: op.ID, Retryable: retryable(answer.StatusCode)}
	var envelope struct {
		Error struct {
			ID      string          `json:"id"`
			Message string          `json:"message"`
			Details json.RawMessage `json:"details"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &envelope) == nil && (envelope.Error.Message != "" || envelope.Error.ID != "") {
		refusal.ID, refusal.Message = envelope.Error.ID, envelope.Error.Message
		refusal.Details = detailsOf(envelope.Error.Details)
		return refusal, true
	}
	refusal.Message = fmt.Sprintf("%s answered %d %s", answer.Request.URL.Host, answer.StatusCode, http.StatusText(answer.StatusCode))
	switch said := excerpt(text); {
	case answer.StatusCode >= 300 && answer.StatusCode <= 399:
		refusal.Message += ", a redirection; it is not followed, so that no other host gets the token"
	case said != "":
		refusal.Message += ": " + said
	}
	return refusal, false
}

// undecided tells whether a status leaves open that the request was carried out:
// the platform failed on its way, or a gateway gave up waiting for it. A gateway
// says "unavailable" then too; the platform says so of what it has not begun.
func undecided(status int, ours bool) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	case http.StatusServiceUnavailable:
		return !ours
	}
	return false
}

// detailsOf keeps details of every form: the documented one is an object.
func detailsOf(raw json.RawMessage) map[string]any {
	var details any
	if len(raw) == 0 || json.Unmarshal(raw, &details) != nil || details == nil {
		return nil
	}
	if object, ok := details.(map[string]any); ok {
		return object
	}
	return map[string]any{"": details}
}

func retryable(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// excerpt is the beginning of a text on one line, for people.
func excerpt(text []byte) string {
	const most = 200
	line := strings.Join(strings.Fields(strings.ToValidUTF8(string(text[:min(len(text), 4*most)]), "")), " ")
	if runes := []rune(line); len(runes) > most {
		line = string(runes[:most]) + "…"
	}
	return line
}
