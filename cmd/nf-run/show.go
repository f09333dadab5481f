package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/terminal"
	"github.com/spf13/cobra"
)

func (c *command) show() *cobra.Command {
	var follow bool
	var node, format, of string
	cmd := &cobra.Command{
		Use:   "show RUN|latest",
		Short: "Show a run: each node's state, attempts, inputs and answers",
		Long: `Show prints a run as a tree. With --node it prints one node, named as for --until: by its ref,
its JSON pointer or its name, with every attempt: the resolved input, the answer, the error,
the times; secrets are masked. With --follow it shows the run, or the node, until
the run ends and then exits as run does.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.json {
				format = "json"
			}
			return c.runShow(cmd.Context(), args[0], of, node, format, follow)
		},
	}
	cmd.Flags().BoolVar(&follow, "follow", false, "show what happens until the run ends")
	cmd.Flags().StringVar(&of, "of", "", "with latest: the newest run of the template in this file")
	cmd.Flags().StringVar(&format, "format", "text", "text, json, markdown or junit")
	cmd.Flags().StringVar(&node, "node", "", "one node, by its ref, its JSON pointer or its name")
	return cmd
}

func (c *command) runShow(ctx context.Context, id, of, node, format string, follow bool) error {
	report := reportFormats[format]
	switch {
	case report == nil && format != "text" && format != "json":
		return fmt.Errorf("--format takes text, json, markdown or junit, not %q", format)
	case of != "" && id != latest:
		return errors.New("--of goes with latest: a run that is named needs no template")
	case report != nil && (node != "" || follow):
		return fmt.Errorf("--format %s shows a whole run as it is now: leave out --node and --follow", format)
	case format == "json":
		c.json = true
	}
	store, err := c.openHistory(ctx, id)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	var run history.Run
	if of != "" {
		run, err = c.newestOf(ctx, store, of)
	} else {
		run, err = findRun(ctx, store, id)
	}
	if err != nil {
		return exitWith(exitFailed, runError(id, err))
	}
	view, err := engine.View(ctx, store, run.ID)
	if err != nil {
		return exitWith(exitFailed, runError(id, err))
	}
	if follow {
		path := ""
		if node != "" {
			n, err := view.Find(node)
			if err != nil {
				return exitWith(exitFailed, fmt.Errorf("run %s: %w", view.ID, err))
			}
			path = n.Path
		}
		return c.follow(ctx, store, run.ID, path)
	}
	if node != "" {
		n, err := view.Find(node)
		if err != nil {
			return exitWith(exitFailed, fmt.Errorf("run %s: %w", view.ID, err))
		}
		if c.json {
			return c.writeJSON(n)
		}
		return c.writeNode(n)
	}
	if c.json {
		return c.writeJSON(view)
	}
	if report != nil {
		return report(c.out, view, time.Now())
	}
	for _, l := range (canvas{paint: painterFor(c.out), now: time.Now()}).render(view) {
		if _, err := fmt.Fprintln(c.out, l); err != nil {
			return err
		}
	}
	switch {
	case view.Interrupted:
		fmt.Fprintf(c.out, "The process that executed it is gone. Go on with: nf-run resume %s\n", view.ID)
	case view.Status == engine.StateApprovalWait && len(view.Undecided()) > 0:
		fmt.Fprintf(c.out, "It waits for a person: %v\n", undecided(view.ID, view.Undecided()))
	case view.Process != nil && view.Process.Silent:
		fmt.Fprintf(c.out, "It is being executed by %s; %s.\n", view.Process, view.Process.Silence())
	case view.Concluded && view.Status == engine.StateUnknown:
		fmt.Fprintf(c.out, "It waits for a person: %v\n", waitsForPerson(view.ID, view.Unknown()))
	}
	return nil
}

func runError(id string, err error) error {
	if errors.Is(err, history.ErrNoRun) {
		return fmt.Errorf("there is no run %s; 'nf-run runs' lists them", id)
	}
	return err
}

// follow shows a run, or one node of it, until the run ends.
func (c *command) follow(ctx context.Context, store *history.Store, id, node string) error {
	view := c.view(node)
	watching, stop := context.WithCancel(ctx)
	defer stop()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watchProcess(watching, store, id)
	}()
	var run engine.RunView
	err := engine.Follow(ctx, store, id, 0, engine.ObserverFunc(func(e engine.Event) {
		run.Apply(e)
		view.Event(e)
	}))
	stop()
	<-watched
	view.close()
	switch {
	case ctx.Err() != nil && err != nil:
		return exitWith(exitFailed, fmt.Errorf("run %s is no longer followed; it goes on", id))
	case err != nil:
		return exitWith(exitFailed, runError(id, err))
	}
	return c.ended(nil, engine.Result{ID: run.ID, State: run.Status, Error: run.Error, Unknown: run.Unknown(), Undecided: run.Undecided()}, nil)
}

// watchProcess says so when the process that executes a run falls silent, once each time.
func (c *command) watchProcess(ctx context.Context, store *history.Store, id string) {
	said := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
		by := engine.ProcessOf(ctx, store, id)
		silent := by != nil && by.Silent
		if silent && !said {
			fmt.Fprintf(besideView{c}, "Run %s is being executed by %s; %s.\n", id, by, by.Silence())
		}
		said = silent
	}
}

func (c *command) writeNode(n *engine.NodeView) error {
	paint := painterFor(c.out)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s  %s  %s\n", stateColour(n.State, paint)(sign(n.State)), terminal.Printable(nodeTitle(n)), painted(n.State, paint), paint.dim(n.Path))
	if n.Reason != "" {
		fmt.Fprintf(&b, "  %s\n", terminal.Printable(n.Reason))
	}
	if len(n.Attempts) == 0 && n.Error != nil {
		fmt.Fprintf(&b, "  %s\n", paint.red(terminal.Printable(n.Error.Message)))
	}
	for _, a := range n.Attempts {
		fmt.Fprintf(&b, "\n  attempt %d  %s  %s", a.Attempt, painted(a.State, paint), a.StartedAt.Local().Format(time.DateTime))
		if !a.EndedAt.IsZero() {
			fmt.Fprintf(&b, "  %s", duration(a.EndedAt.Sub(a.StartedAt)))
		}
		if a.Action != "" {
			fmt.Fprintf(&b, "  %s", a.Action)
		}
		b.WriteString("\n")
		if a.Error != nil {
			fmt.Fprintf(&b, "  %s\n", paint.red(terminal.Printable(a.Error.Message)))
		}
		if a.Approval != nil {
			writeDecisions(&b, a.Approval)
		}
		block(&b, "input", a.Input)
		block(&b, "response", a.Response)
	}
	_, err := fmt.Fprint(c.out, b.String())
	return err
}

// writeDecisions tells who has decided what and when.
func writeDecisions(b *strings.Builder, a *engine.Approval) {
	fmt.Fprintf(b, "  %d of %d approvals\n", len(a.Given), a.Needed)
	say := func(what string, d *engine.Decision) {
		fmt.Fprintf(b, "    %s by %s  %s", what, terminal.Printable(d.By), d.At.Local().Format(time.DateTime))
		if d.Reason != "" {
			fmt.Fprintf(b, "  %s", terminal.Printable(d.Reason))
		}
		b.WriteString("\n")
	}
	for i := range a.Given {
		say("approved", &a.Given[i])
	}
	if a.Rejected != nil {
		say("rejected", a.Rejected)
	}
}

func block(b *strings.Builder, title string, data json.RawMessage) {
	if len(data) == 0 {
		return
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, data, "    ", "  ") != nil {
		return
	}
	fmt.Fprintf(b, "  %s:\n    %s\n", title, pretty.String())
}
