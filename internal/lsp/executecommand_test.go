package lsp_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

// running are the capabilities of a client that runs templates and shows how
// far they are.
const running = `{"workspace":{"executeCommand":{}},"window":{"workDoneProgress":true},"experimental":{"northflank":{"runEvents":true}},"textDocument":{"diagnostic":{},"codeLens":{}}}`

// fakeRunner is an nf-run that tells of one run. Where "wait" lies beside it, the
// run goes on until it is aborted.
const fakeRunner = `#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
case "$1" in
check) echo '{"version":1,"errors":2}'; exit 1 ;;
plan) echo 'nf-run: the template cannot run' >&2; exit 1 ;;
run) echo '{"run":"r-1"}' ;;
approve) echo '{"run":"r-1","node":"gate","decision":"approved","by":"ann","status":"running"}' ;;
abort) : > "$here/aborted"; echo '{"run":"r-1","status":"aborting"}' ;;
show)
  echo '{"v":1,"type":"run.created","seq":1,"run":"r-1","nodes":[{"path":"/spec","kind":"Workflow","label":"Workflow","flow":"sequential","parent":-1},{"path":"/spec/spec/steps/0","kind":"Project","ref":"shop","label":"shop","parent":0},{"path":"/spec/spec/steps/1","kind":"Addon","ref":"db","label":"db","parent":0}]}'
  echo '{"v":1,"type":"run.state","seq":2,"run":"r-1","state":"running"}'
  echo 'this is no event'
  echo '{"v":1,"type":"node.attempt","seq":3,"run":"r-1","node":{"path":"/spec/spec/steps/0","kind":"Project","ref":"shop","label":"shop"},"phase":"ended","state":"success","attempt":1}'
  if [ -e "$here/wait" ]; then
    while [ ! -e "$here/aborted" ]; do sleep 0.01; done
    echo '{"v":1,"type":"run.state","seq":5,"run":"r-1","state":"aborted","reason":"asked for","concluded":true}'
    exit 3
  fi
  echo '{"v":1,"type":"node.attempt","seq":4,"run":"r-1","node":{"path":"/spec/spec/steps/1","kind":"Addon","ref":"db","label":"db"},"phase":"ended","state":"failure","attempt":3,"detail":"starting","error":{"message":"no room"}}'
  echo '{"v":1,"type":"run.state","seq":5,"run":"r-1","state":"failure","error":{"message":"db failed"},"concluded":true}'
  exit 1 ;;
esac
`

// workshop is a folder with a template and a runner.
type workshop struct {
	dir, uri string
}

func newWorkshop(t *testing.T) workshop {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the runner of this test is a shell script")
	}
	dir := t.TempDir()
	w := workshop{dir, string(uri.File(filepath.Join(dir, "shop.json")))}
	w.write(t, "nf-run", fakeRunner, 0o755)
	w.write(t, "shop.json", withKind("Workflow"), 0o644)
	return w
}

func (w workshop) write(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// await waits until a file is there.
func (w workshop) await(t *testing.T, name string) {
	t.Helper()
	for end := time.Now().Add(lsptest.Patience); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(w.dir, name)); err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s never is there", name)
		}
	}
}

// calls are the arguments of every start of the runner, the folder cut.
func (w workshop) calls(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), w.dir+string(filepath.Separator), "")
}

