package lsp_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.lsp.dev/uri"
)

func TestDockerfilesAreLinkedInACopyOfTheirRepository(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(".git/config", "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = git@github.com:Acme/shop.git\n")
	write("api/Dockerfile", "FROM scratch\n")
	service := func(url, path string) string {
		return `{"kind":"CombinedService","spec":{"vcsData":{"projectUrl":` + quote(url) + `},"buildSettings":{"dockerfile":{"dockerFilePath":` + quote(path) + `}}}}`
	}
	document := string(uri.File(filepath.Join(root, "deploy", "template.json")))
	dockerfile := string(uri.File(filepath.Join(root, "api", "Dockerfile")))
	for _, c := range []struct {
		name, url, path string
		linked          bool
	}{
		{"a file of the repository", "https://github.com/acme/shop", "/api/Dockerfile", true},
		{"the repository under its other name", "github.com/acme/shop.git", "api/Dockerfile", true},
		{"a file that is not there", "https://github.com/acme/shop", "/Dockerfile", false},
		{"a folder", "https://github.com/acme/shop", "/api", false},
		{"a way out of the repository", "https://github.com/acme/shop", "../../../../../etc/passwd", false},
		{"another repository", "https://github.com/acme/store", "/api/Dockerfile", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, modern)
			s.didOpen(document, "json", service(c.url, c.path))
			links := decode[[]struct{ Target string }](t, s.request("textDocument/documentLink", about(document)))
			want := 1 // the repository
			if c.linked {
				want = 2
			}
			if len(links) != want || c.linked && links[1].Target != dockerfile {
				t.Errorf("the links are %v, want %d of them", links, want)
			}
		})
	}
	t.Run("a document that is no file", func(t *testing.T) {
		s := open(t, modern)
		s.didOpen("untitled:1", "json", service("https://github.com/acme/shop", "/api/Dockerfile"))
		if links := decode[[]struct{ Target string }](t, s.request("textDocument/documentLink", about("untitled:1"))); len(links) != 1 {
			t.Errorf("%v, want the repository alone", links)
		}
	})
}
