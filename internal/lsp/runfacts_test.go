package lsp_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

// ranBefore is an nf-run in whose history one run of the template stands.
const ranBefore = `#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
case "$*" in
"show latest --of"*) cat "$here/run.json" ;;
"show r-1 --format markdown") echo '## Shop: success' ;;
*) exit 1 ;;
esac
`

const ranJSON = `{"id":"r-1","status":"success","createdAt":"2026-01-02T03:04:05Z","nodes":[
{"path":"/spec","kind":"Workflow","label":"Workflow","parent":-1,"status":"success"},
{"path":"/spec/spec/steps/0","kind":"Project","ref":"shop","label":"shop","parent":0,"status":"success","startedAt":"2026-01-02T03:04:05Z","endedAt":"2026-01-02T03:04:06Z","attempts":[{"attempt":1,"response":{"id":"shop-1"}}]}]}`

const ranTemplate = `{"apiVersion":"v1.2","name":"Shop","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[{"kind":"Project","ref":"shop","spec":{"name":"Shop","region":"europe-west"}},{"kind":"Addon","spec":{"projectId":"${refs.shop.id}"}}]}}}`

const seesRuns = `{"workspace":{"executeCommand":{},"codeLens":{"refreshSupport":true}},"window":{"showDocument":{"support":true}},"textDocument":{"hover":{"contentFormat":["markdown"]},"codeLens":{}}}`

func openRan(t *testing.T) (workshop, *session) {
	t.Helper()
	w := newWorkshop(t)
	w.write(t, "nf-run", ranBefore, 0o755)
	w.write(t, "run.json", ranJSON, 0o644)
	w.write(t, "shop.json", ranTemplate, 0o644)
	s := open(t, seesRuns)
	s.Notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"northflank":{"runner":{"path":%s}}}}`, quote(filepath.Join(w.dir, "nf-run"))))
	s.didOpen(w.uri, "json", ranTemplate)
	return w, s
}

func lensTitles(t *testing.T, s *session, uri string) string {
	t.Helper()
	var titles []string
	for _, l := range decode[[]codeLens](t, s.request("textDocument/codeLens", about(uri))) {
		if l.Command != nil {
			titles = append(titles, fmt.Sprintf("%s %s %s", l.Command.Title, l.Command.Command, l.Command.Arguments[1:]))
		}
	}
	return strings.Join(titles, "\n")
}

func TestTheLastRunShowsInLensesHoversAndDrawings(t *testing.T) {
	w, s := openRan(t)
	want := "Check nf.check []\nPlan nf.plan []\nRun nf.run []\nRun up to here nf.run [{\"until\":\"/spec/spec/steps/0\"}]\nRun up to here nf.run [{\"until\":\"/spec/spec/steps/1\"}]"
	if got := lensTitles(t, s, w.uri); got != want {
		t.Errorf("before anything is known of a run:\n%s", got)
	}
	refresh := s.Await("workspace/codeLens/refresh")
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, refresh.ID)
	if got := lensTitles(t, s, w.uri); !strings.Contains(got, "Open last run: success nf.show []") {
		t.Errorf("the lenses are\n%s", got)
	}
	hover := func(text string) string {
		at := strings.Index(ranTemplate, text) + len(text)
		return string(s.request("textDocument/hover", fmt.Sprintf(`{"textDocument":{"uri":%q},"position":{"line":0,"character":%d}}`, w.uri, at)))
	}
	if got := hover("${refs.sho"); !strings.Contains(got, "Last run, ") || !strings.Contains(got, ": success, 1s") {
		t.Errorf("the reference: %s", got)
	}
	if got := hover("${refs.shop.i"); !strings.Contains(got, "`\\\"shop-1\\\"`") {
		t.Errorf("the output: %s", got)
	}
	drawn := string(s.request("workspace/executeCommand", fmt.Sprintf(`{"command":"nf.graph","arguments":[%q,{"format":"mermaid"}]}`, w.uri)))
	if !strings.Contains(drawn, `✓ success 1s`) {
		t.Errorf("the drawing: %s", drawn)
	}
	if n := strings.Count(w.calls(t), "show latest --of"); n != 1 {
		t.Errorf("the runner was asked %d times:\n%s", n, w.calls(t))
	}

	// A client that follows the run itself knows more.
	drawn = string(s.request("workspace/executeCommand", fmt.Sprintf(
		`{"command":"nf.graph","arguments":[%q,{"format":"mermaid","states":{"/spec/spec/steps/0":{"kind":"Project","ref":"shop","state":"retrying","took":"9s"},"/spec":{"kind":"Project","ref":"","state":"failure"}}}]}`, w.uri)))
	if !strings.Contains(drawn, "retrying 9s") || strings.Contains(drawn, "failure") || strings.Contains(drawn, "success") {
		t.Errorf("the drawing of what the client knows: %s", drawn)
	}

	// One that has run the template itself says when that is over.
	s.Notify("northflank/runEnded", fmt.Sprintf(`{"uri":%q}`, w.uri))
	for end := time.Now().Add(lsptest.Patience); strings.Count(w.calls(t), "show latest --of") < 2; {
		if time.Now().After(end) {
			t.Fatal("the history is not read when a run has ended")
		}
		time.Sleep(time.Millisecond)
	}
}

