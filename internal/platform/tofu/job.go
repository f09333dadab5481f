package tofu

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// defaultTimeout is how long OpenTofu may take where the node says nothing else.
const defaultTimeout = 4 * time.Hour

// patience is how long OpenTofu may take to end in good order when its time is over.
const patience = 5 * time.Minute

// A job has OpenTofu do what a node says.
type job struct {
	driver *Driver
	task   task
	done   chan struct{} // closed at the end; what follows is set by then
	err    error
	output map[string]any
	secret []string
	asks   string // what a person has to confirm, where that is all that was done

	ctx    context.Context // done when OpenTofu is to be ended hard
	kill   context.CancelFunc
	asked  chan struct{} // closed when OpenTofu is to end in good order
	asking sync.Once
	why    error // why it was asked to

	mu  sync.Mutex
	say string
}

func newJob(d *Driver, t task) *job {
	j := &job{driver: d, task: t, done: make(chan struct{}), asked: make(chan struct{})}
	j.ctx, j.kill = context.WithCancel(context.Background())
	return j
}

func (j *job) detail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.say
}

func (j *job) tell(what string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.say = what
}

// ask has OpenTofu end in good order.
func (j *job) ask(why error) { j.asking.Do(func() { j.why = why; close(j.asked) }) }

// stop ends the job: in good order, or hard when ctx is done.
func (j *job) stop(ctx context.Context) bool {
	j.ask(context.Canceled)
	select {
	case <-j.done:
	case <-ctx.Done():
		j.kill()
		<-j.done
	}
	return true
}

func (j *job) run() {
	defer close(j.done)
	defer j.kill()
	limit := j.task.timeout
	if limit == 0 {
		limit = defaultTimeout
	}
	timer := time.AfterFunc(limit, func() {
		j.ask(&platform.Error{ID: "opentofu-timeout", Message: fmt.Sprintf("OpenTofu did not come to its end within %s", limit)})
		time.AfterFunc(patience, j.kill)
	})
	defer timer.Stop()
	if j.err = j.work(); j.err != nil {
		select {
		case <-j.asked:
			j.err = j.why
		default:
		}
	}
}

func (j *job) work() error {
	f := j.driver.folder(j.task.key)
	waiting, stop := context.WithCancel(j.ctx)
	defer stop()
	go func() {
		select {
		case <-j.asked:
			stop()
		case <-waiting.Done():
		}
	}()
	lock, err := f.lock(waiting, func() { j.tell("waits for another OpenTofu that is at this state") })
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	if j.task.verb == Destroy && !f.hasState() {
		j.output = map[string]any{}
		return nil // nothing is there to destroy
	}
	text := j.task.module
	if j.task.verb == Destroy {
		if text, err = f.lastModule(); err != nil {
			return fmt.Errorf("the module that was applied last cannot be read: %w", err)
		}
	}
	encryption, err := f.encryption()
	if err == nil {
		err = f.module(text)
	}
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.path(moduleFile)) }() // it may hold secrets
	r := &runner{job: j, dir: f.dir, lock: lock, encryption: encryption, pid: f.path(pidFile)}
	defer func() { _ = os.Remove(f.path(pidFile)) }()
	if r.program, err = j.driver.program(); err != nil {
		return err
	}
	j.tell("initializing")
	if err := r.plain("init", "-input=false", "-no-color"); err != nil {
		return err
	}
	if j.task.verb == Apply {
		if err := r.validate(); err != nil {
			return err
		}
		return r.apply()
	}
	j.output = map[string]any{}
	_, err = r.watched("apply", "-destroy", "-input=false", "-auto-approve", "-json")
	return err
}

