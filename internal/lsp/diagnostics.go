package lsp

import (
	"fmt"
	"hash/fnv"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	project "github.com/nf-lsp/nf-lsp/internal/settings"
)

// diagnosticSource is shown beside each finding.
const diagnosticSource = "northflank"

// report is what is to say about one version of a document, encoded: pull and
// push send the same, and a version is asked about more than once.
type report struct {
	// id names the content: equal reports have equal ids, as long as the document
	// stays open. A client that opens it again has forgotten its findings, and
	// Neovim asks for news all the same.
	id    string
	items jsonrpc2.RawMessage
	count int
}

func newReport(d *Document) *report {
	if d.isSettings() {
		return d.reportOn(d.settingsFile())
	}
	items := []protocol.Diagnostic{}
	if d.isJSON() {
		for _, f := range d.findings() {
			if !d.leavesFinding(f) {
				items = append(items, d.diagnostic(f))
			}
		}
		items = append(items, d.runErrors()...)
	}
	return d.encoded(items)
}

// findings are those of the analysis. Of a document that is declared a template and
// shows no sign of one yet, they are the mistakes of its text.
func (d *Document) findings() []analysis.Finding {
	if a := d.Analysis(); d.isDeclared() && !a.IsTemplate() {
		return a.FindingsOfText()
	}
	return d.Analysis().Findings()
}

// reportOn is what is to say about a settings file, whose text the document has.
func (d *Document) reportOn(f *project.File) *report {
	items := []protocol.Diagnostic{}
	for _, x := range f.Findings {
		items = append(items, d.diagnostic(x.Finding))
	}
	return d.encoded(items)
}

func (d *Document) encoded(items []protocol.Diagnostic) *report {
	encoded, err := protocol.Marshal(items)
	if err != nil { // strings and numbers only: it cannot fail
		panic(fmt.Sprintf("encoding findings: %v", err))
	}
	sum := fnv.New64a()
	sum.Write(encoded)
	return &report{id: fmt.Sprintf("%d-%016x", d.env.opening, sum.Sum64()), items: encoded, count: len(items)}
}

// diagnostic translates a finding, as far as the client understands it.
func (d *Document) diagnostic(f analysis.Finding) protocol.Diagnostic {
	c := d.env.client
	out := protocol.Diagnostic{
		Range:    d.span(f.Range),
		Severity: severities[f.Severity],
		Code:     protocol.String(f.Code),
		Source:   protocol.NewOptional(diagnosticSource),
		Message:  protocol.String(f.Message),
	}
	if c.codeDescription {
		out.CodeDescription = protocol.CodeDescription{Href: uri.URI(f.Code.DocumentationURL())}
	}
	if c.relatedInformation {
		for _, r := range f.Related {
			out.RelatedInformation = append(out.RelatedInformation, protocol.DiagnosticRelatedInformation{
				Location: protocol.Location{URI: uri.URI(d.URI), Range: d.span(r.Range)},
				Message:  r.Message,
			})
		}
	}
	if c.diagnosticTags {
		var tags []protocol.DiagnosticTag
		if f.Unnecessary {
			tags = append(tags, protocol.DiagnosticTagUnnecessary)
		}
		if f.Deprecated {
			tags = append(tags, protocol.DiagnosticTagDeprecated)
		}
		out.Tags = protocol.NewDiagnosticTags(tags...)
	}
	return out
}

var severities = [...]protocol.DiagnosticSeverity{
	analysis.Error:       protocol.DiagnosticSeverityError,
	analysis.Warning:     protocol.DiagnosticSeverityWarning,
	analysis.Information: protocol.DiagnosticSeverityInformation,
	analysis.Hint:        protocol.DiagnosticSeverityHint,
}
