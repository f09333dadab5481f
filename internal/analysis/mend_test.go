package analysis_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// checkMended holds what is true of every mended document.
func checkMended(t *testing.T, text string) *analysis.Mended {
	t.Helper()
	return checkMendedUnder(t, text, nil)
}

func checkMendedUnder(t *testing.T, text string, cfg *analysis.Config) *analysis.Mended {
	t.Helper()
	before := analysis.NewSnapshot(syntax.Parse(text), nil, cfg)
	m := before.Mend()
	after := m.Snapshot.Tree.Source()
	if got, err := edit.Apply(text, m.Edits); err != nil || got != after {
		t.Errorf("the edits make another text: %v\n%s", err, got)
	}
	if (len(m.Fixed) == 0) != (text == after) {
		t.Errorf("%d fixes, and the text is the same: %v", len(m.Fixed), text == after)
	}
	errors := map[string]int{}
	for _, f := range before.Findings() {
		if f.Severity == analysis.Error {
			errors[f.Message]++
		}
	}
	for _, f := range m.Snapshot.Findings() {
		if f.Severity == analysis.Error {
			if errors[f.Message]--; errors[f.Message] < 0 {
				t.Errorf("a new error: %s\nin\n%s", f.Message, after)
			}
		}
	}
	if got, had := len(m.Snapshot.Tree.Errors()), len(before.Tree.Errors()); got > had {
		t.Errorf("%d mistakes of syntax, there were %d", got, had)
	}
	for _, fix := range m.Fixed {
		if r := fix.Finding.Range; r.Start < 0 || r.End < r.Start || r.End > len(text) {
			t.Errorf("%q was at %v of %d bytes", fix.Title, r, len(text))
		}
	}
	checkMendedReach(t, before, m)
	for i := 1; i < len(m.Edits); i++ {
		if m.Edits[i-1].Range.End >= m.Edits[i].Range.Start {
			t.Errorf("the edits %v and %v meet", m.Edits[i-1], m.Edits[i])
		}
	}
	for _, left := range m.Snapshot.QuickFixes(syntax.Range{End: len(after)}) {
		if left.Preferred && !slices.ContainsFunc(m.Refused, func(r analysis.RefusedFix) bool { return r.Title == left.Title }) {
			t.Errorf("left to do: %q", left.Title)
		}
	}
	if again := m.Snapshot.Mend(); len(again.Edits) > 0 {
		t.Errorf("the second time it makes\n%s\nof\n%s", again.Snapshot.Tree.Source(), after)
	}
	return m
}

// checkMendedReach reports findings that are said to be fixed and are not, and
// differences that are for none of them.
func checkMendedReach(t *testing.T, before *analysis.Snapshot, m *analysis.Mended) {
	t.Helper()
	for _, fix := range m.Fixed {
		if had := count(before.Findings(), fix.Finding); had > 0 && count(m.Snapshot.Findings(), fix.Finding) >= had {
			t.Errorf("%q leaves %q", fix.Title, fix.Finding.Message)
		}
	}
	if before.Tree.Green().HasErrors() {
		return // it means something else now
	}
	found := differences(before.Tree.Root(), m.Snapshot.Tree.Root())
	for _, fix := range m.Fixed {
		found = outside(found, elsewhere[fix.Finding.Code], fix.Title, placeOf(before, fix.Finding))
	}
	if len(found) > 0 {
		t.Errorf("no fix was for %q in\n%s", found, m.Snapshot.Tree.Source())
	}
}

func TestMendingDoesNoHarm(t *testing.T) {
	fixed := 0
	everyCase(t, func(t *testing.T, c *testCase) { fixed += len(checkMendedUnder(t, c.text, c.snapshot.Config).Fixed) })
	for cut := 0; cut < len(noisy); cut += 41 {
		checkMended(t, noisy[:cut]+noisy[min(cut+5, len(noisy)):])
	}
	if fixed < 10 {
		t.Errorf("only %d fixes were applied", fixed)
	}
}

func TestMendingTheCorpusDoesNoHarm(t *testing.T) {
	corpus := os.Getenv("NF_CORPUS")
	if corpus == "" {
		t.Skip("NF_CORPUS is not set")
	}
	files, fixed := 0, 0
	err := filepath.WalkDir(corpus, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		fixed += len(checkMended(t, string(data)).Fixed)
		return nil
	})
	if err != nil || files == 0 {
		t.Errorf("%d files: %v", files, err)
	}
	t.Logf("%d fixes in %d files", fixed, files)
}

