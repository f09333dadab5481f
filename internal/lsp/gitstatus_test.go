package lsp_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// linkedRunner is an nf-run of a linked file: what it is compared with lies beside it.
const linkedRunner = `#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
case "$*" in
"sync versions"*) cat "$here/versions.json" ;;
"sync push"*) if [ -e "$here/wait" ]; then : > "$here/started"; trap ': > "$here/asked"; exit 130' INT; while :; do sleep 0.02; done; fi; cat "$here/push.json" ;;
"sync pull"*) cat "$here/pull.json"; exit 4 ;;
"sync resolve"*) echo '{"version":1,"outcome":"merged","changes":[{}],"conflicts":[]}' ;;
"sync status"*) cat "$here/status.json" ;;
*) exit 1 ;;
esac
`

const seesGit = `{"workspace":{"executeCommand":{},"codeLens":{"refreshSupport":true}},"window":{"workDoneProgress":true},"experimental":{"northflank":{"gitStatus":true}},"textDocument":{"diagnostic":{},"hover":{"contentFormat":["markdown"]},"codeLens":{}}}`

const gitTemplate = `{ "apiVersion": "v1.2", "name": "Shop", "project": { "id": "p" }, "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
  { "kind": "Addon", "ref": "db", "spec": { "name": "data", "type": "redis", "billing": { "storage": 4096 } } },
  { "kind": "SecretGroup", "ref": "keys", "spec": { "name": "keys", "secrets": { "variables": { "MODE": "production" } } } }
] } } }
`

// versionsJSON is what nf-run prints of a linked file; an empty text is one that is not there.
func versionsJSON(t *testing.T, status, head, base, theirs string, more string) string {
	t.Helper()
	version := func(commit, text string) string {
		if text == "" {
			return fmt.Sprintf(`{"commit":%q}`, commit)
		}
		return fmt.Sprintf(`{"commit":%q,"text":%s}`, commit, quote(text))
	}
	out := fmt.Sprintf(`{"version":1,"links":[{"name":"Shop","file":"/f","repository":"https://example.com/r.git","branch":"main","path":"/shop.json"}],"status":%q,"head":%s,"base":%s,"theirs":%s%s}`,
		status, version("1111111111aaaa", head), version("2222222222bbbb", base), version("3333333333cccc", theirs), more)
	if !json.Valid([]byte(out)) {
		t.Fatal(out)
	}
	return out
}

func openLinked(t *testing.T, versions, text, capabilities string) (workshop, *session) {
	t.Helper()
	w := newWorkshop(t)
	w.write(t, "nf-run", linkedRunner, 0o755)
	w.write(t, "versions.json", versions, 0o644)
	w.write(t, "shop.json", text, 0o644)
	s := openWith(t, pushSoon, capabilities)
	s.Notify("workspace/didChangeConfiguration", fmt.Sprintf(`{"settings":{"northflank":{"runner":{"path":%s}}}}`, quote(filepath.Join(w.dir, "nf-run"))))
	s.didOpen(w.uri, "json", text)
	return w, s
}

type gitChange struct {
	What, Node, Property string
	Range                struct {
		Start, End struct{ Line, Character int }
	}
	Parts []struct {
		Start, End struct{ Line, Character int }
	}
}

type gitStatus struct {
	URI, State, Title, Error, Commit, Base string
	Version                                int
	Links                                  []struct{ Name, Branch string }
	Ours, Theirs                           []gitChange
	Conflicts                              []struct{ ID, Node, Why, Base, Ours, Theirs string }
	Head                                   *struct {
		Commit  string
		Changes []gitChange
	}
}

// words is the status in one line, the changes with their lines and the lines of their parts.
func (g gitStatus) words() string {
	list := func(changes []gitChange) string {
		var out []string
		for _, c := range changes {
			text := fmt.Sprintf("%s %s%s %d", c.What, c.Node, c.Property, c.Range.Start.Line)
			for _, p := range c.Parts {
				text += fmt.Sprintf("/%d:%d", p.Start.Line, p.Start.Character)
			}
			out = append(out, text)
		}
		return strings.Join(out, ", ")
	}
	head := "-"
	if g.Head != nil {
		head = list(g.Head.Changes)
	}
	return fmt.Sprintf("%s | %s | %s | %d there | head %s", g.State, g.Title, list(g.Ours), len(g.Theirs), head)
}

