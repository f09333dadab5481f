package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// runFlags are the flags of the commands that execute.
type runFlags struct {
	arguments     []string
	argumentsFile string
	target        string
	targetGiven   bool
	until         string
	teardown      bool
	plan          string // the plan file that is carried out; empty for none
	out           string // where a plan is written; empty for nowhere
	rehearsal     rehearsalFlags
	patience      patienceFlag
	detach        bool
	id            string // chosen by the process that started this one
	as            string // the link's name, where a file has several
	commit        string // that the file was brought from, as engine.ParseCommit reads it; empty to ask Git
	passedOn      bool   // the arguments come from that process by standard input
	reports       reports
}

func (c *command) run() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a template, or carry out a plan, and show each node's state",
		Long: `Run checks the template, runs it and shows the state of every node while it
goes on. Nothing starts where the template has errors.

FILE may also be a plan that 'nf-run plan --out' has written. It is carried out as
it is, with the date that it was made at, and refused when anything has changed
since: the template, arguments, secrets, the resources that are there. Secrets
are in no plan file; those of the command line are given again.

On the local platform failures can be rehearsed. --fail db=2:no capacity lets the
first two attempts of the node db fail with that reason, --fail db=2-2 only the
second, --fail db=* all. A reason may begin with an HTTP status (404 and the like
are not tried again), or be "lost" (the work is done, the answer is lost),
"unknown" (nobody can tell what was done) or "hang" (no answer comes). --delay
makes the platform's work take time, --fast lets all time pass at once. --approve
has people approve whatever they are asked to; --fail of an Approval rejects it.

With --until the run ends after one node. What that depends on is run before:
the steps before it, in every sequence that it stands in, and what it refers to.

Approval nodes wait for people, who say 'nf-run approve RUN NODE'. When nothing
else goes on any more, run waits for them on a terminal, and elsewhere ends with
the exit code 6: the run is kept, and goes on when they have approved. --wait says
otherwise.

Ctrl-C asks for an orderly end: nothing new starts, what is going on is ended
and recorded. A second Ctrl-C ends the process at once; 'nf-run resume' goes on.

The exit code is 0 on success, 1 when the run failed, 3 when it was aborted,
5 when the concurrency policy kept it from starting, 6 when it needs a person.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.targetGiven = cmd.Flags().Changed("target")
			return c.runRun(cmd.Context(), args[0], f)
		},
	}
	flags := cmd.Flags()
	f.add(flags, targetUsage)
	flags.StringVar(&f.until, "until", "", "run one node, by its ref, its JSON pointer or the name that plans call it by, and all that it depends on")
	f.addRunning(cmd)
	return cmd
}

// add adds the flags of all commands that make a program of a template.
func (f *runFlags) add(flags *pflag.FlagSet, target string) {
	flags.StringArrayVar(&f.arguments, "arg", nil, "an argument as NAME=VALUE; may be repeated")
	flags.StringVar(&f.argumentsFile, "args-file", "", "a JSON file with an object of arguments")
	flags.StringVar(&f.target, "target", "local", target)
}

// addRunning adds the flags of those that run it.
func (f *runFlags) addRunning(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.rehearsal.add(flags)
	f.patience.add(flags)
	flags.BoolVar(&f.detach, "detach", false, "start the run in a process of its own, print its id and return")
	f.reports = reportFlags(cmd)
	flags.StringVar(&f.id, "id", "", "")
	flags.StringVar(&f.as, "as", "", "")
	_ = flags.MarkHidden("as")
	flags.StringVar(&f.commit, "of-commit", "", "")
	_ = flags.MarkHidden("of-commit")
	flags.BoolVar(&f.passedOn, "passed-on", false, "")
	_ = flags.MarkHidden("id")
	_ = flags.MarkHidden("passed-on")
}

func (c *command) runRun(ctx context.Context, path string, f runFlags) error {
	if err := f.reports.check(); err != nil {
		return err
	}
	plan, err := openPlan(path)
	if err != nil {
		return err
	}
	if plan != nil {
		if f.plan = path; f.teardown && !plan.Teardown {
			return fmt.Errorf("%s is a plan of a run, not of a teardown: carry it out with 'nf-run run'", path)
		}
		f.teardown = plan.Teardown
		if path, err = f.planned(path, plan); err != nil {
			return err
		}
	}
	rehearsal, err := f.rehearsal.read(f.target)
	if err != nil {
		return err
	}
	patience, err := f.patience.read(c.watched())
	if err != nil {
		return err
	}
	given, err := c.readArguments(&f)
	if err != nil {
		return err
	}
	if plan != nil {
		given.planned = plan.Layers()
	}
	d, err := c.open(path)
	if err != nil {
		return err
	}
	if err := given.check(d); err != nil {
		return err
	}
	if f.as != "" {
		d.name = f.as
	}
	if f.detach {
		rehearsal = nil // the other process has it
	}
	revision := func() engine.Revision { return engine.Revision{} } // the other process finds it out
	if !f.detach {
		revision = c.revisionOf(ctx, d, f.commit)
	}
	// A state folder is made only for a template that can run.
	var s *session
	if c.hasState() {
		if s, err = c.start(ctx, f.target, rehearsal); err != nil {
			return err
		}
		defer s.close()
	}
	outliveReaders()
	traced := c.traces()
	defer traced.close()
	for warned := false; ; warned = true {
		program, err := c.program(ctx, d, given, s, &f)
		if err != nil {
			return err
		}
		if !warned {
			c.warn(program.Warnings())
		}
		if s == nil {
			if s, err = c.start(ctx, f.target, rehearsal); err != nil {
				return err
			}
			defer s.close()
		}
		if f.detach {
			if plan != nil {
				if err := s.engine.CheckPlan(ctx, plan, program); err != nil {
					return c.ended(d, engine.Result{}, err)
				}
			}
			return c.detach(ctx, s, d, program, given, f)
		}
		view := c.reporting(c.view(""), f.reports)
		opts := engine.RunOptions{ID: f.id, Revision: revision(), Plan: plan, Rehearsal: rehearsal, Patience: patience, Accepted: s.readied(ctx, program), Observers: traced.beside(view), Traceparent: traced.parent}
		if rehearsal != nil && rehearsal.Fast && program.Policy != "" && program.Policy != engine.Allow {
			opts.Policy = engine.Forbid // nobody waits in a time of their own for what goes on outside
		}
		result, err := s.engine.Run(ctx, program, opts)
		view.close()
		if errors.Is(err, history.ErrBegun) {
			continue // another process was faster to be the first, whose arguments may differ
		}
		return c.ended(d, result, err)
	}
}

// program makes what is run or planned of a document and of what the state folder
// keeps for it.
func (c *command) program(ctx context.Context, d *document, g given, s *session, f *runFlags) (*engine.Program, error) {
	options, err := g.options(ctx, d, s)
	if err != nil {
		return nil, err
	}
	options.Until, options.Teardown = f.until, f.teardown
	program, err := c.compile(d, options)
	if err == nil && f.teardown && s != nil && s.store != nil {
		if program.Inherited, err = s.engine.LastOutputs(ctx, program.Identity, program.Environment); err != nil {
			return nil, exitWith(exitFailed, err)
		}
	}
	return program, err
}

// warn says what is odd and does not keep a run from starting.
func (c *command) warn(problems []engine.Problem) {
	paint := painterFor(c.errOut)
	for _, p := range problems {
		fmt.Fprintf(c.errOut, "%s: %s %s\n", paint.yellow("warning"), p.Message, paint.dim("["+p.Code+"]"))
	}
}

// ended says how a run has ended and gives the exit code.
func (c *command) ended(d *document, r engine.Result, err error) error {
	var refused *engine.RefusedError
	var forbidden *engine.ForbiddenError
	var unknown *engine.UnknownError
	var changed *engine.ChangedError
	switch {
	case errors.As(err, &refused) && d != nil:
		return c.refuse(d, refused.Problems)
	case errors.As(err, &unknown):
		return exitWith(exitNeedsPerson, waitsForPerson(unknown.Run, unknown.Nodes))
	case errors.Is(err, errTaken):
		return err // who has asked says more
	case errors.As(err, &changed):
		for _, what := range changed.Changes {
			fmt.Fprintf(c.errOut, "changed since the plan: %s\n", what)
		}
		return exitWith(exitFailed, errors.New("nothing was started: the plan does not fit any more; make a new one"))
	case errors.As(err, &forbidden):
		return exitWith(exitNotStarted, err)
	case err != nil:
		return exitWith(exitFailed, err)
	}
	if !c.json {
		fmt.Fprintf(c.out, "run %s: %s\n", r.ID, r.State)
	}
	switch r.State {
	case engine.StateSuccess:
		return nil
	case engine.StateAborted:
		return exitWith(exitAborted, nil)
	case engine.StateUnknown:
		return exitWith(exitNeedsPerson, waitsForPerson(r.ID, r.Unknown))
	case engine.StateApprovalWait:
		return exitWith(exitNeedsPerson, undecided(r.ID, r.Undecided))
	}
	return exitWith(exitFailed, nil)
}

// view is an observer that shows a run.
type view interface {
	engine.Observer
	close()
}

// outliveReaders keeps a run going where nobody reads any more what it writes, as in
// run --json | head: a write then fails, and would have ended the process.
func outliveReaders() { signal.Ignore(syscall.SIGPIPE) }

// view chooses how a run is shown: one JSON event a line, a tree that is drawn
// in place, or plain lines. only is the path of the one node that is shown beside
// the run as a whole; empty for all.
func (c *command) view(only string) view {
	if c.json {
		return &eventsView{out: &lines{to: c.out}, only: only}
	}
	if f, ok := c.errOut.(*os.File); ok && isTerminal(f) && os.Getenv("TERM") != "dumb" && terminal.Prepare(f) {
		tree := newTreeView(f, only)
		c.drawn.Store(tree)
		return tree
	}
	return newLinesView(c.errOut, only)
}

// eventsView writes one event a line, as docs/nf-run.md describes them.
type eventsView struct {
	out  *lines
	only string
}

// Events implements engine.BatchObserver.
func (v *eventsView) Events(batch []engine.Event) {
	v.out.hold()
	defer v.out.release()
	for _, e := range batch {
		v.Event(e)
	}
}

// Event implements engine.Observer.
func (v *eventsView) Event(e engine.Event) {
	if v.only != "" && e.Node != nil && e.Node.Path != v.only {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return
	}
	_, _ = v.out.Write(b.Bytes())
}

func (v *eventsView) close() {}
