package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// A Target carries out the platform's operations.
//
// Implementations are safe for concurrent use. A Target owns no retries and no
// waiting beyond its own transport: one call of Do is one request.
type Target interface {
	// Name says which target this is, such as "local" or "northflank".
	Name() string

	// Do carries out the operation that is named op, an [Operation.ID] such as
	// "project/services/create-combined-service". A body that is nil sends
	// none. An operation that the platform refuses returns an [*Error]; any
	// other error means that no answer came, so that the effect is unknown.
	Do(ctx context.Context, op string, params Params, body json.RawMessage) (Response, error)
}

// A Recoverer is a Target that remembers what it did under a [Params.Token].
// A Target that is none of these is asked by listing (see [Driver.Find]).
type Recoverer interface {
	// Recover returns the response that the operation gave when it was carried
	// out with the token in params, and false when it never was.
	Recover(ctx context.Context, op string, params Params) (Response, bool, error)
}

// A Templater is a Target that has no operations for nodes of some kinds, and runs
// those only as nodes of the templates that it stores.
type Templater interface {
	// OnlyInTemplates tells whether a node of the kind with the spec is one of them.
	OnlyInTemplates(kind string, spec any) bool
}

// A Prompt target can answer before what it has done is on the disk, and says what
// became of a resource in the same answer. Whoever asks so gets ready meanwhile.
type Prompt interface {
	// DoAndRead carries out the operation op as Do does and then, nothing coming in
	// between, the operation read, which changes nothing. What op is refused is the
	// call's error; where read is refused, seen is empty: it can be asked for by
	// itself.
	//
	// When the call returns, what op has done survives the end of this process.
	// durable, which is nil where there is nothing to wait for, returns when a loss of
	// power does not take it either, or with the reason why that is not certain. Until
	// then nothing that follows from the answer may be made
	// durable elsewhere.
	DoAndRead(ctx context.Context, op string, params Params, body json.RawMessage, read string, readParams Params) (done, seen Response, durable func() error, err error)
}

// Params are the parameters of one operation.
type Params struct {
	// Path holds the values of the path template, such as "projectId".
	Path map[string]string
	// Query holds the values of the query string.
	Query map[string]string
	// Token identifies the attempt behind a request that must not be carried
	// out twice. A target that can remember it answers a repetition with the
	// first response; others ignore it.
	Token string
}

// A Response is what an operation answered.
type Response struct {
	// Status is the HTTP status, 200 for most operations.
	Status int
	// Body is the whole answer, in which "data" holds the result and
	// "pagination" the position in a list.
	Body json.RawMessage
	// ChangesIn is how long what was read stays as it is, if nobody does
	// anything; 0 where the target does not know.
	ChangesIn time.Duration
}

// Data decodes the answer's "data" member into v.
func (r Response) Data(v any) error {
	envelope := struct {
		Data any `json:"data"`
	}{v}
	if len(r.Body) == 0 {
		return nil
	}
	if err := json.Unmarshal(r.Body, &envelope); err != nil {
		return fmt.Errorf("the platform's answer is not the JSON that was expected: %w", err)
	}
	return nil
}

// Next returns where a list goes on: the cursor to ask with, and false when the
// list has ended.
func (r Response) Next() (cursor string, more bool, err error) {
	var envelope struct {
		Pagination struct {
			HasNextPage bool   `json:"hasNextPage"`
			Cursor      string `json:"cursor"`
		} `json:"pagination"`
	}
	if len(r.Body) == 0 {
		return "", false, nil
	}
	if err := json.Unmarshal(r.Body, &envelope); err != nil {
		return "", false, fmt.Errorf("the platform's answer is not the JSON that was expected: %w", err)
	}
	p := envelope.Pagination
	return p.Cursor, p.HasNextPage && p.Cursor != "", nil
}

// An Error is the refusal of an operation, in the platform's own words.
type Error struct {
	// Status is the HTTP status: 400 for an invalid value, 401, 403, 404, 409
	// for a taken identifier, 429, or 5xx.
	Status int `json:"status"`
	// ID is the stable identifier of the error, such as "notFound".
	ID string `json:"id,omitempty"`
	// Message is a sentence for people.
	Message string `json:"message"`
	// Details names the refused properties: a path such as
	// "billing.deploymentPlan", and what is wrong with its value.
	Details map[string]any `json:"details,omitempty"`
	// Operation is the ID of the operation that was refused.
	Operation string `json:"operation,omitempty"`
	// Retryable says that the same request may succeed later.
	Retryable bool `json:"retryable,omitempty"`
}

// Error implements error.
func (e *Error) Error() string {
	if e.Message != "" {
		return e.Message
	}
	return fmt.Sprintf("the platform answered %d %s", e.Status, http.StatusText(e.Status))
}
