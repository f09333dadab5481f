package local

import (
	"regexp"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

var registryFamily = family{
	flavour: flavour{noun: "registry", segment: "integrations/registries", idParam: "credentialId", kind: "CustomDockerCredentials",
		typ: "registry", account: true, check: fits("CustomDockerCredentials")},
	create: platform.OpAddRegistry, patch: platform.OpUpdateRegistry, get: platform.OpGetRegistry, list: platform.OpListRegistries,
	remove: platform.OpDeleteRegistry, member: "credentials", hidden: []string{"credentials"},
}

var sshFamily = family{
	flavour: flavour{noun: "SSH identity", segment: "integrations/ssh-identities", idParam: "identityId", kind: "SSHIdentity", typ: "ssh",
		account: true, check: fits("SSHIdentity"), ident: sshID},
	create: platform.OpAddSSHIdentity, put: platform.OpPutSSHIdentity, patch: platform.OpUpdateSSHIdentity, get: platform.OpGetSSHIdentity,
	list: platform.OpListSSHIdentities, remove: platform.OpDeleteSSHIdentity, member: "identities",
}

// sshID takes the identifier of a put from its path.
func sshID(c *call, spec map[string]any) (string, error) {
	if id := c.path("identityId"); id != "" {
		return id, nil
	}
	return platform.Slug(jsonvalue.String(spec, "name")), nil
}

// A sinkState is what is recorded of a log sink.
type sinkState struct {
	Paused bool `json:"paused,omitempty"`
}

// Log sinks run from the start, until they are paused. What they are told to
// forward goes nowhere.
var logSinkFamily = family{
	flavour: flavour{noun: "log sink", segment: "integrations/log-sinks", idParam: "logSinkId", typ: "sink", account: true,
		check: checkLogSink, ident: sinkID, show: showLogSink,
		born: func(*call, *record) (any, error) { return sinkState{}, nil }, grown: grownLogSink},
	create: platform.OpCreateLogSink, patch: platform.OpUpdateLogSink, get: platform.OpGetLogSinkDetails, list: platform.OpListLogSinks,
	remove: platform.OpDeleteLogSink, member: "logSinks", hidden: []string{"sinkData"},
}

var notWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^a-z0-9]+`) })

// sinkID is made of a name that may hold anything.
func sinkID(_ *call, spec map[string]any) (string, error) {
	name := strings.ToLower(jsonvalue.String(spec, "name"))
	if id := strings.Trim(notWord().ReplaceAllString(name, "-"), "-"); id != "" {
		return id, nil
	}
	return freshID(), nil
}

// sinkSettings are what each type of sink cannot do without.
func sinkSettings(sinkType string) []string {
	switch sinkType {
	case "loki":
		return []string{"endpoint"}
	case "datadog_logs":
		return []string{"default_api_key", "region"}
	case "papertrail":
		return []string{"authenticationStrategy"}
	case "aws_s3":
		return []string{"endpoint", "region", "bucket", "compression"}
	case "http":
		return []string{"uri"}
	}
	return nil
}

func checkLogSink(k *check) {
	k.required("name", "sinkType")
	k.text("name", 1024)
	k.text("description", 200)
	k.oneOf("sinkType", "loki", "datadog_logs", "papertrail", "http", "aws_s3", "logdna", "coralogix", "betterStack", "honeycomb", "logzio",
		"solarWinds", "axiom", "newRelic")
	k.object("sinkData", "options", "restrictions")
	for _, name := range sinkSettings(jsonvalue.String(k.spec, "sinkType")) {
		k.required("sinkData." + name)
	}
}

// grownLogSink goes on with a paused sink where the settings ask for it.
func grownLogSink(_ *call, r *record, _ map[string]any) (any, error) {
	state := stateOf[sinkState](r)
	if jsonvalue.Bool(r.spec, "resumeLogSink") {
		state.Paused = false
	}
	delete(r.spec, "resumeLogSink")
	return state, nil
}

func showLogSink(c *call, r *record) (map[string]any, error) {
	shown := c.face(r, "description")
	shown["status"] = "running"
	if stateOf[sinkState](r).Paused {
		shown["status"] = "paused"
	}
	shown["restricted"] = jsonvalue.Bool(r.spec, "restricted")
	if shown["projects"] == nil {
		shown["projects"] = []any{}
	}
	return shown, nil
}

// pauses pauses a log sink, or lets it go on.
func pauses(paused bool) handler {
	return func(c *call) (any, error) {
		r, err := c.look(&logSinkFamily.flavour)
		if err != nil {
			return nil, err
		}
		if stateOf[sinkState](r).Paused == paused {
			return nil, c.log(r.key, Nothing)
		}
		if err := c.tx.save(r, sinkState{Paused: paused}, c.now); err != nil {
			return nil, err
		}
		return nil, c.log(r.key, Updated)
	}
}

// Notification integrations are kept; nothing is sent to them.
var notificationFamily = family{
	flavour: flavour{noun: "notification integration", segment: "integrations/notifications", idParam: "notificationId",
		typ: "notification", account: true, check: checkNotification, show: showNotification},
	create: platform.OpCreateNotificationIntegration, patch: platform.OpUpdateNotificationIntegration,
	get: platform.OpGetNotificationIntegration, list: platform.OpListNotificationIntegrations,
	remove: platform.OpDeleteNotificationIntegration, member: "notificationIntegrations", hidden: []string{"events", "restrictions"},
}

func checkNotification(k *check) {
	k.name(namePattern(), 39)
	k.required("type", "webhook")
	k.oneOf("type", "RAW_WEBHOOK", "DISCORD", "TEAMS", "TEAMS_WORKFLOWS")
	k.text("webhook", 2048)
	k.object("events", "restrictions")
}

// showNotification keeps the secret to itself, as the reference does.
func showNotification(c *call, r *record) (map[string]any, error) {
	shown := c.face(r)
	delete(shown, "secret")
	shown["restricted"] = jsonvalue.Bool(r.spec, "restricted")
	shown["status"] = map[string]any{"disabled": false}
	for name, none := range map[string]any{"projects": []any{}, "events": map[string]any{}} {
		if shown[name] == nil {
			shown[name] = none
		}
	}
	return shown, nil
}

// nothing lists what this platform has none of: it is linked to no Git host and
// no cloud.
func nothing(member string, paged bool) handler {
	return func(c *call) (any, error) {
		if paged {
			c.more = &pagination{}
		}
		return map[string]any{member: []any{}}, nil
	}
}
