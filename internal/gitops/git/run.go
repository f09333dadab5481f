package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Program is the git program and the way it is run. The zero Program is "git" in the
// PATH, with nobody there to answer questions.
type Program struct {
	// Path of the program; empty for git in the PATH.
	Path string
	// Interactive says that a person sits at the terminal, so that git and ssh may ask
	// for passwords.
	Interactive bool
	// Local and Network bound how long a command may take; 0 for a minute and for ten.
	Local, Network time.Duration
}

// maxOutput bounds what is read of a command: a listing of a million files has less.
const maxOutput = 256 << 20

// call is one command.
type call struct {
	dir     string // where it is run; empty for here
	gitDir  string // the repository; empty to let git look for one
	url     URL    // the remote "origin"; zero for none
	args    []string
	in      io.Reader
	env     []string
	set     [][2]string // configuration of this command alone
	network bool
	// quiet commands answer by their exit code alone.
	quiet bool
	// hook commands run programs of the user's that call git themselves, as at the prompt.
	hook bool
}

// localVariables are those by which one git tells another where it works. A program
// that a hook has started has them, and they mean another repository than ours. The
// list is that of git rev-parse --local-env-vars, without the configuration.
var localVariables = map[string]bool{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES": true, "GIT_OBJECT_DIRECTORY": true, "GIT_DIR": true, "GIT_WORK_TREE": true, "GIT_IMPLICIT_WORK_TREE": true,
	"GIT_GRAFT_FILE": true, "GIT_INDEX_FILE": true, "GIT_NO_REPLACE_OBJECTS": true, "GIT_REPLACE_REF_BASE": true, "GIT_PREFIX": true,
	"GIT_SHALLOW_FILE": true, "GIT_COMMON_DIR": true, "GIT_NAMESPACE": true, "GIT_QUARANTINE_PATH": true,
	"GIT_LITERAL_PATHSPECS": true, "GIT_GLOB_PATHSPECS": true, "GIT_NOGLOB_PATHSPECS": true, "GIT_ICASE_PATHSPECS": true,
	"GIT_CURL_VERBOSE": true, // as GIT_TRACE_CURL
}

// environment is the user's, with what the call needs. The address of the repository
// stands in it and not among the arguments, which everybody on a machine can read.
func (p *Program) environment(c *call) []string {
	count := 0
	var env []string
	for _, e := range os.Environ() {
		name, value, _ := strings.Cut(e, "=")
		switch {
		case strings.HasPrefix(name, "GIT_TRACE"): // prints secrets of the connection on the error output
		case localVariables[name] || name == "LC_ALL" || name == "LANGUAGE":
		case name == "GIT_CONFIG_COUNT":
			count, _ = strconv.Atoi(value)
		default:
			env = append(env, e)
		}
	}
	// English, by which errors are told apart, and UTF-8.
	env = append(env, "LC_ALL=C.UTF-8", "LANGUAGE=")
	if !c.hook {
		env = append(env, "GIT_LITERAL_PATHSPECS=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_OPTIONAL_LOCKS=0")
	}
	if !p.Interactive {
		env = append(env, "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never")
	}
	set := func(key, value string) {
		env = append(env, fmt.Sprintf("GIT_CONFIG_KEY_%d=%s", count, key), fmt.Sprintf("GIT_CONFIG_VALUE_%d=%s", count, value))
		count++
	}
	// Also where the user's configuration replaces addresses by others.
	set("protocol.ext.allow", "never")
	set("protocol.fd.allow", "never")
	set("core.quotePath", "false")
	if !c.url.IsZero() {
		set("remote.origin.url", c.url.raw)
	}
	for _, one := range c.set {
		set(one[0], one[1])
	}
	env = append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(count))
	return append(env, c.env...)
}

// run executes a command and returns its standard output.
func (p *Program) run(ctx context.Context, c *call) ([]byte, error) {
	limit := p.Local
	if limit == 0 {
		limit = time.Minute
	}
	if c.network {
		if limit = p.Network; limit == 0 {
			limit = 10 * time.Minute
		}
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	path := p.Path
	if path == "" {
		path = "git"
	}
	args := c.args
	if c.gitDir != "" {
		args = append([]string{"--git-dir=" + c.gitDir}, args...)
	}
	cmd := exec.CommandContext(bounded, path, args...)
	cmd.Dir, cmd.Stdin, cmd.Env = c.dir, c.in, p.environment(c)
	out, errOut := &limited{max: maxOutput}, &limited{max: 64 << 10, drop: true}
	cmd.Stdout, cmd.Stderr = out, errOut
	detach(cmd, p.Interactive)
	// A helper that git has started may hold the pipes open behind its end. A machine with
	// much else to do needs its time to read them to theirs.
	cmd.WaitDelay = 20 * time.Second
	err := cmd.Run()
	if bounded.Err() != nil {
		reap(cmd)
	}
	words := c.words()
	switch {
	case err == nil:
		return out.Bytes(), nil
	case errors.Is(err, exec.ErrNotFound) || errors.Is(err, os.ErrNotExist) && path != "git":
		return nil, &Error{Reason: NotInstalled, Message: "there is no git on this machine: install it (https://git-scm.com), or add its folder to PATH", Err: err}
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(bounded.Err(), context.DeadlineExceeded):
		of := ""
		if !c.url.IsZero() {
			of = " of " + c.url.named()
		}
		return nil, &Error{
			Reason: TimedOut, Message: fmt.Sprintf("git %s%s took longer than %v and was ended: check the network, and that nothing waits for a password", words, of, limit),
			Output: c.url.Redact(strings.TrimSpace(errOut.String())), Err: bounded.Err(),
		}
	case out.full:
		return nil, &Error{Reason: Failed, Message: fmt.Sprintf("git %s answered with more than %d MB", words, maxOutput>>20), Err: err}
	case c.quiet:
		return out.Bytes(), err
	}
	return out.Bytes(), explain(c.url, words, errOut.String(), err)
}

// words name the command in messages. Other arguments may be long or secret.
func (c *call) words() string {
	for _, a := range c.args {
		if !strings.HasPrefix(a, "-") {
			return a
		}
	}
	return "command"
}

// limited keeps what is written to it, up to a size; more is an error, or is dropped.
type limited struct {
	bytes.Buffer
	max  int
	drop bool
	full bool
}

func (l *limited) Write(p []byte) (int, error) {
	room := l.max - l.Len()
	if len(p) <= room {
		return l.Buffer.Write(p)
	}
	l.full = true
	l.Buffer.Write(p[:room])
	if l.drop {
		return len(p), nil
	}
	return room, errors.New("too much output")
}

// Version returns what git calls its version, as in "2.39.5".
func (p *Program) Version(ctx context.Context) (string, error) {
	out, err := p.run(ctx, &call{args: []string{"version"}})
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "git version "), err
}
