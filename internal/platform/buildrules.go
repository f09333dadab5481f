package platform

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// The rules of Build and BuildSource nodes: paths and commit flags that keep a commit from
// being built, and what the node does then. The schema has the properties, the guides
// "Trigger a build on changes to specific files or directories" and "Skip CI with commit
// messages" what the rules mean.

// What a node does whose rules leave the commit out.
const (
	fallThroughFail = "fail"
	fallThroughSkip = "skip"
	fallThroughLast = "useLastBuild"
)

// HasBuildRules tells whether the spec of a node that builds has rules that can leave a
// commit out.
func HasBuildRules(spec any) bool {
	r := buildRules(spec)
	return len(r.Paths) > 0 || len(r.Flags) > 0
}

// buildRules are those of a node, for any event: which branches are built is not among
// them.
func buildRules(spec any) trigger.Rules {
	var r trigger.Rules
	rules := jsonvalue.Object(spec, "buildRules")
	for _, v := range jsonvalue.List(rules, "pathIgnoreRules") {
		if text, ok := v.(string); ok {
			r.Paths = append(r.Paths, text)
		}
	}
	r.AllowList = jsonvalue.Bool(rules, "isAllowList")
	if !jsonvalue.Bool(rules, "ciIgnoreFlagsEnabled") {
		return r
	}
	listed, ok := jsonvalue.Get(rules, "ciIgnoreFlags").([]any)
	if !ok {
		r.Flags = trigger.DefaultFlags()
	}
	for _, v := range listed {
		if text, ok := v.(string); ok {
			r.Flags = append(r.Flags, text)
		}
	}
	return r
}

// SourceAsBuild is the spec of a Build node that builds what one of a BuildSource node
// does.
func SourceAsBuild(spec any) map[string]any {
	members, _ := spec.(map[string]any)
	out := maps.Clone(members)
	delete(out, "defaults")
	if defaults := jsonvalue.Object(spec, "defaults"); !namesCommit(spec) {
		maps.Copy(out, defaults)
	}
	return out
}

// ruledOut is what becomes of a node whose rules leave its commit out: it is skipped, for
// a reason, or another build takes the place of its own. The zero one is built.
type ruledOut struct {
	skipped string
	instead map[string]any
}

// ruled goes by the rules of a node. What nobody has told of a commit does not keep it
// from being built, as with triggers.
func (f buildFamily) ruled(ctx context.Context, d *Driver, req NodeRequest, b builder, body map[string]any) (ruledOut, error) {
	if !HasBuildRules(req.Spec) || HasUnknown(jsonvalue.Get(req.Spec, "buildRules")) || HasUnknown(body) {
		return ruledOut{}, nil
	}
	query := map[string]string{}
	for _, name := range []string{"sha", "branch"} {
		if text := jsonvalue.String(body, name); text != "" {
			query[name] = text
		}
	}
	if number, ok := jsonvalue.Number(body, "pullRequestId"); ok {
		query["pullRequestId"] = strconv.Itoa(int(number))
	}
	commit, err := d.object(ctx, b.commit, Params{Path: b.path, Query: query}, nil)
	if err != nil || !jsonvalue.Bool(commit, "known") {
		return ruledOut{}, err
	}
	var event trigger.Event
	text, err := json.Marshal(commit)
	if err == nil {
		err = json.Unmarshal(text, &event)
	}
	if err != nil {
		return ruledOut{}, fmt.Errorf("what is known of the commit cannot be read: %w", err)
	}
	if commit["paths"] != nil && event.Paths == nil {
		event.Paths = []string{}
	}
	rules := buildRules(req.Spec)
	rules.Repository, rules.On = event.Repository, map[trigger.Kind][]string{event.Kind: {"*"}}
	event.Fork = false // the node says what is built
	decision := trigger.Decide(rules, event)
	if decision.Fires {
		return ruledOut{}, nil
	}
	why := fmt.Sprintf("the build rules leave commit %.10s out: %s", event.SHA, decision.Message)
	switch handling := jsonvalue.String(req.Spec, "buildRuleFallThroughHandling"); handling {
	case fallThroughSkip:
		return ruledOut{skipped: why}, nil
	case fallThroughLast:
		last, err := f.lastBuild(ctx, d, b, event.Branch)
		if err != nil || last != nil {
			return ruledOut{instead: last}, err
		}
		return ruledOut{}, &Error{Status: http.StatusConflict, ID: ErrorConflict, Message: fmt.Sprintf("%s, and there is no earlier build of the branch %q to use: start one without rules", why, event.Branch)}
	default: // fail, which the guides use; what holds where nothing is said no source tells
		return ruledOut{}, &Error{Status: http.StatusConflict, ID: ErrorConflict,
			Message: why + `; set buildRuleFallThroughHandling to "skip" or "useLastBuild" to go on without a build`}
	}
}

// lastBuild is the newest build of a branch that has not failed; nil for none.
func (buildFamily) lastBuild(ctx context.Context, d *Driver, b builder, branch string) (map[string]any, error) {
	var last map[string]any
	err := d.each(ctx, b.listing(), searchPages, func(build map[string]any) bool {
		if mayBeReused(build) && jsonvalue.String(build, "branch") == branch {
			last = build
		}
		return last == nil
	})
	return last, err
}
