package lsp_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/uri"
	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

// TestRecordedSessions plays what real editors have said again, frame by frame,
// and compares what the server says to it in what matters to a user. A session
// is a txtar archive in testdata/lsp/sessions: the files of the workspace ("crlf"
// behind a name gives it such line ends) and the messages in the order in which
// they passed:
//
//	> MESSAGE                what the editor sent; @root@ is the URI of the workspace
//	< ID [RESULT-IDS] TEXT   a reply, in short; "cancelled" for one that was
//	< METHOD ID              a request of the server
//
// Before a message is sent, everything has come that had come then. To record
// one, let the editor start internal/lsp/lsptest/record in place of nf-lsp, put
// the file behind the workspace's files, @root@ for the workspace's URI and null
// for the process id, and run the test with -update, which shortens the replies.
func TestRecordedSessions(t *testing.T) {
	files, err := filepath.Glob("../../testdata/lsp/sessions/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sessions: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := &replay{t: t, root: t.TempDir(), results: map[string]string{}, texts: map[string]string{}, asked: map[string]json.RawMessage{}}
			for i := range archive.Files {
				f := &archive.Files[i]
				if f.Name != "session" {
					r.write(f.Name, string(f.Data))
					continue
				}
				r.session = dial(t, lsp.Options{})
				lines := strings.Split(strings.TrimSpace(string(f.Data)), "\n")
				r.cancelled = cancelledIn(lines)
				for i, line := range lines {
					lines[i] = r.play(line)
				}
				f.Data = []byte(strings.Join(lines, "\n") + "\n")
			}
			if rest := r.session.Ended(); len(rest) > 0 {
				t.Errorf("the server has also said %s", rest[0].Raw)
			}
			if code := <-r.session.exit; code != 0 {
				t.Errorf("exit code %d", code)
			}
			if *update {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// replay is a session that is played again.
type replay struct {
	t         *testing.T
	root      string
	session   *session
	cancelled map[string]bool
	// results are the result ids of now by those of the recording.
	results map[string]string
	// texts are the open documents by their URIs.
	texts map[string]string
	// asked are the ids of now of the server's requests, by those of the recording.
	asked map[string]json.RawMessage
}

func (r *replay) write(name, text string) {
	name, crlf := strings.CutSuffix(name, " crlf")
	if crlf {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if err := os.WriteFile(filepath.Join(r.root, name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// cancelledIn returns the ids of the requests that the editor cancels: whether
// they still had an answer was a matter of moments.
func cancelledIn(lines []string) map[string]bool {
	ids := map[string]bool{}
	for _, line := range lines {
		var m struct {
			Method string
			Params struct{ ID json.RawMessage }
		}
		if json.Unmarshal([]byte(strings.TrimPrefix(line, "> ")), &m) == nil && m.Method == "$/cancelRequest" {
			ids[string(m.Params.ID)] = true
		}
	}
	return ids
}

// play plays one line and returns it as it should be.
func (r *replay) play(line string) string {
	r.t.Helper()
	if message, sent := strings.CutPrefix(line, "> "); sent {
		r.send(message)
		return line
	}
	recorded := strings.TrimPrefix(line, "< ")
	var raw lsptest.Message
	if strings.HasPrefix(recorded, "{") { // not yet shortened
		if err := json.Unmarshal([]byte(recorded), &raw); err != nil {
			r.t.Fatal(err)
		}
		if raw.Method != "" {
			recorded = raw.Method + " " + string(raw.ID)
		} else {
			recorded = string(raw.ID) + " " + r.short(&raw)
		}
	}
	first, rest, _ := strings.Cut(recorded, " ")
	if strings.Contains(first, "/") && first[0] != '"' {
		r.asked[rest] = r.session.Await(first).ID
		return "< " + first + " " + rest
	}
	reply := r.session.Reply(first)
	short := r.short(reply)
	r.remember(rest, short)
	// The result ids are those of the recording, which its requests name.
	now, was := resultIDs.ReplaceAllString(short, "[]"), resultIDs.ReplaceAllString(rest, "[]")
	if now == was || r.cancelled[first] {
		return "< " + first + " " + rest
	}
	if !*update {
		r.t.Errorf("the reply %s to %s is %s, and was %s", first, r.session.methods[first], now, was)
	}
	return "< " + first + " " + resultIDs.FindString(rest) + strings.TrimPrefix(now, "[]")
}

// resultIDs are the result ids of a reply, in brackets at its start.
var resultIDs = regexp.MustCompile(`^\[[^\]]*\]`)

func (r *replay) remember(recorded, now string) {
	was, is := strings.Fields(strings.Trim(resultIDs.FindString(recorded), "[]")), strings.Fields(strings.Trim(resultIDs.FindString(now), "[]"))
	if len(was) == len(is) {
		for i := range was {
			r.results[was[i]] = is[i]
		}
	}
}

// previousID are the places in which an editor names what it has.
var previousID = regexp.MustCompile(`("previousResultId":|"value":)"([^"]*)"`)

func (r *replay) send(message string) {
	r.t.Helper()
	message = strings.ReplaceAll(message, "@root@", string(uri.File(r.root)))
	message = strings.ReplaceAll(message, "@path@", r.root)
	message = previousID.ReplaceAllStringFunc(message, func(s string) string {
		part := previousID.FindStringSubmatch(s)
		if now, known := r.results[part[2]]; known {
			return part[1] + quote(now)
		}
		return s
	})
	var m struct {
		ID     json.RawMessage
		Method string
		Params struct {
			TextDocument struct{ URI, Text string }
			// Positions are those of sync_test.go.
			ContentChanges []struct {
				Range *struct{ Start, End struct{ Line, Character int } }
				Text  string
			}
		}
	}
	if err := json.Unmarshal([]byte(message), &m); err != nil && m.Method == "" && m.ID == nil {
		r.t.Fatalf("%s: %v", message, err)
	}
	u := m.Params.TextDocument.URI
	switch m.Method {
	case "": // the answer to a request of the server
		message = strings.Replace(message, `"id":`+string(m.ID), `"id":`+string(r.asked[string(m.ID)]), 1)
	case "textDocument/didOpen":
		r.texts[u] = m.Params.TextDocument.Text
	case "textDocument/didChange":
		for _, c := range m.Params.ContentChanges {
			text := r.texts[u]
			if c.Range == nil {
				r.texts[u] = c.Text
				continue
			}
			start, end := naiveOffset(text, c.Range.Start.Line, c.Range.Start.Character), naiveOffset(text, c.Range.End.Line, c.Range.End.Character)
			r.texts[u] = text[:start] + c.Text + text[end:]
		}
	case "textDocument/didSave":
		if name := filepath.Base(u); name == "payload.json" { // what else is saved lies outside of the workspace
			r.write(name, r.texts[u])
		}
	}
	if m.ID != nil && m.Method != "" {
		r.session.methods[string(m.ID)] = m.Method
	}
	r.session.Send("%s", message)
}

// short says what matters of a reply.
func (r *replay) short(m *lsptest.Message) string {
	if m.Error != nil {
		return fmt.Sprintf("error %d", m.Error.Code)
	}
	var result any
	if err := json.Unmarshal(m.Result, &result); err != nil {
		r.t.Fatal(err)
	}
	if result == nil {
		return "null"
	}
	s := shortener{root: string(uri.File(r.root))}
	text := s.value("", result)
	if len(s.ids) > 0 {
		return fmt.Sprintf("[%s] %s", strings.Join(s.ids, " "), text)
	}
	return text
}

// shortener writes what a user sees of a result: names, titles, codes and
// places. Long texts are left to the tests of their features.
type shortener struct {
	root string
	ids  []string
}

// shown are the members that a user sees the effect of; of the others it is
// enough that the recorded ones parse.
var shown = []string{"capabilities", "kind", "code", "range", "label", "name", "title", "newText", "start", "end", "line", "character", "items", "edits", "changes", "documentChanges",
	"uri", "targetUri", "children", "signatures", "activeSignature", "activeParameter", "startLine", "endLine", "placeholder", "position"}

const mostShown = 5 // elements of a list; of completion, the first ones in the order of the server

func (s *shortener) value(name string, v any) string {
	switch v := v.(type) {
	case map[string]any:
		if id, ok := v["resultId"].(string); ok {
			s.ids = append(s.ids, id)
		}
		if name == "capabilities" {
			return strings.Join(names(v), " ")
		}
		if name == "range" || v["character"] != nil {
			return s.place(v)
		}
		var parts []string
		for _, member := range names(v) {
			if slices.Contains(shown, member) || strings.HasPrefix(member, s.root) || strings.HasPrefix(member, "@root@") {
				parts = append(parts, member+"="+s.value(member, v[member]))
			}
		}
		return "{" + strings.ReplaceAll(strings.Join(parts, " "), s.root, "@root@") + "}"
	case []any:
		parts := make([]string, 0, mostShown)
		for _, e := range v[:min(len(v), mostShown)] {
			parts = append(parts, s.value("", e))
		}
		if len(v) > mostShown {
			parts = append(parts, "...")
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case string:
		line, _, _ := strings.Cut(strings.ReplaceAll(v, s.root, "@root@"), "\n")
		return line
	default:
		return fmt.Sprint(v)
	}
}

func (s *shortener) place(v map[string]any) string {
	if v["start"] != nil {
		return s.place(v["start"].(map[string]any)) + "-" + s.place(v["end"].(map[string]any))
	}
	return fmt.Sprintf("%v:%v", v["line"], v["character"])
}

func names(v map[string]any) []string {
	out := make([]string, 0, len(v))
	for name := range v {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
