package platform

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// What builds, job runs, backups and actions have in common: an operation that
// does something each time it is carried out.

// errCannotRecover says that the target remembers no tokens.
var errCannotRecover = errors.New("the target remembers no tokens")

// recover asks a target that remembers tokens for the data that the operation
// answered.
func (d *Driver) recover(ctx context.Context, op string, params Params) (map[string]any, bool, error) {
	recoverer, ok := d.target.(Recoverer)
	if !ok {
		return nil, false, errCannotRecover
	}
	response, found, err := recoverer.Recover(ctx, op, params)
	if err != nil || !found {
		return nil, false, err
	}
	var data map[string]any
	if err := response.Data(&data); err != nil {
		return nil, false, fmt.Errorf("%s: %w", op, err)
	}
	return data, true, nil
}

// searchSlack is how far the platform's clock may be behind ours.
const searchSlack = 30 * time.Second

// searchPages bounds how many pages of a list are searched for what was started.
const searchPages = 10

// A search is for what an operation has started: what people call it, the
// operation, the list that shows it, and whether an item of that may be it.
type search struct {
	subject string
	op      string
	list    listing
	match   func(map[string]any) bool
}

// search looks through a list, newest first, for what was started since the
// request was recorded and matches. It decides only when exactly one does that
// nothing else has started.
func (d *Driver) search(ctx context.Context, s search, req NodeRequest) (map[string]any, bool, error) {
	if req.Since.IsZero() {
		return nil, false, &UndecidedError{Subject: s.subject}
	}
	var found []map[string]any
	err := d.each(ctx, s.list, searchPages, func(item map[string]any) bool {
		started, err := time.Parse(time.RFC3339, jsonvalue.String(item, s.list.time))
		if err == nil && !started.Before(req.Since.Add(-searchSlack)) && s.match(item) {
			found = append(found, item)
		}
		return true
	})
	if err != nil {
		return nil, false, err
	}
	item, candidates, open := d.started.claim(startOf(s.op, s.list.path), req, found)
	switch {
	case item != nil:
		return item, true, nil
	case len(candidates) == 0:
		return nil, false, nil
	case open:
		return nil, false, &Error{Status: http.StatusServiceUnavailable, ID: ErrorUnavailable, Operation: s.list.op, Retryable: true,
			Message: fmt.Sprintf("which of %q came from %s cannot be told while another one is being started", candidates, s.subject)}
	}
	return nil, false, &UndecidedError{Subject: s.subject, Candidates: candidates}
}

// begin carries an operation out that does something each time, and remembers
// what came of it.
func (d *Driver) begin(ctx context.Context, op string, params Params, body any) (map[string]any, error) {
	key := startOf(op, params.Path)
	d.started.begin(key, params.Token)
	data, err := d.object(ctx, op, params, body)
	var refusal *Error
	switch {
	case err == nil:
		d.started.made(key, params.Token, StartedIDs(data))
	case errors.As(err, &refusal):
		d.started.refused(key, params.Token)
	}
	return data, err
}

// A listing is a list operation: the member of data that holds the items, empty
// when data is the list, and the property that holds an item's time.
type listing struct {
	op           string
	path         map[string]string
	member, time string
}

// each visits the items of a list until visit says no, at most the given number
// of pages.
func (d *Driver) each(ctx context.Context, list listing, pages int, visit func(map[string]any) bool) error {
	for item, err := range items(ctx, d.target, list.op, list.path, list.member, pages) {
		if err != nil || !visit(item) {
			return err
		}
	}
	return nil
}

// waits tells whether the node itself waits for its action to end: it has the
// condition "success".
func waits(req NodeRequest) bool { return jsonvalue.String(req.Node, "condition") != "" }

// with adds a parameter to those of a path.
func with(path map[string]string, name, value string) map[string]string {
	out := maps.Clone(path)
	out[name] = value
	return out
}

// known returns the members of an object whose values are known.
func known(object map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range object {
		if v != nil && !HasUnknown(v) {
			out[k] = v
		}
	}
	return out
}

// missingProperty is the refusal of a node that lacks what identifies its
// object.
func missingProperty(name string) error { return Invalid(name, "is missing") }
