package stored

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// TokenArgument is the argument in which a run that is started from here carries its
// id, by which it is found again when the answer to its start was lost.
const TokenArgument = "NF_RUN"

// A Run is a run that the platform executes.
type Run struct {
	Target platform.Target
	Family *Family
	// Path holds the parameters that lead to the document.
	Path map[string]string
	// ID is the platform's id of the run; empty until it is known.
	ID string
	// Token is the id that the run carries in its arguments; empty for a run that
	// somebody else has started.
	Token     string
	Arguments map[string]any
	// Request is what else the request to start it says, such as a name.
	Request map[string]any
}

// A Row is a run as a list shows it.
type Row struct {
	ID string
	platform.RunState
	CreatedAt time.Time
	// Shown is all that the list tells of it.
	Shown map[string]any
}

// Runs lists the runs of a document, newest first, at most limit of them; 0 is all.
func (s Shelf) Runs(ctx context.Context, d Document, limit int) ([]Row, error) {
	var all []Row
	for row, err := range platform.Items(ctx, s.Target, s.Family.listRuns, d.Path, s.Family.runRows) {
		if err != nil {
			return nil, err
		}
		all = append(all, Row{ID: jsonvalue.String(row, "id"), RunState: stateOf(row), CreatedAt: timeOf(row, "createdAt"), Shown: row})
		if len(all) == limit {
			break
		}
	}
	return all, nil
}

// searched is how many of the newest runs are looked at for one whose start was
// without an answer.
const searched = 100

// Begin starts the run unless it has begun. mayHave says that an earlier call may have
// started it: it is looked for first.
func (r *Run) Begin(ctx context.Context, mayHave bool) error {
	if r.ID != "" {
		return nil
	}
	if mayHave {
		if err := r.Find(ctx); err != nil || r.ID != "" {
			return err
		}
	}
	arguments := map[string]any{TokenArgument: r.Token}
	maps.Copy(arguments, r.Arguments)
	request := map[string]any{}
	maps.Copy(request, r.Request)
	request["arguments"] = arguments
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	run, err := object(r.Target.Do(ctx, r.Family.run, platform.Params{Path: r.Path, Token: r.Token}, body))
	if err != nil {
		return err
	}
	if r.ID = jsonvalue.String(run, "id"); r.ID == "" {
		return errors.New("the platform has started a run and does not say which")
	}
	return nil
}

// Find looks for a run that carries the token: its ID is empty afterwards where there
// is none.
func (r *Run) Find(ctx context.Context) error {
	shelf := Shelf{Target: r.Target, Family: r.Family}
	newest, err := shelf.Runs(ctx, Document{Path: r.Path}, searched)
	if err != nil {
		return err
	}
	for _, row := range newest {
		run, err := r.read(ctx, row.ID)
		if err != nil {
			return err
		}
		if jsonvalue.String(jsonvalue.Object(run, "arguments"), TokenArgument) == r.Token {
			r.ID = row.ID
			return nil
		}
	}
	return nil
}

func (r *Run) read(ctx context.Context, id string) (map[string]any, error) {
	return object(r.Target.Do(ctx, r.Family.getRun, platform.Params{Path: r.path(id)}, nil))
}

// Whole returns a run of the document with everything that the platform tells of it.
func (r *Run) Whole(ctx context.Context, id string) (map[string]any, error) { return r.read(ctx, id) }

func (r *Run) path(id string) map[string]string {
	path := maps.Clone(r.Path)
	path[r.Family.runParam] = id
	return path
}

