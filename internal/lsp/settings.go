package lsp

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

// settingsSection is where editors keep the settings of this server.
const settingsSection = "northflank"

// settings are what the user has set. They are compared as a whole, so that a
// client that repeats them causes no work.
type settings struct {
	// severity holds the level for a code, as it is written there:
	//
	//	"northflank.diagnostics.severity": {"unknown-property": "off"}
	severity map[analysis.Code]analysis.Severity
	// hiddenHints are the inlay hints that are switched off:
	//
	//	"northflank.inlayHints.cost": false
	hiddenHints analysis.HintKinds
	// hidesRunErrors is true where errors of runs are no findings:
	//
	//	"northflank.diagnostics.runErrors": false
	hidesRunErrors bool
	// runnerPath is where nf-run lies, runTarget where it runs; empty where
	// nothing is set:
	//
	//	"northflank.runner.path": "~/bin/nf-run", "northflank.run.target": "local"
	runnerPath, runTarget string
	// excluded are patterns of files that are looked at only while they are open:
	//
	//	"northflank.files.exclude": ["fixtures/", "!fixtures/shop.json"]
	excluded []string
	// folders are the settings of the folders of the workspace, where some have
	// others.
	folders map[documentKey]*settings
}

// in returns the settings of a document: those of the innermost folder of the
// workspace that it lies in.
func (s *settings) in(u documentKey) *settings {
	for root := string(u); ; {
		if s == nil || len(s.folders) == 0 {
			return s
		}
		i := strings.LastIndexByte(root, '/')
		if i < 0 {
			return s
		}
		root = root[:i]
		if own := s.folders[documentKey(root)]; own != nil {
			return own
		}
	}
}

// folderKey is the key of a folder in settings.
func folderKey(u string) documentKey {
	return documentKey(strings.TrimSuffix(string(keyOf(u)), "/"))
}

// readSettings reads the section as editors send it, with or without the
// section's name around it. What is not understood is left at its default: a
// typing error in the settings must not cost the rest.
func readSettings(section loose) *settings {
	if inner := section.at(settingsSection); inner.exists() {
		section = inner
	}
	s := new(settings)
	s.readHints(section.at("inlayHints"))
	s.excluded = section.texts("files", "exclude")
	s.runnerPath, s.runTarget = section.text("runner", "path"), section.text("run", "target")
	if on, ok := section.at("diagnostics", "runErrors").value.(bool); ok {
		s.hidesRunErrors = !on
	}
	levels, _ := section.at("diagnostics", "severity").value.(map[string]any)
	for code, level := range levels {
		name, _ := level.(string)
		severity, ok := severityNamed(name)
		if !ok {
			continue
		}
		if s.severity == nil {
			s.severity = make(map[analysis.Code]analysis.Severity)
		}
		s.severity[analysis.Code(code)] = severity
	}
	return s
}

// readHints takes a switch for each kind of hints, or one for all of them.
func (s *settings) readHints(hints loose) {
	if on, ok := hints.value.(bool); ok && !on {
		s.hiddenHints = analysis.AllHints
	}
	for _, h := range hintNames {
		if on, ok := hints.at(h.name).value.(bool); ok && !on {
			s.hiddenHints |= h.kind
		}
	}
}

var hintNames = [...]struct {
	name string
	kind analysis.HintKinds
}{
	{"values", analysis.HintValues}, {"context", analysis.HintContext},
	{"cost", analysis.HintCost}, {"parameters", analysis.HintParameters},
}

func severityNamed(name string) (analysis.Severity, bool) {
	switch strings.ToLower(name) {
	case "off":
		return analysis.Off, true
	case "error":
		return analysis.Error, true
	case "warning":
		return analysis.Warning, true
	case "information", "info":
		return analysis.Information, true
	case "hint":
		return analysis.Hint, true
	}
	return analysis.Off, false
}
