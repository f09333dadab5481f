package lsp_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/lsp/lsptest"
)

var update = flag.Bool("update", false, "write what the server says into the scripts")

// TestScripts plays the sessions of testdata/lsp. A script is a txtar archive
// whose sections are worked off in order:
//
//	send     a message to the server, framed
//	raw      bytes to the server as they are, with Go escapes, line by line
//	want     a message from the server: a reply by its id, others by their
//	         method; the string "..." stands for any value
//	end      the server ends with this exit code and has said nothing more
//
// All other sections are documents. In messages "@name" is the text of the
// document name, and "@name:1" the position (in UTF-16) of the mark «1» in it;
// the text that is sent has no marks.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("../../testdata/lsp/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			p := &player{t: t, session: dial(t, lsp.Options{PushDelay: time.Millisecond}), documents: map[string]string{}}
			for i := range archive.Files {
				p.play(&archive.Files[i])
			}
			if p.changed {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type player struct {
	t         *testing.T
	session   *session
	documents map[string]string // with marks
	changed   bool
}

func (p *player) play(section *txtar.File) {
	p.t.Helper()
	body := strings.TrimSpace(string(section.Data))
	switch section.Name {
	case "send":
		body = p.filledIn(body)
		var request struct {
			ID     json.RawMessage
			Method string
		}
		if json.Unmarshal([]byte(body), &request) == nil {
			p.session.methods[string(request.ID)] = request.Method
		}
		p.session.Raw(lsptest.Frame(body))
	case "raw":
		for line := range strings.Lines(body) {
			text, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.TrimRight(line, "\n"), `"`, `\"`) + `"`)
			if err != nil {
				p.t.Fatalf("raw %q: %v", line, err)
			}
			p.session.Raw(text)
		}
	case "want":
		p.want(section, p.filledIn(body))
	case "end":
		rest := p.session.Ended()
		if len(rest) > 0 {
			p.t.Errorf("the server also said %s", rest[0].Raw)
		}
		if code := <-p.session.exit; fmt.Sprint(code) != body {
			p.t.Errorf("exit code %d, want %s", code, body)
		}
	default:
		p.documents[section.Name] = string(section.Data)
	}
}

func (p *player) want(section *txtar.File, body string) {
	p.t.Helper()
	var want map[string]any
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		p.t.Fatalf("want %s: %v", body, err)
	}
	var got *lsptest.Message
	if method, ok := want["method"].(string); ok {
		got = p.session.Await(method)
	} else {
		id, err := json.Marshal(want["id"])
		if err != nil {
			p.t.Fatal(err)
		}
		got = p.session.Reply(string(id))
	}
	if err := matches("message", want, decode[any](p.t, json.RawMessage(got.Raw))); err != nil {
		if *update {
			section.Data = indented(p.t, got.Raw)
			p.changed = true
			return
		}
		p.t.Errorf("%v in\n%s", err, indented(p.t, got.Raw))
	}
}

// matches compares JSON values; the string "..." matches everything.
func matches(path string, want, got any) error {
	if want == "..." {
		return nil
	}
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is no object", path)
		}
		for name := range got {
			if _, ok := want[name]; !ok {
				return fmt.Errorf("%s.%s is not wanted", path, name)
			}
		}
		for name, value := range want {
			if _, ok := got[name]; !ok {
				return fmt.Errorf("%s.%s is missing", path, name)
			}
			if err := matches(path+"."+name, value, got[name]); err != nil {
				return err
			}
		}
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			return fmt.Errorf("%s has not %d elements", path, len(want))
		}
		for i := range want {
			if err := matches(fmt.Sprintf("%s[%d]", path, i), want[i], got[i]); err != nil {
				return err
			}
		}
	default:
		if !reflect.DeepEqual(want, got) {
			return fmt.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	return nil
}

func indented(t *testing.T, raw string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(raw), "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	return out.Bytes()
}

var (
	placeholder = regexp.MustCompile(`"@([^":]+)(?::([^"]+))?"`)
	mark        = regexp.MustCompile(`«([^»]*)»`)
)

// filledIn replaces the names of documents and marks in a message.
func (p *player) filledIn(body string) string {
	return placeholder.ReplaceAllStringFunc(body, func(s string) string {
		name := placeholder.FindStringSubmatch(s)
		marked, ok := p.documents[name[1]]
		if !ok {
			p.t.Fatalf("there is no document %s", name[1])
		}
		if name[2] == "" {
			return quote(mark.ReplaceAllString(marked, ""))
		}
		before, _, ok := strings.Cut(marked, "«"+name[2]+"»")
		if !ok {
			p.t.Fatalf("%s has no mark %s", name[1], name[2])
		}
		before = mark.ReplaceAllString(before, "")
		line := before[strings.LastIndexByte(before, '\n')+1:]
		return fmt.Sprintf(`{"line":%d,"character":%d}`, strings.Count(before, "\n"), len(utf16.Encode([]rune(line))))
	})
}
