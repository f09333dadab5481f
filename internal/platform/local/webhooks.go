package local

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A webhook of a release flow or a preview template is a record below the document:
// its address is a secret of the platform's, and not part of the document. Workflows
// and blueprints have theirs in a trigger.
const (
	webhookType    = "webhook"
	webhookSegment = "webhook"
)

// webhookFamilies are the documents behind the addresses /FAMILY/TOKEN.
func webhookFamilies() map[string][]string {
	return map[string][]string{
		platform.WebhookReleaseFlows: {releaseFlowFlavour.typ},
		platform.WebhookPreviews:     {previewFlavour.typ, blueprintFamily.typ},
		platform.WebhookWorkflows:    {workflowFamily.typ},
	}
}

// webhookFamily is the family of a document's type.
func webhookFamily(typ string) string {
	for family, types := range webhookFamilies() {
		if slices.Contains(types, typ) {
			return family
		}
	}
	return ""
}

// Bounds of a webhook's request.
const (
	mostParameters   = 100
	longestParameter = 8 << 10
)

// getWebhook tells where the webhook of a document is. The answer is a secret.
func getWebhook(c *call) (any, error) {
	owner, err := c.webhooked()
	if err != nil {
		return nil, err
	}
	r, err := c.tx.load(owner.key + "/" + webhookSegment)
	if err != nil {
		return nil, err
	}
	return showWebhook(owner, r), nil
}

func showWebhook(owner, r *record) map[string]any {
	shown := map[string]any{"enabled": r != nil && jsonvalue.Bool(r.spec, "enabled")}
	if shown["enabled"] == true {
		shown["path"] = "/" + webhookFamily(owner.typ) + "/" + jsonvalue.String(r.spec, "token")
	}
	return shown
}

// setWebhook switches the webhook of a document on or off, or gives it another address.
func setWebhook(c *call) (any, error) {
	owner, err := c.webhooked()
	if err != nil {
		return nil, err
	}
	k := &check{spec: c.body}
	k.required("enabled")
	k.boolean("enabled", "regenerate")
	if err := k.err(); err != nil {
		return nil, err
	}
	r, err := c.keepWebhook(owner.key, jsonvalue.Bool(c.body, "enabled"), jsonvalue.Bool(c.body, "regenerate"))
	if err != nil {
		return nil, err
	}
	return showWebhook(owner, r), nil
}

// webhooked is the document of the path, where it can have a webhook of its own.
func (c *call) webhooked() (*record, error) {
	owner, _, err := c.documentOf()
	if err != nil {
		return nil, err
	}
	switch owner.typ {
	case releaseFlowFlavour.typ, previewFlavour.typ:
		return owner, nil
	case workflowFamily.typ, blueprintFamily.typ:
		return nil, conflict("%s has its webhook in a trigger, with the token that the trigger says", nameOf(owner))
	}
	return nil, conflict("%s has no webhook: release flows and preview templates do", nameOf(owner))
}

// keepWebhook makes the webhook of a document what it is asked to be. One that is
// switched on again has the address that it had.
func (c *call) keepWebhook(owner string, enabled, regenerate bool) (*record, error) {
	key := owner + "/" + webhookSegment
	r, err := c.tx.load(key)
	if err != nil {
		return nil, err
	}
	if r == nil {
		if !enabled {
			return nil, nil
		}
		r = &record{key: key, parent: owner, typ: webhookType, created: c.now, spec: map[string]any{"enabled": true, "token": freshToken()}}
		return r, c.tx.create(r, struct{}{})
	}
	if jsonvalue.Bool(r.spec, "enabled") == enabled && !regenerate {
		return r, nil
	}
	spec := maps.Clone(r.spec)
	if spec["enabled"] = enabled; regenerate {
		spec["token"] = freshToken()
	}
	r.spec = spec
	return r, c.tx.save(r, struct{}{}, c.now)
}

