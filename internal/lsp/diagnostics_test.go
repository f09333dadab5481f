package lsp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/lsp"
)

func TestPull(t *testing.T) {
	s := open(t, modern)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	first := s.pull(docURI)
	if first.Kind != "full" || first.ResultID == "" || len(first.Items) != 1 {
		t.Fatalf("got %+v", first)
	}
	f := first.Items[0]
	if f.Code != "unknown-kind" || f.Severity != 1 || f.Source != "northflank" || !strings.Contains(f.Message, "Nonsense") {
		t.Errorf("got %+v", f)
	}
	if !strings.HasSuffix(f.CodeDescription.Href, "diagnostics.md#unknown-kind") {
		t.Errorf("the code leads to %q", f.CodeDescription.Href)
	}
	again := func(previous string) report {
		return decode[report](t, s.request("textDocument/diagnostic", fmt.Sprintf(`{"textDocument":{"uri":%q},"identifier":"northflank","previousResultId":%q}`, docURI, previous)))
	}
	if got := again(first.ResultID); got.Kind != "unchanged" || got.ResultID != first.ResultID {
		t.Errorf("nothing has changed: %+v", got)
	}
	if got := again("something else"); got.Kind != "full" || len(got.Items) != 1 {
		t.Errorf("an unknown result id: %+v", got)
	}
	s.didChange(docURI, 2, "0:0-0:0", " ")
	if got := again(first.ResultID); got.Kind != "full" || got.Items[0].Range.Start.Character != f.Range.Start.Character+1 {
		t.Errorf("the finding has moved: %+v", got)
	}
	s.didChange(docURI, 3, "0:0-0:1", "")
	if got := again(first.ResultID); got.Kind != "unchanged" {
		t.Errorf("it is as it was: %+v", got)
	}
	s.Notify("textDocument/didClose", about(docURI))
	s.didOpen(docURI, "json", withKind("Nonsense"))
	if got := again(first.ResultID); got.Kind != "full" || len(got.Items) != 1 {
		t.Errorf("what was known before the document was closed is forgotten: %+v", got)
	}
}

func TestPullingClientsAreNotPushedTo(t *testing.T) {
	s := openWith(t, lsp.Options{PushDelay: time.Millisecond}, modern)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	s.didChange(docURI, 2, "", withKind("Absurd"))
	s.Notify("textDocument/didSave", about(docURI))
	time.Sleep(30 * time.Millisecond)
	s.Notify("textDocument/didClose", about(docURI))
	s.request("shutdown", "null")
	if rest := s.Rest(); len(rest) > 0 {
		t.Errorf("unexpected %s", rest[0].Raw)
	}
}

func TestPush(t *testing.T) {
	s := openWith(t, lsp.Options{PushDelay: time.Millisecond}, `{"textDocument":{"publishDiagnostics":{"versionSupport":true}}}`)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	if got := s.awaitPublished(); got.URI != docURI || got.Version == nil || *got.Version != 1 || len(got.Diagnostics) != 1 {
		t.Fatalf("on open: %+v", got)
	}
	s.didChange(docURI, 2, "", withKind("Absurd"))
	if got := s.awaitPublished(); *got.Version != 2 || !contains(got.Diagnostics, "Absurd") {
		t.Errorf("changed: %+v", got)
	}
	s.didChange(docURI, 3, "", withKind("Workflow"))
	if got := s.awaitPublished(); *got.Version != 3 || len(got.Diagnostics) != 0 {
		t.Errorf("mended: %+v", got)
	}
	s.didChange(docURI, 4, "", withKind("Nonsense"))
	s.awaitPublished()
	s.Notify("textDocument/didClose", about(docURI))
	if got := s.awaitPublished(); len(got.Diagnostics) != 0 {
		t.Errorf("closing does not clear: %+v", got)
	}
}

func TestTypingMakesPushesWait(t *testing.T) {
	s := openWith(t, lsp.Options{PushDelay: time.Hour}, `{}`)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	if got := s.awaitPublished(); got.Version != nil {
		t.Errorf("a client that does not know versions got %d", *got.Version)
	}
	for version := 2; version <= 100; version++ {
		s.didChange(docURI, version, "", withKind(fmt.Sprintf("Kind%d", version)))
	}
	s.Notify("textDocument/didSave", about(docURI)) // this ends the waiting
	if got := s.awaitPublished(); !contains(got.Diagnostics, "Kind100") {
		t.Errorf("got %+v", got)
	}
	s.didChange(docURI, 101, "", withKind("Absurd"))
	s.Notify("textDocument/didClose", about(docURI))
	if got := s.awaitPublished(); len(got.Diagnostics) != 0 {
		t.Errorf("closing does not clear: %+v", got)
	}
	s.request("shutdown", "null")
	if rest := s.Rest(); len(rest) > 0 {
		t.Errorf("unexpected %s", rest[0].Raw)
	}
}

func TestForeignDocumentsAreLeftAlone(t *testing.T) {
	foreign := []struct{ name, language, text string }{
		{"a package", "json", `{"name":"x","version":"1.0.0","dependencies":{"a":"1"}}`},
		{"broken JSON", "json", `{"name": nonsense,,}`},
		{"nothing", "json", ``},
		{"a list", "json", `[1,2,3`},
		{"comments", "jsonc", "// settings\n{ \"a\": 1, }"},
		{"a template's text in another language", "yaml", withKind("Nonsense")},
		{"a template's text as Go", "go", withKind("Nonsense")},
	}
	for _, tt := range foreign {
		t.Run(tt.name+", asked about", func(t *testing.T) {
			s := open(t, modern)
			s.didOpen(docURI, tt.language, tt.text)
			if got := s.pull(docURI); len(got.Items) != 0 {
				t.Errorf("findings: %+v", got)
			}
			if got := s.request("textDocument/hover", at(docURI, 0, 2)); string(got) != "null" {
				t.Errorf("hover: %s", got)
			}
		})
		t.Run(tt.name+", unasked", func(t *testing.T) {
			s := openWith(t, lsp.Options{PushDelay: time.Millisecond}, `{}`)
			s.didOpen(docURI, tt.language, tt.text)
			s.didChange(docURI, 2, "0:0-0:0", " ")
			time.Sleep(20 * time.Millisecond)
			s.request("shutdown", "null")
			if rest := s.Rest(); len(rest) > 0 {
				t.Errorf("unexpected %s", rest[0].Raw)
			}
		})
	}
}

func TestLanguagesOfTemplates(t *testing.T) {
	for _, language := range []string{"json", "jsonc", "northflank", "JSON"} {
		t.Run(language, func(t *testing.T) {
			s := open(t, modern)
			s.didOpen("file:///no/matter/what.txt", language, withKind("Nonsense"))
			if got := s.pull("file:///no/matter/what.txt"); len(got.Items) != 1 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestADocumentThatStopsBeingATemplateLosesItsFindings(t *testing.T) {
	s := openWith(t, lsp.Options{PushDelay: time.Millisecond}, `{}`)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	s.awaitPublished()
	s.didChange(docURI, 2, "", `{"name":"x"}`)
	if got := s.awaitPublished(); len(got.Diagnostics) != 0 {
		t.Errorf("got %+v", got)
	}
}
