package local

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// RunWith gives the platform what runs the documents that it stores. It is called
// before the first operation; without it documents are stored only.
func (p *Platform) RunWith(r platform.Runner) { p.runner = r }

// A holder is a family whose resources hold a document that is run: templates,
// workflows, the release flows of stages.
type holder struct {
	kind string // one of the types of documents
	// runParam is the path parameter of a run, idName what its answer calls the
	// holder (empty where it does not name it), member what a list of runs calls its
	// rows.
	runParam, idName, member string
	// find returns the resource that the path names; document the text in it, nil for
	// documents of a project.
	find     func(c *call) (*record, error)
	document func(c *call, r *record) (platform.Document, map[string]any, error)
	// previews says that each run makes or updates an environment.
	previews bool
	// face adds to what is shown of a run; nil adds nothing.
	face func(c *call, run *record, shown map[string]any) error
}

// executionType is the type of the records of runs of documents.
const executionType = "execution"

// An execution is what is recorded of a run of a document: how it is run, and how it
// has ended, for when the runner remembers it no longer.
type execution struct {
	Run   platform.DocumentRun `json:"run"`
	State platform.RunState    `json:"state,omitzero"`
}

// pending is the state of a run that its runner does not know yet.
var pending = platform.RunState{Status: "pending"}

// run starts a run of the document that the path names.
func (h *holder) run(c *call) (any, error) {
	owner, err := h.find(c)
	if err != nil {
		return nil, err
	}
	asked, err := readRun(c)
	if err != nil {
		return nil, err
	}
	asked.origin.By = byHand
	r, err := c.enact(h, owner, jsonvalue.Object(c.body, "arguments"), asked)
	if err != nil {
		return nil, err
	}
	return h.show(c, r)
}

// tearDown starts a run of the teardown of the document that the path names. Nothing is
// deleted by it but what its nodes delete.
func (h *holder) tearDown(c *call) (any, error) {
	owner, err := h.find(c)
	if err != nil {
		return nil, err
	}
	if jsonvalue.Object(owner.spec, "teardownSpec.spec") == nil {
		return nil, conflict("%q has no teardown", owner.id())
	}
	k := &check{spec: c.body}
	k.object("arguments")
	if err := k.err(); err != nil {
		return nil, err
	}
	r, err := c.begin(h, owner, jsonvalue.Object(c.body, "arguments"), flowRun{teardown: true})
	if err != nil {
		return nil, err
	}
	return h.show(c, r)
}

// enact starts a run of a document, and for a preview makes or updates its
// environment.
func (c *call) enact(h *holder, owner *record, arguments map[string]any, asked flowRun) (*record, error) {
	if !h.previews {
		return c.begin(h, owner, arguments, asked)
	}
	if err := c.sweep(h, owner); err != nil {
		return nil, err
	}
	given, err := c.commits(owner.spec, asked)
	if err != nil {
		return nil, err
	}
	if asked.environment, err = c.environmentName(owner, asked, given); err != nil {
		return nil, err
	}
	named := map[string]any{}
	maps.Copy(named, arguments)
	named["name"], named["previewId"] = asked.environment, asked.environment
	if err := c.enter(owner, asked, given, named); err != nil {
		return nil, err
	}
	return c.begin(h, owner, named, asked)
}

// open returns the document to run, with what the request changes in it, and what its
// triggers stand for.
func (h *holder) open(c *call, owner *record, asked flowRun) (d platform.Document, text, given map[string]any, err error) {
	if h.document != nil {
		d, text, err = h.document(c, owner)
		return d, text, nil, err
	}
	text, _ = jsonvalue.Merge(map[string]any{}, owner.spec).(map[string]any)
	if given, err = c.commits(text, asked); err != nil {
		return d, nil, nil, err
	}
	if err := asked.overridden(text, given); err != nil {
		return d, nil, nil, err
	}
	asked.defaulted(text, given)
	if h.previews && !asked.teardown {
		if err := c.tagged(text, owner, asked.environment); err != nil {
			return d, nil, nil, err
		}
	}
	d, err = projectDocument(h.kind, owner, text)
	return d, text, given, err
}

// begin records a run of a document as it is now, and has it started when that is
// durable.
func (c *call) begin(h *holder, owner *record, arguments map[string]any, asked flowRun) (*record, error) {
	document, text, given, err := h.open(c, owner, asked)
	if err != nil {
		return nil, err
	}
	return c.launch(h, owner, opened{document, text, given}, arguments, asked, nil)
}

// An opened document is one that is about to run: with what the request has changed in
// it, and what its triggers stand for.
type opened struct {
	document    platform.Document
	text, given map[string]any
}

