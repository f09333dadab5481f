// Package message sends what Message nodes say: to Slack, to any address, and as a
// comment on a pull request.
//
// A platform's API has no operation for that, so the machine where the run is executed
// sends by itself, on every target. A [Driver] stands in front of the one that drives
// all other kinds. A template decides where its messages go, so addresses within the
// networks of this machine are refused unless they were allowed; no address, token or
// other part of a request stands in an error. The package must not know how runs are kept.
package message

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Kind is the kind of the nodes that are driven here.
const Kind = "Message"

// The kinds of messages, as the spec names them.
const (
	slack   = "SLACK"
	webhook = "RAW_WEBHOOK"
	vcs     = "VCS"
)

// Timeout is how long the sending of one message may take, redirects included, where
// its node says nothing else.
const Timeout = 30 * time.Second

// Options say how messages are sent.
type Options struct {
	// Target is asked for the integrations of a team; it may be nil.
	Target platform.Target
	// Allowed are host names, IP addresses and networks (in CIDR form) that messages may
	// go to although they are not public.
	Allowed []string
	// Silent sends nothing: for rehearsals in a time of their own.
	Silent bool
	// Variables looks settings of Git hosts up; nil has none.
	Variables func(name string) string
	// UserAgent names the program to receivers.
	UserAgent string
}

// A Driver drives Message nodes, and has another one drive the others.
type Driver struct {
	platform.NodeDriver
	options Options
	out     *client
}

// New returns a driver in front of another one.
func New(next platform.NodeDriver, options Options) (*Driver, error) {
	allowed, err := parseAllowed(options.Allowed)
	if err != nil {
		return nil, err
	}
	if options.Variables == nil {
		options.Variables = func(string) string { return "" }
	}
	return &Driver{next, options, &client{allowed: allowed, agent: options.UserAgent}}, nil
}

// Supports implements [platform.NodeDriver].
func (d *Driver) Supports(kind string, spec any) error {
	if kind != Kind {
		return d.NodeDriver.Supports(kind, spec)
	}
	of := jsonvalue.Get(spec, "kind")
	if of == vcs && !d.options.Silent {
		service := jsonvalue.Get(spec, "spec.vcsService")
		if name, ok := service.(string); ok && !strings.Contains(name, "${") { // else only the run can tell
			_, err := d.account(name)
			return err
		}
	}
	return nil
}

// Repeatable implements [platform.NodeDriver]: what is sent twice is read twice.
func (d *Driver) Repeatable(req platform.NodeRequest) bool {
	return req.Kind != Kind && d.NodeDriver.Repeatable(req)
}

// Preview implements [platform.NodeDriver].
func (d *Driver) Preview(ctx context.Context, req platform.NodeRequest) (platform.Change, error) {
	if req.Kind != Kind {
		return d.NodeDriver.Preview(ctx, req)
	}
	desired := map[string]any{"to": recipient(req.Spec)}
	if text := jsonvalue.Get(req.Spec, "spec.message"); text != nil {
		desired["message"] = text
	}
	return platform.Change{Action: platform.ActionRun, Desired: desired, Output: map[string]any{}}, nil
}

// recipient says where a message goes, without what may be secret about that.
func recipient(spec any) string {
	switch of := jsonvalue.String(spec, "kind"); of {
	case slack:
		if id := jsonvalue.String(spec, "spec.integrationInternalId"); id != "" {
			return fmt.Sprintf("Slack, by the integration %q", id)
		}
		return "Slack"
	case webhook:
		if u, err := url.Parse(jsonvalue.String(spec, "spec.webhookUrl")); err == nil && u.Hostname() != "" {
			return "a webhook at " + u.Hostname()
		}
		return "a webhook"
	case vcs:
		number := jsonvalue.String(spec, "spec.pullRequestId")
		if number == "" {
			number = "?"
		}
		return fmt.Sprintf("pull request %s of %s", number, bare(jsonvalue.String(spec, "spec.repoUrl")))
	}
	return "nobody"
}

