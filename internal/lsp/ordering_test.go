package lsp_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/lsp"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// TestEachQuestionIsAnsweredFromTheTextOfItsMoment interleaves edits with
// questions of three kinds and looks for the version in each answer.
func TestEachQuestionIsAnsweredFromTheTextOfItsMoment(t *testing.T) {
	s := open(t, modern)
	text := withKind("Kind000000")
	column := strings.Index(text, "000000")
	s.didOpen(docURI, "json", text)
	const edits = 2000
	asked := map[int]string{}
	for version := 2; version <= edits+1; version++ {
		s.didChange(docURI, version, fmt.Sprintf("0:%d-0:%d", column, column+6), fmt.Sprintf("%06d", version))
		if version%4 == 0 {
			asked[version] = s.send("textDocument/diagnostic", about(docURI))
		}
		if version%50 == 0 {
			s.send("textDocument/completion", at(docURI, 0, column+3))
			s.send("textDocument/hover", at(docURI, 0, column+3))
		}
	}
	for version, id := range asked {
		m := s.Reply(id)
		got := decode[report](t, m.Result)
		if want := fmt.Sprintf("Kind%06d", version); !contains(got.Items, want) {
			t.Fatalf("the answer for version %d is %s", version, m.Raw)
		}
	}
}

func TestASlowAnswerHoldsNothingUp(t *testing.T) {
	release := make(chan struct{})
	s := openWith(t, lsp.Options{Analyse: func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		if strings.Contains(tree.Source(), "Slow") {
			<-release
		}
		return analysis.NewSnapshot(tree, prev, cfg)
	}}, modern)
	s.didOpen(docURI, "json", withKind("Slow"))
	slow := s.send("textDocument/diagnostic", about(docURI))
	s.didChange(docURI, 2, "", withKind("Quick"))
	if got := s.pull(docURI); !contains(got.Items, "Quick") {
		t.Errorf("got %+v", got)
	}
	close(release)
	if got := decode[report](t, s.Reply(slow).Result); !contains(got.Items, "Slow") {
		t.Errorf("the slow question was answered from another text: %+v", got)
	}
}

func TestCancelledQuestions(t *testing.T) {
	release, working := make(chan struct{}), make(chan struct{}, 1)
	s := openWith(t, lsp.Options{Analyse: func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		working <- struct{}{}
		<-release
		return analysis.NewSnapshot(tree, prev, cfg)
	}}, modern)
	s.didOpen(docURI, "json", withKind("Nonsense"))
	s.Send(`{"jsonrpc":"2.0","id":"a","method":"textDocument/diagnostic","params":%s}`, about(docURI))
	s.Send(`{"jsonrpc":"2.0","id":77,"method":"textDocument/hover","params":%s}`, at(docURI, 0, 3))
	s.Send(`{"jsonrpc":"2.0","id":78,"method":"textDocument/diagnostic","params":%s}`, about(docURI))
	<-working
	s.Notify("$/cancelRequest", `{"id":"a"}`)
	s.Notify("$/cancelRequest", `{"id":77}`)
	// The cancellations are read before this request is answered.
	wantError(t, s.Call(500, "no/such", "{}"), -32601, "")
	close(release)
	wantError(t, s.Reply(`"a"`), -32800, "")
	wantError(t, s.Reply(`77`), -32800, "")
	if m := s.Reply(`78`); m.Error != nil {
		t.Errorf("a request that nobody cancelled: %s", m.Raw)
	}
}

func TestAPanicCostsItsRequestOnly(t *testing.T) {
	s := openWith(t, lsp.Options{Analyse: func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		if strings.Contains(tree.Source(), "Explosive") {
			panic(provoked)
		}
		return analysis.NewSnapshot(tree, prev, cfg)
	}}, modern)
	const other = "file:///other.json"
	s.didOpen(other, "json", withKind("Nonsense"))
	s.didOpen(docURI, "json", withKind("Explosive"))
	for range 2 { // what failed once fails again: nothing is half done
		s.ids++
		wantError(t, s.Call(s.ids, "textDocument/diagnostic", about(docURI)), -32603, provoked)
	}
	s.ids++
	wantError(t, s.Call(s.ids, "textDocument/hover", at(docURI, 0, 0)), -32603, provoked)
	if got := s.pull(other); len(got.Items) != 1 {
		t.Errorf("another document: %+v", got)
	}
	s.didChange(docURI, 2, "", withKind("Absurd"))
	if got := s.pull(docURI); !contains(got.Items, "Absurd") {
		t.Errorf("the next version: %+v", got)
	}
	if !strings.Contains(s.log.String(), "ordering_test.go") {
		t.Errorf("the log does not say where:\n%s", s.log)
	}
}

func TestAPanicBehindAPushCostsThePushOnly(t *testing.T) {
	s := openWith(t, lsp.Options{PushDelay: time.Millisecond, Analyse: func(tree *syntax.Tree, prev *analysis.Snapshot, cfg *analysis.Config) *analysis.Snapshot {
		if strings.Contains(tree.Source(), "Explosive") {
			panic(provoked)
		}
		return analysis.NewSnapshot(tree, prev, cfg)
	}}, `{}`)
	s.didOpen("file:///explosive.json", "json", withKind("Explosive"))
	s.didOpen(docURI, "json", withKind("Nonsense"))
	if got := s.awaitPublished(); got.URI != docURI {
		t.Errorf("got %+v", got)
	}
}
