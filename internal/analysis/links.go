package analysis

import (
	"net/url"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Link is a text that leads to a page.
type Link struct {
	// Range is in bytes, without the quotes.
	Range syntax.Range
	// URL is where it leads to; empty where it leads to a file.
	URL string
	// Path is that file, from the root of the repository at the address
	// Repository on. Whether there is a copy of it is not for this package to know.
	Path, Repository string
	// Tooltip says what is there.
	Tooltip string
}

// Links returns the addresses of schemas and repositories, the images of public
// registries and the Dockerfiles, in the order of the text. Where an expression is part of
// the address, or it is not certain that the page exists and is public, there
// is none.
func (s *Snapshot) Links() []Link {
	if !s.IsTemplate() {
		return nil
	}
	l := linkFinder{doc: s.Doc}
	l.value(s.Doc.Root)
	return l.links
}

type linkFinder struct {
	doc   *template.Document
	links []Link
}

func (l *linkFinder) value(v syntax.Value) {
	for m := range v.Members() {
		if text := m.Value(); text.Kind() == syntax.KindString {
			l.text(m.KeyText(), text, v)
		} else {
			l.value(text)
		}
	}
	for e := range v.Elements() {
		l.value(e)
	}
}

func (l *linkFinder) text(key string, v, object syntax.Value) {
	var target, tooltip string
	switch key {
	case "$schema":
		target, tooltip = pageAddress(v.Text()), "Open the schema"
	case "repoUrl", "projectUrl":
		target, tooltip = repositoryPage(v.Text()), "Open the repository"
	case "dockerFilePath":
		l.dockerfile(v)
	case "imagePath":
		if object.Get("credentials").IsValid() {
			return // a private image, which may have no page
		}
		target, tooltip = imagePage(v.Text()), "Open the image's page"
	}
	if target != "" && v.Terminated() {
		l.links = append(l.links, Link{Range: content(v), URL: target, Tooltip: tooltip})
	}
}

// dockerfile adds the file that a node builds with, where it says literally
// which repository it is in.
func (l *linkFinder) dockerfile(v syntax.Value) {
	n := l.doc.NodeAt(v.Range().Start)
	if n == nil || !v.Terminated() || v.Text() == "" || strings.Contains(v.Text(), "${") {
		return
	}
	source := n.Spec().Get("vcsData").Get("projectUrl")
	if source.Kind() != syntax.KindString {
		return
	}
	if repository := repositoryPage(source.Text()); repository != "" {
		l.links = append(l.links, Link{Range: content(v), Path: v.Text(), Repository: repository, Tooltip: "Open the Dockerfile"})
	}
}

// pageAddress returns an address of the web, normalised; "" for anything else.
func pageAddress(s string) string {
	if strings.ContainsAny(s, "${} \t") {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return ""
	}
	return u.String()
}

// repositoryPage returns the page of a repository. The schemas take addresses
// without a scheme too.
func repositoryPage(s string) string {
	if !strings.Contains(s, "://") {
		host, path, _ := strings.Cut(s, "/")
		if path == "" || !strings.Contains(host, ".") || strings.ContainsAny(host, "@:") {
			return ""
		}
		s = "https://" + s
	}
	return pageAddress(s)
}

// imagePage returns the public page of an image: on Docker Hub, which images
// without a registry come from, on Quay and in Amazon's public gallery, whose
// pages are found by the image's name. The pages of other registries need a
// login, or are not.
func imagePage(image string) string {
	if strings.ContainsAny(image, "${} \t") {
		return ""
	}
	image = strings.TrimPrefix(strings.TrimPrefix(image, "https://"), "http://")
	name, _, _ := strings.Cut(image, "@")
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		name = name[:colon]
	}
	host, path, found := strings.Cut(name, "/")
	if !found || !strings.ContainsAny(host, ".:") && host != "localhost" {
		host, path = "docker.io", name
	}
	parts := strings.Split(path, "/")
	for _, p := range parts {
		if !isImageName(p) {
			return ""
		}
	}
	switch host {
	case "docker.io", "index.docker.io", "registry-1.docker.io":
		switch {
		case len(parts) == 1:
			return "https://hub.docker.com/_/" + parts[0]
		case len(parts) == 2 && parts[0] == "library":
			return "https://hub.docker.com/_/" + parts[1]
		case len(parts) == 2:
			return "https://hub.docker.com/r/" + path
		}
	case "quay.io":
		if len(parts) == 2 {
			return "https://quay.io/repository/" + path
		}
	case "public.ecr.aws":
		if len(parts) >= 2 {
			return "https://gallery.ecr.aws/" + path
		}
	}
	return ""
}

// isImageName reports whether a part of an image's path is one: lower case
// letters and digits, with dots, dashes and underscores between them.
func isImageName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || i > 0 && (c == '.' || c == '-' || c == '_')) {
			return false
		}
	}
	return s != ""
}
