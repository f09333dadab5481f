package runner_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

const nightly = `{"name": "Nightly", "apiVersion": "v1.2", "arguments": {"by": "the clock"}, "triggers": [%TRIGGERS%],
	"spec": {"kind": "LoopData", "ref": "note", "spec": {"by": "${args.by}"}}}`

func cronAt(times string) string {
	return `{"kind": "cron", "ref": "clock", "spec": {"cron": "` + times + `"}}`
}

// strikes has the server look at the clock and says what came of it.
func (s *served) strikes() (time.Time, []local.ScheduledRun) {
	s.t.Helper()
	return s.strikesSince(time.Time{})
}

// strikesSince is strikes for a server that has begun at a time.
func (s *served) strikesSince(began time.Time) (time.Time, []local.ScheduledRun) {
	s.t.Helper()
	next, runs, err := s.target.RunTriggers(s.t.Context(), began)
	if err != nil {
		s.t.Fatal(err)
	}
	return next, runs
}

func (s *served) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// until lets time pass until so long after the next full hour.
func (s *served) until(after time.Duration) {
	now := s.now()
	s.pass(now.Truncate(time.Hour).Add(time.Hour + after).Sub(now))
}

func TestACronTriggerStartsAWorkflow(t *testing.T) {
	s := serve(t)
	s.do("project/workflows/create-workflow", nil, strings.Replace(nightly, "%TRIGGERS%", cronAt("0 * * * *")+", "+cronAt("@hourly"), 1))
	next, runs := s.strikes()
	if left := next.Sub(s.now()); len(runs) > 0 || left <= 0 || left > time.Hour {
		t.Fatalf("before its time: %v, next in %v", runs, left)
	}
	s.until(time.Second)
	next, runs = s.strikes()
	if len(runs) != 1 || runs[0].Run == "" || runs[0].Resource != "projects/shop/workflows/nightly" || runs[0].At.Minute() != 0 || next.Sub(s.now()) < 30*time.Minute {
		t.Fatalf("at its time: %+v, next %v", runs, next)
	}
	path := map[string]string{"workflowId": "nightly", "runId": runs[0].Run}
	s.has(s.ended("project/workflows/get-workflow-run-details", path), "status", "success", "refs.note.by", "the clock")
	if _, again := s.strikes(); len(again) > 0 {
		t.Errorf("a time strikes twice: %+v", again)
	}
	// What was due while no server ran is not made up for, and of several times that one
	// has slept through the last counts.
	s.pass(5 * time.Hour)
	if _, late := s.strikesSince(s.now()); len(late) > 0 {
		t.Errorf("before the server began: %+v", late)
	}
	if _, late := s.strikes(); len(late) != 1 || late[0].Run == "" || s.now().Sub(late[0].At) > time.Hour {
		t.Errorf("slept through: %+v", late)
	}
}

func TestACronTriggerThatStartsNothingSaysWhy(t *testing.T) {
	s := serve(t)
	waiting := strings.Replace(strings.Replace(nightly, `{"kind": "LoopData", "ref": "note", "spec": {"by": "${args.by}"}}`,
		`{"kind": "Condition", "spec": {"kind": "Service", "spec": {"type": "running", "data": {"projectId": "shop", "serviceId": "web"}}}}`, 1), "%TRIGGERS%", cronAt("0 * * * *"), 1)
	s.do("project/services/create-build-service", nil, builder)
	s.do("project/services/create-deployment-service", nil, `{"name": "Web", "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"instances": 1, "internal": {"id": "builder", "branch": "main", "buildSHA": "latest"}}}`)
	s.do("project/workflows/create-workflow", nil, strings.Replace(waiting, `"triggers"`, `"options": {"concurrencyPolicy": "forbid"}, "triggers"`, 1))
	s.until(time.Second)
	_, first := s.strikes()
	if len(first) != 1 || first[0].Run == "" {
		t.Fatalf("%+v", first)
	}
	s.until(time.Second)
	if _, second := s.strikes(); len(second) != 1 || second[0].Run != "" || !strings.Contains(second[0].Message, "forbids another") {
		t.Errorf("while a run goes on: %+v", second)
	}
	path := map[string]string{"workflowId": "nightly", "runId": first[0].Run}
	s.do("project/workflows/abort-workflow-run", path, "")
	s.ended("project/workflows/get-workflow-run-details", path)
	if rows := jsonvalue.List(s.do("project/workflows/list-workflow-runs", path, ""), "runs"); len(rows) != 1 {
		t.Errorf("there are %d runs", len(rows))
	}
}

func TestACronExpressionWithoutTimesIsRefused(t *testing.T) {
	s := serve(t)
	_, err := s.try("project/workflows/create-workflow", nil, strings.Replace(nightly, "%TRIGGERS%", cronAt("every night"), 1))
	if platform.StatusOf(err) != 400 || !strings.Contains(err.Error(), "cron") {
		t.Errorf("%v", err)
	}
}
