package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/engine/seal"
	"github.com/nf-lsp/nf-lsp/internal/terminal/terminaltest"
)

// A desk is a person in front of a terminal in which nf-run runs.
type desk struct {
	t        *testing.T
	keyboard *os.File
	device   *os.File
	cmd      *exec.Cmd
	settings unix.Termios // of the terminal, before

	mu     sync.Mutex
	screen *terminaltest.Terminal
	raw    strings.Builder
}

// sit starts nf-run in a terminal, as a shell in the foreground does.
func sit(t *testing.T, width, height int, env []string, args ...string) *desk {
	t.Helper()
	d := &desk{t: t, screen: terminaltest.New(width, height)}
	d.keyboard, d.device = openTerminal(t)
	d.resize(width, height)
	d.settings = d.termios()
	d.cmd = exec.Command(programFile(t), args...)
	d.cmd.Env = append(append(os.Environ(), seal.PlaceVariable+"="+string(seal.File), "NO_COLOR=", "TERM=xterm-256color"), env...)
	d.cmd.Stdin, d.cmd.Stdout, d.cmd.Stderr = d.device, d.device, d.device
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(5*time.Minute, func() { _ = d.cmd.Process.Kill() })
	t.Cleanup(func() { guard.Stop(); _ = d.cmd.Process.Kill() })
	go d.watch()
	return d
}

func (d *desk) watch() {
	var b [4096]byte
	for {
		n, err := d.keyboard.Read(b[:])
		d.mu.Lock()
		_, _ = d.screen.Write(b[:n])
		d.raw.Write(b[:n])
		d.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (d *desk) termios() unix.Termios {
	d.t.Helper()
	s, err := unix.IoctlGetTermios(int(d.device.Fd()), unix.TCGETS)
	if err != nil {
		d.t.Fatal(err)
	}
	return *s
}

// resize does to the terminal what a window that is resized does.
func (d *desk) resize(width, height int) {
	d.t.Helper()
	d.mu.Lock()
	d.screen.Resize(width, height)
	d.mu.Unlock()
	if err := unix.IoctlSetWinsize(int(d.keyboard.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(height), Col: uint16(width)}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) types(keys string) {
	d.t.Helper()
	if _, err := d.keyboard.WriteString(keys); err != nil {
		d.t.Fatal(err)
	}
}

// written is all that was written to the terminal, as it came.
func (d *desk) written() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.raw.String()
}

// sees is what is on the screen, with all that was scrolled out if all is set.
func (d *desk) sees(all bool) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if all {
		return d.screen.All()
	}
	return d.screen.Screen()
}

// waits until something is on the screen, and returns all of it.
func (d *desk) waits(for_ ...string) string {
	d.t.Helper()
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		screen, there := d.sees(false), true
		for _, w := range for_ {
			there = there && strings.Contains(screen, w)
		}
		if there {
			return steady(screen)
		}
		if time.Since(begun) > 20*time.Second {
			d.t.Fatalf("%q does not come:\n%s", for_, screen)
		}
	}
}

