package platform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A Pacer is a Target that knows how often it may be polled.
type Pacer interface {
	// PollAfter is the delay before the poll that follows the given number of
	// polls of one wait.
	PollAfter(polls int) time.Duration
}

// Poll asks once how a wait stands; it does not sleep: [Progress.After]
// suggests the delay. A wait that has ended badly is an [*OutcomeError], a
// subject that is gone an [*Error] of status 404. After any other error, and
// after an [*Error] that is Retryable, the same wait may be polled again.
func (d *Driver) Poll(ctx context.Context, w Wait) (Progress, error) {
	data, changesIn, err := d.observe(ctx, w)
	if err != nil {
		return Progress{}, fmt.Errorf("waiting for %s: %w", w.Subject, err)
	}
	done, detail, err := judge(w, data)
	if err != nil {
		return Progress{}, err
	}
	next := w
	next.Polls++
	output := jsonvalue.Merge(w.Base, data)
	progress := Progress{Done: done, Output: output, Detail: detail, Next: next,
		Secret: append(pointers(output, serviceSecrets), pointers(output, addonKind.secret)...)}
	switch w.Op {
	case OpGetTemplateRun, OpGetWorkflowRun, OpGetPreviewBlueprintRun:
		progress.Secret = append(progress.Secret, pointers(output, runSecrets)...)
	}
	if !done {
		progress.After = d.PollAfter(next.Polls)
		if changesIn > 0 {
			progress.After = min(progress.After, changesIn)
		}
	}
	return progress, nil
}

// PollAfter is the delay before the poll that follows the given number of polls of one
// wait.
func (d *Driver) PollAfter(polls int) time.Duration {
	if pacer, ok := d.target.(Pacer); ok {
		return pacer.PollAfter(polls)
	}
	return Backoff(polls, 2*time.Second, 30*time.Second)
}

// Backoff grows from first to longest by half at each poll.
func Backoff(polls int, first, longest time.Duration) time.Duration {
	delay := first
	for range polls - 1 {
		if delay = delay * 3 / 2; delay >= longest {
			return longest
		}
	}
	return min(delay, longest)
}

// observe reads the state of what is waited for, and when that changes by itself
// if the target knows.
func (d *Driver) observe(ctx context.Context, w Wait) (map[string]any, time.Duration, error) {
	if w.Op != OpListAddonBackupRestores {
		var data map[string]any
		response, err := d.ask(ctx, w.Op, Params{Path: w.Path}, nil, &data)
		return data, response.ChangesIn, err
	}
	var restore map[string]any
	restores := listing{op: w.Op, path: w.Path, member: "restores"}
	err := d.each(ctx, restores, searchPages, func(item map[string]any) bool {
		if jsonvalue.String(item, "id") == w.Path["restoreId"] {
			restore = item
		}
		return restore == nil
	})
	if err == nil && restore == nil {
		err = &Error{Status: http.StatusNotFound, ID: ErrorNotFound, Operation: w.Op,
			Message: fmt.Sprintf("backup %q has no restore %q", w.Path["backupId"], w.Path["restoreId"])}
	}
	return restore, 0, err
}

// judge tells from what was read whether the wait has ended.
func judge(w Wait, data map[string]any) (done bool, detail string, err error) {
	switch w.Op {
	case OpGetService:
		return judgeService(w, data)
	case OpGetAddon:
		return judgeAddon(w, data)
	case OpGetCluster:
		return judgeCluster(w, data)
	case OpGetExternalAddon:
		return judgeExternalAddon(w, data)
	case OpGetServiceBuild, OpGetJobBuild:
		status := jsonvalue.String(data, "status")
		concluded := jsonvalue.Bool(data, "concluded")
		if status == "SUCCESS" {
			return true, strings.ToLower(status), nil
		}
		return conclude(w, status, concluded || isFailedBuild(status), jsonvalue.String(data, "message"))
	case OpGetTemplateRun, OpGetWorkflowRun, OpGetPreviewBlueprintRun:
		return judgeRun(w, data)
	case OpGetRepositoryCopy:
		status := jsonvalue.String(data, "status")
		if status == "success" {
			return true, status, nil
		}
		return conclude(w, status, status == "failure", jsonvalue.String(data, "message"))
	case OpGetRunDetails:
		status := jsonvalue.String(data, "status")
		if status == "SUCCESS" {
			return true, strings.ToLower(status), nil
		}
		return conclude(w, status, status == "FAILED" || jsonvalue.Bool(data, "concluded"), "")
	case OpGetAddonBackup, OpListAddonBackupRestores:
		status := jsonvalue.String(data, "status")
		if status == "completed" {
			return true, status, nil
		}
		return conclude(w, status, status == "failed" || status == "aborted" || status == "aborting" || status == "not-supported", "")
	}
	return false, "", fmt.Errorf("waiting for %s: %s is no operation that can be waited for", w.Subject, w.Op)
}