// freshToken is one that nobody guesses.
func freshToken() string {
	var b [24]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// documentWebhook reads what a document says about its webhook, which is not kept in it:
// an address is made anew once.
func documentWebhook(spec map[string]any) (kept map[string]any, said, enabled, regenerate bool) {
	asked := jsonvalue.Object(spec, "webhook")
	if asked == nil {
		return spec, false, false, false
	}
	enabled, regenerate = jsonvalue.Bool(asked, "enabled"), jsonvalue.Bool(asked, "regenerate")
	kept, asked = maps.Clone(spec), maps.Clone(asked)
	delete(asked, "regenerate")
	kept["webhook"] = asked
	return kept, true, enabled, regenerate
}

// callWebhook starts what a webhook is for. Sources: "Run a release flow using a
// webhook", "Create a preview environment using a webhook".
func callWebhook(c *call) (any, error) {
	k := &check{spec: c.body}
	k.required("family", "token")
	k.text("delivery", longestDelivery)
	k.object("query")
	if err := k.err(); err != nil {
		return nil, err
	}
	owner, err := c.behindWebhook(jsonvalue.String(c.body, "family"), jsonvalue.String(c.body, "token"))
	if err != nil {
		return nil, err
	}
	if pausedTriggers(owner) {
		c.status = http.StatusAccepted
		return map[string]any{"message": "nothing was started: the triggers of " + nameOf(owner) + " are paused"}, nil
	}
	token := ""
	if delivery := jsonvalue.String(c.body, "delivery"); delivery != "" {
		token = "webhook " + delivery
		before, found, err := c.tx.remembered(token, c.op.ID, owner.key)
		if err != nil {
			return nil, err
		}
		if found {
			var answer map[string]any
			err := before.Data(&answer)
			return answer, err
		}
	}
	query := jsonvalue.Object(c.body, "query")
	body, err := webhookRequest(owner.spec, query)
	if err != nil {
		return nil, err
	}
	one := *c
	one.body, one.params.Token = body, token
	asked, err := readRun(&one)
	if err != nil {
		return nil, err
	}
	asked.origin.By = byWebhook
	run, err := one.enact(listeners()[owner.typ], owner, jsonvalue.Object(body, "arguments"), asked)
	if err != nil {
		return nil, err
	}
	c.later = one.later
	answer := map[string]any{"id": run.id(), "status": pending.Status}
	for _, name := range []string{"environment", "name"} {
		if text := jsonvalue.String(run.spec, name); text != "" && answer["name"] == nil {
			answer["name"] = text
		}
	}
	if token == "" {
		return answer, nil
	}
	kept, err := jsonvalue.Marshal(map[string]any{"data": answer})
	if err != nil {
		return nil, err
	}
	return answer, c.tx.rememberDelivery(token, c.op.ID, owner.key, platform.Response{Status: http.StatusOK, Body: kept}, c.tx.store.outside(c.now))
}

// behindWebhook finds the document of a webhook. It takes as long whatever is right
// about a token: all are compared, by their digests.
func (c *call) behindWebhook(family, token string) (*record, error) {
	given := sha256.Sum256([]byte(token))
	found := ""
	same := func(own, owner string) {
		digest := sha256.Sum256([]byte(own))
		if subtle.ConstantTimeCompare(given[:], digest[:]) == 1 && own != "" {
			found = owner
		}
	}
	hooks, err := c.tx.typed(webhookType)
	if err != nil {
		return nil, err
	}
	for _, r := range hooks {
		if jsonvalue.Bool(r.spec, "enabled") {
			same(jsonvalue.String(r.spec, "token"), r.parent)
		}
	}
	for _, typ := range []string{workflowFamily.typ, blueprintFamily.typ} {
		owners, err := c.tx.typed(typ)
		if err != nil {
			return nil, err
		}
		for _, owner := range owners {
			for _, t := range jsonvalue.List(owner.spec, "triggers") {
				if own := jsonvalue.String(t, "spec.token"); jsonvalue.String(t, "kind") == "webhook" && !strings.Contains(own, "${") {
					same(own, owner.key)
				}
			}
		}
	}
	if found != "" {
		owner, err := c.tx.load(found)
		if err != nil {
			return nil, err
		}
		if owner != nil && slices.Contains(webhookFamilies()[family], owner.typ) {
			return owner, nil
		}
	}
	return nil, &platform.Error{Status: http.StatusNotFound, ID: platform.ErrorNotFound, Message: "there is no webhook at this address"}
}

// webhookRequest makes a request to run a document of the parameters of an address:
// name and description, the values of its triggers, and arguments.
func webhookRequest(document, query map[string]any) (map[string]any, error) {
	if len(query) > mostParameters {
		return nil, platform.Invalid("query", "has %d parameters; at most %d are taken", len(query), mostParameters)
	}
	refs := map[string]bool{}
	for _, t := range jsonvalue.List(document, "triggers") {
		refs[jsonvalue.String(t, "ref")] = true
	}
	arguments, triggers := map[string]any{}, map[string]any{}
	body := map[string]any{"arguments": arguments, "triggers": triggers}
	for _, parameter := range slices.Sorted(maps.Keys(query)) {
		value, ok := query[parameter].(string)
		switch {
		case !ok:
			return nil, platform.Invalid("query."+parameter, "is no text")
		case len(value) > longestParameter:
			return nil, platform.Invalid("query."+parameter, "is %d characters long; at most %d are taken", len(value), longestParameter)
		}
		dot := strings.LastIndexByte(parameter, '.')
		if dot < 0 || !refs[parameter[:dot]] || parameter[:dot] == "" {
			if parameter == "name" || parameter == "description" {
				body[parameter] = value
			} else if parameter != "" {
				arguments[parameter] = value
			}
			continue
		}
		commit, _ := triggers[parameter[:dot]].(map[string]any)
		if commit == nil {
			commit = map[string]any{}
			triggers[parameter[:dot]] = commit
		}
		switch field := parameter[dot+1:]; field {
		case "branch", "sha", "repoUrl":
			commit[field] = value
		case "pullRequestId":
			number, err := strconv.ParseInt(value, 10, 53)
			if err != nil || number < 1 {
				return nil, platform.Invalid("query."+parameter, "is %q; a pull request has a number", value)
			}
			commit[field] = number
		default:
			return nil, platform.Invalid("query."+parameter, "names nothing of the trigger %q, which has branch, sha, pullRequestId and repoUrl", parameter[:dot])
		}
	}
	return body, nil
}