// Document returns the document that the run executes, without what the platform has
// written into it.
func (r *Run) Document(ctx context.Context) (json.RawMessage, error) {
	run, err := r.read(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	document := documentOf(run)
	bare(document["spec"])
	return json.Marshal(document)
}

// bare takes the states out of nodes.
func bare(v any) {
	node, ok := v.(map[string]any)
	if !ok {
		return
	}
	delete(node, "response")
	delete(node, "status")
	for _, step := range stepsOf(node) {
		bare(step.node)
	}
}

// State returns how the run and its nodes stand.
func (r *Run) State(ctx context.Context) (platform.RunState, []platform.RunNode, error) {
	run, err := r.read(ctx, r.ID)
	if err != nil {
		return platform.RunState{}, nil, err
	}
	state := stateOf(run)
	if problem := jsonvalue.Object(run, "error"); problem != nil {
		state.Error = jsonvalue.String(problem, "message")
	}
	var nodes []platform.RunNode
	collect(&nodes, "/spec", run["spec"])
	refs := jsonvalue.Object(run, "refs")
	for i := range nodes {
		if out := refs[nodes[i].Ref]; out != nil && nodes[i].Data == nil {
			nodes[i].Data, _ = json.Marshal(out)
		}
	}
	return state, nodes, nil
}

// Abort asks for the end of the run.
func (r *Run) Abort(ctx context.Context) error {
	if r.Family.abort == "" {
		return fmt.Errorf("the platform has no operation that ends runs of a %s", r.Family.Name)
	}
	_, err := r.Target.Do(ctx, r.Family.abort, platform.Params{Path: r.path(r.ID)}, json.RawMessage("{}"))
	return err
}

func stateOf(run map[string]any) platform.RunState {
	concluded, _ := run["concluded"].(bool)
	return platform.RunState{Status: jsonvalue.String(run, "status"), Concluded: concluded, StartedAt: timeOf(run, "startedAt"), ConcludedAt: timeOf(run, "concludedAt")}
}

func timeOf(m map[string]any, name string) time.Time {
	t, _ := time.Parse(time.RFC3339Nano, jsonvalue.String(m, name))
	return t
}

// momentOf reads milliseconds since 1970.
func momentOf(m map[string]any, name string) time.Time {
	if ms, ok := m[name].(float64); ok {
		return time.UnixMilli(int64(ms)).UTC()
	}
	return time.Time{}
}

// A step is a node with its JSON pointer from the node around it.
type step struct {
	pointer string
	node    any
}

func stepsOf(node map[string]any) []step {
	spec := jsonvalue.Object(node, "spec")
	list, _ := spec["steps"].([]any)
	steps := make([]step, len(list))
	for i, n := range list {
		steps[i] = step{"/spec/steps/" + strconv.Itoa(i), n}
	}
	return steps
}

// collect reads the state of a node, which stands in it, and those of its steps.
func collect(nodes *[]platform.RunNode, pointer string, v any) {
	node, ok := v.(map[string]any)
	if !ok {
		return
	}
	collectState(nodes, pointer, node)
	for _, s := range stepsOf(node) {
		collect(nodes, pointer+s.pointer, s.node)
	}
}

// collectState reads the state of a node without its steps, but with its iterations.
func collectState(nodes *[]platform.RunNode, pointer string, node map[string]any) {
	response := jsonvalue.Object(node, "response")
	n := platform.RunNode{Path: pointer, Ref: jsonvalue.String(node, "ref"), Status: jsonvalue.String(response, "status")}
	if n.Status == "" {
		n.Status = jsonvalue.String(node, "status")
	}
	if problem := jsonvalue.Object(response, "error"); problem != nil {
		n.Error = strings.TrimSpace(jsonvalue.String(problem, "message"))
		if code, ok := problem["code"].(float64); ok {
			n.Code = int(code)
		}
	}
	if retries := jsonvalue.Object(response, "retries"); retries != nil {
		attempts, _ := retries["attempts"].(float64)
		most, _ := retries["maxAttempts"].(float64)
		n.Attempts, n.MaxAttempts = int(attempts), int(most)
	}
	n.StartedAt, n.EndedAt = momentOf(response, "startTime"), momentOf(response, "endTime")
	if data, ok := response["data"]; ok {
		n.Data, _ = json.Marshal(data)
	}
	list, _ := jsonvalue.Get(response, "data.iterations").([]any)
	if jsonvalue.String(node, "kind") != kindLoop && !strings.Contains(pointer, iterationsPath) {
		list = nil // another node may leave what has that name
	}
	for _, it := range list {
		n.Iterations = append(n.Iterations, platform.RunIteration{Name: jsonvalue.String(it, "name")})
	}
	*nodes = append(*nodes, n)
	for k, it := range list {
		for _, v := range jsonvalue.List(it, "nodes") {
			if step, ok := v.(map[string]any); ok {
				collectState(nodes, pointer+iterationsPath+strconv.Itoa(k)+jsonvalue.String(step, "path"), step)
			}
		}
	}
}

// kindLoop is the kind of loops, which stand in a document once and run several times;
// their iterations go by paths below theirs.
const (
	kindLoop       = "LoopWorkflow"
	iterationsPath = "/spec/iterations/"
)