// Start implements [platform.NodeDriver].
func (d *Driver) Start(ctx context.Context, req platform.NodeRequest) (platform.Result, error) {
	if req.Kind != Kind {
		return d.NodeDriver.Start(ctx, req)
	}
	m, err := d.message(ctx, req)
	if err != nil {
		return platform.Result{}, err
	}
	if d.options.Silent {
		return platform.Result{Action: platform.ActionRun, Output: map[string]any{}}, nil
	}
	limit := platform.TimeoutOf(req.Node)
	if limit == 0 {
		limit = Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	output, err := m.send(ctx, d.out)
	if err != nil {
		return platform.Result{}, err
	}
	return platform.Result{Action: platform.ActionRun, Output: output}, nil
}

// Find implements [platform.NodeDriver]: comments are looked for, other messages nobody
// can ask for.
func (d *Driver) Find(ctx context.Context, req platform.NodeRequest) (platform.Result, bool, error) {
	if req.Kind != Kind {
		return d.NodeDriver.Find(ctx, req)
	}
	if d.options.Silent {
		return platform.Result{}, false, nil
	}
	m, err := d.message(ctx, req)
	if err != nil {
		return platform.Result{}, false, err
	}
	found, there, err := m.find(ctx, d.out)
	if errors.Is(err, errCannotTell) {
		err = &platform.UndecidedError{Subject: "the message to " + recipient(req.Spec)}
	}
	return platform.Result{Action: platform.ActionRun, Output: found}, there, err
}

// FindByID implements [platform.NodeDriver].
func (d *Driver) FindByID(ctx context.Context, req platform.NodeRequest, id string) (platform.Result, error) {
	if req.Kind != Kind {
		return d.NodeDriver.FindByID(ctx, req, id)
	}
	return platform.Result{}, errors.New("messages have no identifier: say --done without one")
}

// errCannotTell says that nobody can be asked whether a message has arrived.
var errCannotTell = errors.New("nobody can be asked")

// A message is ready to be sent.
type message interface {
	send(ctx context.Context, out *client) (map[string]any, error)
	find(ctx context.Context, out *client) (map[string]any, bool, error)
}

// message makes what a node says ready.
func (d *Driver) message(ctx context.Context, req platform.NodeRequest) (message, error) {
	text := jsonvalue.String(req.Spec, "spec.message")
	if text == "" {
		return nil, platform.Invalid("spec.message", "is missing: there is nothing to send")
	}
	switch of := jsonvalue.String(req.Spec, "kind"); of {
	case slack:
		if id := jsonvalue.String(req.Spec, "spec.integrationInternalId"); id != "" && jsonvalue.String(req.Spec, "spec.webhookUrl") == "" {
			return d.byIntegration(ctx, id, text, req.Token)
		}
		return newPost(req.Spec, slackForm(text), req.Token)
	case webhook:
		return newPost(req.Spec, rawForm(text), req.Token)
	case vcs:
		return d.comment(req.Spec, text, req.Token)
	default:
		return nil, platform.Invalid("kind", "is %q: a message is of kind SLACK, RAW_WEBHOOK or VCS", of)
	}
}

// byIntegration asks the target for the address of one of its integrations.
func (d *Driver) byIntegration(ctx context.Context, id, text, token string) (message, error) {
	if d.options.Target == nil {
		return nil, platform.Invalid("spec.integrationInternalId", "cannot be looked up here: give a webhookUrl")
	}
	if d.options.Silent {
		return nil, nil
	}
	response, err := d.options.Target.Do(ctx, platform.OpGetNotificationIntegration, platform.Params{Path: map[string]string{"notificationId": id}}, nil)
	if platform.IsNotFound(err) {
		return nil, platform.Invalid("spec.integrationInternalId", "names no notification integration of the team: %q", id)
	}
	if err != nil {
		return nil, err
	}
	var found any
	if err := response.Data(&found); err != nil {
		return nil, err
	}
	form := slackForm(text)
	if jsonvalue.String(found, "type") == "DISCORD" {
		form = map[string]any{"content": text}
	}
	return newPost(map[string]any{"spec": map[string]any{"webhookUrl": jsonvalue.String(found, "webhook")}}, form, token)
}

// refusal is what a receiver has answered in place of taking a message.
func refusal(host string, status int, said string) error {
	text := fmt.Sprintf("%s answered %d %s", host, status, http.StatusText(status))
	if said != "" {
		text += ": " + said
	}
	return &platform.Error{Status: status, ID: "message-refused", Message: text}
}
