package local

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A where is what an operation is about: its path without the version.
type where struct {
	op  string
	key string // "projects/p/services/s/build"
}

func newWhere(op platform.Operation, params platform.Params) where {
	segments := strings.Split(strings.TrimPrefix(op.Path, "/v1/"), "/")
	for i, s := range segments {
		if name, ok := strings.CutPrefix(s, "{"); ok {
			segments[i] = params.Path[strings.TrimSuffix(name, "}")]
		}
	}
	return where{op: op.ID, key: strings.Join(segments, "/")}
}

// A call is one operation being carried out.
type call struct {
	platform *Platform
	op       platform.Operation
	params   platform.Params
	at       where
	body     map[string]any
	actor    string // who is behind it; empty where nobody said
	cause    string // of a new version of a document; empty for a change that was asked for

	tx   *tx
	now  time.Time
	home *record     // the project, once it was read
	more *pagination // of a list
	data any         // of the answer to a write
	kept *platform.Response
	// later is done when what the operation has written is durable.
	later []func(context.Context) error
	// status is that of the answer; 0 is 200.
	status int
	// amend returns the answer's data again when later is done, where that may have
	// changed it; nil where it has not.
	amend func(context.Context, *store) (any, error)
}

// A pagination is the part of an answer that says where a list goes on.
type pagination struct {
	HasNextPage bool   `json:"hasNextPage"`
	Cursor      string `json:"cursor,omitempty"`
	Count       int    `json:"count"`
}

// A handler carries out an operation and returns the answer's data.
type handler func(*call) (any, error)

// decode reads the request's body. Numbers keep their spelling.
func (c *call) decode(body json.RawMessage) error {
	c.body = map[string]any{}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return &platform.Error{Status: http.StatusBadRequest, ID: platform.ErrorValidation, Operation: c.op.ID,
			Message: "the request is no valid JSON: " + err.Error()}
	}
	object, ok := v.(map[string]any)
	if !ok {
		return &platform.Error{Status: http.StatusBadRequest, ID: platform.ErrorValidation, Operation: c.op.ID,
			Message: "the request is not a JSON object"}
	}
	if at, number := beyond(object, ""); number != "" {
		err := platform.Invalid(at, "is %.40s, a number that is too large", number)
		err.Operation = c.op.ID
		return err
	}
	c.body = object
	return nil
}

// beyond finds a number that no float holds, and so no reader of what is stored; number is
// empty where there is none.
func beyond(v any, at string) (path, number string) {
	below := func(name string) string {
		if at == "" {
			return name
		}
		return at + "." + name
	}
	switch v := v.(type) {
	case json.Number:
		if _, err := v.Float64(); err != nil {
			return at, v.String()
		}
	case map[string]any:
		for name, member := range v {
			if path, number = beyond(member, below(name)); number != "" {
				return path, number
			}
		}
	case []any:
		for i, item := range v {
			if path, number = beyond(item, below(strconv.Itoa(i))); number != "" {
				return path, number
			}
		}
	}
	return "", ""
}

// path returns a path parameter.
func (c *call) path(name string) string { return c.params.Path[name] }

// run carries out an operation that reads.
func (c *call) run(t *tx, handle handler) (platform.Response, error) {
	c.join(t)
	if c.platform.virtual || t.watches {
		t.horizon = &horizon{now: c.now}
	}
	data, err := handle(c)
	if err != nil {
		return platform.Response{}, err
	}
	response, err := c.answer(data)
	if h := t.horizon; err == nil && h != nil && !h.next.IsZero() {
		response.ChangesIn = h.next.Sub(h.now)
	}
	return response, err
}

func (c *call) join(t *tx) {
	c.tx, c.now, c.home, c.more, c.later, c.amend, c.status = t, t.store.now(c.platform.clock), nil, nil, nil, nil, 0
	c.data, c.kept = nil, nil
}

// A deferred is data of an answer that is put together when the transaction is over,
// which others wait for: from what the call holds by then, without a look at the database.
type deferred func(*call) (map[string]any, error)

// answer puts data into the form of an answer.
func (c *call) answer(data any) (platform.Response, error) {
	if later, ok := data.(deferred); ok {
		var err error
		if data, err = later(c); err != nil {
			return platform.Response{}, err
		}
	}
	if data == nil {
		data = map[string]any{}
	}
	envelope := map[string]any{"data": data}
	if c.more != nil {
		envelope["pagination"] = c.more
	}
	body, err := jsonvalue.Marshal(envelope)
	if err != nil {
		return platform.Response{}, fmt.Errorf("%s: the answer cannot be written as JSON: %w", c.op.ID, err)
	}
	return platform.Response{Status: cmp.Or(c.status, http.StatusOK), Body: body}, nil
}

