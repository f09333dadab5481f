package analysis_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// playCases plays the cases of a folder of testdata: templates, each with the
// sections behind it that say what is answered there. parse reads a template and
// returns what answers its sections. update writes what comes out into the files
// in the place of what is expected.
func playCases(t *testing.T, folder string, update bool, parse func(t *testing.T, section *txtar.File) (name string, answer func(t *testing.T, section string) string)) {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var name string
			var answer func(t *testing.T, section string) string
			for i := range archive.Files {
				section := &archive.Files[i]
				if strings.HasSuffix(section.Name, ".json") {
					name, answer = parse(t, section)
					continue
				}
				t.Run(name+": "+section.Name, func(t *testing.T) {
					got := strings.TrimRight(answer(t, section.Name), "\n")
					if update {
						section.Data = []byte(got + "\n")
					} else if want := strings.TrimRight(string(section.Data), "\n"); got != want {
						t.Errorf("got:\n%s\nwant:\n%s", got, want)
					}
				})
			}
			if update {
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// caseText is the name and the text of a template; one whose name ends in
// .crlf.json has Windows line ends.
func caseText(section *txtar.File) (name, text string, crlf bool) {
	text = string(section.Data)
	if name, crlf = strings.CutSuffix(strings.TrimSuffix(section.Name, ".json"), ".crlf"); crlf {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return name, text, crlf
}
