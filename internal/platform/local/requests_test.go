package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/documented"
)

// A request is what is documented of a request's values.
type request struct {
	Type                 string
	Properties           map[string]*request
	Required             []string
	Items                *request
	Enum                 []any
	OneOf, AnyOf         []*request
	Pattern              string
	MinLength, MaxLength int
}

// sampleStrings are tried in turn for a pattern.
var sampleStrings = []string{"abc", "Sample name", "#112233", "/abc", "https://github.com/acme/shop", "acme.com/shop/app", "10.0.0.0/8", "10.0.0.1", "50%", "5s",
	"5m", "tag:abc", "port-1", "abc/def", "someone@example.com", "example.com", "abc/", "*", "0 * * * *", "nginx:latest", "abcde-fghij", "@daily"}

// known are values of properties whose documentation says less than the platform
// wants, or that name what is there.
var known = map[string]any{
	"addonId": "data", "projectId": "shop", "serviceId": "web", "buildSHA": "latest", "sha": strings.Repeat("0", 40), "port": 80, "storageSize": 4096,
	"storage": 8192, "startTime": 1, "endTime": 2, "cpu": 1, "memory": 1024, "schedule": "0 * * * *", "version": "16", "key": "ssh-ed25519 AAAA",
	"canaryPercentage": 40, "stablePercentage": 60, "initialDelaySeconds": 10, "periodSeconds": 60, "bundleUrl": "https://example.com/bundle.tgz",
	"apiVersion": "v1.2", "keyName": "HOST", "gracePeriodSeconds": 60, "shmSize": 64, "addresses": "203.0.113.7", "public": false,
	"webhook": "https://example.com/hook", "webhookUrl": "https://example.com/hook", "endpoint": "https://example.com",
}

// sample makes a value of a shape. Of alternatives it takes the one of the variant's
// number; it fills in what is required, or all.
func (r *request) sample(name string, variant int, all bool) any {
	if alternatives := append(slices.Clone(r.OneOf), r.AnyOf...); len(alternatives) > 0 {
		return alternatives[variant%len(alternatives)].sample(name, variant, all)
	}
	if r.Type != "object" && r.Type != "array" {
		if v, ok := known[name]; ok && len(r.Enum) == 0 && r.fits(v) {
			return v
		}
	}
	switch r.Type {
	case "object":
		object := map[string]any{}
		for property, shape := range r.Properties {
			if (all || slices.Contains(r.Required, property)) && shape.says() {
				object[property] = shape.sample(property, variant, all)
			}
		}
		if object["external"] != nil {
			delete(object, "internal") // a thing deploys one image
		}
		return object
	case "array":
		if r.Items == nil {
			return []any{}
		}
		return []any{r.Items.sample(name, variant, all)}
	case "integer", "number":
		if len(r.Enum) > 0 {
			return r.Enum[variant%len(r.Enum)]
		}
		return 1
	case "boolean":
		return variant%2 == 0
	}
	if len(r.Enum) > 0 {
		return r.Enum[variant%len(r.Enum)]
	}
	return r.text()
}

// says tells whether anything is documented of the values.
func (r *request) says() bool { return r.Type != "" || len(r.OneOf)+len(r.AnyOf) > 0 }

func (r *request) fits(v any) bool {
	text, ok := v.(string)
	pattern, err := regexp.Compile(r.Pattern)
	return !ok || err != nil || pattern.MatchString(text)
}

// text is a string that fits.
func (r *request) text() string {
	pattern, err := regexp.Compile(r.Pattern)
	for _, s := range sampleStrings {
		if err != nil || pattern.MatchString(s) && len(s) >= r.MinLength && (r.MaxLength == 0 || len(s) <= r.MaxLength) {
			return s
		}
	}
	return "abc"
}

