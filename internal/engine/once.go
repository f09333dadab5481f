package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/crash"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/expr"
)

// Nodes with runNodeOnce run the first time that a template runs for an environment,
// and are skipped from then on. Their outputs stay what they were, so that what refers
// to them goes on. An environment is what a template makes on a target; that of a
// preview is the preview. It ends with a teardown that succeeds.

// environment names what nodes with runNodeOnce run once for.
func (p *Program) environment(target string) string {
	return p.Identity + "\x00" + target + "\x00" + p.Environment
}

// once evaluates runNodeOnce. known is false where a plan cannot tell.
func (s *scope) once(ctx context.Context, node int) (once, known bool, err error) {
	n := &s.program.Nodes[node]
	if n.Once == nil {
		return false, true, nil
	}
	v, err := expr.ParseJSON(n.Once)
	if err == nil {
		v, err = env{s, node}.resolve(ctx, v, n.Place, "/runNodeOnce", nil)
	}
	if err != nil {
		return false, true, err
	}
	return isTrue(v), v.Known(), nil
}

// isTrue tells whether a value is true or "true"; all else is not.
func isTrue(v expr.Value) bool {
	b, isBool := v.AsBool()
	t, isText := v.AsString()
	return isBool && b || isText && t == "true"
}

// before is what a node with runNodeOnce has done in an earlier run; false where it is
// to run.
func (e *Engine) before(ctx context.Context, s *scope, node int) (history.Once, sealedOutput, bool, error) {
	var out sealedOutput
	once, known, err := s.once(ctx, node)
	if err != nil || !once || !known || e.Store == nil {
		return history.Once{}, out, false, err
	}
	did, ok, err := e.Store.Once(ctx, s.program.environment(e.Target), s.program.Nodes[node].Place)
	if err != nil || !ok {
		return did, out, false, err
	}
	err = json.Unmarshal(did.Output, &out)
	return did, out, err == nil, err
}

// skipDone ends a node that has run once, in this run or an earlier one. It tells
// whether there was such a one.
func (x *execution) skipDone(node int, now time.Time) bool {
	if x.program.Nodes[node].Once == nil {
		return false
	}
	did, out, done, err := x.engine.before(x.callContext, x.scope, node)
	if err != nil {
		x.failUntried(node, err, now)
		return true
	}
	if !done {
		return false
	}
	x.takeDone(node, out)
	x.note(node, 0, &NodeState{State: StateSkipped, Reason: ranOnce(did.Run)}, out, now)
	x.machine.Ended(node, schedule.Success)
	return true
}

func ranOnce(run string) string { return fmt.Sprintf("it runs once, and run %s did it", run) }

// takeDone takes over what a node has left that has run once.
func (x *execution) takeDone(node int, out sealedOutput) {
	v := valueOf(out.Output, out.Secret)
	x.scope.masker.learn(out.Output, out.Secret)
	x.scope.masker.add(valueOf(out.Output, out.Certain))
	x.leave(node, output{value: v, there: true})
}

// didOnce notes that a node with runNodeOnce has done its work. That is durable before
// the run records it: a run that is interrupted in between finds it done.
func (x *execution) didOnce(node int, out sealedOutput) error {
	n := &x.program.Nodes[node]
	if n.Once == nil || x.engine.Store == nil {
		return nil
	}
	once, _, err := x.scope.once(x.callContext, node)
	if err != nil || !once {
		return err
	}
	text, err := json.Marshal(out)
	if err == nil {
		err = x.engine.Store.DidOnce(context.WithoutCancel(x.callContext), x.program.environment(x.engine.Target), n.Place, history.Once{Run: x.run.ID, Output: text})
	}
	crash.Here(crash.KeptNoted)
	return err
}

func notNoted(err error) string {
	return fmt.Sprintf("it cannot be noted that it has run once, so that it runs again next time: %v", err)
}

// forgetOnce forgets what ran once in the environment that this run has torn down.
func (x *execution) forgetOnce(ctx context.Context) error {
	if !x.program.Teardown || x.engine.Store == nil || x.program.Until != "" {
		return nil
	}
	return x.engine.Store.ForgetOnce(context.WithoutCancel(ctx), x.program.environment(x.engine.Target))
}

// done plans a node that has run once already. It tells whether there was such a one.
func (l *planner) done(ctx context.Context, node int) bool {
	if l.program.Nodes[node].Once == nil {
		return false
	}
	_, out, done, err := l.engine.before(ctx, l.scope, node)
	if err != nil {
		l.problem(node, CodeEvaluation, err)
		l.blurred = true
	}
	if err == nil && !done {
		return false
	}
	if done {
		l.plan.Nodes[node].Action = ActionSkip
		l.masker.learn(out.Output, out.Secret)
		l.outputs[node] = output{value: valueOf(out.Output, out.Secret), there: true}
	}
	l.machine.Ended(node, schedule.Success)
	return true
}
