package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/api/page"
	"github.com/nf-lsp/nf-lsp/internal/catalog/assert"
	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/history"
	"github.com/nf-lsp/nf-lsp/internal/engine/runner"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
	"github.com/spf13/cobra"
)

// defaultAddress is loopback: nobody else reaches it.
const defaultAddress = "127.0.0.1:4780"

// tokensVariable holds tokens that must not stand in the list of processes.
const tokensVariable = "NF_SERVE_TOKENS"

// Bounds of a connection. A body of a few megabytes over a slow line has its
// time; a client that sends a byte now and then has not.
const (
	headerTime   = 10 * time.Second
	requestTime  = time.Minute
	answerTime   = 2 * time.Minute
	idleTime     = 2 * time.Minute
	shutdownTime = 10 * time.Second
	headerBytes  = 64 << 10
)

// serveFlags are what "serve" is told.
type serveFlags struct {
	address   string
	tokens    []string
	tokenFile string
	hosts     []string
	rateLimit int
	hookLimit int
	delays    []string
	quiet     bool
	events    trigger.Lists
	// draftsOnly takes changes of templates as drafts.
	draftsOnly bool
}

func (c *command) serve() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the local platform as a REST API",
		Long: `Serve offers the resources of the local platform under the platform's own REST
API, for its official clients, for scripts and for tests. Runs of this machine and
clients of the server see the same resources. Opened in a browser it is a page that
shows the runs of the state folder while they go on.

Templates that clients store are run by the server itself. Release flows, previews and
workflows whose triggers watch a repository are started by its events, which are sent
to /v1/git-events, or come from GitHub, GitLab and Bitbucket themselves by the webhooks of
'nf-run sync hook'. A run that goes on when the server ends stops where it is, and the next server goes on with it.

Without a token the server takes requests from this machine only, and listens on
a loopback address only. Tokens are read from --token, from the lines of
--token-file and from NF_SERVE_TOKENS, separated by spaces; what stands on a
command line others can see in the list of processes. A token is VALUE or
NAME=VALUE; its name stands in the log.

The server ends with Ctrl-C, after the requests that it is at.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.runServe(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.address, "addr", defaultAddress, "HOST:PORT to listen on; port 0 takes a free one")
	flags.StringArrayVar(&f.tokens, "token", nil, "let in who sends this token, as VALUE or NAME=VALUE; may be repeated")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with a token on each line")
	flags.StringArrayVar(&f.hosts, "host", nil, "a further name by which a server without tokens is called; may be repeated")
	flags.BoolVar(&f.draftsOnly, "drafts-only", false, "take changes of stored templates as drafts only, which somebody accepts")
	flags.IntVar(&f.rateLimit, "rate-limit", 0, "how many requests each token has in an hour (default: any number)")
	flags.IntVar(&f.hookLimit, "webhook-limit", api.DefaultWebhookLimit, "how often each webhook may be called in a minute")
	flags.StringArrayVar(&f.delays, "delay", nil, "how long things take, as TIME for all or STEP=TIME, with STEP one of "+strings.Join(stepNames(), ", "))
	flags.StringArrayVar(&f.events.Accounts, "git-account", nil, "listen to Git events of the repositories of this account only; * stands for any characters; may be repeated")
	flags.StringArrayVar(&f.events.Repositories, "git-repository", nil, "listen to Git events of this repository only, such as github.com/acme/shop or github.com/acme/*; may be repeated")
	flags.BoolVarP(&f.quiet, "quiet", "q", false, "do not log requests")
	return cmd
}

// steps are the parts of lifecycles whose time can be set.
var steps = []struct {
	name string
	of   func(*local.Delays) *time.Duration
}{
	{"queue", func(d *local.Delays) *time.Duration { return &d.Queue }},
	{"build", func(d *local.Delays) *time.Duration { return &d.Build }},
	{"deploy", func(d *local.Delays) *time.Duration { return &d.Deploy }},
	{"provision", func(d *local.Delays) *time.Duration { return &d.Provision }},
	{"upgrade", func(d *local.Delays) *time.Duration { return &d.Upgrade }},
	{"run", func(d *local.Delays) *time.Duration { return &d.Run }},
	{"backup", func(d *local.Delays) *time.Duration { return &d.Backup }},
	{"restore", func(d *local.Delays) *time.Duration { return &d.Restore }},
}

func stepNames() []string {
	names := make([]string, len(steps))
	for i, s := range steps {
		names[i] = s.name
	}
	return names
}

// readDelays reads TIME and STEP=TIME, the later ones over the earlier.
func readDelays(texts []string) (*local.Delays, error) {
	delays := local.DefaultDelays()
	for _, text := range texts {
		name, duration, one := strings.Cut(text, "=")
		if !one {
			duration = text
		}
		d, err := time.ParseDuration(duration)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("--delay takes a time such as 2s or 1h30m, or STEP=TIME, not %q", text)
		}
		known := false
		for _, s := range steps {
			if !one || s.name == name {
				*s.of(&delays), known = d, true
			}
		}
		if !known {
			return nil, fmt.Errorf("--delay knows no step %q; it knows %s", name, strings.Join(stepNames(), ", "))
		}
	}
	return &delays, nil
}

// readTokens collects the tokens of all sources.
func (f serveFlags) readTokens() ([]api.Token, error) {
	texts := slices.Concat(f.tokens, strings.Fields(os.Getenv(tokensVariable)))
	if f.tokenFile != "" {
		content, err := os.ReadFile(f.tokenFile)
		if err != nil {
			return nil, err
		}
		lines := 0
		for line := range strings.Lines(string(content)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				texts = append(texts, line)
				lines++
			}
		}
		if lines == 0 {
			return nil, fmt.Errorf("%s holds no token", f.tokenFile)
		}
	}
	tokens := make([]api.Token, 0, len(texts))
	for _, text := range texts {
		token, err := api.ParseToken(text)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token)
	}
	return tokens, nil
}

// listen opens the address. Without tokens it has to be a loopback one.
func listen(ctx context.Context, address string, open bool) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--addr takes HOST:PORT, not %q", address)
	}
	if open && !loopbackHost(host) {
		return nil, fmt.Errorf("--addr %s is reached from other machines: give it a token (--token-file, %s), or listen on %s", address, tokensVariable, defaultAddress)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	return listener, nil
}

func loopbackHost(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// servingOutput is what "serve --json" says first, version 1; a line for each
// request follows.
type servingOutput struct {
	Version int    `json:"version"`
	URL     string `json:"url"`
	State   string `json:"state"`
	PID     int    `json:"pid"`
}

// requestOutput is the JSON form of one request.
type requestOutput struct {
	At        time.Time `json:"at"`
	Caller    string    `json:"caller,omitempty"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Operation string    `json:"operation,omitempty"`
	Status    int       `json:"status"`
	MS        float64   `json:"ms"`
	Error     string    `json:"error,omitempty"`
}

