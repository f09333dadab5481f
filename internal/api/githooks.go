package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
	"github.com/nf-lsp/nf-lsp/internal/trigger/githost"
)

// A GitHook is a webhook of a Git host.
type GitHook struct {
	Name   string
	Host   githost.Host
	Secret string
	// Repository is the address of the only one that it may speak of; empty for any.
	Repository string
}

// GitHooks know the webhooks of Git hosts, and act on what comes by them.
type GitHooks interface {
	// Hook returns the one of a name; ok is false where there is none.
	Hook(ctx context.Context, name string) (h GitHook, ok bool, err error)
	// Heard acts on what a request tells, which comes from who has the hook's secret. The
	// answer is JSON that the Git host shows to its users.
	Heard(ctx context.Context, h GitHook, told githost.Told) (answer any, err error)
}

const (
	gitHookPath = "/git-hooks/"
	// gitHookBody is the largest payload of GitHub, the largest of all.
	gitHookBody = 25 << 20
	// gitHookBodies is how many requests larger than gitHookSmall are read at once: nobody
	// knows yet who sends them.
	gitHookBodies = 8
	gitHookSmall  = 1 << 20
)

// gitHookName takes the path of a Git host's webhook apart.
func gitHookName(u *url.URL) (string, bool) { return strings.CutPrefix(u.Path, gitHookPath) }

// gitHook answers a request of a Git host. It goes by its signature, and not by a token.
func (h *Handler) gitHook(w *recorder, r *http.Request, name string, entry *Entry) {
	entry.Caller, entry.Operation = "git-hook", "git-hook"
	if r.Method != http.MethodPost {
		w.Header()["Allow"] = []string{"POST"}
		refuse(w, refusal(http.StatusMethodNotAllowed, ErrorMethod, "a webhook of a Git host takes POST"))
		return
	}
	hook, told, err := h.readGitHook(w, r, name)
	if err != nil {
		// Those who try names and signatures out get fewer answers. A host that is believed
		// may send as much as happens.
		var known *platform.Error
		if errors.As(err, &known) && known.Status < http.StatusInternalServerError && !h.strangers.admit(remoteHost(r), w.Header()) {
			err = refusal(http.StatusTooManyRequests, ErrorRateLimit, "too many requests that are no Git host's")
		}
		entry.Err = h.fail(w, err)
		return
	}
	ctx := platform.WithActor(r.Context(), func() string { return "git-hook " + hook.Name })
	data, err := h.options.GitHooks.Heard(ctx, hook, told)
	var body []byte
	if err == nil {
		body, err = json.Marshal(map[string]any{"data": data})
	}
	if err != nil {
		entry.Err = h.fail(w, err)
		return
	}
	answer(w, http.StatusOK, body)
}

// readGitHook reads a request and looks who has sent it, before it looks what is in it.
func (h *Handler) readGitHook(w *recorder, r *http.Request, name string) (hook GitHook, told githost.Told, err error) {
	hook, ok, err := h.options.GitHooks.Hook(r.Context(), name)
	switch {
	case err != nil:
		return hook, told, err
	case !ok:
		return hook, told, refusal(http.StatusNotFound, platform.ErrorNotFound, "there is no webhook of a Git host at "+clip(r.URL.Path, 200))
	}
	if r.ContentLength < 0 || r.ContentLength > gitHookSmall {
		select {
		case h.gitHookTurns <- struct{}{}:
			defer func() { <-h.gitHookTurns }()
		case <-r.Context().Done():
			return hook, told, r.Context().Err()
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w.ResponseWriter, r.Body, gitHookBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return hook, told, refusal(http.StatusRequestEntityTooLarge, ErrorTooLarge, "the request is larger than what Git hosts send")
	case err != nil:
		return hook, told, refusal(http.StatusRequestTimeout, ErrorTimeout, "the request did not arrive as a whole")
	}
	request := githost.Request{Header: r.Header.Get, Body: body}
	if err := githost.Verify(hook.Host, hook.Secret, request, h.options.Now()); err != nil {
		return hook, told, refusal(http.StatusUnauthorized, ErrorUnauthorized, err.Error())
	}
	if told, err = githost.Read(hook.Host, hook.Secret, request); err != nil {
		return hook, told, refusal(http.StatusBadRequest, platform.ErrorValidation, err.Error())
	}
	return hook, told, onlyOf(hook, &told)
}

// onlyOf keeps a hook to its repository, and gives events the address that it has here.
func onlyOf(hook GitHook, told *githost.Told) error {
	if hook.Repository == "" {
		return nil
	}
	same := len(told.Repositories) == 0
	for _, address := range told.Repositories {
		same = same || trigger.SameRepository(address, hook.Repository)
	}
	if !same {
		return refusal(http.StatusForbidden, ErrorForbidden, "this webhook is for another repository")
	}
	for i := range told.Events {
		told.Events[i].Repository = hook.Repository
	}
	told.Repositories = append([]string{hook.Repository}, told.Repositories...)
	return nil
}