func TestAStepOfALoopShowsTheIterationThatHasComeToItLast(t *testing.T) {
	const template = `{"apiVersion":"v1.2","name":"Shop","spec":{"kind":"LoopWorkflow","spec":{"iterations":"${args.all}","steps":[{"kind":"LoopData","ref":"data","spec":{}}]}}}`
	w := newWorkshop(t)
	w.write(t, "nf-run", ranBefore, 0o755)
	step := func(k int, status, response string) string {
		return fmt.Sprintf(`{"path":"/spec/spec/iterations/%d/steps/0","kind":"LoopData","ref":"data","declared":"/spec/spec/steps/0","status":%q,"startedAt":"2026-01-02T03:04:05Z","endedAt":"2026-01-02T03:04:0%dZ","attempts":[{"attempt":1,"response":{"of":%q}}]}`, k, status, 6+k, response)
	}
	w.write(t, "run.json", `{"id":"r-1","status":"failure","createdAt":"2026-01-02T03:04:05Z","nodes":[{"path":"/spec","kind":"LoopWorkflow","status":"failure"},
		{"path":"/spec/spec/iterations/0","kind":"Iteration","declared":"/spec","status":"success"},`+step(0, "success", "first")+`,
		{"path":"/spec/spec/iterations/1","kind":"Iteration","declared":"/spec","status":"success"},`+step(1, "success", "second")+`,
		{"path":"/spec/spec/iterations/2","kind":"Iteration","declared":"/spec","status":"pending"},`+step(2, "pending", "never")+`]}`, 0o644)
	w.write(t, "shop.json", template, 0o644)
	s := open(t, seesRuns)
	s.Notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"northflank":{"runner":{"path":%s}}}}`, quote(filepath.Join(w.dir, "nf-run"))))
	s.didOpen(w.uri, "json", template)
	lensTitles(t, s, w.uri)
	refresh := s.Await("workspace/codeLens/refresh")
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, refresh.ID)
	drawn := string(s.request("workspace/executeCommand", fmt.Sprintf(`{"command":"nf.graph","arguments":[%q,{"format":"mermaid"}]}`, w.uri)))
	if !strings.Contains(drawn, "✓ success 2s") || !strings.Contains(drawn, "✗ failure") {
		t.Errorf("the drawing: %s", drawn)
	}
}

func TestTheLastRunIsOpenedInClientsThatOpenDocuments(t *testing.T) {
	w, s := openRan(t)
	id := s.send("workspace/executeCommand", command("nf.show", w.uri))
	shown := s.Await("window/showDocument")
	path := strings.TrimPrefix(decode[struct{ URI string }](t, shown.Params).URI, "file://")
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "## Shop: success\n" {
		t.Errorf("the document holds %q (%v)", text, err)
	}
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":{"success":true}}`, shown.ID)
	if got := decode[struct{ ID string }](t, s.Reply(id).Result).ID; got != "r-1" {
		t.Errorf("answered is run %q", got)
	}
	s.request("shutdown", "null")
	s.Notify("exit", "null")
	for end := time.Now().Add(lsptest.Patience); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(filepath.Dir(path)); os.IsNotExist(err) {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the document is left behind")
		}
	}
}

func TestGraphsAreDrawnOfUnsavedAndHalfTypedText(t *testing.T) {
	w, s := openRan(t)
	s.didChange(w.uri, 2, "", ranTemplate[:strings.Index(ranTemplate, `{"kind":"Addon"`)]+`{"kind":"Addon","ref":"db","spec":{`)
	for format, want := range map[string]string{
		`{}`: "<svg", `{"format":"svg"}`: `data-path=\"/spec/spec/steps/1\"`, `{"format":"dot"}`: "digraph", `{"format":"json"}`: `"ref":"db"`,
	} {
		if got := string(s.request("workspace/executeCommand", fmt.Sprintf(`{"command":"nf.graph","arguments":[%q,%s]}`, w.uri, format))); !strings.Contains(strings.ReplaceAll(got, `\u003c`, "<"), want) {
			t.Errorf("%s: %s", format, got)
		}
	}
	for _, bad := range []struct {
		params, about string
		code          int
	}{
		{fmt.Sprintf(`{"command":"nf.graph","arguments":[%q,{"format":"png"}]}`, w.uri), "svg, mermaid, dot or json", -32602},
		{fmt.Sprintf(`{"command":"nf.graph","arguments":[%q,7]}`, w.uri), "options", -32602},
		{`{"command":"nf.graph","arguments":["untitled:1"]}`, "neither open nor a file", -32803},
		{fmt.Sprintf(`{"command":"nf.graph","arguments":[%q]}`, w.uri+".missing"), "cannot be read", -32803},
		{fmt.Sprintf(`{"command":"nf.graph","arguments":[%q]}`, strings.Replace(w.uri, "shop.json", "run.json", 1)), "is no template", -32803},
	} {
		wantError(t, s.Reply(s.send("workspace/executeCommand", bad.params)), bad.code, bad.about)
	}
}

