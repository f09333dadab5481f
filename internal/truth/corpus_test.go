package truth

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

// realFile is a file of the corpus with what its index says of it.
type realFile struct {
	file
	label string
}

// corpus reads the folder that NF_CORPUS names; without it the test is skipped.
func corpus(t testing.TB) []realFile {
	t.Helper()
	dir := os.Getenv("NF_CORPUS")
	if dir == "" {
		t.Skip("NF_CORPUS names no folder of real templates")
	}
	labels := map[string]string{}
	for line := range strings.Lines(read(t, filepath.Join(dir, "INDEX.tsv"))) {
		if fields := strings.Split(line, "\t"); len(fields) > 1 {
			labels[fields[0]] = fields[1]
		}
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no templates in %s: %v", dir, err)
	}
	var files []realFile
	for _, p := range paths {
		name := filepath.Base(filepath.Dir(p)) + "/" + filepath.Base(p)
		files = append(files, realFile{file{name, read(t, p)}, labels[name]})
	}
	return files
}

// What the platform wrote it reads again, so nothing of error level is right there.
func TestWhatThePlatformWroteHasNoErrors(t *testing.T) {
	checked := 0
	for _, f := range corpus(t) {
		if f.label != "platform-written" && f.label != "gitops-synced?" {
			continue
		}
		checked++
		for _, x := range findings(snapshot(f.text, nil)) {
			if x.Severity == analysis.Error {
				t.Errorf("%s:%d: %s: %s", f.name, lineOf(f.text, x.Range.Start), x.Code, x.Message)
			}
		}
	}
	t.Logf("%d files", checked)
}

// Files that are no templates, although they look a little like some, are told so
// once.
func TestInventedFilesGetOneFinding(t *testing.T) {
	checked := 0
	for _, f := range corpus(t) {
		if f.label != "invented" {
			continue
		}
		checked++
		var loud []string
		errors := 0
		for _, x := range findings(snapshot(f.text, nil)) {
			if x.Severity == analysis.Error || x.Severity == analysis.Warning {
				loud = append(loud, x.Message)
			}
			if x.Severity == analysis.Error {
				errors++
			}
		}
		if len(loud) != 1 || errors != 1 {
			t.Errorf("%s has not one finding, of error level, but %d:\n%s", f.name, len(loud), strings.Join(loud, "\n"))
		}
	}
	if checked == 0 {
		t.Error("no file is invented")
	}
}

// The work for a file is bounded by its size. Memory stands for work here: it
// differs little from run to run and from machine to machine. The race detector
// lets pools forget at random, for which there is room.
func TestTheWorkIsBoundedByTheSize(t *testing.T) {
	const perByte, constant = 60, 96 << 10
	for _, f := range corpus(t) {
		snapshot(f.text, nil).Findings() // what is made once for the process
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		findings(snapshot(f.text, nil))
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > perByte*uint64(len(f.text))+constant {
			t.Errorf("%s: %d bytes are used for %d bytes of text", f.name, used, len(f.text))
		}
	}
}

// The page lists the findings of error level that are left in the corpus, each
// with the reason why it is right, and nothing that is not there.
func TestThePageAboutTheCorpusIsTrue(t *testing.T) {
	listed := map[string]int{}
	row := regexp.MustCompile("^\\| `([a-z]+/[^`]+:\\d+)` \\| `([a-z-]+)`(?: ×(\\d+))? \\| \\S")
	for line := range strings.Lines(read(t, "../../docs/corpus.md")) {
		if m := row.FindStringSubmatch(line); m != nil {
			n := 1
			if m[3] != "" {
				n, _ = strconv.Atoi(m[3])
			}
			listed[m[1]+" "+m[2]] += n
		} else if strings.HasPrefix(line, "| `") {
			t.Errorf("a row cannot be read: %s", line)
		}
	}
	found := map[string]int{}
	messages := map[string]string{}
	for _, f := range corpus(t) {
		for _, x := range findings(snapshot(f.text, nil)) {
			if x.Severity == analysis.Error {
				at := fmt.Sprintf("%s:%d %s", f.name, lineOf(f.text, x.Range.Start), x.Code)
				found[at]++
				messages[at] = x.Message
			}
		}
	}
	var wrong []string
	for at, n := range found {
		if listed[at] != n {
			wrong = append(wrong, fmt.Sprintf("%s stands %d times in the corpus and %d times on the page: %s", at, n, listed[at], messages[at]))
		}
	}
	for at, n := range listed {
		if found[at] == 0 {
			wrong = append(wrong, fmt.Sprintf("%s stands %d times on the page and not in the corpus", at, n))
		}
	}
	slices.Sort(wrong)
	for _, w := range wrong {
		t.Error(w)
	}
}
