package lsp

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"

	"go.lsp.dev/uri"
)

// workingCopy is the copy of a Git repository that a document lies in. The zero
// value is none.
type workingCopy struct {
	root string
	// remotes are the addresses that it is known by, as repositoryKey makes them.
	remotes []string
}

// workingCopyOf finds the repository around a document. It reads the
// configuration that Git keeps beside the files, and runs nothing.
func workingCopyOf(u uri.URI) workingCopy {
	if !u.IsFile() {
		return workingCopy{}
	}
	for dir := filepath.Dir(u.FsPath()); ; dir = filepath.Dir(dir) {
		f, err := os.Open(filepath.Join(dir, ".git", "config"))
		if err == nil {
			defer f.Close()
			w := workingCopy{root: dir}
			for lines := bufio.NewScanner(f); lines.Scan(); {
				if name, value, ok := strings.Cut(lines.Text(), "="); ok && strings.TrimSpace(name) == "url" {
					w.remotes = append(w.remotes, repositoryKey(strings.TrimSpace(value)))
				}
			}
			return w
		}
		if dir == filepath.Dir(dir) {
			return workingCopy{}
		}
	}
}

// file returns the file at a path of a repository, if this is a copy of it and
// the file is there.
func (w workingCopy) file(repository, path string) (uri.URI, bool) {
	key := repositoryKey(repository)
	for _, remote := range w.remotes {
		if remote != key {
			continue
		}
		// Behind a slash, no `..` leads out of the root.
		name := filepath.Join(w.root, filepath.Clean(string(filepath.Separator)+filepath.FromSlash(path)))
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return uri.File(name), true
		}
	}
	return "", false
}

// repositoryKey makes addresses equal that lead to one repository: with any
// scheme, with a user, in the short form of SSH, with or without `.git`.
func repositoryKey(address string) string {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		rest = scheme
		if host, path, short := strings.Cut(rest, ":"); short && !strings.Contains(host, "/") {
			rest = host + "/" + path // git@host:path
		}
	}
	host, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	return strings.ToLower(host + "/" + path)
}
