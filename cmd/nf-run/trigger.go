package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
	"github.com/spf13/cobra"
)

func (c *command) trigger() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trigger",
		Short: "Tell the local platform what has happened in a Git repository",
		Long: `Trigger plays an event of a Git repository: release flows, previews and workflows whose
triggers watch the repository start as their rules say, and preview environments end
with their pull request or branch. What came of it is said for each document, with the
reason where nothing did.

On the local platform this process runs what is started, and waits for its end; the
exit code is 1 where a run has failed, and 6 where one waits for a person. With --target northflank and NORTHFLANK_API_HOST
the event goes to a server ('nf-run serve'), which runs it; the hosted platform hears of
events from the Git host itself.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, kind := range trigger.Kinds() {
		cmd.AddCommand(c.triggerEvent(kind))
	}
	cmd.AddCommand(c.triggerReceive())
	return cmd
}

// eventFlags are what an event says.
type eventFlags struct {
	target, repository, delivery string
	event                        trigger.Event
	since                        string
	wait                         patienceFlag
	messages                     []string
	paths                        []string
}

func (f *eventFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", "local", "the platform: local, or northflank for a server at NORTHFLANK_API_HOST")
	f.wait.add(flags)
	flags.StringVar(&f.repository, "repo", "", "the address of the repository, as triggers name it (default: that of the remote origin)")
}

// eventTitles say what the kinds of events are.
var eventTitles = map[trigger.Kind]string{
	trigger.Push: "Commits were pushed to a branch", trigger.PullRequest: "A pull request was opened, or its branch was pushed to",
	trigger.Label: "A label was put on a pull request", trigger.Release: "A release was published", trigger.CheckSuite: "A check suite has ended",
	trigger.Closed: "A pull request was closed or merged", trigger.Deleted: "A branch was deleted",
}

func (c *command) triggerEvent(kind trigger.Kind) *cobra.Command {
	f := eventFlags{event: trigger.Event{Kind: kind}}
	cmd := &cobra.Command{
		Use:   string(kind),
		Short: eventTitles[kind],
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.runTrigger(cmd.Context(), f) },
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.event.Branch, "branch", "", "the branch; of a release its tag (default: the one that is checked out)")
	flags.StringVar(&f.delivery, "delivery", "", "an identifier: what comes with one that has come before is not acted on again")
	if !kind.Ends() {
		flags.StringVar(&f.event.SHA, "sha", "", "the commit (default: that of the branch, in a working copy)")
		flags.StringVar(&f.since, "since", "", "take messages and changed files of the commits since this one from the working copy")
		flags.StringArrayVar(&f.messages, "message", nil, "the message of a commit, the newest last; may be repeated")
		flags.StringArrayVar(&f.paths, "path", nil, "a file that was changed; may be repeated (default: not known, so that path rules leave nothing out)")
	}
	if kind.OfPullRequest() {
		flags.IntVar(&f.event.PullRequestID, "pull-request", 0, "the number of the pull request")
		_ = cmd.MarkFlagRequired("pull-request")
	}
	if kind == trigger.PullRequest || kind == trigger.Label {
		flags.BoolVar(&f.event.Draft, "draft", false, "the pull request is a draft")
		flags.BoolVar(&f.event.Fork, "fork", false, "its branch is in another repository")
	}
	if kind == trigger.Label {
		flags.StringVar(&f.event.LabelName, "label", "", "the name of the label")
		_ = cmd.MarkFlagRequired("label")
	}
	return cmd
}

func (c *command) triggerReceive() *cobra.Command {
	var f eventFlags
	cmd := &cobra.Command{
		Use:   "receive",
		Short: "Tell of the pushes of a repository's post-receive hook",
		Long: `Receive is for the hook post-receive of a bare repository: it reads the lines that Git
writes to the hook (OLD NEW REF), and tells of a push for each branch, with the messages
and the changed files of its commits, or of the end of a branch.

  #!/bin/sh
  exec nf-run trigger receive --repo https://github.com/acme/shop`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.runTriggerReceive(cmd.Context(), f) },
	}
	f.add(cmd)
	return cmd
}