// A fix that brings an error up is left out, and the others are applied.
func TestAFixThatBringsUpAnErrorIsLeftOut(t *testing.T) {
	const text = `{
  "apiVersion": "v1",
  "name": "Shop",
  "project": { "id": "shop" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Volum", "spec": {} },
    { "kind": "Build", "spec": { "id": "web", "type": "servce" } }
  ] } }
}`
	m := checkMended(t, text)
	want := strings.NewReplacer(`"v1"`, `"v1.2"`, "servce", "service").Replace(text)
	if got := m.Snapshot.Tree.Source(); got != want {
		t.Errorf("got\n%s", got)
	}
	if len(m.Fixed) != 2 || len(m.Refused) != 1 || m.Refused[0].Finding.Code != analysis.CodeUnknownKind {
		t.Errorf("fixed %v, refused %v", m.Fixed, m.Refused)
	}
}

// Where all fixes of a large file do harm, not each of them is tried.
func TestALargeFileIsNotReadForEachOfItsFixes(t *testing.T) {
	const fixes = 64
	text := `{"apiVersion":"v1.2","name":"Shop","project":{"id":"shop"},"description":"` + strings.Repeat("x", 300<<10) + `","spec":{"kind":"Workflow","spec":{"type":"sequential","steps":[` +
		strings.Repeat(`{"kind":"Volum","spec":{}},`, fixes-1) + `{"kind":"Volum","spec":{}}]}}}`
	m := analysis.NewSnapshot(syntax.Parse(text), nil, nil).Mend()
	untried := 0
	for _, r := range m.Refused {
		if strings.Contains(r.Reason, "too many") {
			untried++
		}
	}
	if len(m.Refused) != fixes || len(m.Fixed) > 0 || untried == 0 || untried == fixes {
		t.Errorf("%d are refused, %d of them untried; %d fixed", len(m.Refused), untried, len(m.Fixed))
	}
}

// A quote or a bracket that is missing makes several mistakes of syntax. They are
// mended in one go, or left alone where that brings up what was withheld before.
func TestMistakesOfSyntaxAreMendedTogetherOrNotAtAll(t *testing.T) {
	const text = `{
  "apiVersion": "v1",
  "name": "Shop",
  "project": { "id": "shop" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [
    { "kind": "Build", "spec": { "id": "web", "type": "service" } },
    { "kind": "Build", "spec": { "type": "service" "id": "web } },
  ] } }
}`
	want := strings.NewReplacer(`"v1"`, `"v1.2"`, `"service" "id": "web } },`, `"service", "id": "web" } }`).Replace(text)
	if got := checkMended(t, text).Snapshot.Tree.Source(); got != want {
		t.Errorf("got\n%s", got)
	}
	wrong := strings.Replace(text, `"type": "service" "id"`, `"type": "nonsense" "id"`, 1)
	m := checkMended(t, wrong)
	if got := m.Snapshot.Tree.Source(); strings.Contains(got, `"nonsense", "id"`) {
		t.Errorf("got\n%s", got)
	}
	if len(m.Refused) < 2 || !strings.Contains(m.Refused[0].Reason, "syntax") {
		t.Errorf("refused %v", m.Refused)
	}
}

func TestCommentsAreNotTakenAwayUnseen(t *testing.T) {
	const text = `{
  // why
  "apiVersion": "v1", /* as it was */
  "name": "Shop"
  "project": { "id": "shop" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequential", "steps": [] } }
}`
	m := checkMended(t, text)
	if got, want := m.Snapshot.Tree.Source(), strings.NewReplacer(`"v1"`, `"v1.2"`, "\"Shop\"\n", "\"Shop\",\n").Replace(text); got != want {
		t.Errorf("got\n%s", got)
	}
}

// What a fix brings up is mended in the next round, and is told where it comes
// from in the first text.
func TestMendingGoesOnUntilNothingIsLeft(t *testing.T) {
	const text = `{
  "apiVersion": "v1.2",
  "name": "Shop"
  "project": { "id": "shop" },
  "spec": { "kind": "Workflow", "spec": { "type": "sequentail", "steps": [] } }
}`
	m := checkMended(t, text)
	want := strings.NewReplacer("\"Shop\"\n", "\"Shop\",\n", "sequentail", "sequential").Replace(text)
	if got := m.Snapshot.Tree.Source(); got != want {
		t.Errorf("got\n%s", got)
	}
	for _, f := range m.Fixed {
		if f.Finding.Code == analysis.CodeNotInEnum && text[f.Finding.Range.Start:f.Finding.Range.End] != `"sequentail"` {
			t.Errorf("it was at %q", text[f.Finding.Range.Start:f.Finding.Range.End])
		}
	}
	if len(m.Snapshot.Findings()) > 0 {
		t.Errorf("left are %v", m.Snapshot.Findings())
	}
}

func TestForeignTextIsNotMended(t *testing.T) {
	for _, text := range []string{"", `{"name": nonsense,,}`, `[1,2`} {
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		if m := s.Mend(); m.Snapshot != s || m.Edits != nil || m.Fixed != nil {
			t.Errorf("%q: %v", text, m.Edits)
		}
	}
}
