package local

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// The longest texts of an event.
const (
	longestAddress  = 2048
	longestBranch   = 1024
	longestDelivery = 200
)

// An outcome is what an event has come to for one document.
type outcome struct {
	// Resource is what holds the document, Kind what that is.
	Resource string `json:"resource"`
	Kind     string `json:"kind"`
	Action   string `json:"action"`
	// Triggers are the refs of those that have fired.
	Triggers []string `json:"triggers,omitempty"`
	// Run is the run that was started, of the document or of its teardown.
	Run string `json:"runId,omitempty"`
	// Environment is the preview environment that is made, updated or deleted.
	Environment string `json:"environmentId,omitempty"`
	// Reason and Message say why nothing was done.
	Reason  trigger.Reason `json:"reason,omitempty"`
	Message string         `json:"message,omitempty"`
}

// The actions.
const (
	actionRun     = "run"
	actionDelete  = "delete"
	actionNone    = "none"
	actionRefused = "refused"
)

// The reasons that are not a trigger's.
const (
	reasonPaused  trigger.Reason = "paused"
	reasonHours   trigger.Reason = "outside-active-hours"
	reasonByHand  trigger.Reason = "environment-by-hand"
	reasonNoRun   trigger.Reason = "cannot-run"
	reasonTearing trigger.Reason = "being-torn-down"
)

// An answered event is what the operation answers.
type answeredEvent struct {
	Delivery string `json:"delivery,omitempty"`
	// Repeated says that the event has come before, and was not acted on again.
	Repeated bool       `json:"repeated"`
	Outcomes []*outcome `json:"outcomes"`
}

// listeners are the families whose documents events of repositories start.
func listeners() map[string]*holder {
	return map[string]*holder{releaseFlowFlavour.typ: &releaseFlowRuns, previewFlavour.typ: &previewRuns,
		blueprintFamily.typ: &blueprintRuns, workflowFamily.typ: &workflowRuns}
}

// sendGitEvent starts what listens to an event of a repository, and ends the preview
// environments whose pull request or branch has gone. An event whose delivery has come
// before does nothing.
func sendGitEvent(c *call) (any, error) {
	event, delivery, err := readEvent(c.body)
	if err != nil {
		return nil, err
	}
	if d := c.platform.events.Admit(event); !d.Fires {
		return nil, &platform.Error{Status: http.StatusForbidden, ID: string(d.Reason), Message: d.Message}
	}
	token := "delivery " + delivery
	if delivery != "" {
		before, found, err := c.tx.remembered(token, c.op.ID, c.at.key)
		if err != nil {
			return nil, err
		}
		if found {
			var answer answeredEvent
			if err := before.Data(&answer); err != nil {
				return nil, err
			}
			answer.Repeated = true
			return answer, nil
		}
	}
	if err := c.noteCommit(event); err != nil {
		return nil, err
	}
	answer := &answeredEvent{Delivery: delivery, Outcomes: []*outcome{}}
	all := listeners()
	for _, typ := range slices.Sorted(maps.Keys(all)) {
		owners, err := c.tx.typed(typ)
		if err != nil {
			return nil, err
		}
		for _, owner := range owners {
			outcomes, err := c.hear(all[typ], owner, event)
			if err != nil {
				return nil, err
			}
			answer.Outcomes = append(answer.Outcomes, outcomes...)
		}
	}
	remember := func(t *tx) error {
		body, err := jsonvalue.Marshal(map[string]any{"data": answer})
		if err != nil || delivery == "" {
			return err
		}
		return t.rememberDelivery(token, c.op.ID, c.at.key, platform.Response{Status: http.StatusOK, Body: body}, c.tx.store.outside(c.now))
	}
	// What keeps a run from starting, such as another one that goes on, is known when
	// it is to start: the answer that is kept says what came of it.
	c.amend = func(ctx context.Context, s *store) (any, error) {
		if delivery == "" || !slices.ContainsFunc(answer.Outcomes, func(o *outcome) bool { return o.Action == actionRefused }) {
			return answer, nil
		}
		return answer, s.write(ctx, func(t *tx) error {
			if err := t.forget(token); err != nil {
				return err
			}
			return remember(t)
		})
	}
	return answer, remember(c.tx)
}

// readEvent reads an event, and the identifier of its delivery.
func readEvent(body map[string]any) (e trigger.Event, delivery string, err error) {
	k := &check{spec: body}
	k.required("event", "repoUrl")
	kinds := []string{}
	for _, kind := range trigger.Kinds() {
		kinds = append(kinds, string(kind))
	}
	k.oneOf("event", kinds...)
	k.text("repoUrl", longestAddress)
	k.text("branch", longestBranch)
	k.text("label", longestBranch)
	k.text("accountLogin", longestBranch)
	k.text("delivery", longestDelivery)
	k.oneOf("vcsService", "bitbucket", "gitlab", "github", "self-hosted", "azure")
	k.integer("pullRequestId", 1, 1<<53)
	k.boolean("draft", "fork")
	if err := k.err(); err != nil {
		return e, "", err
	}
	text, err := json.Marshal(body)
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	if err != nil {
		return e, "", platform.Invalid("event", "cannot be read: %v", err)
	}
	if body["paths"] != nil && e.Paths == nil {
		e.Paths = []string{}
	}
	switch {
	case trigger.RepositoryName(e.Repository) == "":
		k.fail("repoUrl", "names no repository")
	case e.Branch == "":
		k.fail("branch", "is missing")
	case e.SHA != "" && len(e.SHA) != 40 && len(e.SHA) != 64:
		k.fail("sha", "is %s long; a commit has 40", characters(len(e.SHA)))
	case e.Kind.OfPullRequest() && e.PullRequestID == 0:
		k.fail("pullRequestId", "is missing: an event of the kind %s is one of a pull request", e.Kind)
	}
	return e, jsonvalue.String(body, "delivery"), k.err()
}