func conclude(w Wait, status string, ended bool, reason string) (bool, string, error) {
	if ended {
		return false, "", &OutcomeError{Subject: w.Subject, State: status, Reason: reason}
	}
	return false, strings.ToLower(status), nil
}

func isFailedBuild(status string) bool {
	switch status {
	case "ABORTED", "FAILURE", "SUBMISSION_FAILURE", "CRASHED":
		return true
	}
	return false
}

func judgeService(w Wait, data map[string]any) (bool, string, error) {
	build, deployment := jsonvalue.String(data, "status.build.status"), jsonvalue.String(data, "status.deployment.status")
	switch {
	case jsonvalue.String(data, "serviceType") == "build":
		return false, "", &OutcomeError{Subject: w.Subject, State: "build service",
			Reason: "a build service builds only and never runs; wait for its build instead"}
	case jsonvalue.Bool(data, "servicePaused"):
		return false, "", &OutcomeError{Subject: w.Subject, State: "paused", Reason: "resume it first"}
	case deployment == "COMPLETED":
		return true, "running", nil
	case deployment == "FAILED":
		return false, "", &OutcomeError{Subject: w.Subject, State: deployment,
			Reason: jsonvalue.String(data, "status.deployment.message")}
	case deployment == "IN_PROGRESS":
		return false, "deploying", nil
	case isFailedBuild(build):
		return false, "", &OutcomeError{Subject: w.Subject, State: "build " + build,
			Reason: "there is no earlier image to run"}
	case build != "" && build != "SUCCESS":
		return false, "building (" + strings.ToLower(build) + ")", nil
	}
	return false, "waiting for an image", nil
}

func judgeAddon(w Wait, data map[string]any) (bool, string, error) {
	switch status := jsonvalue.String(data, "status"); status {
	case "running":
		return true, status, nil
	case "failed", "error", "errorAllocating", "deleting", "deleted", "paused":
		return false, "", &OutcomeError{Subject: w.Subject, State: status, Reason: jsonvalue.String(data, "statusReason")}
	default:
		return false, status, nil
	}
}

// Abort ends what is waited for where the platform can: a build, a job run, a
// backup. It returns false where it cannot, as with a service that starts. What
// has ended meanwhile is no error.
func (d *Driver) Abort(ctx context.Context, w Wait) (bool, error) {
	op := ""
	switch w.Op {
	case OpGetServiceBuild:
		op = OpAbortServiceBuild
	case OpGetJobBuild:
		op = OpAbortJobBuild
	case OpGetRunDetails:
		op = OpAbortJobRun
	case OpGetAddonBackup:
		op = OpAbortBackup
	case OpGetTemplateRun:
		op = OpAbortTemplateRun
	case OpGetWorkflowRun:
		op = OpAbortWorkflowRun
	case OpGetPreviewBlueprintRun:
		op = OpAbortPreviewBlueprintRun
	default:
		return false, nil
	}
	err := d.do(ctx, op, Params{Path: w.Path}, nil, nil)
	var refusal *Error
	if errors.As(err, &refusal) && (refusal.Status == http.StatusNotFound || refusal.Status == http.StatusConflict) {
		return false, nil
	}
	return err == nil, err
}