func (s *session) gitStatus(uri string) gitStatus {
	s.t.Helper()
	return decode[gitStatus](s.t, s.request("northflank/gitStatus", about(uri)))
}

func TestADocumentSaysHowItStandsToGitWhileItIsTyped(t *testing.T) {
	w, s := openLinked(t, versionsJSON(t, "in-sync", gitTemplate, gitTemplate, gitTemplate, ""), gitTemplate, seesGit)
	want := func(what string) {
		t.Helper()
		if got := s.gitStatus(w.uri).words(); got != what {
			t.Errorf("got  %s\nwant %s", got, what)
		}
	}
	want("in-sync | Git: in step |  | 0 there | head ")
	at := strings.Index(strings.Split(gitTemplate, "\n")[1], "4096")
	s.didChange(w.uri, 2, fmt.Sprintf("1:%d-1:%d", at, at+4), "8192")
	want(fmt.Sprintf("ahead | Git: 1 change | changed db 1/1:%d | 0 there | head changed db 1/1:%d", at, at))
	// A half-typed node is one that has changed; what a lost bracket takes out of the list is
	// not gone.
	s.didChange(w.uri, 3, "1:2-1:2", `{ "kind": "Addon", "ref": "cache", "spec": {`+"\n")
	if got := s.gitStatus(w.uri); len(got.Ours) == 0 || got.State != "ahead" || strings.Contains(got.words(), "removed") || strings.Contains(got.words(), "moved") {
		t.Errorf("half-typed: %s", got.words())
	}
	lines := strings.SplitAfter(gitTemplate, "\n")
	s.didChange(w.uri, 4, "", lines[0]+lines[2]+lines[3])
	want("ahead | Git: 1 change | removed db 0 | 0 there | head removed db 0")
	s.didChange(w.uri, 5, "", gitTemplate)
	want("in-sync | Git: in step |  | 0 there | head ")
	s.didChange(w.uri, 6, "", strings.ReplaceAll(gitTemplate, "\n", "\r\n"))
	want("in-sync | Git: in step |  | 0 there | head ")
	s.didChange(w.uri, 7, "", strings.Replace(gitTemplate, "{ ", "{  ", 1))
	want("ahead | Git: laid out anew |  | 0 there | head ")
	if n := strings.Count(w.calls(t), "sync versions --json -- shop.json"); n != 1 {
		t.Errorf("the versions were read %d times:\n%s", n, w.calls(t))
	}
}

