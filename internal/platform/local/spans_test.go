package local_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// statuses are those of the containers of "web", sorted: "1 RUNNING, 2 STARTING".
func (s stage) statuses() string {
	s.t.Helper()
	count := map[string]int{}
	for _, k := range jsonvalue.List(s.do(platform.OpListServiceContainers, where("serviceId", "web"), ""), "containers") {
		count[strings.TrimPrefix(jsonvalue.String(k, "status"), "TASK_")]++
	}
	var list []string
	for status, n := range count {
		list = append(list, fmt.Sprintf("%d %s", n, status))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// A rollout, a scaling and a restart take 20 seconds here.
func TestContainersComeAndGoWithRollouts(t *testing.T) {
	s := newStage(t)
	web := where("serviceId", "web")
	steps := []struct {
		what string
		op   string
		body string
		now  string // at once
		then string // 20 seconds later
	}{
		{"it is created", platform.OpPutDeploymentService, twoWebs, "2 STARTING", "2 RUNNING"},
		{"it is restarted", platform.OpRestartService, "", "2 RUNNING, 2 STARTING", "2 RUNNING"},
		{"it gets more", platform.OpScaleService, `{"instances": 3}`, "1 STARTING, 2 RUNNING", "3 RUNNING"},
		{"it gets fewer", platform.OpScaleService, `{"instances": 1}`, "1 RUNNING, 2 KILLING", "1 RUNNING"},
		{"its environment is changed", platform.OpEditServiceEnvironment, `{"runtimeEnvironment": {"A": "1"}}`, "1 RUNNING, 1 STARTING", "1 RUNNING"},
		{"it is paused", platform.OpPauseService, "", "", ""},
		{"it is resumed with more", platform.OpResumeService, `{"instances": 2}`, "2 STARTING", "2 RUNNING"},
		{"it gets none", platform.OpScaleService, `{"instances": 0}`, "2 KILLING", ""},
		{"it gets some", platform.OpScaleService, `{"instances": 2}`, "2 STARTING", "2 RUNNING"},
	}
	for _, step := range steps {
		path := web
		if step.op == platform.OpPutDeploymentService {
			path = where()
		}
		s.do(step.op, path, step.body)
		if got := s.statuses(); got != step.now {
			t.Errorf("when %s there are %q, want %q", step.what, got, step.now)
		}
		s.advance(20 * time.Second)
		if got := s.statuses(); got != step.then {
			t.Errorf("after %s there are %q, want %q", step.what, got, step.then)
		}
	}
}

func TestARolloutThatFailsLeavesTheOldContainers(t *testing.T) {
	s := newStage(t, local.Fault{Kind: local.KindDeploy, ID: "web", Times: 1}, local.Fault{Kind: local.KindDeploy, ID: "web", Fail: "it crashes", Times: 1})
	s.do(platform.OpPutDeploymentService, where(), twoWebs)
	s.advance(20 * time.Second)
	s.do(platform.OpRestartService, where("serviceId", "web"), "")
	s.advance(20 * time.Second)
	if got := s.statuses(); got != "2 FAILED, 2 RUNNING" {
		t.Errorf("there are %q", got)
	}
	s.do(platform.OpRestartService, where("serviceId", "web"), "")
	s.advance(20 * time.Second)
	if got := s.statuses(); got != "2 RUNNING" {
		t.Errorf("after another one there are %q", got)
	}
}
