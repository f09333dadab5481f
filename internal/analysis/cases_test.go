package analysis_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// The cases are txtar files in testdata. A section that ends in .json is a
// template; the sections behind it say what is expected of it.
//
// In a template, a line of carets marks the line above it:
//
//	"id": "${refs.databse.id}"
//	              ^^^^^^^ error unresolved-ref: did you mean "database"
//
// is an expected finding of that level and code, at that place, whose message
// holds that text; `¦` marks an empty place. Every finding must be marked, and every mark must be found.
// `<|>` is the cursor; it and the marks are taken out before the template is read.
//
// Sections behind a template:
//
//	complete         lines of `+ label` (offered), `- label` (not offered),
//	                 `first label` (offered before all others)
//	insert LABEL     the template after the item was chosen, tab stops as written
//	hover            lines that the hover text holds; empty for no hover
//	fix CODE         the template after the first fix of the finding was applied
//	fix CODE: TITLE  the template after that fix was applied
func TestCases(t *testing.T) {
	for _, f := range caseFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var c *testCase
			for _, section := range archive.Files {
				if strings.HasSuffix(section.Name, ".json") {
					c = parseCase(t, string(section.Data), settingsOf(t, archive))
					c.name = strings.TrimSuffix(section.Name, ".json")
					t.Run(c.name, c.findings)
					continue
				}
				if c == nil {
					t.Fatalf("section %q stands before any template", section.Name)
				}
				t.Run(c.name+": "+section.Name, func(t *testing.T) { c.section(t, section) })
			}
		})
	}
}

// caseFiles lists the files with cases: those of rules, by their codes, and
// those that tell how rules go together.
func caseFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"testdata/*.txtar", "testdata/rules/*.txtar"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("no cases: %v", err)
		}
		files = append(files, found...)
	}
	return files
}

// settings are what the lines in front of the first case say: `level CODE LEVEL`
// sets the level of a rule, `asked` reads the files as those that somebody has
// asked about, so that foreign ones are named.
type settings struct {
	config *analysis.Config
	asked  bool
}

func settingsOf(t *testing.T, archive *txtar.Archive) settings {
	t.Helper()
	var s settings
	for _, line := range strings.Split(string(archive.Comment), "\n") {
		switch words := strings.Fields(line); {
		case len(words) == 1 && words[0] == "asked":
			s.asked = true
		case len(words) == 3 && words[0] == "level":
			levels := map[string]analysis.Severity{"hint": analysis.Hint, "warning": analysis.Warning, "error": analysis.Error, "off": analysis.Off}
			if s.config == nil {
				s.config = &analysis.Config{Severities: map[analysis.Code]analysis.Severity{}}
			}
			s.config.Severities[analysis.Code(words[1])] = levels[words[2]]
		}
	}
	return s
}

type testCase struct {
	asked    bool
	name     string
	text     string
	cursor   int // -1 without one
	want     []mark
	snapshot *analysis.Snapshot
}

type mark struct {
	at                   syntax.Range
	level, code, message string
	line                 int
}

var markLine = regexp.MustCompile(`^(\s*)(\^+|¦) (error|warning|information|hint) ([a-z-]+)(?:: (.*))?$`)

const cursor = "<|>"

func parseCase(t *testing.T, source string, set settings) *testCase {
	t.Helper()
	c := &testCase{cursor: -1, asked: set.asked}
	var text strings.Builder
	lineStart, lineEnd, lines := 0, 0, 0
	for _, line := range strings.SplitAfter(source, "\n") {
		if m := markLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			above := text.String()[lineStart:lineEnd]
			start := lineStart + byteColumn(t, above, len([]rune(m[1])))
			end := start
			if m[2] != "¦" {
				end = lineStart + byteColumn(t, above, len([]rune(m[1]))+len(m[2]))
			}
			c.want = append(c.want, mark{syntax.Range{Start: start, End: end}, m[3], m[4], m[5], lines})
			continue
		}
		if i := strings.Index(line, cursor); i >= 0 {
			c.cursor = text.Len() + i
			line = line[:i] + line[i+len(cursor):]
		}
		lineStart = text.Len()
		text.WriteString(line)
		lineEnd = text.Len()
		lines++
	}
	c.text = text.String()
	c.snapshot = analysis.NewSnapshot(syntax.Parse(c.text), nil, set.config)
	return c
}

// byteColumn turns a column in characters into one in bytes.
func byteColumn(t *testing.T, line string, column int) int {
	t.Helper()
	n := 0
	for i := range line {
		if n == column {
			return i
		}
		n++
	}
	if n == column {
		return len(line)
	}
	t.Fatalf("a mark stands beyond the end of the line %q", line)
	return 0
}

func (c *testCase) describe(at syntax.Range) string {
	p := c.snapshot.Tree.Lines().Position(at.Start, syntax.UTF8)
	return fmt.Sprintf("line %d, %q", p.Line+1, c.text[at.Start:at.End])
}