func TestADocumentSaysWhichSideHasChanges(t *testing.T) {
	bigger := strings.Replace(gitTemplate, "4096", "8192", 1)
	for _, c := range []struct{ status, base, theirs, want string }{
		{"behind", gitTemplate, bigger, "behind | Git: 1 behind |  | 1 there | head changed db 1"},
		{"ahead", bigger, bigger, "ahead | Git: 1 change | changed db 1"},
		{"diverged", bigger, strings.Replace(gitTemplate, "4096", "2048", 1), "diverged | Git: 1 change, 1 behind | changed db 1"},
		{"new", "", "", "new | Git: new, not pushed yet |  | 0 there"},
		{"deleted", bigger, "", "deleted | Git: deleted in the repository |"},
	} {
		t.Run(c.status, func(t *testing.T) {
			w, s := openLinked(t, versionsJSON(t, c.status, bigger, c.base, c.theirs, ""), gitTemplate, seesGit)
			if got := s.gitStatus(w.uri).words(); !strings.HasPrefix(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestClientsAreToldWhatHasChangedAndWhenGitHas(t *testing.T) {
	bigger := strings.Replace(gitTemplate, "4096", "8192", 1)
	dir := t.TempDir()
	watched := fmt.Sprintf(`,"watch":[%s,%s]`, quote(filepath.Join(dir, "logs", "HEAD")), quote(filepath.Join(dir, "HEAD")))
	w, s := openLinked(t, versionsJSON(t, "in-sync", gitTemplate, gitTemplate, gitTemplate, watched), gitTemplate, seesGit)
	told := func(state string, more func(gitStatus) bool) gitStatus {
		t.Helper()
		for {
			if got := decode[gitStatus](t, s.Await("northflank/gitStatusChanged").Params); got.State == state && more(got) {
				return got
			}
		}
	}
	all := func(gitStatus) bool { return true }
	told("in-sync", all)
	at := strings.Index(strings.Split(gitTemplate, "\n")[1], "4096")
	s.didChange(w.uri, 2, fmt.Sprintf("1:%d-1:%d", at, at+4), "8192")
	if got := told("ahead", all); got.Version != 2 || got.URI != w.uri {
		t.Errorf("told is %+v", got)
	}
	// Somebody commits, by replacing a file in a folder that was not there.
	w.write(t, "versions.json", versionsJSON(t, "in-sync", bigger, bigger, bigger, watched), 0o644)
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "HEAD.lock"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "HEAD.lock"), filepath.Join(dir, "HEAD")); err != nil {
		t.Fatal(err)
	}
	told("in-sync", func(g gitStatus) bool { return g.Head != nil && len(g.Head.Changes) == 0 })
	// A save reads it anew, for what is saved may be in conflict.
	conflict := `,"conflicts":[{"id":"spec.x","node":"db (Addon)","why":"both sides have changed it","base":"1","ours":"2","theirs":"3"}]` + watched
	w.write(t, "versions.json", versionsJSON(t, "conflict", bigger, gitTemplate, strings.Replace(gitTemplate, "4096", "2048", 1), conflict), 0o644)
	s.Notify("textDocument/didSave", about(w.uri))
	got := told("conflict", all)
	if len(got.Conflicts) != 1 || got.Conflicts[0].Node != "db (Addon)" || got.Conflicts[0].Theirs != "" || got.Title != "Git: 1 change, 1 behind, 1 conflict" {
		t.Errorf("told is %+v", got)
	}
	texts := decode[struct{ Texts map[string]string }](t, s.request("northflank/gitStatus", strings.TrimSuffix(about(w.uri), "}")+`,"texts":true}`)).Texts
	if len(texts) != 3 || texts["head"] != bigger || texts["base"] != gitTemplate {
		t.Errorf("the versions are %q", texts)
	}
	// Whole versions are those of now: nothing has told of these.
	newest := strings.Replace(gitTemplate, "4096", "1024", 1)
	w.write(t, "versions.json", versionsJSON(t, "conflict", bigger, gitTemplate, newest, conflict), 0o644)
	texts = decode[struct{ Texts map[string]string }](t, s.request("northflank/gitStatus", strings.TrimSuffix(about(w.uri), "}")+`,"texts":true}`)).Texts
	if texts["theirs"] != newest {
		t.Errorf("the other side is %q", texts["theirs"])
	}
	if full := s.gitStatus(w.uri).Conflicts; len(full) != 1 || full[0].Theirs != "3" {
		t.Errorf("answered is %+v", full)
	}
}

func TestNothingIsToldOfGitThatIsNotThere(t *testing.T) {
	w, s := openLinked(t, `{"version":1,"links":[],"conflicts":[],"watch":[]}`, gitTemplate, seesGit)
	if got := s.gitStatus(w.uri); got.State != "unlinked" || got.Title != "" || got.Head != nil {
		t.Errorf("a file of no repository: %+v", got)
	}
	if got := lensTitles(t, s, w.uri); strings.Contains(got, "Git") || strings.Contains(got, "sync") {
		t.Errorf("the lenses are %s", got)
	}
	s.didOpen("untitled:x", "json", gitTemplate)
	if got := s.gitStatus("untitled:x").State; got != "unknown" {
		t.Errorf("a document in no file is %s", got)
	}
	s.didOpen("file:///other.json", "json", `{"dependencies":{"a":"1"}}`)
	if got := s.gitStatus("file:///other.json").State; got != "unknown" {
		t.Errorf("somebody else's JSON is %s", got)
	}
	if calls := w.calls(t); strings.Contains(calls, "other.json") {
		t.Errorf("nf-run was asked about somebody else's JSON:\n%s", calls)
	}
	wantError(t, s.Reply(s.send("northflank/gitStatus", about("file:///closed.json"))), -32803, "not open")
}

func TestAStatusThatCannotBeToldSaysWhy(t *testing.T) {
	broken := strings.Replace(versionsJSON(t, "", "", "", "", ""), `"status":""`, `"error":"the history was rewritten"`, 1)
	w, s := openLinked(t, broken, gitTemplate, seesGit)
	if got := s.gitStatus(w.uri); got.State != "unknown" || got.Error != "the history was rewritten" || got.Title != "Git: not known" {
		t.Errorf("without a status: %+v", got)
	}
}

func TestTheLensesOfALinkedDocumentSayHowItStands(t *testing.T) {
	bigger := strings.Replace(gitTemplate, "4096", "8192", 1)
	for _, c := range []struct{ status, base, theirs, want string }{
		{"ahead", bigger, bigger, "Git: 1 change nf.sync.status []\nPull nf.sync.pull []\nPush nf.sync.push []\n"},
		{"behind", gitTemplate, bigger, "Git: 1 behind nf.sync.status []\nPull nf.sync.pull []\n"},
		{"conflict", bigger, strings.Replace(gitTemplate, "4096", "1", 1), "Git: 1 change, 1 behind nf.sync.status []\nPull nf.sync.pull []\nResolve nf.sync.resolve []\n"},
	} {
		t.Run(c.status, func(t *testing.T) {
			w, s := openLinked(t, versionsJSON(t, c.status, gitTemplate, c.base, c.theirs, ""), gitTemplate, seesGit)
			s.gitStatus(w.uri)
			if got := lensTitles(t, s, w.uri) + "\n"; !strings.Contains(got, c.want) {
				t.Errorf("the lenses are\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// marked is a mark in a document.
var marked = regexp.MustCompile("«[0-9]+»")

// Each archive of testdata/lsp/git is a document with the versions that it is compared with.
// "want N" is what a hover at the mark «N» of the document says behind the last rule.
func TestHoversSayWhatStoodThere(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/lsp/git/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			part := map[string]string{}
			for _, f := range archive.Files {
				part[f.Name] = string(f.Data)
			}
			document := part["document.json"]
			plain := marked.ReplaceAllString(document, "")
			w, s := openLinked(t, versionsJSON(t, "diverged", part["head.json"], part["base.json"], part["theirs.json"], ""), plain, seesGit)
			s.gitStatus(w.uri)
			for _, f := range archive.Files {
				number, ok := strings.CutPrefix(f.Name, "want ")
				if !ok {
					continue
				}
				before, _, found := strings.Cut(document, "«"+number+"»")
				if !found {
					t.Fatalf("there is no mark %s", number)
				}
				before = marked.ReplaceAllString(before, "")
				line := strings.Count(before, "\n")
				hover := decode[struct{ Contents struct{ Value string } }](t, s.request("textDocument/hover", at(w.uri, line, len(before)-1-strings.LastIndexByte(before, '\n'))))
				_, got, _ := strings.Cut(hover.Contents.Value, "\n\n---\n\n")
				if got != strings.TrimSpace(string(f.Data)) {
					t.Errorf("%s: got\n%s\nwant\n%s", f.Name, got, f.Data)
				}
			}
		})
	}
}

func TestPullPushAndResolveAreDoneByTheRunner(t *testing.T) {
	w, s := openLinked(t, versionsJSON(t, "ahead", gitTemplate, gitTemplate, gitTemplate, ""), gitTemplate, seesGit)
	w.write(t, "push.json", `{"version":1,"outcome":"pushed","changes":[{"what":"changed"},{"what":"added"}],"runs":[{"link":"Shop","run":"r-7"}]}`, 0o644)
	w.write(t, "pull.json", `{"version":1,"outcome":"conflict","error":"they do not go together","changes":[],"conflicts":[{"id":"spec.x","node":"db (Addon)","why":"both sides have changed it","base":"1","ours":"2","theirs":"3"}]}`, 0o644)
	w.write(t, "status.json", `{"version":1,"links":[{"name":"Shop","status":"behind","ours":[],"theirs":[{},{}],"conflicts":[]}]}`, 0o644)
	// Clients that take the status in Git show conflicts by themselves.
	do := func(params, shown string) json.RawMessage {
		t.Helper()
		id := s.send("workspace/executeCommand", params)
		create := s.Await("window/workDoneProgress/create")
		s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, create.ID)
		reply := s.Reply(id)
		if reply.Error != nil {
			t.Fatalf("%s: %s", params, reply.Raw)
		}
		if shown == "" {
			return reply.Result
		}
		if got := decode[struct{ Message string }](t, s.Await("window/showMessage").Params).Message; got != shown {
			t.Errorf("shown is %q, want %q", got, shown)
		}
		return reply.Result
	}
	if got := string(do(fmt.Sprintf(`{"command":"nf.sync.push","arguments":[%q,{"message":"More -- of it"}]}`, w.uri), "shop.json: pushed, 2 changes; run r-7 was started")); !strings.Contains(got, `"outcome":"pushed"`) {
		t.Errorf("push: %s", got)
	}
	if got := string(do(command("nf.sync.pull", w.uri), "")); !strings.Contains(got, `"theirs":"3"`) {
		t.Errorf("pull: %s", got)
	}
	do(command("nf.sync.status", w.uri), "shop.json: 2 changes to pull")
	do(command("nf.sync.resolve", w.uri), "shop.json: 2 changes to pull")
	do(fmt.Sprintf(`{"command":"nf.sync.resolve","arguments":[%q,{"take":{"spec.b":"theirs","spec.a":"ours"}}]}`, w.uri), "shop.json: has the changes of both sides, 1 change; push them")
	do(fmt.Sprintf(`{"command":"nf.sync.resolve","arguments":[%q,{"side":"theirs"}]}`, w.uri), "shop.json: has the changes of both sides, 1 change; push them")
	do(fmt.Sprintf(`{"command":"nf.sync.resolve","arguments":[%q,{"edited":true}]}`, w.uri), "shop.json: has the changes of both sides, 1 change; push them")
	wantError(t, s.Reply(s.send("workspace/executeCommand", fmt.Sprintf(`{"command":"nf.sync.resolve","arguments":[%q,{"side":"both"}]}`, w.uri))), -32602, "ours or theirs")
	calls := w.calls(t)
	for _, want := range []string{
		"sync push --json --message=More -- of it -- shop.json\n", "sync pull --json -- shop.json\n", "sync status --json -- shop.json\n",
		"sync resolve --json --take=spec.a=ours --take=spec.b=theirs -- shop.json\n", "sync resolve --json --theirs -- shop.json\n", "sync resolve --json --edited -- shop.json\n",
	} {
		if !strings.Contains(calls, want) {
			t.Errorf("nf-run was not called with %sbut with\n%s", want, calls)
		}
	}
	// What is not saved is not pushed, and what nf-run refuses is an error.
	s.didChange(w.uri, 2, "0:0-0:0", " ")
	wantError(t, s.Reply(s.send("workspace/executeCommand", command("nf.sync.push", w.uri))), -32803, "not saved")
	wantError(t, s.Reply(s.send("workspace/executeCommand", command("nf.sync.status", "untitled:x"))), -32803, "no file")
}

func TestAPushCanBeStopped(t *testing.T) {
	w, s := openLinked(t, versionsJSON(t, "ahead", gitTemplate, gitTemplate, gitTemplate, ""), gitTemplate, seesGit)
	w.write(t, "wait", "", 0o644)
	id := s.send("workspace/executeCommand", command("nf.sync.push", w.uri))
	create := s.Await("window/workDoneProgress/create")
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":null}`, create.ID)
	w.await(t, "started")
	s.Notify("window/workDoneProgress/cancel", fmt.Sprintf(`{"token":%q}`, decode[struct{ Token string }](t, create.Params).Token))
	wantError(t, s.Reply(id), -32803, "was stopped; the next one goes on")
	w.await(t, "asked") // it was asked, not killed
}

func TestConflictsAreShownToClientsThatOpenDocuments(t *testing.T) {
	const opens = `{"workspace":{"executeCommand":{}},"window":{"showDocument":{"support":true}},"textDocument":{"diagnostic":{}}}`
	w, s := openLinked(t, versionsJSON(t, "conflict", gitTemplate, gitTemplate, gitTemplate, ""), gitTemplate, opens)
	w.write(t, "pull.json", `{"version":1,"outcome":"conflict","error":"x","changes":[],"conflicts":[{"id":"spec.x","node":"db (Addon)","why":"both sides have changed it","base":"","ours":"2","theirs":"3"}]}`, 0o644)
	id := s.send("workspace/executeCommand", command("nf.sync.pull", w.uri))
	if got := decode[struct{ Message string }](t, s.Await("window/showMessage").Params).Message; got != "shop.json: 1 conflict, nothing was changed: db (Addon): both sides have changed it" {
		t.Errorf("shown is %q", got)
	}
	shown := s.Await("window/showDocument")
	text, err := os.ReadFile(strings.TrimPrefix(decode[struct{ URI string }](t, shown.Params).URI, "file://"))
	for _, want := range []string{"## db (Addon)", "Its id is `spec.x`", "Base: not there", "Theirs:\n\n```json\n3\n```"} {
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("the document lacks %q: %s (%v)", want, text, err)
		}
	}
	s.Send(`{"jsonrpc":"2.0","id":%s,"result":{"success":true}}`, shown.ID)
	s.Reply(id)
}