// launch is begin for a document that is open; more is recorded of the run.
func (c *call) launch(h *holder, owner *record, o opened, arguments map[string]any, asked flowRun, more map[string]any) (*record, error) {
	runner := c.platform.runner
	if runner == nil {
		return nil, &platform.Error{Status: http.StatusNotImplemented, ID: platform.ErrorUnknownOp,
			Message: "documents are stored here and not run: start the platform with 'nf-run serve', which runs them"}
	}
	document, given := o.document, o.given
	if err := runner.Check(document); err != nil {
		return nil, err
	}
	r := &record{parent: owner.key + "/runs", typ: executionType, created: c.now, spec: map[string]any{"document": o.text, "arguments": arguments}}
	maps.Copy(r.spec, more)
	number, err := c.newestVersion(owner.key)
	if err != nil {
		return nil, err
	}
	r.spec["version"] = number
	if c.actor != "" {
		r.spec["createdBy"] = c.actor
	}
	for _, name := range []string{"name", "description"} {
		if v := c.body[name]; v != nil && h.document == nil {
			r.spec[name] = v
		}
	}
	if asked.environment != "" {
		r.spec["environment"] = asked.environment
		document.Identity += "/previews/" + asked.environment
	}
	id := freshID()
	r.key = r.parent + "/" + id
	run := platform.DocumentRun{Document: document, ID: id, Arguments: arguments, Given: complete(given), Teardown: asked.teardown, Version: number}
	if asked.environment != "" {
		env, err := c.tx.load(owner.key + "/previews/" + asked.environment)
		if err != nil {
			return nil, err
		}
		if env != nil {
			run.Environment = c.stamp(env.created)
		}
	}
	if err := c.tx.create(r, execution{Run: run}); err != nil {
		return nil, err
	}
	if err := c.log(r.key, Ran); err != nil {
		return nil, err
	}
	c.later = append(c.later, func(ctx context.Context) error { return c.platform.startRun(ctx, r.key, run, c.params.Token) })
	return r, nil
}

// startRun starts a run that is recorded. One that is refused leaves nothing behind; a
// teardown of an environment has failed then, which is no refusal where the environment
// goes all the same.
func (p *Platform) startRun(ctx context.Context, key string, run platform.DocumentRun, token string) error {
	refused := p.runner.Start(ctx, run, func(state platform.RunState) { p.concluded(key, state) })
	if refused == nil || platform.StatusOf(refused) == 0 {
		return refused
	}
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	gone := false
	err = s.write(ctx, func(t *tx) (err error) {
		if err := t.forget(token); err != nil {
			return err
		}
		r, err := t.load(key)
		if err != nil || r == nil {
			return err
		}
		if !run.Teardown {
			if err := t.undoEnvironment(r); err != nil {
				return err
			}
			return t.remove(key)
		}
		life := p.lifeOf(t)
		if gone, err = life.tornDown(r, false); err != nil {
			return err
		}
		if jsonvalue.String(r.spec, "environment") == "" {
			return t.remove(key)
		}
		recorded := stateOf[execution](r)
		recorded.State = platform.RunState{Status: "failure", Concluded: true, ConcludedAt: t.store.outside(life.now), Error: refused.Error()}
		return t.save(r, recorded, life.now)
	})
	if err != nil || gone {
		return err
	}
	return refused
}

// concluded records how a run has ended. Where that fails, the runner still knows.
func (p *Platform) concluded(key string, state platform.RunState) {
	ctx := context.Background()
	s, err := p.open(ctx)
	if err != nil {
		return
	}
	back := p.wayBack(ctx, s, key, state)
	_ = s.write(ctx, func(t *tx) error {
		r, err := t.load(key)
		if err != nil || r == nil { // deleted with what held it
			return err
		}
		if back != nil {
			r.spec["wayBack"] = back
		}
		recorded := stateOf[execution](r)
		recorded.State = state
		life := p.lifeOf(t)
		if state.Status == "success" {
			if err := life.restoreConfiguration(r); err != nil {
				return err
			}
		}
		if err := t.save(r, recorded, life.now); err != nil {
			return err
		}
		if !recorded.Run.Teardown {
			return life.noteMade(r)
		}
		_, err = life.tornDown(r, state.Status == "success")
		return err
	})
}

// lifeOf is a call of nobody: what happens by itself.
func (p *Platform) lifeOf(t *tx) *call { return &call{platform: p, tx: t, now: t.store.now(p.clock)} }

// ResumeRuns goes on with the runs of documents that have not ended: those that the
// end of another process has interrupted, and those that it has not come to start.
func (p *Platform) ResumeRuns(ctx context.Context) error {
	open, err := p.openRuns(ctx)
	if err != nil {
		return err
	}
	for _, r := range open {
		state := stateOf[execution](r)
		known, found, err := p.runner.State(ctx, r.id())
		if err != nil {
			return err
		}
		if !found || !known.Concluded {
			if err := p.startRun(ctx, r.key, state.Run, ""); err != nil && platform.StatusOf(err) == 0 {
				return err
			}
			continue
		}
		p.concluded(r.key, known)
	}
	return nil
}