func (c *command) runTrigger(ctx context.Context, f eventFlags) error {
	git := repositoryIn(ctx, ".")
	if f.repository == "" {
		f.repository = git.origin()
	}
	if f.repository == "" {
		return errors.New("--repo is missing: there is no remote origin here that would say which repository is meant")
	}
	if f.event.Branch == "" && f.event.Kind != trigger.Release {
		f.event.Branch = git.branch()
	}
	if f.event.Branch == "" {
		return errors.New("--branch is missing: no branch is checked out here")
	}
	e := f.event
	e.Repository = f.repository
	if f.since != "" {
		tip := e.SHA
		if tip == "" {
			tip = "refs/heads/" + e.Branch
		}
		var err error
		if e.Commits, e.Paths, err = git.changes(f.since, tip); err != nil {
			return exitWith(exitFailed, err)
		}
	}
	if e.SHA == "" && !e.Kind.Ends() {
		e.SHA = git.commit("refs/heads/" + e.Branch)
	}
	for _, message := range f.messages {
		e.Commits = append(e.Commits, trigger.Commit{Message: message})
	}
	e.Paths = append(e.Paths, f.paths...)
	return c.sendEvents(ctx, f, []sentEvent{{e, f.delivery}})
}

func (c *command) runTriggerReceive(ctx context.Context, f eventFlags) error {
	git := repositoryIn(ctx, ".")
	if f.repository == "" {
		f.repository = git.origin()
	}
	if f.repository == "" {
		return errors.New("--repo is missing: it is the address of the repository, as triggers name it")
	}
	var events []sentEvent
	lines := bufio.NewScanner(io.LimitReader(c.in, 16<<20))
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 || !isCommit(fields[0]) || !isCommit(fields[1]) {
			return fmt.Errorf("a line of the hook is OLD NEW REF, not %q", lines.Text())
		}
		before, after := fields[0], fields[1]
		branch, ok := strings.CutPrefix(fields[2], "refs/heads/")
		if !ok {
			continue // a tag, or a note
		}
		e := trigger.Event{Kind: trigger.Push, Repository: f.repository, Branch: branch, SHA: after}
		switch {
		case strings.Trim(after, "0") == "":
			e.Kind, e.SHA = trigger.Deleted, ""
		case strings.Trim(before, "0") == "":
			// A new branch: what it changes is known against others only.
			e.Commits = git.newest(after)
		default:
			var err error
			if e.Commits, e.Paths, err = git.changes(before, after); err != nil {
				return exitWith(exitFailed, err)
			}
		}
		events = append(events, sentEvent{e, strings.Join(fields, " ")})
	}
	if err := lines.Err(); err != nil {
		return exitWith(exitFailed, err)
	}
	return c.sendEvents(ctx, f, events)
}

// A sentEvent is an event with the identifier of its delivery.
type sentEvent struct {
	trigger.Event
	Delivery string
}

// eventAnswer is what comes of an event, in JSON version 1.
type eventAnswer struct {
	Event    trigger.Kind   `json:"event"`
	Branch   string         `json:"branch"`
	Repeated bool           `json:"repeated"`
	Outcomes []eventOutcome `json:"outcomes"`
}

