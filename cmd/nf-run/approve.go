package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/spf13/cobra"
)

// approveFlags say what a person decides, and how the run goes on.
type approveFlags struct {
	reject   bool
	reason   string
	detach   bool
	patience patienceFlag
	files    reports
}

func (c *command) approve() *cobra.Command {
	var f approveFlags
	cmd := &cobra.Command{
		Use:   "approve RUN|latest [NODE]",
		Short: "Approve or reject what a run waits for, and go on with it",
		Long: `Approve says for the user of this machine that a run may go on behind an Approval
node; --reject says that it may not, which ends the node as failed. NODE is its
ref, its JSON pointer or its name, and may be left out where one node waits.

Each person counts once. The decision is kept before anything else happens, and
the history shows who has decided what and when.

Where a process waits for it (a run on a terminal, a detached one, serve), that
goes on, and approve returns. Else approve goes on with the run itself, shows it and
exits as run does: with 6 where more people are needed. --detach has a process of
its own go on.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.runApprove(cmd.Context(), args[0], strings.Join(args[1:], ""), f)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.reject, "reject", false, "say no: the node fails, and is not tried again")
	flags.StringVar(&f.reason, "reason", "", "why, for the history")
	flags.BoolVar(&f.detach, "detach", false, "go on in a process of its own, and return")
	f.patience.add(flags)
	f.files = reportFlags(cmd)
	return cmd
}

func (c *command) runApprove(ctx context.Context, id, node string, f approveFlags) error {
	patience, err := f.patience.read(c.watched())
	if err != nil {
		return err
	}
	if err := f.files.check(); err != nil {
		return err
	}
	store, err := c.openHistory(ctx, id)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	run, err := findRun(ctx, store, id)
	if err != nil {
		return exitWith(exitFailed, runError(id, err))
	}
	verdict := engine.Verdict{Node: node, Reject: f.reject, Decision: engine.Decision{By: localUser(), Reason: f.reason, At: time.Now()}}
	decided, err := engine.Decide(ctx, store, run.ID, verdict)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	said := approveOutput{Run: run.ID, Node: cmp.Or(decided.Ref, decided.Path), Decision: decision(f.reject), By: verdict.By}
	if f.detach {
		if err := c.resumeDetached(ctx, store, run.ID, f.patience); err != nil {
			return err
		}
		return c.decided(ctx, store, said)
	}
	taken := false
	keep := func(_ history.Run, before *engine.Rehearsal) (*engine.Rehearsal, error) { return before, nil }
	goOn := func(e *engine.Engine, ctx context.Context, id string, opts engine.RunOptions) (engine.Result, error) {
		result, elsewhere, err := e.Decided(ctx, id, opts)
		if taken = elsewhere; taken && err == nil {
			err = errTaken
		}
		return result, err
	}
	err = c.goOn(ctx, run.ID, keep, goOn, engine.RunOptions{Patience: patience}, f.files)
	if taken && errors.Is(err, errTaken) {
		return c.decided(ctx, store, said)
	}
	return err
}

// errTaken says that another process goes on with a run.
var errTaken = errors.New("another process goes on with the run")

// approveOutput is the JSON form of a decision that another process goes on with.
type approveOutput struct {
	Run      string `json:"run"`
	Node     string `json:"node"`
	Decision string `json:"decision"`
	By       string `json:"by"`
	Status   string `json:"status"`
}

func decision(reject bool) string {
	if reject {
		return "rejected"
	}
	return "approved"
}

// decided says that a decision was taken, and how the run stands.
func (c *command) decided(ctx context.Context, store *history.Store, said approveOutput) error {
	view, err := engine.View(ctx, store, said.Run)
	if err != nil {
		return exitWith(exitFailed, err)
	}
	said.Status = string(view.Status)
	if c.json {
		return c.writeJSON(said)
	}
	_, err = fmt.Fprintf(c.out, "%s %s by %s\nrun %s: %s\n", said.Node, said.Decision, said.By, said.Run, said.Status)
	return err
}

// localUser names who uses this process, as the operating system does.
func localUser() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "user " + strconv.Itoa(os.Getuid())
}

// undecided says how people decide on what a run waits for.
func undecided(run string, nodes []string) error {
	text := fmt.Sprintf("the run waits for an approval of %s: say 'nf-run approve %s", strings.Join(nodes, ", "), run)
	if len(nodes) > 0 {
		text += " " + nodes[0]
	}
	return errors.New(text + "', or the same with --reject")
}