func TestARunEndsWithTheNodeOfTheLens(t *testing.T) {
	w := newWorkshop(t)
	s := openShop(t, w, running)
	params := fmt.Sprintf(`{"command":"nf.run","arguments":[%q,{"until":"/spec/spec/steps/0"}]}`, w.uri)
	if got := decode[struct{ Run json.RawMessage }](t, s.request("workspace/executeCommand", params)); string(got.Run) != `"r-1"` {
		t.Fatalf("run: %s", got.Run)
	}
	if got, want := w.calls(t), "run --detach --json --until=/spec/spec/steps/0 --target local shop.json\n"; !strings.HasPrefix(got, want) {
		t.Errorf("the runner was called with\n%swant\n%s", got, want)
	}
}

// failedJSON is a run that has failed at the add-on, and with it the workflow.
const failedJSON = `{"id":"r-2","status":"failure","createdAt":"2026-01-02T03:04:05Z","nodes":[
{"path":"/spec","kind":"Workflow","label":"Workflow","parent":-1,"status":"failure","error":{"message":"a step has failed"}},
{"path":"/spec/spec/steps/0","kind":"Project","ref":"shop","label":"shop","parent":0,"status":"success"},
{"path":"/spec/spec/steps/1","kind":"Addon","label":"Addon","parent":0,"status":"failure","error":{"message":"409: out of capacity"}}]}`

func TestWhatARunHasFailedWithIsAFindingUntilTheNodeChanges(t *testing.T) {
	const pulls = `{"workspace":{"codeLens":{"refreshSupport":true},"diagnostics":{"refreshSupport":true}},"textDocument":{"diagnostic":{},"codeLens":{}}}`
	w := newWorkshop(t)
	w.write(t, "nf-run", ranBefore, 0o755)
	w.write(t, "run.json", failedJSON, 0o644)
	s := open(t, pulls)
	set := func(more string) {
		s.Notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"northflank":{"runner":{"path":%s}%s}}}`, quote(filepath.Join(w.dir, "nf-run")), more))
	}
	set("")
	s.didOpen(w.uri, "json", ranTemplate)
	errors := func() (of []string) {
		for _, d := range decode[struct {
			Items []struct {
				Source, Message string
				Severity        int
				Range           struct{ Start, End struct{ Line, Character int } }
			}
		}](t, s.request("textDocument/diagnostic", about(w.uri))).Items {
			if d.Source == "nf-run" {
				of = append(of, fmt.Sprintf("%d %q %s", d.Severity, ranTemplate[d.Range.Start.Character:d.Range.End.Character], d.Message))
			}
		}
		return of
	}
	if got := errors(); got != nil {
		t.Errorf("before anybody looked at the run: %q", got)
	}
	s.request("textDocument/codeLens", about(w.uri))
	for range 2 { // of the settings and of the run
		s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, s.Await("workspace/diagnostic/refresh").ID)
	}
	want := func(n int) {
		t.Helper()
		got := errors()
		if len(got) != n || n == 1 && (!strings.HasPrefix(got[0], `1 "\"Addon\"" failed in run r-2, 2026-01-02`) || !strings.HasSuffix(got[0], ": 409: out of capacity")) {
			t.Errorf("the errors are %q, want %d", got, n)
		}
	}
	want(1)
	set(`,"diagnostics":{"runErrors":false}`)
	want(0)
	set("")
	want(1)
	at := strings.Index(ranTemplate, `"Shop","region"`) + 1
	s.didChange(w.uri, 2, fmt.Sprintf("0:%d-0:%d", at, at+4), "Shed") // another node
	want(1)
	at = strings.Index(ranTemplate, `.id}`)
	s.didChange(w.uri, 3, fmt.Sprintf("0:%d-0:%d", at, at), ".x")
	want(0)
}

func TestWhatARunHasFailedWithGoesWithTheNextRun(t *testing.T) {
	w := newWorkshop(t)
	w.write(t, "nf-run", ranBefore, 0o755)
	w.write(t, "run.json", failedJSON, 0o644)
	opts := pushSoon
	opts.RunFactsAge = time.Millisecond
	s := openWith(t, opts, seesRuns)
	s.Notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"northflank":{"runner":{"path":%s}}}}`, quote(filepath.Join(w.dir, "nf-run"))))
	s.didOpen(w.uri, "json", ranTemplate)
	await := func(what string, there bool) {
		t.Helper()
		for range 10 {
			if strings.Contains(string(s.Await("textDocument/publishDiagnostics").Params), what) == there {
				return
			}
		}
		t.Errorf("%q never is there: %v", what, there)
	}
	s.request("textDocument/codeLens", about(w.uri))
	await("out of capacity", true)
	w.write(t, "run.json", ranJSON, 0o644)
	time.Sleep(10 * time.Millisecond)
	s.request("textDocument/codeLens", about(w.uri))
	await("out of capacity", false)
}
