package local

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// rollBackRelease goes back to the release that a run was. That is a run of its own of
// the same flow, in its list and its queue. With restoreConfiguration the flow becomes
// what it was for that run, when the rollback has succeeded.
func rollBackRelease(c *call) (any, error) {
	run, err := releaseFlowRuns.execution(c)
	if err != nil {
		return nil, err
	}
	owner, err := releaseFlow(c)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.pattern("name", namePattern(), 3, 39)
	k.text("description", 200)
	k.boolean("restoreConfiguration")
	if err := k.err(); err != nil {
		return nil, err
	}
	text, err := c.wayBackTo(run)
	if err != nil {
		return nil, err
	}
	if options := owner.spec["options"]; options != nil {
		text["options"] = options // for its place in the queue
	}
	document, err := projectDocument(platform.ReleaseFlowDocument, owner, text)
	if err != nil {
		return nil, err
	}
	more := map[string]any{"rollbackOf": run.id()}
	if jsonvalue.Bool(c.body, "restoreConfiguration") {
		number, known := jsonvalue.Number(run.spec, "version")
		if !known {
			return nil, conflict("nobody has kept what the release flow was for run %q", run.id())
		}
		if _, _, err := c.versionOf(owner, strconv.Itoa(int(number))); err != nil {
			return nil, err
		}
		more["configuration"] = map[string]any{"version": number, "status": "pending"}
	}
	r, err := c.launch(&releaseFlowRuns, owner, opened{document: document, text: text}, nil, flowRun{}, more)
	if err != nil {
		return nil, err
	}
	return releaseFlowRuns.show(c, r)
}

// wayBackTo is what goes back to a release: as it was recorded when the run had ended, else
// as the run tells now.
func (c *call) wayBackTo(run *record) (map[string]any, error) {
	if kept := jsonvalue.Object(run.spec, "wayBack"); kept != nil {
		return maps.Clone(kept), nil
	}
	shown, err := releaseFlowRuns.show(c, run)
	if err != nil {
		return nil, err
	}
	return platform.RollbackOf(shown.(map[string]any))
}

// wayBack is what goes back to a release that has succeeded: the runner keeps its runs
// for some time only. It is nil for a run that is none, or that cannot be gone back to.
func (p *Platform) wayBack(ctx context.Context, s *store, key string, state platform.RunState) map[string]any {
	if state.Status != "success" || !strings.Contains(key, "/release-flows/") {
		return nil
	}
	var text map[string]any
	_ = s.read(ctx, func(t *tx) error {
		r, err := t.load(key)
		if err == nil && r != nil {
			text, err = p.lifeOf(t).wayBackTo(r)
		}
		return err
	})
	return text
}

// describeRelease changes what a release is called, and what is said of it.
func describeRelease(c *call) (any, error) {
	run, err := releaseFlowRuns.execution(c)
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.pattern("name", namePattern(), 3, 39)
	k.text("description", 200)
	if !k.present("name") && !k.present("description") {
		k.required("name")
	}
	if err := k.err(); err != nil {
		return nil, err
	}
	maps.Copy(run.spec, jsonvalue.Pick(c.body, []string{"name", "description"}))
	if err := c.tx.save(run, run.state, c.now); err != nil {
		return nil, err
	}
	if err := c.log(run.key, Updated); err != nil {
		return nil, err
	}
	return releaseFlowRuns.show(c, run)
}

// restoreConfiguration makes a release flow what it was for the run that a rollback has
// gone back to, where that was asked for. What comes of it is recorded in the rollback.
func (c *call) restoreConfiguration(run *record) error {
	asked := jsonvalue.Object(run.spec, "configuration")
	if jsonvalue.String(asked, "status") != "pending" {
		return nil
	}
	owner, err := c.tx.load(run.parent[:len(run.parent)-len("/runs")])
	if err != nil || owner == nil {
		return err
	}
	outcome := maps.Clone(asked)
	number, _ := jsonvalue.Number(asked, "version")
	_, text, err := c.versionOf(owner, strconv.Itoa(int(number)))
	if err == nil {
		c.actor = jsonvalue.String(run.spec, "createdBy")
		err = c.restore(owner, &releaseFlowFlavour, text, "rollback "+run.id())
	}
	outcome["status"] = "restored"
	if err != nil {
		if platform.StatusOf(err) == 0 {
			return err
		}
		outcome["status"], outcome["error"] = "failed", err.Error()
	}
	run.spec["configuration"] = outcome
	return nil
}
