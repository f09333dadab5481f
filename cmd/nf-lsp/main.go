// Command nf-lsp is the language server for Northflank templates. It speaks
// the language server protocol over its standard input and output.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/version"
)

const usage = `nf-lsp is the language server for Northflank templates.

An editor starts it and talks to it over standard input and output.

Usage: nf-lsp [--stdio] [--log FILE]

  --stdio      talk over standard input and output (the default)
  --log FILE   append what happens to FILE; without it, problems go to standard error
  --version    print the version and exit
  --help       print this and exit
`

// collectAt is how much garbage there may be, in hundredths of what is in use,
// before it is collected though nobody pauses. What is in use is little: 20 MB with
// a template of 200 KB, of which the other servers for JSON hold ten times as much.
// GOGC, where it is set, counts instead.
const collectAt = 300

// leastInUse is how many bytes count as in use at least. A small template has a
// megabyte or two, which would have garbage collected at every twelve megabytes of
// it: once in a hundred keys of somebody who makes no pauses. What is set aside for
// that is never touched, so that it costs addresses and no memory.
const leastInUse = 4 << 20

func main() {
	var untouched []byte
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
		untouched = make([]byte, leastInUse)
	}
	// A client that is gone shows as a failed write, which ends the server in
	// good order.
	signal.Ignore(syscall.SIGPIPE)
	code := run(os.Args[1:], stdio{}, os.Stdout, os.Stderr)
	runtime.KeepAlive(untouched)
	os.Exit(code)
}

// run returns the exit code: that of the protocol's life cycle, or 2 for wrong
// usage.
func run(args []string, client io.ReadWriteCloser, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("nf-lsp", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	showVersion := flags.Bool("version", false, "")
	flags.Bool("stdio", true, "")
	logFile := flags.String("log", "", "")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "nf-lsp: %v\n\n%s", err, usage)
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "nf-lsp: unexpected argument %q\n\n%s", flags.Arg(0), usage)
		return 2
	case *showVersion:
		fmt.Fprintln(stdout, version.String("nf-lsp"))
		return 0
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if *logFile != "" {
		f, err := os.OpenFile(*logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			fmt.Fprintf(stderr, "nf-lsp: the log cannot be written: %v\n", err)
			return 2
		}
		defer f.Close()
		log = slog.New(slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	server := lsp.New(lsp.Options{Version: version.Number(), Log: log})
	return server.Run(context.Background(), inPauses(client, pause, collectGarbage))
}

// stdio is the connection to the process that started the server.
type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return errors.Join(os.Stdin.Close(), os.Stdout.Close()) }