// apply applies the module: at once, or what somebody has confirmed of it.
func (r *runner) apply() error {
	j, f := r.job, r.job.driver.folder(r.job.task.key)
	switch j.task.confirm {
	case confirmAsk:
		j.tell("planning")
		planned, err := r.watched("plan", "-input=false", "-json", "-out="+planFile)
		if err != nil {
			return err
		}
		if len(planned) > 0 {
			j.asks = told(planned)
			return nil
		}
	case confirmYes:
		if _, err := os.Stat(f.path(planFile)); err != nil {
			// It may have been applied by a process that could not tell.
			planned, err := r.watched("plan", "-input=false", "-json")
			if err != nil {
				return err
			}
			if len(planned) == 0 {
				return r.outputs()
			}
			return &platform.OutcomeError{Subject: "tofu apply", State: "without a plan", Reason: "the plan that was confirmed is gone: it has to be made and confirmed again"}
		}
		defer func() { _ = os.Remove(f.path(planFile)) }()
		j.tell("applying")
		if _, err := r.watched("apply", "-input=false", "-json", planFile); err != nil {
			return err
		}
		return r.outputs()
	}
	j.tell("planning")
	if _, err := r.watched("apply", "-input=false", "-auto-approve", "-json"); err != nil {
		return err
	}
	return r.outputs()
}

// told says what a plan would do, as far as there is room.
func told(planned []string) string {
	const most = 8
	text := strings.Join(planned[:min(len(planned), most)], ", ")
	if n := len(planned) - most; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// A runner starts OpenTofu in the folder of a state.
type runner struct {
	job        *job
	program    string
	dir        string
	lock       *os.File
	encryption string
	pid        string // the file for the number of the process
}

// start runs OpenTofu to its end; what it says goes to the writers.
func (r *runner) start(out, errOut io.Writer, args ...string) error {
	cmd := exec.CommandContext(r.job.ctx, r.program, args...)
	cmd.Dir, cmd.Env = r.dir, environment(r.job.driver.options.Environment, r.encryption)
	cmd.Stdout, cmd.Stderr = out, errOut
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = 5 * time.Second
	apart(cmd, r.lock)
	select {
	case <-r.job.asked:
		return r.job.why
	default:
	}
	if err := cmd.Start(); err != nil {
		return unable("OpenTofu cannot be started: %v", err)
	}
	_ = os.WriteFile(r.pid, []byte(strconv.Itoa(cmd.Process.Pid)), 0o600) // for whoever goes on after this process
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-r.job.asked:
			r.job.tell("ending")
			interrupt(cmd.Process)
		case <-ended:
		}
	}()
	return cmd.Wait()
}

// plain runs a command whose output is for people.
func (r *runner) plain(args ...string) error {
	var said bytes.Buffer
	if err := r.start(&said, &said, args...); err != nil {
		return r.failed(args[0], short(said.String()), err)
	}
	return nil
}

// failed is a command that has ended badly. What is a matter of the network or of a
// cloud can go well later.
func (r *runner) failed(command, reason string, err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	return &platform.OutcomeError{Subject: "tofu " + command, State: fmt.Sprintf("exit code %d", exit.ExitCode()), Reason: reason}
}

// A diagnostic is what OpenTofu says is wrong.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
}

func (d diagnostic) text() string {
	text := d.Summary
	if d.Address != "" {
		text = d.Address + ": " + text
	}
	if d.Detail != "" {
		text += ": " + d.Detail
	}
	return short(text)
}

// validate finds out what is wrong with the module itself, which no further attempt
// makes right.
func (r *runner) validate() error {
	var out, errOut bytes.Buffer
	err := r.start(&out, &errOut, "validate", "-json")
	var said struct {
		Valid       bool         `json:"valid"`
		Diagnostics []diagnostic `json:"diagnostics"`
	}
	if json.Unmarshal(out.Bytes(), &said) != nil {
		if err == nil {
			return nil
		}
		return r.failed("validate", short(errOut.String()), err)
	}
	if said.Valid {
		return nil
	}
	for _, d := range said.Diagnostics {
		if d.Severity == "error" {
			return platform.Invalid("spec.spec", "is no module that OpenTofu takes: %s", d.text())
		}
	}
	return platform.Invalid("spec.spec", "is no module that OpenTofu takes")
}