// openShop starts a session in which the runner of the workshop is set.
func openShop(t *testing.T, w workshop, capabilities string) *session {
	t.Helper()
	s := open(t, capabilities)
	s.Notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"northflank":{"runner":{"path":%s},"run":{"target":"local"}}}}`, quote(filepath.Join(w.dir, "nf-run"))))
	s.didOpen(w.uri, "json", withKind("Workflow"))
	return s
}

func command(name, argument string) string {
	return fmt.Sprintf(`{"command":%q,"arguments":[%s]}`, name, quote(argument))
}

func TestCheckAndPlanAnswerWhatTheRunnerSays(t *testing.T) {
	w := newWorkshop(t)
	s := openShop(t, w, running)
	if got := string(s.request("workspace/executeCommand", command("nf.check", w.uri))); got != `{"version":1,"errors":2}` {
		t.Errorf("check: %s", got)
	}
	if got := string(s.Await("window/showMessage").Params); got != `{"type":1,"message":"shop.json: 2 errors, 0 warnings"}` {
		t.Errorf("shown is %s", got)
	}
	wantError(t, s.Reply(s.send("workspace/executeCommand", command("nf.plan", w.uri))), -32803, "nf-run plan: the template cannot run")
	if got, want := w.calls(t), "check --json shop.json\nplan --json --target local shop.json\n"; got != want {
		t.Errorf("the runner was called with\n%swant\n%s", got, want)
	}
}

func TestAPlanIsSummedUp(t *testing.T) {
	w := newWorkshop(t)
	w.write(t, "nf-run", "#!/bin/sh\necho '{\"nodes\":[],\"summary\":{\"create\":4,\"update\":0,\"wait\":2}}'\n", 0o755)
	s := openShop(t, w, running)
	s.request("workspace/executeCommand", command("nf.plan", w.uri))
	if got := string(s.Await("window/showMessage").Params); got != `{"type":3,"message":"shop.json: plan: 4 create, 2 wait"}` {
		t.Errorf("shown is %s", got)
	}
}

func TestARunIsFollowedToItsEnd(t *testing.T) {
	w := newWorkshop(t)
	s := openShop(t, w, running)
	if got := string(s.request("workspace/executeCommand", command("nf.run", w.uri))); got != `{"run":"r-1"}` {
		t.Fatalf("run: %s", got)
	}
	create := s.Await("window/workDoneProgress/create")
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, create.ID)
	token := decode[struct{ Token string }](t, create.Params).Token
	var shown []string
	for range 4 {
		p := decode[struct {
			Token string
			Value struct {
				Kind, Title, Message string
				Percentage           int
			}
		}](t, s.Await("$/progress").Params)
		if p.Token != token {
			t.Errorf("progress of %q, want %q", p.Token, token)
		}
		shown = append(shown, fmt.Sprintf("%s %d %s%s", p.Value.Kind, p.Value.Percentage, p.Value.Title, p.Value.Message))
	}
	want := "begin 0 Northflank: shop.json|report 50 1/2 shop: success|report 100 2/2 db: failure, starting|end 0 failure: db failed"
	if got := strings.Join(shown, "|"); got != want {
		t.Errorf("shown\n%s\nwant\n%s", got, want)
	}
	message := decode[struct {
		Type    int
		Message string
	}](t, s.Await("window/showMessage").Params)
	if message.Type != 1 || message.Message != "shop.json: run r-1: failure: db failed" {
		t.Errorf("message %+v", message)
	}
	states := ""
	for range 2 {
		n := decode[struct {
			Run, URI, State, Error string
			Node                   struct{ Path, Ref string }
		}](t, s.Await("northflank/nodeState").Params)
		if n.Run != "r-1" || n.URI != w.uri {
			t.Errorf("the node state is about %s %s", n.Run, n.URI)
		}
		states += fmt.Sprintf("%s %s %s;", n.Node.Path, n.State, n.Error)
	}
	if states != "/spec/spec/steps/0 success ;/spec/spec/steps/1 failure no room;" {
		t.Errorf("node states %s", states)
	}
	for _, want := range []string{"running false", "failure true"} {
		r := decode[struct {
			State     string
			Concluded bool
		}](t, s.Await("northflank/runState").Params)
		if got := fmt.Sprint(r.State, " ", r.Concluded); got != want {
			t.Errorf("run state %s, want %s", got, want)
		}
	}
}

func TestCancellingTheProgressAbortsTheRun(t *testing.T) {
	w := newWorkshop(t)
	w.write(t, "wait", "", 0o644)
	s := openShop(t, w, running)
	s.request("workspace/executeCommand", command("nf.run", w.uri))
	create := s.Await("window/workDoneProgress/create")
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, create.ID)
	s.Await("northflank/nodeState")
	for range 2 { // the second has no effect
		s.Notify("window/workDoneProgress/cancel", string(create.Params))
	}
	s.Notify("window/workDoneProgress/cancel", `{"token":"of somebody else"}`)
	s.Notify("window/workDoneProgress/cancel", `{"token":7}`)
	if got := decode[struct{ Message string }](t, s.Await("window/showMessage").Params).Message; got != "shop.json: run r-1: aborted: asked for" {
		t.Errorf("message %q", got)
	}
	if got := w.calls(t); strings.Count(got, "abort") != 1 {
		t.Errorf("the runner was called with\n%s", got)
	}
}

func TestARunOutlivesTheEditor(t *testing.T) {
	w := newWorkshop(t)
	w.write(t, "wait", "", 0o644)
	s := openShop(t, w, running)
	s.request("workspace/executeCommand", command("nf.run", w.uri))
	create := s.Await("window/workDoneProgress/create")
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, create.ID)
	s.Await("northflank/nodeState")
	s.request("shutdown", "null")
	s.Notify("exit", "null")
	s.Ended()
	if got := w.calls(t); strings.Contains(got, "abort") {
		t.Errorf("the runner was called with\n%s", got)
	}
}

func TestAClientWithoutProgressIsToldTheEnd(t *testing.T) {
	w := newWorkshop(t)
	s := openShop(t, w, `{"workspace":{"executeCommand":{}},"textDocument":{"diagnostic":{}}}`)
	s.request("workspace/executeCommand", command("nf.run", w.uri))
	s.Await("window/showMessage")
	s.request("shutdown", "null")
	if rest := s.Rest(); len(rest) > 0 {
		t.Errorf("unexpected %s", rest[0].Raw)
	}
}

func TestAbort(t *testing.T) {
	w := newWorkshop(t)
	s := openShop(t, w, running)
	if got := string(s.request("workspace/executeCommand", command("nf.abort", "r-1"))); got != `{"run":"r-1","status":"aborting"}` {
		t.Errorf("abort: %s", got)
	}
	wantError(t, s.Reply(s.send("workspace/executeCommand", command("nf.abort", "--state=/"))), -32602, "no id of a run")
}

func TestADecisionIsTheUsers(t *testing.T) {
	w := newWorkshop(t)
	s := openShop(t, w, running)
	for params, call := range map[string]string{
		`{"command":"nf.approve","arguments":["r-1"]}`:                                                            "approve --detach --json -- r-1",
		`{"command":"nf.approve","arguments":["r-1",{"node":"gate","reject":true,"reason":"--state=/ is mine"}]}`: "approve --detach --json --reject --reason=--state=/ is mine -- r-1 gate",
		`{"command":"nf.approve","arguments":["--state=/",{"node":"--reject"}]}`:                                  "approve --detach --json -- --state=/ --reject",
	} {
		if got := string(s.request("workspace/executeCommand", params)); !strings.Contains(got, `"decision":"approved"`) {
			t.Errorf("%s: %s", params, got)
		}
		if calls := w.calls(t); !strings.HasSuffix(strings.TrimSpace(calls), call) {
			t.Errorf("%s: the runner was called with\n%s", params, calls)
		}
	}
}

func TestWhatCannotBeExecutedIsRefused(t *testing.T) {
	w := newWorkshop(t)
	s := openShop(t, w, running)
	refused := func(name, params string, code int, about string) {
		t.Helper()
		t.Run(name, func(t *testing.T) { wantError(t, s.Reply(s.send("workspace/executeCommand", params)), code, about) })
	}
	refused("a document without a file", command("nf.run", "untitled:Untitled-1"), -32803, "save the document to one first")
	refused("a file that is not there", command("nf.plan", w.uri+"x"), -32803, "save the document first")
	refused("an unknown command", command("nf.fly", w.uri), -32602, "no command")
	refused("no argument", `{"command":"nf.run"}`, -32602, "one argument, the URI of a document")
	refused("another argument", `{"command":"nf.abort","arguments":[{}]}`, -32602, "the id of a run")
	s.didChange(w.uri, 2, "0:0-0:0", " ")
	refused("unsaved changes", command("nf.run", w.uri), -32803, "shop.json has changes that are not saved")
	s.didChange(w.uri, 3, "0:0-0:1", "")
	s.Notify("workspace/didChangeConfiguration", `{"settings":{"northflank":{"runner":{"path":"/nowhere/nf-run"}}}}`)
	refused("a runner that is not where it should be", command("nf.run", w.uri), -32803, "northflank.runner.path")
	t.Setenv("PATH", t.TempDir())
	s.Notify("workspace/didChangeConfiguration", `{"settings":{"northflank":{}}}`)
	refused("no runner", command("nf.check", w.uri), -32803, "neither beside nf-lsp nor on PATH")
	if _, err := os.Stat(filepath.Join(w.dir, "calls")); err == nil {
		t.Errorf("the runner was called with\n%s", w.calls(t))
	}
}

func TestACommandThatIsCancelledEndsItsRunner(t *testing.T) {
	w := newWorkshop(t)
	// Whoever reads the pipe sees its end when the command's runner is gone; those that the server asks about
	// the last run and Git are none of them.
	w.write(t, "nf-run", `#!/bin/sh