func (c *testCase) findings(t *testing.T) {
	got := c.snapshot.Findings()
	if c.asked && !c.snapshot.IsTemplate() {
		got = append(got, analysis.NotATemplate(c.snapshot))
	}
	used := make([]bool, len(got))
	for _, w := range c.want {
		found := false
		for i, f := range got {
			if used[i] || f.Range != w.at || string(f.Code) != w.code || f.Severity.String() != w.level || !strings.Contains(f.Message, w.message) {
				continue
			}
			used[i], found = true, true
			break
		}
		if !found {
			t.Errorf("no %s %s %q at %s", w.level, w.code, w.message, c.describe(w.at))
		}
	}
	for i, f := range got {
		if !used[i] {
			t.Errorf("unexpected %s %s at %s: %s", f.Severity, f.Code, c.describe(f.Range), f.Message)
		}
	}
}

func (c *testCase) section(t *testing.T, section txtar.File) {
	word, argument, _ := strings.Cut(section.Name, " ")
	switch word {
	case "complete":
		c.complete(t, string(section.Data))
	case "insert":
		c.insert(t, argument, string(section.Data))
	case "hover":
		c.hover(t, string(section.Data))
	case "fix":
		c.fix(t, argument, string(section.Data))
	case "fixes":
		c.fixes(t, argument, string(section.Data))
	default:
		t.Fatalf("no such section: %q", section.Name)
	}
}

func (c *testCase) items(t *testing.T) []analysis.CompletionItem {
	t.Helper()
	if c.cursor < 0 {
		t.Fatal("the template has no cursor")
	}
	items := c.snapshot.Complete(c.cursor)
	for _, i := range items {
		if i.Range.Start > c.cursor || i.Range.End < c.cursor {
			t.Errorf("the edit of %q at %v does not contain the cursor %d", i.Label, i.Range, c.cursor)
		}
		if strings.ContainsAny(c.text[i.Range.Start:i.Range.End], "\r\n") {
			t.Errorf("the edit of %q leaves its line", i.Label)
		}
	}
	return items
}

func (c *testCase) complete(t *testing.T, want string) {
	items := c.items(t)
	offered := map[string]bool{}
	var labels []string
	for _, i := range items {
		if offered[i.Label] {
			t.Errorf("%q is offered twice", i.Label)
		}
		offered[i.Label] = true
		labels = append(labels, i.Label)
	}
	for _, line := range strings.Split(strings.TrimSpace(want), "\n") {
		sign, label, _ := strings.Cut(line, " ")
		switch sign {
		case "+":
			if !offered[label] {
				t.Errorf("%q is not offered, but %v", label, labels)
			}
		case "-":
			if offered[label] {
				t.Errorf("%q is offered", label)
			}
		case "first":
			if len(items) == 0 {
				t.Errorf("nothing is offered, want %q first", label)
				break
			}
			first := items[0]
			for _, i := range items {
				if i.Sort < first.Sort {
					first = i
				}
			}
			if first.Label != label {
				t.Errorf("%q is offered first, want %q", first.Label, label)
			}
		case "none":
			if len(items) > 0 {
				t.Errorf("offered are %v, want nothing", labels)
			}
		default:
			t.Fatalf("no such expectation: %q", line)
		}
	}
}

func (c *testCase) insert(t *testing.T, label, want string) {
	for _, i := range c.items(t) {
		if i.Label != label {
			continue
		}
		got := c.text[:i.Range.Start] + i.Insert + c.text[i.Range.End:]
		if strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("after %q was chosen:\n%s\nwant:\n%s", label, got, want)
		}
		return
	}
	t.Errorf("%q is not offered", label)
}

func (c *testCase) hover(t *testing.T, want string) {
	h := c.snapshot.Hover(c.cursor)
	want = strings.TrimSpace(want)
	if h == nil {
		if want != "" {
			t.Errorf("no hover, want %q", want)
		}
		return
	}
	if want == "" {
		t.Errorf("hover says %q, want none", h.Markdown)
	}
	if h.Range.Start > c.cursor || h.Range.End < c.cursor {
		t.Errorf("the hover's range %v does not contain the cursor %d", h.Range, c.cursor)
	}
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(h.Markdown, line) {
			t.Errorf("hover does not say %q, but:\n%s", line, h.Markdown)
		}
	}
}

func (c *testCase) fix(t *testing.T, which, want string) {
	code, title, titled := strings.Cut(which, ": ")
	var offered []string
	for _, f := range c.snapshot.Findings() {
		if string(f.Code) != code {
			continue
		}
		for _, fix := range c.snapshot.Fixes(f) {
			offered = append(offered, fix.Title)
			if titled && fix.Title != title {
				continue
			}
			got, err := edit.Apply(c.text, fix.Edits)
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("after %q:\n%s\nwant:\n%s", fix.Title, got, want)
			}
			return
		}
	}
	t.Errorf("no such fix of a finding %s, but %q", code, offered)
}

// fixes compares the titles of all fixes of the findings with a code.
func (c *testCase) fixes(t *testing.T, code, want string) {
	var got []string
	for _, f := range c.snapshot.Findings() {
		if string(f.Code) == code {
			for _, fix := range c.snapshot.Fixes(f) {
				got = append(got, fix.Title)
			}
		}
	}
	if got := strings.Join(got, "\n"); got != strings.TrimSpace(want) {
		t.Errorf("offered are\n%s\nwant\n%s", got, want)
	}
}
