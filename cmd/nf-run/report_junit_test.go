package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
)

func junitView(nodes ...engine.NodeView) *engine.RunView {
	start := time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)
	return &engine.RunView{ID: "r", Template: "Shop", CreatedAt: start, Concluded: true, ConcludedAt: start.Add(time.Second), Nodes: nodes}
}

func TestWhatBecomesOfANodeInJUnit(t *testing.T) {
	for state, want := range map[engine.State]string{
		engine.StateSuccess: "",
		engine.StateFailure: "failure",
		engine.StateUnknown: "error",
		engine.StateAborted: "error",
		engine.StateSkipped: "skipped",
		engine.StatePending: "skipped",
	} {
		t.Run(string(state), func(t *testing.T) {
			suite := junitOf(t, junitView(engine.NodeView{State: state}))
			c := suite.Cases[0]
			got := ""
			for name, there := range map[string]*junitReason{"failure": c.Failure, "error": c.Error, "skipped": c.Skipped} {
				if there != nil {
					got += name
				}
			}
			count := map[string]int{"failure": suite.Failures, "error": suite.Errors, "skipped": suite.Skipped}
			for name, n := range count {
				if n != 1 && name == want || n != 0 && name != want {
					t.Errorf("%d cases count as %s", n, name)
				}
			}
			if got != want || suite.Tests != 1 {
				t.Errorf("it is %q, want %q", got, want)
			}
		})
	}
}

// junitOf writes a report and reads it as strictly as XML is read.
func junitOf(t *testing.T, v *engine.RunView) junitSuite {
	t.Helper()
	var b bytes.Buffer
	if err := writeJUnit(&b, v, time.Now()); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
	}
	for _, r := range b.String() {
		// https://www.w3.org/TR/xml/#charsets
		if r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == '\ufffe' || r == '\uffff' {
			t.Errorf("the report holds %U, which XML does not allow", r)
		}
	}
	var suites junitSuites
	if err := xml.Unmarshal(b.Bytes(), &suites); err != nil || len(suites.Suites) != 1 {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	return suites.Suites[0]
}

func TestAnyMessageStandsInJUnit(t *testing.T) {
	for said, want := range map[string]string{
		`<b> & "quoted" 'text' ]]>`:         `<b> & "quoted" 'text' ]]>`,
		"<![CDATA[ text ]]> <!-- -- -->":    "<![CDATA[ text ]]> <!-- -- -->",
		"two\nlines\r\nand\ta tab":          "two\nlines\r\nand\ta tab",
		"bell \a null \x00 escape \x1b[31m": "bell \ufffd null \ufffd escape \ufffd[31m",
		"no UTF-8: \xff\xfe":                "no UTF-8: \ufffd\ufffd",
		"no character: \uffff":              "no character: \ufffd",
		"größer 🚀":                          "größer 🚀",
	} {
		node := engine.NodeView{State: engine.StateFailure, Error: &engine.ErrorInfo{Message: said}}
		node.Label, node.Kind = said, "Addon"
		suite := junitOf(t, junitView(node))
		if got := suite.Cases[0].Failure.Message; got != want {
			t.Errorf("of %q came %q", said, got)
		}
		if got := suite.Cases[0].Name; !strings.Contains(got, want) {
			t.Errorf("of the name %q came %q", said, got)
		}
	}
}
