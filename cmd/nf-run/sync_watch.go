package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/gitops"
	"github.com/spf13/cobra"
)

type watchFlags struct {
	pushFlags
	every  time.Duration
	once   bool
	push   bool
	listen string
	within time.Duration
}

// quiet is how long nobody has written a file before it is looked at, and before it is pushed.
const (
	quiet       = 300 * time.Millisecond
	quietToPush = 2 * time.Second
	// within is how long a pull or push of a watch may take with a host or a hook, while
	// other files wait.
	within = 3 * time.Minute
)

func (c *command) syncWatch() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "watch [FILE]",
		Short: "Pull whenever the repository has changes, until Ctrl-C",
		Long: `Watch asks each repository now and then whether its branches have moved, with one
request for all of its links, and pulls where they have. Templates that run by
themselves are started, each in a process of its own and under its concurrency
policy. What does not go together, and a repository that does not answer, is said
once; that one is asked less and less often, up to every quarter of an hour.

A file that is saved here is compared, and it is said what there is to push. With
--push it is pushed, as 'nf-run sync push' does: a template with errors is not. What a
host or a hook does not get done in the time of --within is given up, said, and tried
again later, so that it does not keep the other files waiting.

--listen takes the webhooks of Git hosts, at /git-hooks/NAME ('nf-run sync hook'),
so that a push there is here at once.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runSyncWatch(cmd.Context(), args, f) },
	}
	f.add(cmd)
	cmd.Flags().DurationVar(&f.every, "every", 30*time.Second, "how long a repository is left alone between two questions, from 1s")
	cmd.Flags().BoolVar(&f.once, "once", false, "ask each repository once and end")
	cmd.Flags().BoolVar(&f.push, "push", false, "push files that are saved here")
	cmd.Flags().StringVarP(&f.message, "message", "m", "", "with --push, the message of the commits")
	cmd.Flags().DurationVar(&f.within, "within", within, "how long a host or a hook may take with a pull or push, from 1s")
	cmd.Flags().StringVar(&f.listen, "listen", "", "HOST:PORT where webhooks of Git hosts are taken")
	f.addRuns(cmd)
	return cmd
}

func (c *command) runSyncWatch(ctx context.Context, args []string, f watchFlags) error {
	switch {
	case f.every < time.Second:
		return errors.New("--every is at least 1s: repositories are asked, not besieged")
	case f.within < time.Second:
		return errors.New("--within is at least 1s")
	case f.once && f.listen != "":
		return errors.New("--once ends at once, and --listen waits for others: one of them")
	case f.message != "" && !f.push:
		return errors.New("--message is that of the commits of --push")
	}
	s, err := c.syncer(ctx)
	if err != nil {
		return err
	}
	s.Git.Interactive = false // nobody sits there for ever
	s.Rewritten = f.rewritten
	if _, err := c.links(s, f.syncFlags, args); err != nil {
		return err
	}
	failures := 0
	w := c.watch(s, f, func() ([]gitops.Link, error) { return c.links(s, f.syncFlags, args) })
	w.Every = f.every
	failed := w.Failed
	w.Failed = func(links []gitops.Link, err error, again time.Duration) {
		failures++
		failed(links, err, again)
	}
	if f.listen != "" {
		stop, err := c.listenForHosts(ctx, s, w, f.listen)
		if err != nil {
			return err
		}
		defer stop()
	}
	err = w.Run(ctx, f.once)
	switch {
	case errors.Is(err, context.Canceled):
		return nil
	case err != nil:
		return syncFailed(err)
	case failures > 0:
		return exitWith(exitFailed, nil)
	}
	return nil
}

// watch pulls what others have pushed, and says or pushes what was saved here.
func (c *command) watch(s *gitops.Syncer, f watchFlags, links func() ([]gitops.Link, error)) *gitops.Watch {
	f.owe(s)
	bounded := s.Within(f.within)
	w := &gitops.Watch{
		Syncer: s, Links: links, Quiet: quiet,
		Moved: func(ctx context.Context, group []gitops.Link) error {
			return c.pullMoved(ctx, bounded, group, f.pullFlags)
		},
		Saved: func(ctx context.Context, group []gitops.Link) error { return c.saySaved(ctx, s, group) },
		Failed: func(_ []gitops.Link, err error, again time.Duration) {
			when := ""
			if !f.once && !gitops.ForPeople(err) {
				when = fmt.Sprintf(" (tried again in %v)", again.Round(time.Second))
			}
			fmt.Fprintf(c.errOut, "nf-run: %v%s\n", err, when)
		},
	}
	if f.push {
		w.Quiet = quietToPush
		w.Saved = func(ctx context.Context, group []gitops.Link) error {
			return c.pushSaved(ctx, bounded, group, f.pushFlags)
		}
	}
	return w
}

// pullMoved pulls into a file whose branch has moved.
func (c *command) pullMoved(ctx context.Context, s *gitops.Syncer, group []gitops.Link, f pullFlags) error {
	l := group[0]
	done, err := s.Pull(ctx, l, c.mergeOptions(l, false))
	runs, failed := c.startOwed(ctx, s, l, f.noRun)
	err = errors.Join(err, failed)
	started := slices.ContainsFunc(runs, func(r startedRun) bool { return r.Run != "" })
	same := done.Outcome == gitops.InSync && !done.Met || done.Outcome == gitops.Ahead || done.Outcome == gitops.New
	switch {
	case same && !started:
		return err // a commit that has not changed the file
	case !c.json:
		c.sayDone(l, done, runs)
	default:
		if werr := c.writeJSON(doneOf(group, done, runs, err)); werr != nil {
			return werr
		}
	}
	return err
}

// savedOutput is what "watch --json" writes of a file that was saved, version 1.
type savedOutput struct {
	Version int `json:"version"`
	linkStatus
}

// saySaved says what a file has to push. It asks nobody: what others have is known from the
// last fetch.
func (c *command) saySaved(ctx context.Context, s *gitops.Syncer, group []gitops.Link) error {
	l := group[0]
	st, err := s.Status(ctx, l, true, c.mergeOptions(l, false))
	switch {
	case err != nil:
		return err
	case st.Outcome == gitops.InSync, st.Outcome == gitops.Behind:
		return nil
	case c.json:
		return c.writeJSON(savedOutput{1, statusOf(l, st)})
	}
	c.sayStatus(l, st)
	return nil
}

// pushSaved pushes a file that was saved.
func (c *command) pushSaved(ctx context.Context, s *gitops.Syncer, group []gitops.Link, f pushFlags) error {
	// What has nothing to push is not looked at: its faults are no news.
	st, err := s.Status(ctx, group[0], true, c.mergeOptions(group[0], false))
	if err == nil && (st.Outcome == gitops.InSync || st.Outcome == gitops.Behind) {
		return nil
	}
	if err := s.Reach(ctx, group[0]); err != nil {
		return err // a host that hangs is given up sooner than a push
	}
	p, err := c.pushLink(ctx, s, group[0], f)
	if p.begun && p.done.Outcome != gitops.InSync && p.done.Outcome != gitops.Behind {
		if werr := c.sayPush(group, p, err); werr != nil {
			return werr
		}
	}
	return err
}

// listenForHosts takes the webhooks of Git hosts until it is stopped.
func (c *command) listenForHosts(ctx context.Context, s *gitops.Syncer, w *gitops.Watch, address string) (stop func(), err error) {
	listener, err := listen(ctx, address, false) // requests are signed
	if err != nil {
		return nil, err
	}
	handler, err := api.New(api.Options{GitHooks: &hostHooks{syncer: s, watch: w}, Log: c.refusedLog()})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	serving, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := c.serveHandler(serving, listener, handler, handler.Close); err != nil {
			fmt.Fprintf(c.errOut, "nf-run: webhooks are not taken any more: %v\n", err)
		}
	}()
	fmt.Fprintf(c.errOut, "Webhooks of Git hosts are taken at http://%s/git-hooks/NAME.\n", listener.Addr())
	return func() { cancel(); <-ended }, nil
}

// refusedLog writes a line for each request that was refused.
func (c *command) refusedLog() func(api.Entry) {
	var mu sync.Mutex
	return func(e api.Entry) {
		if e.Status < http.StatusBadRequest {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(c.errOut, "nf-run: %s %s was answered with %d\n", e.Method, e.Path, e.Status)
		if e.Err != nil {
			fmt.Fprintf(c.errOut, "nf-run: %v\n", e.Err)
		}
	}
}