case "$1" in check | plan | run) ;; *) exit 1 ;; esac
here=$(dirname "$0")
exec 3> "$here/alive"
: > "$here/started"
while :; do sleep 0.01 3>&-; done
`, 0o755)
	pipe := filepath.Join(w.dir, "alive")
	if out, err := exec.Command("mkfifo", pipe).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := openShop(t, w, running)
	for _, name := range []string{"nf.check", "nf.plan", "nf.run"} {
		t.Run(name, func(t *testing.T) {
			started := filepath.Join(w.dir, "started")
			if err := os.Remove(started); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			alive, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer alive.Close()
			id := s.send("workspace/executeCommand", command(name, w.uri))
			becomes(t, "the runner starts", func() bool {
				_, err := os.Stat(started)
				return err == nil
			})
			// What is asked meanwhile is answered.
			s.request("textDocument/hover", at(w.uri, 0, 0))
			s.Notify("$/cancelRequest", `{"id":`+id+`}`)
			wantError(t, s.Reply(id), -32800, "")
			if err := alive.SetReadDeadline(time.Now().Add(lsptest.Patience)); err != nil {
				t.Fatal(err)
			}
			if _, err := alive.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("the runner does not end: %v", err)
			}
		})
	}
	s.request("shutdown", "null")
	if rest := s.Rest(); len(rest) > 0 {
		t.Errorf("unexpected %s", rest[0].Raw)
	}
}

// becomes waits until something is true.
func becomes(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(lsptest.Patience); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come to pass that %s", what)
		}
	}
}

func TestARunIsFollowedWhereTheClientShowsNoProgress(t *testing.T) {
	w := newWorkshop(t)
	s := openShop(t, w, running)
	s.request("workspace/executeCommand", command("nf.run", w.uri))
	s.Send(`{"jsonrpc":"2.0","id":%s,"error":{"code":-32603,"message":"no room for it"}}`, s.Await("window/workDoneProgress/create").ID)
	for range 2 {
		s.Await("northflank/nodeState")
	}
	if got := decode[struct{ Message string }](t, s.Await("window/showMessage").Params).Message; got != "shop.json: run r-1: failure: db failed" {
		t.Errorf("message %q", got)
	}
	for _, m := range s.Rest() {
		if m.Method == "$/progress" {
			t.Errorf("unexpected %s", m.Raw)
		}
	}
}
