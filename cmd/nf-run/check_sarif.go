package main

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/settings"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/version"
)

// The form of a SARIF 2.1.0 log, as far as it is written here.
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/ and, for
// what code scanning reads of it, "SARIF support for code scanning".
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool               sarifTool                `json:"tool"`
		Invocations        []sarifInvocation        `json:"invocations"`
		OriginalURIBaseIDs map[string]sarifArtifact `json:"originalUriBaseIds"`
		Artifacts          []sarifFile              `json:"artifacts"`
		Results            []sarifResult            `json:"results"`
		ColumnKind         string                   `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID                   string             `json:"id"`
		ShortDescription     sarifText          `json:"shortDescription"`
		FullDescription      sarifText          `json:"fullDescription"`
		Help                 sarifText          `json:"help"`
		HelpURI              string             `json:"helpUri"`
		DefaultConfiguration sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifConfiguration struct {
		Enabled bool   `json:"enabled"`
		Level   string `json:"level"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		ExitCode            int                 `json:"exitCode"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifFile struct {
		Location sarifArtifact `json:"location"`
		MimeType string        `json:"mimeType"`
	}
	sarifArtifact struct {
		URI         string     `json:"uri,omitempty"`
		URIBaseID   string     `json:"uriBaseId,omitempty"`
		Index       *int       `json:"index,omitempty"`
		Description *sarifText `json:"description,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Fixes        []sarifFix        `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID       *int           `json:"id,omitempty"`
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted *sarifText  `json:"insertedContent,omitempty"`
	}
)

const (
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	sarifVersion = "2.1.0"
	// sourceRoot stands for the folder that relative addresses count from.
	sourceRoot = "%SRCROOT%"
	homepage   = "https://github.com/nf-lsp/nf-lsp"
)

func (c *command) writeCheckSARIF(files []checkedFile) error {
	s := newSARIF(files)
	for i := range files {
		s.file(i, &files[i])
	}
	return c.writeJSON(sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{s.run}})
}

// sarifWriter collects the only run of a log.
type sarifWriter struct {
	run   sarifRun
	root  string
	rules map[analysis.Code]int
}

func newSARIF(files []checkedFile) *sarifWriter {
	s := &sarifWriter{root: rootOfSources(), rules: map[analysis.Code]int{}}
	s.run = sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "nf-run", Version: version.Number(), InformationURI: homepage}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: true}},
		// Where the folder lies is this machine's own affair.
		OriginalURIBaseIDs: map[string]sarifArtifact{sourceRoot: {Description: &sarifText{Text: "The root of the repository, else the folder in which nf-run was started."}}},
		Artifacts:          []sarifFile{}, Results: []sarifResult{}, ColumnKind: "utf16CodeUnits",
	}
	if hasErrors(files) {
		s.run.Invocations[0].ExitCode = exitFailed
	}
	for i, r := range slices.Concat(analysis.Rules(), settings.Rules()) {
		s.rules[r.Code] = i
		summary := sarifText{Text: r.Summary}
		level := r.Severity
		if level == analysis.Off {
			level = analysis.Hint
		}
		s.run.Tool.Driver.Rules = append(s.run.Tool.Driver.Rules, sarifRule{
			ID: string(r.Code), ShortDescription: summary, FullDescription: summary, HelpURI: r.Code.DocumentationURL(),
			Help: sarifText{
				Text:     r.Summary + " " + r.Code.DocumentationURL(),
				Markdown: r.Summary + " [Examples](" + r.Code.DocumentationURL() + ")",
			},
			DefaultConfiguration: sarifConfiguration{Enabled: r.Severity != analysis.Off, Level: sarifLevel(level)},
		})
	}
	return s
}

// rootOfSources is the folder that services count addresses from: the
// repository's root, else the working directory.
func rootOfSources() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	if root, ok := source.Repository(dir); ok {
		return root
	}
	return dir
}

func sarifLevel(s analysis.Severity) string {
	switch s {
	case analysis.Error:
		return "error"
	case analysis.Warning:
		return "warning"
	}
	return "note"
}

// file adds a file and what was found in it.
func (s *sarifWriter) file(index int, f *checkedFile) {
	artifact := s.artifact(f.path)
	s.run.Artifacts = append(s.run.Artifacts, sarifFile{artifact, "application/json"})
	artifact.Index = &index
	if f.err != nil {
		invocation := &s.run.Invocations[0]
		invocation.ExecutionSuccessful = false
		invocation.Notifications = append(invocation.Notifications, sarifNotification{
			Level: "error", Message: sarifText{Text: f.path + ": " + messageOf(f.err)},
			Locations: []sarifLocation{{Physical: sarifPhysical{Artifact: artifact}}},
		})
	}
	prints := newFingerprints(f)
	for _, x := range f.findings {
		s.run.Results = append(s.run.Results, s.result(f.tree.Lines(), artifact, x, prints))
	}
}

// artifact returns the address of a file: relative to the root where it lies
// below that.
func (s *sarifWriter) artifact(path string) sarifArtifact {
	if path == "-" {
		return sarifArtifact{Description: &sarifText{Text: "standard input"}}
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		absolute = path
	}
	if r, err := filepath.Rel(s.root, absolute); err == nil && r != ".." && !strings.HasPrefix(r, ".."+string(filepath.Separator)) {
		return sarifArtifact{URI: (&url.URL{Path: filepath.ToSlash(r)}).String(), URIBaseID: sourceRoot}
	}
	absolute = filepath.ToSlash(absolute)
	if !strings.HasPrefix(absolute, "/") {
		absolute = "/" + absolute // a drive
	}
	return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: absolute}).String()}
}

func (s *sarifWriter) result(lines *syntax.Lines, artifact sarifArtifact, x checkedFinding, prints *fingerprints) sarifResult {
	at := func(r syntax.Range) sarifPhysical {
		region := sarifRegionOf(lines, r)
		return sarifPhysical{Artifact: artifact, Region: &region}
	}
	r := sarifResult{
		RuleID: string(x.Code), RuleIndex: s.rules[x.Code], Level: sarifLevel(x.Severity), Message: sarifText{Text: x.Message},
		Locations: []sarifLocation{{Physical: at(x.Range)}}, Fingerprints: prints.of(x.Finding),
	}
	if x.Node != "" {
		r.Locations[0].Logical = []sarifLogical{{FullyQualifiedName: x.Node, Kind: "object"}}
	}
	for i, other := range x.Related {
		r.Related = append(r.Related, sarifLocation{ID: &i, Physical: at(other.Range), Message: &sarifText{Text: other.Message}})
	}
	for _, fix := range x.fixes {
		change := sarifChange{Artifact: artifact}
		for _, e := range fix.Edits {
			replacement := sarifReplacement{Deleted: sarifRegionOf(lines, e.Range)}
			if e.NewText != "" {
				replacement.Inserted = &sarifText{Text: e.NewText}
			}
			change.Replacements = append(change.Replacements, replacement)
		}
		r.Fixes = append(r.Fixes, sarifFix{Description: sarifText{Text: fix.Title}, Changes: []sarifChange{change}})
	}
	return r
}

func sarifRegionOf(lines *syntax.Lines, r syntax.Range) sarifRegion {
	at := rangeOf(lines, r)
	return sarifRegion{at.Start.Line, at.Start.Column, at.End.Line, at.End.Column}
}
