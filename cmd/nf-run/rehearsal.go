package main

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/spf13/pflag"
)

// rehearsalFlags say what a run on the local platform has to put up with.
type rehearsalFlags struct {
	failures []string
	fast     bool
	delay    time.Duration
	approve  bool
}

func (f *rehearsalFlags) add(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.failures, "fail", nil, "rehearse a failure, as NODE=N[:REASON]: the first N attempts of the node fail (N-M: only those, *: all); may be repeated")
	flags.BoolVar(&f.fast, "fast", false, "rehearse in virtual time: waits, delays and life cycles take no time")
	flags.BoolVar(&f.approve, "approve", false, "rehearse that people approve whatever they are asked to, at once")
	flags.DurationVar(&f.delay, "delay", 0, "how long each build, deployment, provisioning and job takes on the local platform (default: tens of milliseconds)")
}

// given names one of the flags that was given, empty for none.
func (f *rehearsalFlags) given() string {
	switch {
	case len(f.failures) > 0:
		return "--fail"
	case f.fast:
		return "--fast"
	case f.delay != 0:
		return "--delay"
	case f.approve:
		return "--approve"
	}
	return ""
}

// read makes the rehearsal of a run on a target; nil where nothing is rehearsed.
func (f *rehearsalFlags) read(target string) (*engine.Rehearsal, error) {
	flag := f.given()
	if flag == "" {
		return nil, nil
	}
	if target != "local" {
		return nil, fmt.Errorf("%s is for rehearsals on the local platform: real runs on %s have failures, times and people of their own", flag, target)
	}
	if f.delay < 0 {
		return nil, errors.New("--delay takes a time such as 2s or 1h30m")
	}
	r := &engine.Rehearsal{Fast: f.fast, Delay: f.delay, Approve: f.approve}
	for _, text := range f.failures {
		failure, err := readFailure(text)
		if err != nil {
			return nil, err
		}
		r.Failures = append(r.Failures, failure)
	}
	return r, nil
}

// args are the flags once more, for a process that runs in the place of this one.
func (f *rehearsalFlags) args() []string {
	var args []string
	for _, text := range f.failures {
		args = append(args, "--fail", text)
	}
	if f.fast {
		args = append(args, "--fast")
	}
	if f.approve {
		args = append(args, "--approve")
	}
	if f.delay > 0 {
		args = append(args, "--delay", f.delay.String())
	}
	return args
}

// readFailure reads NODE, NODE=N, NODE=N-M or NODE=*, with or without :REASON.
func readFailure(text string) (engine.Failure, error) {
	node, rest, counted := strings.Cut(text, "=")
	f := engine.Failure{Node: node, First: 1}
	wrong := fmt.Errorf("--fail takes NODE=N:REASON, with N the number of attempts that fail (or N-M, or *), not %q", text)
	if node == "" {
		return f, wrong
	}
	if !counted {
		return f, nil
	}
	attempts, reason, _ := strings.Cut(rest, ":")
	if attempts != "*" {
		first, last, ranged := strings.Cut(attempts, "-")
		if !ranged {
			first, last = "1", attempts
		}
		var err error
		if f.First, err = strconv.Atoi(first); err != nil || f.First < 1 {
			return f, wrong
		}
		if f.Last, err = strconv.Atoi(last); err != nil || f.Last < f.First {
			return f, wrong
		}
	}
	switch mode := engine.FailureMode(reason); mode {
	case engine.Lose, engine.Unsure, engine.Hang:
		f.Mode = mode
		return f, nil
	}
	status, message, _ := strings.Cut(reason, " ")
	if code, err := strconv.Atoi(status); err == nil && len(status) == 3 && code >= 400 && http.StatusText(code) != "" {
		f.Status, reason = code, strings.TrimSpace(message)
	}
	f.Reason = reason
	return f, nil
}

// pace sets a local platform's times as a rehearsal says, and returns the clock
// that the engine shares with it; nil for the time outside.
func pace(r *engine.Rehearsal, options *local.Options) engine.Clock {
	if r == nil {
		return nil
	}
	if d := r.Delay; d > 0 {
		options.Delays = &local.Delays{Queue: d, Build: d, Deploy: d, Provision: d, Upgrade: d, Run: d, Backup: d, Restore: d, Clone: d}
	}
	if !r.Fast {
		return nil
	}
	clock := engine.NewVirtualClock(time.Now())
	options.Clock, options.Virtual = clock.Now, true
	return clock
}

// rehearsed says what a run has to put up with, for people.
func rehearsed(r *engine.Rehearsal) string {
	if r == nil {
		return ""
	}
	var parts []string
	if r.Unreal() {
		parts = append(parts, "rehearsal")
	}
	if r.Fast {
		parts = append(parts, "in virtual time")
	}
	if r.Delay > 0 {
		parts = append(parts, "delay "+r.Delay.String())
	}
	if r.Approve {
		parts = append(parts, "approved by itself")
	}
	for _, f := range r.Failures {
		attempts := "*"
		switch {
		case f.First == 1 && f.Last > 0:
			attempts = strconv.Itoa(f.Last)
		case f.Last > 0:
			attempts = fmt.Sprintf("%d-%d", f.First, f.Last)
		}
		parts = append(parts, "fail "+f.Node+"="+attempts)
	}
	return "  " + strings.Join(parts, ", ")
}
