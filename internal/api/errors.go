package api

import (
	"encoding/json"
	"net/http"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// IDs of the errors that belong to HTTP and not to an operation.
const (
	ErrorUnauthorized = "unauthorized"    // 401, no token or none of ours
	ErrorForbidden    = "forbidden"       // 403, a page of another origin
	ErrorMethod       = "method"          // 405
	ErrorTooLarge     = "too-large"       // 413
	ErrorMediaType    = "media-type"      // 415
	ErrorRateLimit    = "rate-limit"      // 429
	ErrorTimeout      = "request-timeout" // 408, a request that came too slowly
)

// A problem is the body of every refusal: the official clients read its
// members.
type problem struct {
	Error problemError `json:"error"`
}

type problemError struct {
	Status  int            `json:"status"`
	ID      string         `json:"id,omitempty"`
	Message string         `json:"message"`
	Details map[string]any `json:"details,omitempty"`
}

// refuse answers with a refusal.
func refuse(w http.ResponseWriter, err *platform.Error) {
	body, failed := json.Marshal(problem{problemError{err.Status, err.ID, err.Message, err.Details}})
	if failed != nil { // details that no JSON can hold
		body, _ = json.Marshal(problem{problemError{err.Status, err.ID, err.Message, nil}})
	}
	answer(w, err.Status, body)
}

func refusal(status int, id, message string) *platform.Error {
	return &platform.Error{Status: status, ID: id, Message: message}
}
