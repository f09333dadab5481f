package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// maxSecret is the most that is read of a value, in bytes.
const maxSecret = 1 << 20

// valueFlags say where a value comes from that does not stand on the command line,
// where everybody on the machine could read it.
type valueFlags struct{ file string }

func (f *valueFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "file", "", `read the value from a file; "-" is standard input`)
}

// secretText reads a value that is text: from the file, from standard input or,
// where that is a terminal, from whoever sits there, without showing what is
// typed. One line end at its end is dropped: it comes from the shell.
func (c *command) secretText(ctx context.Context, name string, f valueFlags) (string, error) {
	data, err := c.secretBytes(ctx, name, f)
	if err != nil {
		return "", err
	}
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return "", exitWith(exitFailed, fmt.Errorf("the value of %s is no text: encode it, for example with base64", name))
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

// secretBytes is secretText for what may be anything.
func (c *command) secretBytes(ctx context.Context, name string, f valueFlags) ([]byte, error) {
	from, in := "standard input", c.in
	switch terminal, ok := c.in.(*os.File); {
	case f.file != "" && f.file != "-":
		file, err := os.Open(f.file)
		if err != nil {
			return nil, exitWith(exitFailed, err)
		}
		defer func() { _ = file.Close() }()
		from, in = f.file, file
	case ok && term.IsTerminal(int(terminal.Fd())):
		return c.ask(ctx, terminal, name)
	}
	data, err := io.ReadAll(io.LimitReader(in, maxSecret+1))
	switch {
	case err != nil:
		return nil, exitWith(exitFailed, fmt.Errorf("cannot read the value of %s: %w", name, err))
	case len(data) > maxSecret:
		return nil, exitWith(exitFailed, fmt.Errorf("the value of %s is larger than %d bytes", name, maxSecret))
	case len(bytes.TrimRight(data, "\r\n")) == 0:
		// A variable that was not set, mostly; who means an empty value says so.
		return nil, exitWith(exitFailed, fmt.Errorf("%s holds no value for %s; an empty one is set with %s=", from, name, name))
	}
	return data, nil
}

// ask reads a line from a terminal that does not show it.
func (c *command) ask(ctx context.Context, terminal *os.File, name string) ([]byte, error) {
	fd := int(terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	fmt.Fprintf(c.errOut, "%s: ", name)
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		fmt.Fprintln(c.errOut)
		if a.err == nil && len(a.text) == 0 {
			a.err = errors.New("nothing was typed")
		}
		if a.err != nil {
			return nil, exitWith(exitFailed, fmt.Errorf("%s is not set: %w", name, a.err))
		}
		return a.text, nil
	case <-ctx.Done():
		// The terminal is left as it was found.
		_ = term.Restore(fd, before)
		fmt.Fprintln(c.errOut)
		return nil, exitWith(exitAborted, fmt.Errorf("%s is not set", name))
	}
}

// revealFlags say whether secrets are shown.
type revealFlags struct{ reveal, force bool }

func (f *revealFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.reveal, "reveal", false, "show the values, on a terminal")
	cmd.Flags().BoolVar(&f.force, "force", false, "with --reveal: also where standard output is no terminal")
}

// allowed refuses to write secrets into files and logs unless that is asked for.
func (f *revealFlags) allowed(c *command) error {
	if f.reveal && !f.force && !isTerminal(c.out) {
		return exitWith(exitUsage, errors.New("--reveal shows secrets on a terminal, and standard output is none; with --force they are written all the same"))
	}
	return nil
}