// watched runs a command that says in JSON what it does, and returns what it has
// planned.
func (r *runner) watched(args ...string) (planned []string, err error) {
	reader, writer := io.Pipe()
	var wrong []string
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(reader)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			var event struct {
				Message    string     `json:"@message"`
				Type       string     `json:"type"`
				Diagnostic diagnostic `json:"diagnostic"`
				Change     change     `json:"change"`
			}
			if json.Unmarshal(lines.Bytes(), &event) != nil {
				continue
			}
			switch event.Type {
			case "diagnostic":
				if event.Diagnostic.Severity == "error" {
					wrong = append(wrong, event.Diagnostic.text())
				}
			case "planned_change":
				planned = append(planned, event.Change.Action+" "+event.Change.Resource.Address)
			case "apply_start", "apply_progress", "refresh_start", "provision_start":
				r.job.tell(event.Message)
			}
		}
		_, _ = io.Copy(io.Discard, reader)
	}()
	var errOut bytes.Buffer
	err = r.start(writer, &errOut, args...)
	_ = writer.Close()
	<-read
	if err == nil {
		return planned, nil
	}
	reason := strings.Join(wrong, "; ")
	if reason == "" {
		reason = short(errOut.String())
	}
	return nil, r.failed(args[0], reason, err)
}

// A change is what OpenTofu would do to a resource.
type change struct {
	Action   string `json:"action"`
	Resource struct {
		Address string `json:"addr"`
	} `json:"resource"`
}

// outputs reads what the module leaves.
func (r *runner) outputs() error {
	var out, errOut bytes.Buffer
	if err := r.start(&out, &errOut, "output", "-json"); err != nil {
		return r.failed("output", short(errOut.String()), err)
	}
	outputs := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &outputs); err != nil {
		return fmt.Errorf("the outputs of OpenTofu cannot be read: %w", err)
	}
	for name, o := range outputs {
		if jsonvalue.Bool(o, "sensitive") {
			r.job.secret = append(r.job.secret, "/outputs/"+jsonvalue.EscapePointer(name)+"/value")
		}
	}
	slices.Sort(r.job.secret)
	r.job.output = map[string]any{"outputs": outputs}
	return nil
}

// short is the end of a text in one line, without the frames that OpenTofu draws.
func short(text string) string {
	const most = 1500
	text = strings.Map(func(r rune) rune {
		if strings.ContainsRune("│╷╵", r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = "…" + strings.ToValidUTF8(text[len(text)-most:], "")
	}
	return text
}

// plan asks OpenTofu what applying a module would do, in a copy of the folder. It
// returns nil where that cannot be told.
func (d *Driver) plan(ctx context.Context, t task) (map[string]any, error) {
	program, err := d.program()
	if err != nil {
		return nil, err
	}
	f := d.folder(t.key)
	encryption, err := f.encryption()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "nf-run-tofu-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, name := range []string{stateFile, ".terraform.lock.hcl"} {
		content, err := os.ReadFile(f.path(name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), content, 0o600)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, moduleFile), []byte(t.module), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "plan", "-input=false", "-lock=false", "-json")
	cmd.Dir, cmd.Env = dir, environment(d.options.Environment, encryption)
	if plugins := f.path(".terraform"); isDir(plugins) {
		cmd.Env = append(cmd.Env, "TF_DATA_DIR="+plugins) // a plan reads it only
	}
	out, err := cmd.Output()
	if err != nil {
		return nil, ctx.Err() // providers that are not there yet, a cloud that does not answer
	}
	planned := map[string]any{}
	for line := range bytes.Lines(out) {
		var event struct {
			Type   string `json:"type"`
			Change change `json:"change"`
		}
		if json.Unmarshal(line, &event) == nil && event.Type == "planned_change" {
			planned[event.Change.Resource.Address] = event.Change.Action
		}
	}
	return planned, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