// NoteRuns records how runs of documents have ended whose process has not come to do
// so, or that were gone on with outside of the platform. Nothing is started.
func (p *Platform) NoteRuns(ctx context.Context) error {
	open, err := p.openRuns(ctx)
	if err != nil {
		return err
	}
	for _, r := range open {
		known, found, err := p.runner.State(ctx, r.id())
		if err != nil {
			return err
		}
		if found && known.Concluded {
			p.concluded(r.key, known)
		}
	}
	return nil
}

// openRuns are the runs of documents of which no end is recorded, or which have left
// something to do, the oldest first.
func (p *Platform) openRuns(ctx context.Context) ([]*record, error) {
	if p.runner == nil {
		return nil, nil
	}
	s, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	var all []*record
	err = s.read(ctx, func(t *tx) error {
		all, err = t.typed(executionType)
		return err
	})
	return slices.DeleteFunc(all, func(r *record) bool {
		// A rollback that has failed may have been retried since.
		return stateOf[execution](r).State.Concluded && jsonvalue.String(r.spec, "configuration.status") != "pending"
	}), err
}

// stand returns how a run stands. What the runner remembers no longer is as it was
// recorded.
func (c *call) stand(r *record) (platform.RunState, error) {
	recorded := stateOf[execution](r).State
	if c.platform.runner != nil {
		state, known, err := c.platform.runner.State(c.tx.ctx, r.id())
		if err != nil || known {
			return state, err
		}
	}
	if recorded.Status == "" {
		return pending, nil
	}
	return recorded, nil
}

// row shows a run as a list does.
func (h *holder) row(c *call, r *record, state platform.RunState) (map[string]any, error) {
	shown := jsonvalue.Pick(jsonvalue.Object(r.spec, "document"), []string{"name", "description", "apiVersion", "options"})
	maps.Copy(shown, jsonvalue.Pick(r.spec, []string{"name", "description", "version", "createdBy", "rollbackOf", "configuration"}))
	shown["id"] = r.id()
	if h.idName != "" {
		owner := strings.TrimSuffix(r.parent, "/runs")
		shown[h.idName] = owner[strings.LastIndexByte(owner, '/')+1:]
	}
	shown["status"], shown["concluded"] = state.Status, state.Concluded
	updated := r.created
	shown["createdAt"] = c.stamp(r.created)
	for name, at := range map[string]time.Time{"startedAt": state.StartedAt, "concludedAt": state.ConcludedAt} {
		if !at.IsZero() {
			shown[name] = stampOutside(at)
			if at.After(updated) {
				updated = at
			}
		}
	}
	shown["updatedAt"] = stampOutside(updated)
	if h.face != nil {
		return shown, h.face(c, r, shown)
	}
	return shown, nil
}

// stampOutside writes a time of the runner, which knows the one outside only.
func stampOutside(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// show shows a run with its document, the states of the nodes in it, and their
// outputs.
func (h *holder) show(c *call, r *record) (any, error) {
	state, err := c.stand(r)
	if err != nil {
		return nil, err
	}
	shown, err := h.row(c, r, state)
	if err != nil {
		return nil, err
	}
	document := jsonvalue.Object(r.spec, "document")
	for _, name := range []string{"gitops", "$schema", "spec"} {
		if v := document[name]; v != nil {
			shown[name] = v
		}
	}
	if document["triggers"] != nil {
		shown["triggers"] = gitTriggers(document)
	}
	arguments := map[string]any{}
	maps.Copy(arguments, jsonvalue.Object(document, "arguments"))
	maps.Copy(arguments, jsonvalue.Object(r.spec, "arguments"))
	shown["arguments"] = arguments
	refs := map[string]any{}
	shown["refs"] = refs
	if state.Error != "" {
		shown["error"] = map[string]any{"message": state.Error}
	}
	if c.platform.runner == nil || !state.Concluded && state.StartedAt.IsZero() {
		return shown, nil
	}
	nodes, err := c.platform.runner.Nodes(c.tx.ctx, r.id())
	if err != nil {
		return nil, err
	}
	for i := range nodes {
		n := &nodes[i]
		response := nodeResponse(n)
		place(shown, n.Path, response)
		if n.Ref != "" && response["data"] != nil && n.Iterations == nil {
			refs[n.Ref] = response["data"]
		}
	}
	return shown, nil
}

// nodeResponse is the state of a node, as it stands in the node itself.
func nodeResponse(n *platform.RunNode) map[string]any {
	response := map[string]any{"status": n.Status}
	if n.Error != "" {
		response["error"] = map[string]any{"code": n.Code, "message": n.Error}
	}
	if n.Attempts > 0 {
		response["retries"] = map[string]any{"attempts": n.Attempts, "maxAttempts": n.MaxAttempts, "timestamp": n.StartedAt.UnixMilli()}
	}
	if !n.StartedAt.IsZero() {
		response["startTime"] = n.StartedAt.UnixMilli()
	}
	if !n.EndedAt.IsZero() {
		response["endTime"] = n.EndedAt.UnixMilli()
	}
	if data := decoded(n.Data); data != nil {
		response["data"] = data
	}
	if n.Iterations != nil {
		// What a loop leaves is documented nowhere, so that there is room for this.
		list := make([]any, len(n.Iterations))
		for i, it := range n.Iterations {
			nodes := make([]any, len(it.Nodes))
			for k := range it.Nodes {
				nodes[k] = map[string]any{"path": it.Nodes[k].Path, "ref": it.Nodes[k].Ref, "response": nodeResponse(&it.Nodes[k])}
			}
			list[i] = map[string]any{"name": it.Name, "nodes": nodes}
		}
		response["data"] = map[string]any{"iterations": list}
	}
	return response
}

// decoded is the value of a JSON text, nil where there is none.
func decoded(text json.RawMessage) any {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return nil
	}
	return v
}

