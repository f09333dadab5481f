package lsp

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"go.lsp.dev/uri"

	project "github.com/nf-lsp/nf-lsp/internal/settings"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// How much of a workspace is looked at. Beyond that, files are looked at when
// they are opened.
const (
	mostEntries  = 50_000  // files and folders
	mostFiles    = 5_000   // JSON files
	mostBytes    = 8 << 20 // of one file
	deepestEntry = 24      // folders below the root
)

// workspaceFiles knows the templates in the folders of the workspace, whether
// they are open or not. What it knows of a file is kept until the file, the
// settings or the folders change; it is the reports, not the texts.
type workspaceFiles struct {
	// turn is taken by whoever looks at the files.
	turn chan struct{}

	// asked is true once the client has wanted to know, told while it has been
	// asked to ask again and has not.
	asked, told atomic.Bool
	// watched is true once the client tells of changes, changed when the folders
	// have to be read again.
	watched, changed atomic.Bool

	config  *configuration
	folders []folder
	paths   []string
	known   map[string]*knownFile
}

// knownFile is what is known of a file in one state.
type knownFile struct {
	modified time.Time
	size     int64
	report   *report // nil: it is no template
}

func newWorkspaceFiles() *workspaceFiles {
	return &workspaceFiles{turn: make(chan struct{}, 1)}
}

// reports calls do with the report of every template in the folders of the
// view that is not open. It gives up when ctx ends.
func (w *workspaceFiles) reports(ctx context.Context, s *Server, v *View, do func(u uri.URI, r *report)) error {
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	w.asked.Store(true)
	w.told.Store(false)
	sameFolders := len(w.folders) == len(v.folders) && (len(v.folders) == 0 || &w.folders[0] == &v.folders[0])
	sameConfig := w.config == v.configuration && w.known != nil
	if !sameConfig {
		w.config, w.known = v.configuration, make(map[string]*knownFile)
	}
	if changed := w.changed.Swap(false); changed || !w.watched.Load() || !sameFolders || !sameConfig {
		paths, err := jsonFiles(ctx, v.folders, v.settings)
		if err != nil {
			w.changed.Store(true)
			return err
		}
		w.folders, w.paths = v.folders, paths
	}
	known := make(map[string]*knownFile, len(w.paths))
	for _, path := range w.paths {
		if err := ctx.Err(); err != nil {
			w.changed.Store(true)
			return err
		}
		u := uri.File(path)
		if d := v.docs[documentKey(u)]; d != nil {
			continue
		}
		f := w.look(s, path, u)
		if f == nil {
			continue
		}
		known[path] = f
		if f.report != nil {
			do(u, f.report)
		}
	}
	w.known = known
	return nil
}

// look returns what is known of a file, which is read if it has changed; nil if
// it is none that can be read.
func (w *workspaceFiles) look(s *Server, path string, u uri.URI) *knownFile {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostBytes {
		return nil
	}
	if f := w.known[path]; f != nil && f.size == info.Size() && f.modified.Equal(info.ModTime()) {
		return f
	}
	f := &knownFile{modified: info.ModTime(), size: info.Size()}
	bytes, err := os.ReadFile(path)
	text := string(bytes)
	if err != nil || !template.MayBe(text) && !project.IsSettings(path) {
		return f
	}
	d := newDocument(&documentEnv{client: s.client, analyse: s.opts.Analyse}, Document{
		URI: string(u), Language: "json", config: w.config, lines: syntax.NewLines(text), signs: true,
	})
	if d.isReported() {
		f.report = d.report()
	}
	return f
}

// jsonFiles returns the paths of the JSON files below the folders, each once.
// Folders that belong to tools are left out, and what is excluded by its path from
// the folder of the workspace.
func jsonFiles(ctx context.Context, folders []folder, s *settings) ([]string, error) {
	var paths []string
	seen := make(map[string]bool)
	entries := 0
	for _, f := range folders {
		u, err := uri.Parse(f.uri)
		if err != nil || !u.IsFile() {
			continue
		}
		root := filepath.Clean(u.FsPath())
		excluded := project.NewPatterns(s.in(folderKey(f.uri) + "/").excluded)
		err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if entries++; entries > mostEntries || len(paths) >= mostFiles {
				return fs.SkipAll
			}
			switch {
			case err != nil:
				return nil //nolint:nilerr // what cannot be read has no findings
			case entry.IsDir():
				if path != root && isForeignFolder(entry.Name()) || strings.Count(path[len(root):], string(filepath.Separator)) > deepestEntry {
					return fs.SkipDir
				}
			case isJSONFile(entry.Name()) && !seen[path] && !excluded.Match(filepath.ToSlash(strings.TrimPrefix(path[len(root):], string(filepath.Separator)))):
				seen[path] = true
				paths = append(paths, path)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// isForeignFolder reports whether a folder holds what tools have put there.
func isForeignFolder(name string) bool {
	switch name {
	case "node_modules", "vendor", "dist", "build", "target", "bower_components", "__pycache__":
		return true
	}
	// Templates may lie in .northflank and .github; .git and caches may not.
	return strings.HasPrefix(name, ".") && name != ".northflank" && name != ".github"
}

func isJSONFile(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json", ".jsonc":
		return true
	}
	return false
}