// runOnce carries out an operation that writes. Of those that do something more
// each time, one with a token is carried out once; repetitions get the first
// answer.
//
// What it answers told tells, which is called when the transaction is over.
func (c *call) runOnce(t *tx, handle handler) error {
	keep := c.op.Effect == platform.Once && c.params.Token != ""
	if keep {
		response, found, err := t.remembered(c.params.Token, c.op.ID, c.at.key)
		if err != nil || found {
			c.join(t)
			c.kept = &response
			return err
		}
	}
	c.join(t)
	data, err := handle(c)
	if err != nil || !keep {
		c.data = data
		return err
	}
	response, err := c.answer(data)
	if err == nil {
		err = t.remember(c.params.Token, c.op.ID, c.at.key, response)
	}
	c.kept = &response
	return err
}

// told is the answer to an operation that was carried out by runOnce.
func (c *call) told(s *store) (platform.Response, error) {
	if c.kept != nil {
		return *c.kept, nil
	}
	c.tx = &tx{store: s} // the other one has gone on
	return c.answer(c.data)
}

// settle does what was left for when the operation is durable.
func (c *call) settle(ctx context.Context) error {
	for _, do := range c.later {
		if err := do(ctx); err != nil {
			return err
		}
	}
	return nil
}

// log records what the operation has done to a resource.
func (c *call) log(resource string, change Change) error {
	return c.tx.log(c.now, c.op.ID, resource, change, c.params.Token)
}

// notFound is the refusal for a missing resource.
func notFound(noun, id, in string) error {
	message := fmt.Sprintf("%s %q does not exist", noun, id)
	if in != "" {
		message += " in " + in
	}
	return &platform.Error{Status: http.StatusNotFound, ID: platform.ErrorNotFound, Message: message}
}

// conflict is the refusal of what the present state does not allow.
func conflict(format string, args ...any) error {
	return &platform.Error{Status: http.StatusConflict, ID: platform.ErrorConflict, Message: fmt.Sprintf(format, args...)}
}

// taken is the refusal to create what is there already.
func taken(noun, id string) error {
	err := platform.Invalid("name", "is taken: a %s with the id %q exists already", noun, id)
	err.Status, err.ID = http.StatusConflict, platform.ErrorConflict
	err.Message = fmt.Sprintf("a %s with the id %q exists already", noun, id)
	return err
}

const (
	defaultPage = 50
	largestPage = 100
	lastPage    = 1 << 30 // further ones cannot be counted
)

// list returns a page of a collection, as the query asks for it.
func (c *call) list(parent string, newest bool) ([]*record, error) {
	return c.listWhere(parent, newest, nil)
}

// listWhere returns a page of those of a collection that are wanted; nil for all.
func (c *call) listWhere(parent string, newest bool, wanted func(*record) (bool, error)) ([]*record, error) {
	p, err := c.page(newest)
	if err != nil {
		return nil, err
	}
	// One more than fits tells whether there is a next page.
	skip, limit := 0, p.limit
	if wanted != nil {
		skip, p.skip = p.skip, 0
	}
	p.limit++
	var found []*record
	for {
		records, err := c.tx.list(parent, p)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			ok := true
			if wanted != nil {
				if ok, err = wanted(r); err != nil {
					return nil, err
				}
			}
			if ok && skip > 0 {
				skip--
			} else if ok {
				found = append(found, r)
			}
		}
		if len(found) > limit || len(records) < p.limit {
			break
		}
		p.after, p.skip = records[len(records)-1].seq, 0
	}
	c.more = &pagination{}
	if len(found) > limit {
		found = found[:limit]
		c.more.HasNextPage = true
		c.more.Cursor = cursorAt(found[limit-1].seq)
	}
	c.more.Count = len(found)
	return found, nil
}

// cursorAt is the cursor of what comes after a position.
func cursorAt(position int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(position, 10)))
}

// page reads from the query which part of a list is asked for.
func (c *call) page(newest bool) (page, error) {
	p := page{newest: newest, limit: defaultPage}
	query := c.params.Query
	if text := query["per_page"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return p, platform.Invalid("per_page", "is %q; it is a number from 1 to %d", text, largestPage)
		}
		p.limit = min(n, largestPage)
	}
	if text := query["page"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > lastPage {
			return p, platform.Invalid("page", "is %.40q; pages count from 1", text)
		}
		p.skip = (n - 1) * p.limit
	}
	if text := query["cursor"]; text != "" {
		decoded, err := base64.RawURLEncoding.DecodeString(text)
		after, numberErr := strconv.ParseInt(string(decoded), 10, 64)
		if err != nil || numberErr != nil || after < 1 {
			return p, platform.Invalid("cursor", "is no cursor that a list has returned")
		}
		p.after, p.skip = after, 0
	}
	return p, nil
}

// rows shows each record of a page.
func (c *call) rows(parent string, newest bool, show func(*record) (map[string]any, error)) ([]map[string]any, error) {
	records, err := c.list(parent, newest)
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]any, 0, len(records))
	for _, r := range records {
		row, err := show(r)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// stamp writes a recorded time as the platform does.
func (c *call) stamp(t time.Time) string {
	return c.tx.store.outside(t).UTC().Format("2006-01-02T15:04:05.000Z")
}

// unchanged tells whether two specifications ask for the same.
func unchanged(a, b map[string]any) bool { return jsonvalue.Same(a, b) }
