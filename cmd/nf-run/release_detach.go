package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

// detachRelease has a process of its own run a release, which outlives this one and its
// terminal, and returns when the run is recorded. What was asked for has been answered by
// then; arguments reach the process by its standard input, since they may be secrets.
func (c *command) detachRelease(ctx context.Context, p *stagePlace, arguments map[string]any, f releaseRunFlags) error {
	self, err := os.Executable()
	if err != nil {
		return exitWith(exitFailed, fmt.Errorf("the program cannot find itself: %w", err))
	}
	args := []string{"release", "run", p.shelf.Project + "/" + p.shelf.Pipeline, p.name, "--json", "--passed-on", "--target", f.target, "--state", p.store.Dir()}
	for name, text := range map[string]string{"name": f.name, "description": f.description, "wait": f.wait.text} {
		if text != "" {
			args = append(args, "--"+name+"="+text)
		}
	}
	for _, o := range f.overrides.all() {
		value := o.value
		if o.what != "" {
			value = o.what + "=" + value
		}
		args = append(args, "--"+o.flag+"="+value)
	}
	args = append(args, f.practice.args()...)
	for format, file := range f.files {
		if *file != "" {
			args = append(args, "--"+format+"="+abs(*file))
		}
	}
	input, err := json.Marshal(passedOn{Layers: []engine.Layer{{From: engine.FromFlag, Values: arguments, Literal: true}}})
	if err != nil {
		return exitWith(exitFailed, err)
	}
	child := exec.CommandContext(context.WithoutCancel(ctx), self, args...)
	child.Stdin, child.SysProcAttr = bytes.NewReader(input), detached()
	log, err := os.CreateTemp("", "nf-run-*.log")
	if err != nil {
		return exitWith(exitFailed, err)
	}
	defer func() { _ = os.Remove(log.Name()) }()
	defer func() { _ = log.Close() }()
	child.Stderr = log
	events, err := child.StdoutPipe()
	if err != nil {
		return exitWith(exitFailed, err)
	}
	if err := child.Start(); err != nil {
		return exitWith(exitFailed, fmt.Errorf("the run could not be started: %w", err))
	}
	// Its first event says which run it is. Nobody reads the others.
	first, err := bufio.NewReader(events).ReadBytes('\n')
	var event struct{ Run string }
	if err != nil || json.Unmarshal(first, &event) != nil || event.Run == "" {
		return notStarted(child.Wait(), log.Name())
	}
	return c.started(event.Run)
}
