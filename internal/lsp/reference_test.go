package lsp

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestTheReferenceNamesEverything holds docs/lsp.md to what the server
// understands, asks and sends: every method and every command is in it, and every
// command that is in it is one.
func TestTheReferenceNamesEverything(t *testing.T) {
	text, err := os.ReadFile("../../docs/lsp.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	named := func(name string) bool {
		return strings.Contains(page, "`"+name+"`") || strings.Contains(page, "`"+path.Base(name)+"`") || strings.Contains(page, "/"+path.Base(name)+"`")
	}
	for _, m := range methods() {
		if !named(m.name) {
			t.Errorf("%s is missing", m.name)
		}
	}
	for name := range commands {
		if !named(name) {
			t.Errorf("the command %s is missing", name)
		}
	}
	for _, m := range regexp.MustCompile("`(nf\\.\\w+)`").FindAllStringSubmatch(page, -1) {
		if commands[m[1]] == nil {
			t.Errorf("there is no command %s", m[1])
		}
	}
	// What the server calls stands in the sources as constants of the protocol.
	sources, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	calls := regexp.MustCompile(`(?:conn\.Call|conn\.Notify|\.refresh)\((?:ctx, )?protocol\.Method(\w+)`)
	found := 0
	for _, f := range sources {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range calls.FindAllStringSubmatch(string(source), -1) {
			found++
			// WorkspaceCodeLensRefresh is workspace/codeLens/refresh.
			if name := strings.ToLower(m[1]); m[1] != "Progress" && !strings.Contains(strings.ReplaceAll(strings.ToLower(page), "/", ""), "`"+name+"`") {
				t.Errorf("what the server sends is missing: %s", m[1])
			}
		}
	}
	if found == 0 {
		t.Error("no message of the server was found in the sources")
	}
}
