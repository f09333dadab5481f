package settings

import "github.com/nf-lsp/nf-lsp/internal/analysis"

// The codes of findings on a settings file. Each has a section in
// docs/diagnostics.md, behind those of templates.
const (
	CodeInvalidSettings   analysis.Code = "invalid-settings"
	CodeUnknownSetting    analysis.Code = "unknown-setting"
	CodeUnusedSuppression analysis.Code = "unused-suppression"
)

var rules = [...]analysis.Rule{
	{Code: CodeInvalidSettings, Severity: analysis.Error, Summary: "A part of the settings file is not what it has to be, and counts for nothing."},
	{Code: CodeUnknownSetting, Severity: analysis.Warning, Summary: "The settings file has a member, or names a code, that there is not."},
	{Code: CodeUnusedSuppression, Severity: analysis.Hint, Summary: "There is nothing left that the suppression takes out."},
}

// Rules lists the rules for settings files in the order of the documentation.
func Rules() []analysis.Rule { return rules[:] }

// level returns the level of one of the codes above in this file.
func (f *File) level(code analysis.Code) analysis.Severity {
	if level, ok := f.severity[code]; ok {
		return level
	}
	for _, r := range rules {
		if r.Code == code {
			return r.Severity
		}
	}
	return analysis.Off
}

// codes lists what may be re-levelled: the rules of templates and, of those
// above, the ones that are no mistakes.
func codes() []string {
	var out []string
	for _, r := range analysis.Rules() {
		out = append(out, string(r.Code))
	}
	return append(out, string(CodeUnknownSetting), string(CodeUnusedSuppression))
}

// levels are the words for levels, as the editor's settings have them.
var levels = []string{"error", "warning", "information", "hint", "off"}

func levelNamed(name string) (analysis.Severity, bool) {
	for _, level := range [...]analysis.Severity{analysis.Error, analysis.Warning, analysis.Information, analysis.Hint, analysis.Off} {
		if level.String() == name {
			return level, true
		}
	}
	return analysis.Off, false
}