func (c *command) runServe(ctx context.Context, f serveFlags) error {
	tokens, err := f.readTokens()
	if err != nil {
		return err
	}
	delays, err := readDelays(f.delays)
	if err != nil {
		return err
	}
	if f.rateLimit < 0 {
		return fmt.Errorf("--rate-limit takes a number from 0, not %d", f.rateLimit)
	}
	if f.hookLimit < 1 {
		return fmt.Errorf("--webhook-limit takes a number from 1, not %d", f.hookLimit)
	}
	dir, err := c.stateFolder()
	if err != nil {
		return exitWith(exitFailed, err)
	}
	collectLate(little)
	listener, err := listen(ctx, f.address, len(tokens) == 0)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	store, err := history.OpenWith(ctx, dir, history.Options{Keyring: c.keyring})
	if err != nil {
		return exitWith(exitFailed, err)
	}
	defer func() { _ = store.Close() }()
	embedded := local.New(local.Options{Dir: filepath.Join(dir, "local"), Boxer: boxer(store.Sealer()), Delays: delays, Events: f.events, Remembers: true, DraftsOnly: f.draftsOnly})
	defer func() { _ = embedded.Close() }()
	keep, err := retention("", "")
	if err != nil {
		return err
	}
	front, err := c.front(embedded, dir, store, nil, true)
	if err != nil {
		return err
	}
	documents := runner.New(engine.Engine{Store: store, Secrets: engine.NewPlatformSecrets(embedded, engine.StoredSecrets{Store: store}),
		Checker: engine.CatalogChecker{Assert: assert.Node, Prepare: assert.Prepare}, Retention: &keep}, embedded, front)
	defer documents.Close()
	embedded.RunWith(documents)
	if err := embedded.ResumeRuns(ctx); err != nil {
		return exitWith(exitFailed, err)
	}
	defer c.attend(ctx, embedded)()

	shown := page.New(servedRuns{c, store})
	hooks, stop, err := c.hostHooks(ctx, dir, store.Sealer(), embedded)
	if err != nil {
		return err
	}
	defer stop()
	options := api.Options{Target: embedded, GitHooks: hooks, Tokens: tokens, Hosts: f.hosts, RateLimit: f.rateLimit, WebhookLimit: f.hookLimit, Page: shown}
	if !f.quiet {
		options.Log = c.requestLog()
	}
	handler, err := api.New(options)
	if err != nil {
		return err
	}
	closing := func() { shown.Close(); handler.Close() }
	return c.serveOn(ctx, listener, handler, closing, dir)
}

