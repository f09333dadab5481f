package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/source"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Project finds the settings that are in charge of templates, and remembers
// them. It may be used from several goroutines.
//
// In charge is the nearest settings file in the template's folder or above it,
// up to the root of the Git repository; outside of a repository, up to the
// folder of Folders that the template lies in; else in the template's folder alone.
type Project struct {
	// Folders are absolute paths: of the workspace, or of where the work is done.
	Folders []string
	// Open holds the files that an editor has open, by their paths: what it shows
	// counts instead of what is on disk. It is not changed after the first look-up.
	Open map[string]*File

	mu      sync.Mutex
	folders map[string]*found
	files   map[string]*File
	seen    map[string]stamp
}

// found is what was found for a folder.
type found struct {
	root string // where the way up ends
	file *File  // nil: there is none
}

// stamp tells the states of a file apart.
type stamp struct {
	there    bool
	size     int64
	modified time.Time
}

// For returns the settings in charge of a template, by its absolute path; nil
// where there are none.
func (p *Project) For(template string) *File {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.look(filepath.Dir(template)).file
}

// RootOf returns the folder whose settings are in charge of a template; where
// there are none yet, the one that new settings belong into.
func (p *Project) RootOf(template string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.look(filepath.Dir(template))
	if f.file != nil {
		return f.file.Root()
	}
	return f.root
}

// Config returns what the settings mean to the analysis of a template, over the
// levels of base. The path is absolute, or that of a file that is yet to come in
// a folder.
func (p *Project) Config(template string, base map[analysis.Code]analysis.Severity) *analysis.Config {
	if f := p.For(template); f != nil {
		return f.Config(template, base)
	}
	if len(base) == 0 {
		return nil
	}
	return &analysis.Config{Severities: base}
}

// Read returns the settings file at an absolute path; nil if there is none.
func (p *Project) Read(path string) *File {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.read(path)
}

// Known returns the settings file at a path if it was looked up, else nil.
func (p *Project) Known(path string) *File {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.files[path]
}

// Files returns the settings that were looked up.
func (p *Project) Files() []*File {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*File
	for _, f := range p.files {
		if f != nil {
			out = append(out, f)
		}
	}
	return out
}

// Stale reports whether a file that was looked up has changed on disk.
func (p *Project) Stale() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for path, before := range p.seen {
		if stampOf(path) != before {
			return true
		}
	}
	return false
}

func (p *Project) look(folder string) *found {
	if f := p.folders[folder]; f != nil {
		return f
	}
	f := &found{root: p.top(folder)}
	for dir := folder; ; dir = filepath.Dir(dir) {
		if f.file = p.read(PathIn(dir)); f.file != nil || dir == f.root || dir == filepath.Dir(dir) {
			break
		}
	}
	if p.folders == nil {
		p.folders = map[string]*found{}
	}
	p.folders[folder] = f
	return f
}

// top returns where the way up from a folder ends.
func (p *Project) top(folder string) string {
	if root, ok := source.Repository(folder); ok {
		return root
	}
	best := ""
	for _, f := range p.Folders {
		if (folder == f || strings.HasPrefix(folder, strings.TrimSuffix(f, string(filepath.Separator))+string(filepath.Separator))) && len(f) > len(best) {
			best = f
		}
	}
	if best != "" {
		return best
	}
	return folder
}

// read returns the settings file at a path; nil if there is none.
func (p *Project) read(path string) *File {
	if f, ok := p.files[path]; ok {
		return f
	}
	if p.files == nil {
		p.files, p.seen = map[string]*File{}, map[string]stamp{}
	}
	p.seen[path] = stampOf(path)
	f := p.Open[path]
	if f == nil {
		f = Read(path)
	}
	p.files[path] = f
	return f
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return stamp{}
	}
	return stamp{true, info.Size(), info.ModTime()}
}

// Read reads the settings file at a path; nil if there is none. One that cannot
// be read is a file with that mistake.
func Read(path string) *File {
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrPermission) || err == nil && info.IsDir() {
		return nil
	}
	text, err := source.Read(path, nil)
	if err == nil || errors.Is(err, source.ErrEmpty) {
		return Parse(path, syntax.Parse(text))
	}
	why := err.Error()
	var unreadable *source.Error
	if errors.As(err, &unreadable) {
		why = unreadable.Message
	}
	f := Parse(path, syntax.Parse(""))
	f.Findings = []Finding{{Finding: analysis.Finding{
		Code: CodeInvalidSettings, Severity: analysis.Error, Message: "the settings cannot be read: " + why + ".",
	}}}
	return f
}