// hear has one document hear of an event. Nothing comes of it for one that watches
// other repositories.
func (c *call) hear(h *holder, owner *record, event trigger.Event) ([]*outcome, error) {
	if event.Kind.Ends() {
		return c.endPreviews(h, owner, event)
	}
	o := &outcome{Resource: owner.key, Kind: owner.typ, Action: actionNone}
	values := map[string]any{}
	watching := false
	for _, w := range watches(owner.spec) {
		if !trigger.Watches(w.rules, event).Fires {
			continue
		}
		watching = true
		if d := trigger.Decide(w.rules, event); d.Fires {
			o.Triggers = append(o.Triggers, w.ref)
			values[w.ref] = trigger.Values(w.rules, event)
		} else if o.Reason == "" {
			o.Reason, o.Message = d.Reason, d.Message
		}
	}
	switch {
	case !watching:
		return nil, nil
	case len(o.Triggers) == 0:
		return []*outcome{o}, nil
	case pausedTriggers(owner):
		o.Reason, o.Message = reasonPaused, "the triggers are paused"
		return []*outcome{o}, nil
	case h.previews && !trigger.Active(activeHours(owner.spec), c.tx.store.outside(c.now)):
		o.Reason, o.Message = reasonHours, "it is outside of the active hours"
		return []*outcome{o}, nil
	}
	o.Reason, o.Message = "", ""
	asked := flowRun{triggers: values, origin: originOf(event)}
	err := c.quietly(o, func(one *call) error {
		r, err := one.enact(h, owner, nil, asked)
		if err != nil {
			return err
		}
		o.Action, o.Run, o.Environment = actionRun, r.id(), jsonvalue.String(r.spec, "environment")
		return nil
	})
	return []*outcome{o}, err
}

// quietly does for an event what may be refused: a refusal is the outcome, leaves
// nothing behind, and the event's other documents do not know of it.
func (c *call) quietly(o *outcome, do func(one *call) error) error {
	one := *c
	one.home, one.body, one.later = nil, map[string]any{}, nil
	err := c.tx.attempt(func() error { return do(&one) })
	if refused := o.refused(err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	for _, start := range one.later {
		c.later = append(c.later, func(ctx context.Context) error {
			err := start(ctx)
			if o.refused(err) {
				return nil
			}
			return err
		})
	}
	return nil
}

// refused makes a refusal the outcome.
func (o *outcome) refused(err error) bool {
	var refusal *platform.Error
	if !errors.As(err, &refusal) {
		return false
	}
	o.Action, o.Message, o.Run = actionRefused, refusal.Message, ""
	if o.Reason = trigger.Reason(refusal.ID); o.Reason == "" {
		o.Reason = reasonNoRun
	}
	return true
}

// pausedTriggers tells whether the triggers of a document are paused.
func pausedTriggers(owner *record) bool {
	return jsonvalue.Bool(owner.spec, "paused") || jsonvalue.Bool(owner.spec, "options.paused")
}

// An origin is what a preview environment was made for.
type origin struct {
	By string `json:"by"`
	// The others are of an event.
	Kind          trigger.Kind `json:"kind,omitempty"`
	Repository    string       `json:"repository,omitempty"`
	Branch        string       `json:"branch,omitempty"`
	PullRequestID int          `json:"pullRequestId,omitempty"`
}

// Who makes environments.
const (
	byTrigger  = "trigger"
	byWebhook  = "webhook"
	byHand     = "manual"
	bySchedule = "schedule"
)

func originOf(e trigger.Event) origin {
	return origin{By: byTrigger, Kind: e.Kind, Repository: trigger.RepositoryName(e.Repository), Branch: e.Branch, PullRequestID: e.PullRequestID}
}

// same tells whether two events are about the same pull request, or the same branch.
func (o origin) same(other origin) bool {
	if o.By != byTrigger || other.By != byTrigger || o.Repository != other.Repository || o.Kind.OfPullRequest() != other.Kind.OfPullRequest() {
		return false
	}
	if o.Kind.OfPullRequest() {
		return o.PullRequestID == other.PullRequestID
	}
	return o.Branch == other.Branch
}

// endPreviews deletes the environments that were made for what an event says has gone:
// those of a pull request by one of its events, those of a branch by a push. Source:
// "Delete a preview environment".
func (c *call) endPreviews(h *holder, owner *record, event trigger.Event) ([]*outcome, error) {
	if !h.previews {
		return nil, nil
	}
	gone := originOf(event)
	if event.Kind == trigger.Deleted {
		gone.Kind = trigger.Push
	}
	all, err := c.tx.all(owner.key + "/previews")
	if err != nil {
		return nil, err
	}
	var outcomes []*outcome
	for _, env := range all {
		state := stateOf[previewState](env)
		if !state.Origin.same(gone) || state.expired(c.now) || state.Ending != "" {
			continue
		}
		o := &outcome{Resource: owner.key, Kind: owner.typ, Action: actionDelete, Environment: env.id()}
		outcomes = append(outcomes, o)
		err := c.quietly(o, func(one *call) error {
			run, err := one.end(h, owner, env, false, nil)
			if run != nil {
				o.Run = run.id()
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return outcomes, nil
}