// TestDocumentedRequestsAreAccepted sends requests that are made of what is documented,
// the smallest and the largest. What they name need not be there and may be taken; no
// value of theirs is refused, but for the reasons that are listed.
func TestDocumentedRequestsAreAccepted(t *testing.T) {
	var operations []struct {
		Page    string
		Request *request
	}
	documented.Operations(t, &operations)
	clock := newWatch()
	p := open(t, local.Options{Delays: slow(), Clock: clock.now})
	path := furnish(t, p)
	clock.advance(time.Hour)
	sent := 0
	for _, d := range operations {
		op, served := platform.LookupOperation(d.Page)
		if d.Request == nil || !served || refusedForAReason[op.ID] != "" {
			continue
		}
		for variant := range 6 {
			for _, all := range []bool{false, true} {
				body := d.Request.sample("", variant, all)
				object, ok := body.(map[string]any)
				if !ok {
					t.Fatalf("%s: the sample is %v", op.ID, body)
				}
				if _, named := object["name"]; named {
					object["name"] = fmt.Sprintf("Sample %c%d", 'a'+rune(variant), sent%97)
				}
				raw, err := json.Marshal(object)
				if err != nil {
					t.Fatal(err)
				}
				sent++
				params := platform.Params{Path: map[string]string{}}
				for _, name := range op.PathParameters() {
					params.Path[name] = path(op.ID, name)
				}
				_, err = p.Do(context.Background(), op.ID, params, raw)
				if (!all || len(d.Request.OneOf)+len(d.Request.AnyOf) > 0) && lacks(err) {
					continue // of what is required the documentation does not tell all
				}
				if status := platform.StatusOf(err); status == 400 || status >= 500 {
					t.Errorf("%s: %v\n\t%s", op.ID, err, raw)
				}
			}
		}
	}
	t.Logf("%d requests", sent)
}

// lacks tells whether a refusal is only about what is missing.
func lacks(err error) bool {
	var refusal *platform.Error
	if !errors.As(err, &refusal) || len(refusal.Details) == 0 {
		return false
	}
	for _, problems := range refusal.Details {
		list, _ := problems.([]any)
		if slices.ContainsFunc(list, func(p any) bool { return p != "is missing" }) {
			return false
		}
	}
	return true
}

// refusedForAReason says of operations why requests that are made of shapes alone are
// refused.
var refusedForAReason = map[string]string{
	platform.OpCreateLogSink:  "what sinkData holds depends on sinkType",
	platform.OpUpdateLogSink:  "what sinkData holds depends on sinkType",
	platform.OpCreateWorkflow: "its nodes are documented elsewhere",
	platform.OpCreateAddon:    "an addon is forked from one of its own type",
	platform.OpPutAddon:       "an addon is forked from one of its own type",
}

// furnish makes one of each, and says which one an operation is tried on.
func furnish(t *testing.T, p *local.Platform) func(op, param string) string {
	t.Helper()
	s := stage{newWatch(), p, t}
	if err := put(p, "shop"); err != nil {
		t.Fatal(err)
	}
	s.do(platform.OpPutDeploymentService, where(), twoWebs)
	s.do(platform.OpPutCombinedService, where(), fmt.Sprintf(app, ""))
	s.do(platform.OpPutManualJob, where(), fmt.Sprintf(task, "task"))
	s.do(platform.OpPutCronJob, where(), `{"name": "clock", "billing": {"deploymentPlan": "nf-compute-20"}, "schedule": "0 * * * *", "deployment": {"vcs":
		{"projectUrl": "https://github.com/acme/shop", "projectType": "github", "projectBranch": "main"}}}`)
	s.do(platform.OpPutAddon, where(), `{"name": "data", "type": "postgresql", "version": "16", "billing": {"deploymentPlan": "nf-compute-20", "storage": 4096, "replicas": 1}}`)
	s.do(platform.OpCreateExternalAddon, where(), `{"name": "data", "spec": {"resourceType": "s3"}}`)
	s.do(platform.OpCreateVolume, where(), `{"name": "abc", "spec": {"accessMode": "ReadWriteMany", "storageSize": 4096}}`)
	return func(op, param string) string {
		builds := strings.Contains(op, "build")
		switch param {
		case "projectId":
			return "shop"
		case "serviceId":
			if builds || strings.Contains(op, "combined") {
				return "app"
			}
			return "web"
		case "jobId":
			if builds || strings.Contains(op, "cron") || strings.Contains(op, "settings") {
				return "clock"
			}
			return "task"
		case "addonId":
			return "data"
		}
		return "nobody"
	}
}
