package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/message"
	"github.com/nf-lsp/nf-lsp/internal/platform/tofu"
	"github.com/nf-lsp/nf-lsp/internal/version"
)

// tofuVariable says where OpenTofu lies.
const tofuVariable = "NF_TOFU"

// allowVariable lists what messages may reach though it is not public.
const allowVariable = "NF_ALLOW_ADDRESSES"

// front puts what this machine does by itself in front of a target's driver: kinds for
// which a platform's API has no operation. The rehearsal may be nil.
// serves says that the templates are those of clients of a server.
func (c *command) front(target platform.Target, dir string, store *history.Store, rehearsal *engine.Rehearsal, serves bool) (func(platform.NodeDriver) platform.NodeDriver, error) {
	messages := message.Options{
		Target: target, Allowed: strings.Split(os.Getenv(allowVariable), ","), Silent: rehearsal != nil && rehearsal.Fast,
		Variables: os.Getenv, UserAgent: "nf-run/" + version.Number(),
	}
	if _, err := message.New(nil, messages); err != nil {
		return nil, exitWith(exitFailed, fmt.Errorf("%s: %w", allowVariable, err))
	}
	modules := tofu.Options{Program: os.Getenv(tofuVariable), Environment: os.Environ(), Silent: messages.Silent}
	if store != nil {
		modules.Dir, modules.Sealer = filepath.Join(dir, "tofu"), store.Sealer()
	}
	if serves && modules.Program == "" {
		modules.Refuse = "OpenTofu nodes of a server's clients run with the server's credentials: name OpenTofu in " + tofuVariable + " to allow that"
	}
	if t, ok := target.(platform.Templater); ok && t.OnlyInTemplates(tofu.Apply, nil) {
		modules.Elsewhere = true
	}
	return func(next platform.NodeDriver) platform.NodeDriver {
		d, _ := message.New(tofu.New(next, modules), messages) // its options were looked at
		return d
	}, nil
}
