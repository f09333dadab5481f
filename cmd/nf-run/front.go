package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/message"
	"github.com/nf-lsp/nf-lsp/internal/version"
)

// allowVariable lists what messages may reach though it is not public.
const allowVariable = "NF_ALLOW_ADDRESSES"

// front puts what this machine does by itself in front of a target's driver: kinds for
// which a platform's API has no operation. The rehearsal may be nil.
func (c *command) front(target platform.Target, rehearsal *engine.Rehearsal) (func(platform.NodeDriver) platform.NodeDriver, error) {
	messages := message.Options{
		Target: target, Allowed: strings.Split(os.Getenv(allowVariable), ","), Silent: rehearsal != nil && rehearsal.Fast,
		Variables: os.Getenv, UserAgent: "nf-run/" + version.Number(),
	}
	if _, err := message.New(nil, messages); err != nil {
		return nil, exitWith(exitFailed, fmt.Errorf("%s: %w", allowVariable, err))
	}
	return func(next platform.NodeDriver) platform.NodeDriver {
		d, _ := message.New(next, messages) // its options were looked at
		return d
	}, nil
}