// serveOn says where the platform is served, and serves it.
func (c *command) serveOn(ctx context.Context, listener net.Listener, handler http.Handler, closing func(), dir string) error {
	url := "http://" + listener.Addr().String()
	if c.json {
		if err := json.NewEncoder(c.out).Encode(servingOutput{1, url, dir, os.Getpid()}); err != nil {
			return exitWith(exitFailed, err)
		}
	} else {
		fmt.Fprintf(c.errOut, "The local platform in %s is served at %s; Ctrl-C ends it.\n", dir, url)
	}
	return c.serveHandler(ctx, listener, handler, closing)
}

// serveHandler takes requests until the context ends, and finishes those that it has;
// closing ends those that would go on for ever.
func (c *command) serveHandler(ctx context.Context, listener net.Listener, handler http.Handler, closing func()) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes: headerBytes,
		ErrorLog:       log.New(c.errOut, "nf-run: ", 0),
	}
	server.RegisterOnShutdown(closing)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()

	select {
	case err := <-ended:
		return exitWith(exitFailed, err)
	case <-ctx.Done():
	}
	// The context is over; what ends the server has a time of its own.
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		_ = server.Close()
		return exitWith(exitFailed, fmt.Errorf("requests that took longer than %s were cut off", shutdownTime))
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return exitWith(exitFailed, err)
	}
	return nil
}

// requestLog writes a line for each request: to standard output as JSON, to the
// error output for people.
func (c *command) requestLog() func(api.Entry) {
	var mu sync.Mutex
	return func(e api.Entry) {
		mu.Lock()
		defer mu.Unlock()
		ms := float64(e.Duration.Microseconds()) / 1000
		failure := ""
		if e.Err != nil {
			failure = e.Err.Error()
		}
		if c.json {
			_ = json.NewEncoder(c.out).Encode(requestOutput{time.Now().UTC(), e.Caller, e.Method, e.Path, e.Operation, e.Status, ms, failure})
			return
		}
		fmt.Fprintf(c.errOut, "%s  %d  %6.1f ms  %s  %s %s\n", time.Now().Format(time.TimeOnly), e.Status, ms, e.Caller, e.Method, e.Path)
		if failure != "" {
			fmt.Fprintln(c.errOut, failure)
		}
	}
}
