package settings

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Where a project keeps its settings: in a folder with its own name beside or
// above the templates.
const (
	Folder   = ".northflank"
	FileName = "settings.json"
)

// everyCode stands for all codes in an override.
const everyCode = "*"

// IsSettings reports whether a path, with the separators of any system, is that
// of a settings file.
func IsSettings(path string) bool {
	path = strings.ReplaceAll(path, `\`, "/")
	return path == Folder+"/"+FileName || strings.HasSuffix(path, "/"+Folder+"/"+FileName)
}

// PathIn returns where a folder has its settings file.
func PathIn(folder string) string { return filepath.Join(folder, Folder, FileName) }

// File is a settings file as it was read. It is immutable.
type File struct {
	// Path is where the file lies.
	Path string
	Tree *syntax.Tree
	// Findings are the mistakes in it, in the order of the text. Ranges are in
	// bytes of the tree.
	Findings []Finding

	broken       bool
	severity     map[analysis.Code]analysis.Severity
	overrides    []override
	suppressions []suppression
}

// Finding is a finding on a settings file, with the ways to mend it.
type Finding struct {
	analysis.Finding
	Fixes []analysis.Fix
}

// override re-levels codes in some files.
type override struct {
	files    patterns
	severity map[analysis.Code]analysis.Severity
	// off switches all codes off that severity does not name.
	off bool
}

// suppression takes findings out of some files.
type suppression struct {
	analysis.Suppression
	files pattern
	at    syntax.Range
}

// Root returns the folder that patterns count from, which holds .northflank.
func (f *File) Root() string { return filepath.Dir(filepath.Dir(f.Path)) }

// Broken reports whether the text is not JSON, so that nothing in it counts.
func (f *File) Broken() bool { return f.broken }

// Same reports whether the two files, either of which may be nil, say the same,
// wherever it stands in them.
func (f *File) Same(g *File) bool {
	if f == nil || g == nil {
		return f == g
	}
	return f.Path == g.Path && reflect.DeepEqual(f.severity, g.severity) && reflect.DeepEqual(f.overrides, g.overrides) &&
		slices.EqualFunc(f.suppressions, g.suppressions, func(a, b suppression) bool {
			return a.Suppression == b.Suppression && a.files == b.files
		})
}

// Invalid reports whether the file has mistakes of error level.
func (f *File) Invalid() bool {
	for _, x := range f.Findings {
		if x.Severity == analysis.Error {
			return true
		}
	}
	return false
}

// Config returns what the file means to the analysis of a template. Over the
// levels of base, which may be nil, stand those of the file, over those its
// overrides, the later over the earlier. path is the template's; where it is
// empty or lies outside of the root, only what holds for all files counts.
func (f *File) Config(path string, base map[analysis.Code]analysis.Severity) *analysis.Config {
	c := &analysis.Config{Severities: map[analysis.Code]analysis.Severity{}}
	set := func(severity map[analysis.Code]analysis.Severity) {
		for code, level := range severity {
			c.Severities[code] = level
		}
	}
	set(base)
	set(f.severity)
	relative, ok := f.relative(path)
	if !ok {
		return c
	}
	for _, o := range f.overrides {
		if !o.files.matches(relative) {
			continue
		}
		if o.off {
			for _, r := range analysis.Rules() {
				c.Severities[r.Code] = analysis.Off
			}
		}
		set(o.severity)
	}
	for i := range f.suppressions {
		if s := &f.suppressions[i]; s.files.matches(relative) {
			c.Suppressions = append(c.Suppressions, &s.Suppression)
		}
	}
	return c
}

// relative returns the path from the root with slashes, and whether it leads
// into the root.
func (f *File) relative(path string) (string, bool) {
	if path == "" {
		return "", false
	}
	r, err := filepath.Rel(f.Root(), path)
	if err != nil || r == ".." || strings.HasPrefix(r, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(r), true
}

// Unused returns a finding for each suppression that took nothing out. used
// holds how many findings each has taken out; may says whether a suppression for
// files that match can be judged at all.
func (f *File) Unused(used map[*analysis.Suppression]int, may func(matches func(path string) bool) bool) []Finding {
	level := f.level(CodeUnusedSuppression)
	if level == analysis.Off {
		return nil
	}
	var out []Finding
	for i := range f.suppressions {
		s := &f.suppressions[i]
		matches := func(path string) bool {
			relative, ok := f.relative(path)
			return ok && s.files.matches(relative)
		}
		if used[&s.Suppression] > 0 || !may(matches) {
			continue
		}
		out = append(out, Finding{analysis.Finding{
			Code: CodeUnusedSuppression, Severity: level, Range: s.at, Unnecessary: true,
			Message: "this takes out no finding any more; remove it, so that it cannot hide a new one.",
		}, f.removal(s.at)})
	}
	return out
}
