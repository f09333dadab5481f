package platform

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestSlug(t *testing.T) {
	for name, want := range map[string]string{
		"Payload":            "payload",
		"Payload project":    "payload-project",
		"My  Build Service ": "my-build-service",
		"already-a-slug":     "already-a-slug",
	} {
		if got := Slug(name); got != want {
			t.Errorf("Slug(%q) is %q, want %q", name, got, want)
		}
	}
}

func TestVersionSatisfies(t *testing.T) {
	tests := []struct {
		version, wish string
		want          bool
	}{
		{"16.4", "16.4", true},
		{"16.4", "16-latest", true},
		{"16", "16-latest", true},
		{"160.1", "16-latest", false},
		{"7.0.31", "7.0-latest", true},
		{"7.0.31", "latest", true},
		{"7.0.31", "7", false},
		{"7.0.31", "8.0-latest", false},
		{"2025.10.15", "20-latest", true},
	}
	for _, tt := range tests {
		if got := VersionSatisfies(tt.version, tt.wish); got != tt.want {
			t.Errorf("%s for %s: %v", tt.version, tt.wish, got)
		}
	}
}

func TestCheckUpgrade(t *testing.T) {
	tests := []struct {
		name, kind, from, to string
		allowed              bool
		want                 string
	}{
		{"one major version further", "postgresql", "14", "15", true, ""},
		{"a patch further", "postgresql", "16.4", "16.6", true, ""},
		{"two major versions further", "postgresql", "14", "16-latest", true, "skip"},
		{"majors with two numbers", "mongodb", "6.0.27", "7.0-latest", true, ""},
		{"a skipped major with two numbers", "mongodb", "4.2.21", "5.0.31", true, "skip"},
		{"a minor that counts as major", "mysql", "8.0.46", "9.6.0", true, "skip"},
		{"versions that are dates", "minio", "2023.1.1", "2025.10.15", true, ""},
		{"an older version", "redis", "8.4.2", "7.2.13", true, "go back"},
		{"without leave", "postgresql", "14", "15", false, "upgradeOnVersionMismatch"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckUpgrade(tt.kind, "db", tt.from, tt.to, tt.allowed)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestUnknown(t *testing.T) {
	spec := map[string]any{"a": []any{map[string]any{"b": Unknown}}}
	if !HasUnknown(spec) || HasUnknown(map[string]any{"a": []any{"b"}}) {
		t.Error("an unknown value inside is not seen, or seen where there is none")
	}
	text, err := json.Marshal(spec)
	if err != nil || string(text) != `{"a":[{"b":"(known after apply)"}]}` {
		t.Errorf("it is written %s, %v", text, err)
	}
}

func TestPointers(t *testing.T) {
	var v any
	if err := json.Unmarshal([]byte(`{"ports":[{"s":{"p":1}},{"s":{}}],"a/b":{"c~d":1},"env":{"x":1}}`), &v); err != nil {
		t.Fatal(err)
	}
	got := pointers(v, []string{"/ports/*/s/p", "/*/c~d", "/env", "/gone", "/env"})
	if want := "/a~1b/c~0d /env /ports/0/s/p"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestBackoff(t *testing.T) {
	last := time.Duration(0)
	for polls := 1; polls < 40; polls++ {
		delay := Backoff(polls, time.Second, time.Minute)
		if delay < last || delay > time.Minute || delay <= 0 {
			t.Fatalf("after %d polls the delay is %v, before it was %v", polls, delay, last)
		}
		last = delay
	}
	if last != time.Minute {
		t.Errorf("it grows to %v", last)
	}
}

// answers is a target that answers from a table.
type answers map[string]string

func (answers) Name() string { return "answers" }

func (a answers) Do(_ context.Context, op string, _ Params, _ json.RawMessage) (Response, error) {
	text, ok := a[op]
	if !ok {
		return Response{}, &Error{Status: 404, ID: ErrorNotFound, Message: op + " has no answer"}
	}
	if text == "" {
		return Response{}, io.ErrUnexpectedEOF
	}
	return Response{Status: 200, Body: json.RawMessage(text)}, nil
}

// anywhere has every path parameter.
var anywhere = map[string]string{"projectId": "p", "serviceId": "s", "jobId": "j", "addonId": "a", "buildId": "b", "runId": "r", "backupId": "b"}

// TestPoll reads the states that the hosted platform has and the embedded one
// does not show.
func TestPoll(t *testing.T) {
	tests := []struct {
		name, op, data string
		done           bool
		detail, state  string // state of the outcome error
	}{
		{"a service whose image is built", OpGetService, `{"status":{"build":{"status":"UPLOADING"},"deployment":{"status":"PENDING"}}}`, false, "building (uploading)", ""},
		{"a service that waits for a node", OpGetService, `{"status":{"build":{"status":"SUCCESS"},"deployment":{"status":"PENDING"}}}`, false, "waiting for an image", ""},
		{"a service that still runs its old image", OpGetService, `{"status":{"build":{"status":"FAILURE"},"deployment":{"status":"COMPLETED"}}}`, true, "running", ""},
		{"a paused service", OpGetService, `{"servicePaused":true}`, false, "", "paused"},
		{"a service whose build crashed", OpGetService, `{"status":{"build":{"status":"CRASHED"},"deployment":{"status":"PENDING"}}}`, false, "", "build CRASHED"},
		{"a paused addon", OpGetAddon, `{"status":"paused"}`, false, "", "paused"},
		{"an addon that could not be placed", OpGetAddon, `{"status":"errorAllocating"}`, false, "", "errorAllocating"},
		{"an addon that scales", OpGetAddon, `{"status":"scaling"}`, false, "scaling", ""},
		{"a build that was never accepted", OpGetServiceBuild, `{"status":"SUBMISSION_FAILURE"}`, false, "", "SUBMISSION_FAILURE"},
		{"a build of an unknown state that has concluded", OpGetJobBuild, `{"status":"LOST","concluded":true}`, false, "", "LOST"},
		{"a build that cannot be placed yet", OpGetServiceBuild, `{"status":"UNSCHEDULABLE"}`, false, "unschedulable", ""},
		{"a backup that is not supported", OpGetAddonBackup, `{"status":"not-supported"}`, false, "", "not-supported"},
		{"a run that goes on", OpGetRunDetails, `{"status":"RUNNING","concluded":false}`, false, "running", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDriver(answers{tt.op: `{"data":` + tt.data + `}`})
			progress, err := d.Poll(context.Background(), Wait{Subject: "it", Op: tt.op, Path: anywhere, Base: map[string]any{"kept": true}})
			if tt.state != "" {
				var outcome *OutcomeError
				if !errors.As(err, &outcome) || outcome.State != tt.state {
					t.Errorf("got %v, want the state %s", err, tt.state)
				}
				return
			}
			if err != nil || progress.Done != tt.done || progress.Detail != tt.detail {
				t.Errorf("got %+v, %v", progress, err)
			}
			if !progress.Done && (progress.After < time.Second || progress.Next.Polls != 1) {
				t.Errorf("the next poll is %+v after %v", progress.Next, progress.After)
			}
			if progress.Output.(map[string]any)["kept"] != true {
				t.Errorf("the output has lost what it had: %v", progress.Output)
			}
		})
	}
	t.Run("an answer that is lost can be polled for again", func(t *testing.T) {
		d := NewDriver(answers{OpGetAddon: ""})
		_, err := d.Poll(context.Background(), Wait{Subject: "it", Op: OpGetAddon, Path: anywhere})
		var outcome *OutcomeError
		if !errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &outcome) || StatusOf(err) != 0 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an answer that is no JSON is no state", func(t *testing.T) {
		d := NewDriver(answers{OpGetAddon: "<html>"})
		if _, err := d.Poll(context.Background(), Wait{Subject: "it", Op: OpGetAddon, Path: anywhere}); err == nil {
			t.Error("it was accepted")
		}
	})
	t.Run("a wait for what cannot be waited for is refused", func(t *testing.T) {
		d := NewDriver(answers{OpListProjects: `{"data":{}}`})
		if _, err := d.Poll(context.Background(), Wait{Subject: "it", Op: OpListProjects}); err == nil {
			t.Error("it was accepted")
		}
	})
}

// TestPreviewOfTheHostedShapes compares with what the hosted platform returns:
// fewer properties, some of them elsewhere.
func TestPreviewOfTheHostedShapes(t *testing.T) {
	tests := []struct {
		name, kind, op, data, spec string
		want                       Action
	}{
		{"a project", "Project", OpGetProject, `{"id":"shop","name":"Shop","deployment":{"region":"europe-west"}}`,
			`{"name":"Shop","region":"europe-west","color":"#112233"}`, ActionUnchanged},
		{"a service whose environment cannot be read", "DeploymentService", OpGetService,
			`{"id":"web","name":"web","billing":{"deploymentPlan":"nf-compute-20"},"deployment":{"instances":1,"region":"europe-west",
			"internal":{"nfObjectId":"builder","nfObjectType":"service","repository":"r","branch":"main"}},
			"ports":[{"id":"p","name":"p","internalPort":80,"protocol":"HTTP","public":true,"dns":"p--web--x.code.run","domains":[{"name":"a.example.com"}]}]}`,
			`{"name":"web","billing":{"deploymentPlan":"nf-compute-20"},"deployment":{"instances":1,"internal":{"id":"builder","branch":"main"}},
			"ports":[{"name":"p","internalPort":80,"protocol":"HTTP","public":true,"domains":["a.example.com"]}],"runtimeEnvironment":{"A":"1"}}`, ActionUnchanged},
		{"an addon, whose specification is inside", "Addon", OpGetAddon,
			`{"id":"db","name":"db","status":"running","spec":{"type":"postgresql","config":{"versionTag":"16.4","deployment":{"replicas":1,
			"storageClass":"nvme","storageSize":4096,"planId":"nf-compute-20","region":"europe-west"},"networking":{"tlsEnabled":true,"externalAccessEnabled":false}}}}`,
			`{"name":"db","type":"postgres","version":"16-latest","tlsEnabled":true,"billing":{"deploymentPlan":"nf-compute-20","storageClass":"nvme","storage":4096,"replicas":1}}`, ActionUnchanged},
		{"an addon with another plan", "Addon", OpGetAddon,
			`{"id":"db","name":"db","status":"running","spec":{"type":"redis","config":{"versionTag":"7.2.4","deployment":{"replicas":1,
			"storageClass":"nvme","storageSize":4096,"planId":"nf-compute-10","region":"europe-west"},"networking":{"tlsEnabled":true}}}}`,
			`{"name":"db","type":"redis","version":"7.2.4","tlsEnabled":true,"billing":{"deploymentPlan":"nf-compute-20","storageClass":"nvme","storage":4096,"replicas":1}}`, ActionUpdate},
		{"a cron job, whose settings are inside", "CronJob", OpGetJob,
			`{"id":"clock","name":"clock","jobType":"cron","billing":{"deploymentPlan":"nf-compute-20"},"deployment":{"region":"europe-west","external":{"imagePath":"nginx"}},
			"settings":{"backoffLimit":1,"activeDeadlineSeconds":600,"cron":{"schedule":"0 * * * *","concurrencyPolicy":"forbid"}}}`,
			`{"name":"clock","billing":{"deploymentPlan":"nf-compute-20"},"deployment":{"external":{"imagePath":"nginx"}},"backoffLimit":1,
			"activeDeadlineSeconds":600,"schedule":"0 * * * *","concurrencyPolicy":"forbid"}`, ActionUnchanged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var spec any
			if err := json.Unmarshal([]byte(tt.spec), &spec); err != nil {
				t.Fatal(err)
			}
			d := NewDriver(answers{tt.op: `{"data":` + tt.data + `}`})
			change, err := d.Preview(context.Background(), NodeRequest{Kind: tt.kind, ProjectID: "shop", Spec: spec})
			if err != nil || change.Action != tt.want {
				t.Errorf("got %s, %v\ncurrent %v\ndesired %v", change.Action, err, change.Current, change.Desired)
			}
		})
	}
}

// TestErrorsOfTheTransport tells refusals from answers that never came.
func TestErrorsOfTheTransport(t *testing.T) {
	d := NewDriver(answers{OpCreateOrUpdateProject: ""})
	_, err := d.Start(context.Background(), NodeRequest{Kind: "Project", Spec: map[string]any{"name": "Shop"}})
	if !errors.Is(err, io.ErrUnexpectedEOF) || StatusOf(err) != 0 {
		t.Errorf("got %v", err)
	}
	d = NewDriver(answers{})
	_, err = d.Start(context.Background(), NodeRequest{Kind: "Project", Spec: map[string]any{"name": "Shop"}})
	var refusal *Error
	if !errors.As(err, &refusal) || refusal.Operation != OpCreateOrUpdateProject {
		t.Errorf("got %#v", err)
	}
}

// The platform may not know everywhere yet what it has just been given, and an answer
// that came twice may have been taken for that to the put.
func TestWhatWasPutAndIsNotThereIsPutOnceMore(t *testing.T) {
	for _, status := range []int{http.StatusNotFound, http.StatusForbidden} {
		d := NewDriver(refusing{answers{OpCreateOrUpdateProject: `{"data": {"id": "shop"}}`}, OpGetProject, status})
		_, err := d.Start(t.Context(), NodeRequest{Kind: "Project", Spec: map[string]any{"name": "Shop"}})
		var refusal *Error
		if !errors.As(err, &refusal) || refusal.Status != status || refusal.Retryable != (status == http.StatusNotFound) {
			t.Errorf("%d: got %#v", status, err)
		}
	}
}

// refusing refuses one operation.
type refusing struct {
	answers
	op     string
	status int
}

func (r refusing) Do(ctx context.Context, op string, params Params, body json.RawMessage) (Response, error) {
	if op == r.op {
		return Response{}, &Error{Status: r.status, Operation: op}
	}
	return r.answers.Do(ctx, op, params, body)
}

func TestANodesTimeoutHoldsForItsOwnCondition(t *testing.T) {
	d := NewDriver(answers{OpRunJob: `{"data": {"id": "r"}}`, OpRestartAddon: `{"data": {}}`})
	restart := map[string]any{"kind": "Addon", "spec": map[string]any{"type": "restart", "condition": "running", "data": map[string]any{"addonId": "a", "timeoutDuration": 5.0}}}
	tests := []struct {
		name string
		req  NodeRequest
		want time.Duration
	}{
		{"beside the condition", NodeRequest{Kind: "JobRun", ProjectID: "p", Spec: map[string]any{"jobId": "j"}, Node: map[string]any{"condition": "success", "timeoutDuration": 90.0}}, 90 * time.Second},
		{"none", NodeRequest{Kind: "JobRun", ProjectID: "p", Spec: map[string]any{"jobId": "j"}, Node: map[string]any{"condition": "success"}}, 0},
		{"that of the action is nearer", NodeRequest{Kind: "Action", ProjectID: "p", Spec: restart, Node: map[string]any{"timeoutDuration": 90.0}}, 5 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := d.Start(t.Context(), tt.req)
			if err != nil || r.Wait == nil || r.Wait.Timeout != tt.want {
				t.Errorf("%+v, %v, want a timeout of %v", r.Wait, err, tt.want)
			}
		})
	}
}