// leaves waits for the end of the process, and returns its exit code and all
// that the terminal shows then. The terminal has to be as it was.
func (d *desk) leaves() (code int, screen string) {
	d.t.Helper()
	_ = d.cmd.Wait()
	for before := ""; ; time.Sleep(50 * time.Millisecond) { // what is on its way
		if screen = d.sees(true); screen == before {
			break
		}
		before = screen
	}
	if now := d.termios(); now != d.settings {
		d.t.Errorf("the terminal is set otherwise: %+v, before %+v", now, d.settings)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.screen.Plain() {
		d.t.Error("a colour or a mode is left on")
	}
	if err := d.screen.Err(); err != nil {
		d.t.Error(err)
	}
	return d.cmd.ProcessState.ExitCode(), steady(screen)
}

var (
	times     = regexp.MustCompile(`\b(\d+ms|\d+(\.\d)?s|\d+m\d+s|\d+h\d\dm)\b`)
	elapsed   = regexp.MustCompile(`(?m)  (?:\d+ms|\d+(?:\.\d)?s|\d+m\d\ds)(  |$)`)
	shortened = regexp.MustCompile(`(?m) [^ \n]*…$`) // how much of a word is left depends on them
	colour    = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	runID     = regexp.MustCompile(`\b\d{8}-\d{6}-\d{3}-[a-z0-9]{5}\b`)
	actor     = regexp.MustCompile(`create|apply|update|unchanged`)
)

// steady leaves out what is another in each run: how long things take, which in
// the first second is not shown.
func steady(screen string) string {
	screen = shortened.ReplaceAllString(elapsed.ReplaceAllString(screen, "$1"), " …")
	return actor.ReplaceAllString(runID.ReplaceAllString(times.ReplaceAllString(screen, "T"), "RUN"), "apply")
}

// outage is a template in which something waits for as long as --delay says.
const outage = `{"apiVersion": "v1.2", "name": "Outage", "project": {"id": "outage"},
"spec": {"kind": "Workflow", "spec": {"type": "parallel", "steps": [
	{"kind": "Addon", "ref": "data", "spec": {"name": "data", "type": "redis", "version": "7-latest", "billing": {"deploymentPlan": "nf-compute-10", "storage": 4096, "replicas": 1}}},
	{"kind": "Condition", "ref": "data-up", "spec": {"kind": "Addon", "spec": {"type": "running", "data": {"addonId": "${refs.data.id}"}}}},
	{"kind": "SecretGroup", "ref": "later", "spec": {"name": "later", "secretType": "environment", "priority": 10, "secrets": {"variables": {"WHEN": "${fn.if(refs.data-up, 'now', 'never')}"}}}},
	{"kind": "Volume", "ref": "disk", "spec": {"name": "disk", "mounts": [{"containerMountPath": "/data"}], "spec": {"accessMode": "ReadWriteOnce", "storageClassName": "ssd", "storageSize": 5120}, "attachedObjects": []}}
]}}}`

func outageFile(t *testing.T) (file, state string) {
	t.Helper()
	dir := t.TempDir()
	state = filepath.Join(dir, "state")
	for name, text := range map[string]string{
		"outage.json":  outage,
		"project.json": `{"apiVersion": "v1.2", "name": "Outage project", "spec": {"kind": "Project", "spec": {"name": "outage", "region": "europe-west"}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var said strings.Builder
	if code := run(t.Context(), []string{"run", filepath.Join(dir, "project.json"), "--state", state}, strings.NewReader(""), &said, &said); code != exitOK {
		t.Fatal(said.String())
	}
	return filepath.Join(dir, "outage.json"), state
}

func compareScreen(t *testing.T, moment, got, want string) {
	t.Helper()
	if d := cmp.Diff(strings.TrimLeft(want, "\n"), got); d != "" {
		t.Errorf("%s (- wanted, + there):\n%s\nall of it:\n%s", moment, d, got)
	}
}

func TestARunInATerminal(t *testing.T) {
	file, state := outageFile(t)
	d := sit(t, 90, 20, nil, "run", file, "--state", state, "--delay", "10m", "--fail", "disk=*:no capacity")
	compareScreen(t, "while it waits", d.waits("preDeployment", "✗"), `
Outage  run RUN  running  rehearsal, delay T, fail disk=*
  ● parallel Workflow
    ✓ Addon data  apply
    ◌ Condition data-up  addon "data": preDeployment, given up in T
    · SecretGroup later  waits for data-up
    ✗ Volume disk  no capacity (rehearsed)
`)
	d.resize(40, 20)
	compareScreen(t, "in a narrow window", d.waits("◌ data-up"), `
Outage  running  rehearsal, …
  ● parallel Workflow
    ✓ Addon data  apply
    ◌ data-up  addon "data": …
    · later  waits for data-up
    ✗ disk  no capacity …
`)
	d.resize(110, 4)
	compareScreen(t, "in a low window", d.waits("\n    ◌"), `
Outage  run RUN  running  rehearsal, delay T, fail disk=*
    ◌ Condition data-up  addon "data": preDeployment, given up in T
    ✗ Volume disk  no capacity (rehearsed)
`)
	d.resize(110, 20)
	d.waits("SecretGroup later")
	d.types("\x03")
	code, screen := d.leaves()
	if code != exitAborted {
		t.Errorf("exit code %d", code)
	}
	if i := strings.LastIndex(screen, "Outage"); i >= 0 { // what a window that is too low scrolls out stays above
		screen = screen[i:]
	}
	compareScreen(t, "after Ctrl-C", screen, `
Outage  run RUN  aborted  it was interrupted  rehearsal, delay T, fail disk=*
  ■ parallel Workflow
    ✓ Addon data  apply
    ■ Condition data-up
    · SecretGroup later
    ✗ Volume disk  no capacity (rehearsed)
run RUN: aborted
`)
}

// Whatever ends the process, the terminal is as before, and what comes next
// stands below the tree.
func TestATerminalIsAsItWasAfterACrash(t *testing.T) {
	for name, end := range map[string]func(d *desk){
		"a kill":               func(d *desk) { _ = d.cmd.Process.Kill() },
		"Ctrl-C twice":         func(d *desk) { d.types("\x03"); d.waits("aborting"); d.types("\x03") },
		"a crash with a trace": func(d *desk) { _ = d.cmd.Process.Signal(syscall.SIGQUIT) },
	} {
		t.Run(name, func(t *testing.T) {
			file, state := outageFile(t)
			d := sit(t, 90, 200, nil, "run", file, "--state", state, "--delay", "10m", "--fail", "data=1:hang")
			d.waits("● Addon data", "waits for data")
			end(d)
			code, screen := d.leaves()
			if code != -1 && code != 2 {
				t.Errorf("exit code %d", code)
			}
			lines := strings.Split(screen, "\n")
			if len(lines) < 6 || !strings.HasPrefix(lines[0], "Outage") || !strings.HasPrefix(lines[5], "    ") {
				t.Errorf("the tree is not whole:\n%s", screen)
			}
			if y, _ := d.screen.Cursor(); y < 6 {
				t.Errorf("the cursor stands in line %d, in the tree", y)
			}
		})
	}
}

func TestATerminalWithoutColoursOrWithoutACursor(t *testing.T) {
	for _, c := range []struct {
		name, variable    string
		colours, inPlace  bool
		signs, notTheirs_ string
	}{
		{"NO_COLOR draws without colours", "NO_COLOR=1", false, true, "✓", ""},
		{"TERM=dumb gets plain lines", "TERM=dumb", false, false, "success", "✓"},
		{"others get both", "COLORTERM=1", true, true, "✓", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, state := outageFile(t)
			d := sit(t, 90, 20, []string{c.variable}, "run", file, "--state", state)
			d.leaves()
			raw := d.written()
			if got := colour.MatchString(raw); got != c.colours {
				t.Errorf("colours: %v", got)
			}
			if got := strings.Contains(raw, "\x1b[J"); got != c.inPlace {
				t.Errorf("drawn in place: %v", got)
			}
			if !strings.Contains(raw, c.signs) || c.notTheirs_ != "" && strings.Contains(raw, c.notTheirs_) {
				t.Errorf("%q", raw)
			}
		})
	}
}

func TestFollowingInATerminalShowsTheSameTree(t *testing.T) {
	file, state := outageFile(t)
	cmd := exec.Command(programFile(t), "run", file, "--state", state, "--detach", "--delay", "10m")
	id, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	d := sit(t, 90, 20, nil, "show", strings.TrimSpace(string(id)), "--follow", "--state", state)
	compareScreen(t, "while it waits", d.waits("preDeployment", "✓ Volume"), `
Outage  run RUN  running  delay T
  ● parallel Workflow
    ✓ Addon data  apply
    ◌ Condition data-up  addon "data": preDeployment, given up in T
    · SecretGroup later  waits for data-up
    ✓ Volume disk  apply
`)
	one := sit(t, 90, 20, nil, "show", strings.TrimSpace(string(id)), "--follow", "--node", "data-up", "--state", state)
	compareScreen(t, "one node", one.waits("preDeployment"), `
Outage  run RUN  running  delay T
  ◌ Condition data-up  addon "data": preDeployment, given up in T
`)
	var said strings.Builder
	if code := run(t.Context(), []string{"abort", strings.TrimSpace(string(id)), "--state", state}, strings.NewReader(""), &said, &said); code != exitOK {
		t.Error(said.String())
	}
	for _, desk := range []*desk{d, one} {
		if code, screen := desk.leaves(); code != exitAborted || !strings.Contains(screen, "aborted") {
			t.Errorf("exit code %d:\n%s", code, screen)
		}
	}
}

// Whoever else writes to the terminal while the tree is drawn writes above it.
func TestTracesStandAboveTheTree(t *testing.T) {
	file, state := outageFile(t)
	d := sit(t, 200, 60, []string{"OTEL_TRACES_EXPORTER=console"}, "run", file, "--state", state, "--delay", "300ms")
	code, screen := d.leaves()
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if n := strings.Count(screen, "Outage  run RUN"); n != 1 {
		t.Errorf("the tree stands there %d times:\n%s", n, screen)
	}
	if !strings.Contains(screen, `"resourceSpans"`) {
		t.Errorf("there are no traces:\n%s", screen)
	}
}

// After a stop, the shell has written below the tree: it is drawn again below.
func TestATreeIsDrawnAgainBelowWhatAShellHasWritten(t *testing.T) {
	file, state := outageFile(t)
	d := sit(t, 90, 40, nil, "run", file, "--state", state, "--delay", "10m")
	d.waits("preDeployment")
	_ = d.cmd.Process.Signal(syscall.SIGSTOP)
	time.Sleep(100 * time.Millisecond)
	fmt.Fprint(d.device, "[1]+  Stopped\n$ fg\n")
	time.Sleep(100 * time.Millisecond)
	_ = d.cmd.Process.Signal(syscall.SIGCONT)
	for begun := time.Now(); strings.Count(d.sees(false), "preDeployment") < 2 && time.Since(begun) < time.Minute; {
		time.Sleep(20 * time.Millisecond)
	}
	_, below, found := strings.Cut(steady(d.sees(false)), "$ fg\n")
	if !found {
		t.Fatalf("what the shell wrote is gone:\n%s", d.sees(false))
	}
	if !strings.HasPrefix(below, "Outage  run RUN  "+string(engine.StateRunning)) {
		t.Errorf("below stands:\n%s", below)
	}
	d.types("\x03")
	if code, _ := d.leaves(); code != exitAborted {
		t.Errorf("exit code %d", code)
	}
}