type eventOutcome struct {
	Resource    string   `json:"resource"`
	Kind        string   `json:"kind"`
	Action      string   `json:"action"`
	Triggers    []string `json:"triggers,omitempty"`
	Run         string   `json:"runId,omitempty"`
	Environment string   `json:"environmentId,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	Message     string   `json:"message,omitempty"`
	// Status is how the run has ended, where this process has run it.
	Status string `json:"status,omitempty"`
}

// sendEvents tells the platform of events, waits for what this process runs of them, and
// says what came of each.
func (c *command) sendEvents(ctx context.Context, f eventFlags, events []sentEvent) error {
	patience, err := f.wait.read(c.watched())
	if err != nil {
		return err
	}
	s, err := c.documents(ctx, f.target, nil)
	if err != nil {
		return err
	}
	defer s.close()
	s.waitFor(patience)
	answers := []eventAnswer{}
	for _, e := range events {
		answer, err := sendEvent(ctx, s.target, e)
		if err != nil {
			return exitWith(exitFailed, err)
		}
		answers = append(answers, answer)
	}
	failed, waits := false, false
	if s.runs != nil {
		// Ctrl-C leaves the runs where they are, to be gone on with.
		settled := make(chan error, 1)
		go func() { settled <- s.settleDocuments(context.WithoutCancel(ctx)) }()
		select {
		case err = <-settled:
		case <-ctx.Done():
			err = errors.New("it was interrupted; 'nf-run runs' lists the runs, and 'nf-run resume' goes on with one")
		}
		if err != nil {
			return exitWith(exitFailed, err)
		}
	}
	for _, answer := range answers {
		for i := range answer.Outcomes {
			o := &answer.Outcomes[i]
			if s.runs != nil && o.Run != "" && !answer.Repeated {
				run, err := engine.FindRun(ctx, s.store, o.Run)
				if err != nil {
					return exitWith(exitFailed, err)
				}
				o.Status = run.Status
				waits = waits || !run.Concluded() || run.Status == string(engine.StateUnknown)
				failed = failed || run.Concluded() && run.Status != string(engine.StateSuccess) && run.Status != string(engine.StateUnknown)
			}
			failed = failed || o.Action == "refused" && o.Reason != "environment-by-hand" && o.Reason != platform.ErrorConflict && o.Reason != platform.ErrorForbidden
		}
	}
	if c.json {
		err = c.writeJSON(answers)
	} else {
		err = c.writeAnswers(answers)
	}
	switch {
	case err != nil:
		return err
	case failed:
		return exitWith(exitFailed, nil)
	case waits:
		return exitWith(exitNeedsPerson, nil)
	}
	return nil
}

// sendEvent tells a target of an event.
func sendEvent(ctx context.Context, target platform.Target, e sentEvent) (eventAnswer, error) {
	answer := eventAnswer{Event: e.Kind, Branch: e.Branch, Outcomes: []eventOutcome{}}
	body, err := json.Marshal(struct {
		trigger.Event
		Delivery string `json:"delivery,omitempty"`
	}{e.Event, e.Delivery})
	if err != nil {
		return answer, err
	}
	response, err := target.Do(ctx, platform.OpSendGitEvent, platform.Params{}, body)
	if err != nil {
		return answer, err
	}
	return answer, response.Data(&answer)
}

// writeAnswers says for each event what came of it, a line for each document.
func (c *command) writeAnswers(answers []eventAnswer) error {
	paint := painterFor(c.out)
	var b strings.Builder
	for _, a := range answers {
		fmt.Fprintf(&b, "%s %s", a.Event, terminal.Printable(a.Branch))
		if a.Repeated {
			b.WriteString(": told before, and not acted on again")
		} else if len(a.Outcomes) == 0 && a.Event.Ends() {
			b.WriteString(": no preview environment ends with it")
		} else if len(a.Outcomes) == 0 {
			b.WriteString(": nobody watches the repository")
		}
		b.WriteString("\n")
		for _, o := range a.Outcomes {
			fmt.Fprintf(&b, "  %s %s: ", o.Kind, terminal.Printable(strings.TrimPrefix(o.Resource, "projects/")))
			switch o.Action {
			case "run":
				fmt.Fprintf(&b, "run %s", o.Run)
				if o.Environment != "" {
					fmt.Fprintf(&b, " of %s", o.Environment)
				}
			case "delete":
				fmt.Fprintf(&b, "%s is deleted", o.Environment)
				if o.Run != "" {
					fmt.Fprintf(&b, " after its teardown, run %s", o.Run)
				}
			default:
				fmt.Fprintf(&b, "nothing: %s %s", terminal.Printable(o.Message), paint.dim("["+o.Reason+"]"))
			}
			if o.Status != "" {
				fmt.Fprintf(&b, ": %s", painted(engine.State(o.Status), paint))
			}
			b.WriteString("\n")
		}
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

func isCommit(text string) bool {
	return (len(text) == 40 || len(text) == 64) && strings.Trim(text, "0123456789abcdef") == ""
}