// place puts a node's state into the node at a pointer; nowhere when there is none.
// The document belongs to this answer alone.
func place(document map[string]any, pointer string, response map[string]any) {
	var at any = document
	for segment := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		switch v := at.(type) {
		case map[string]any:
			at = v[strings.NewReplacer("~1", "/", "~0", "~").Replace(segment)]
		case []any:
			i, err := strconv.Atoi(segment)
			if err != nil || i < 0 || i >= len(v) {
				return
			}
			at = v[i]
		default:
			return
		}
	}
	if node, ok := at.(map[string]any); ok {
		node["response"] = response
	}
}

func (h *holder) execution(c *call) (*record, error) {
	owner, err := h.find(c)
	if err != nil {
		return nil, err
	}
	return c.below(owner.key, "run", "runs", c.path(h.runParam))
}

func (h *holder) single(c *call) (any, error) {
	r, err := h.execution(c)
	if err != nil {
		return nil, err
	}
	return h.show(c, r)
}

// runStates are the states that a list of runs can be asked for.
var runStates = []string{"pending", "running", "success", "failure", "aborted", "aborting", "queued", "unknown", "skipped", "waiting",
	"retrying", "async_wait", "approval_wait"}

// rows lists the runs, newest first, of a state or of those that have ended or not.
func (h *holder) rows(c *call) (any, error) {
	owner, err := h.find(c)
	if err != nil {
		return nil, err
	}
	status, concluded := c.params.Query["status"], c.params.Query["concluded"]
	k := &check{spec: map[string]any{"status": status, "concluded": concluded}}
	k.oneOf("status", runStates...)
	k.oneOf("concluded", "true", "false")
	if err := k.err(); err != nil {
		return nil, err
	}
	states := map[string]platform.RunState{}
	records, err := c.listWhere(owner.key+"/runs", true, func(r *record) (bool, error) {
		state, err := c.stand(r)
		states[r.key] = state
		return (status == "" || state.Status == status) && (concluded == "" || strconv.FormatBool(state.Concluded) == concluded), err
	})
	if err != nil {
		return nil, err
	}
	rows := make([]map[string]any, 0, len(records))
	for _, r := range records {
		row, err := h.row(c, r, states[r.key])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return map[string]any{h.member: rows}, nil
}

// abort asks for the end of a run.
func (h *holder) abort(c *call) (any, error) {
	r, err := h.execution(c)
	if err != nil {
		return nil, err
	}
	state, err := c.stand(r)
	if err != nil {
		return nil, err
	}
	if state.Concluded {
		return nil, conflict("run %q has ended already: %s", r.id(), state.Status)
	}
	if err := c.log(r.key, Aborted); err != nil {
		return nil, err
	}
	runner, id := c.platform.runner, r.id()
	if runner != nil {
		_, begun, err := runner.State(c.tx.ctx, id)
		if err != nil {
			return nil, err
		}
		c.later = append(c.later, func(ctx context.Context) error {
			if !begun { // the process that was to start it is gone
				now := time.Now()
				c.platform.concluded(r.key, platform.RunState{Status: "aborted", Concluded: true, ConcludedAt: now})
				return nil
			}
			return runner.Abort(ctx, id, "asked for through the API")
		})
	}
	shown, err := h.show(c, r)
	if m, ok := shown.(map[string]any); ok {
		m["status"] = "aborting"
	}
	return shown, err
}
