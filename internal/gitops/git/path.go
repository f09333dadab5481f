package git

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Path is the checked place of a file in a repository, from its root and with
// slashes. It never leads out of the repository.
type Path struct{ path string }

// ParsePath checks a path from the root of a repository. It may begin with a slash,
// as in /release-flows/production.json.
func ParsePath(s string) (Path, error) {
	p := strings.TrimPrefix(s, "/")
	switch {
	case p == "":
		return Path{}, errors.New("the path in the repository is empty: name a file, such as /template.json")
	case strings.HasPrefix(p, "-"):
		return Path{}, fmt.Errorf("%q: a path in the repository cannot begin with -", s)
	case !utf8.ValidString(p) || strings.ContainsFunc(p, isControl):
		return Path{}, errors.New("the path in the repository has characters that none can have: line ends or other control characters")
	case strings.Contains(p, `\`):
		return Path{}, fmt.Errorf("%q: folders of a repository are parted by /", s)
	case len(p) > 4096:
		return Path{}, errors.New("the path in the repository is longer than 4,096 bytes")
	case strings.HasSuffix(p, "/"):
		return Path{}, fmt.Errorf("%q names a folder: name the file in it", s)
	}
	for segment := range strings.SplitSeq(p, "/") {
		switch {
		case segment == "":
			return Path{}, fmt.Errorf("%q has two slashes beside one another", s)
		case segment == "." || segment == "..":
			return Path{}, fmt.Errorf("%q: a path counts from the root of the repository and does not leave it: it has no %s", s, segment)
		case isGitFolder(segment):
			return Path{}, fmt.Errorf("%q leads into the folder where Git keeps its own files", s)
		}
	}
	return Path{p}, nil
}

// isGitFolder reports whether a file system may take a name for .git: those that
// ignore case, those of Windows (short names, dots and spaces at the end, streams)
// and that of macOS, which ignores some characters. Git refuses the same.
func isGitFolder(name string) bool {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 0x200c && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x206a && r <= 0x206f, r == 0xfeff:
			return -1
		}
		return r
	}, name)
	name, _, _ = strings.Cut(strings.ToLower(name), ":")
	name = strings.TrimRight(name, ". ")
	return name == ".git" || name == "git~1"
}

// String returns the path without a slash at the start.
func (p Path) String() string { return p.path }

// IsZero reports whether there is no path.
func (p Path) IsZero() bool { return p.path == "" }

func (p Path) segments() []string { return strings.Split(p.path, "/") }

// Branch is the checked name of a branch. Git is always told its whole name,
// refs/heads/..., so that a branch may be named like an option.
type Branch struct{ name string }

// ParseBranch checks the name of a branch by the rules of git check-ref-format.
func ParseBranch(s string) (Branch, error) {
	name := strings.TrimPrefix(s, "refs/heads/")
	wrong := func(why string) (Branch, error) { return Branch{}, fmt.Errorf("%q is no name of a branch: %s", s, why) }
	switch {
	case name == "":
		return Branch{}, errors.New("the name of the branch is empty")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, isControl):
		return wrong("it has control characters")
	case strings.ContainsAny(name, " ~^:?*[\\"):
		return wrong("it has a space or one of ~ ^ : ? * [ \\")
	case strings.Contains(name, "..") || strings.Contains(name, "@{"):
		return wrong("it has .. or @{")
	case strings.HasSuffix(name, "."):
		return wrong("it ends with a dot")
	case name == "@":
		return wrong("Git reads @ as HEAD")
	case len(name) > 1024:
		return wrong("it is longer than 1,024 bytes")
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".lock") {
			return wrong("a part of it is empty, begins with a dot or ends with .lock")
		}
	}
	return Branch{name}, nil
}

// String returns the name without refs/heads/.
func (b Branch) String() string { return b.name }

// Ref returns the whole name of the branch in the repository where it lives.
func (b Branch) Ref() string { return "refs/heads/" + b.name }

// tracking is where a cache keeps what it has last seen of the branch.
func (b Branch) tracking() string { return "refs/nf/remote/" + b.name }

// IsZero reports whether there is no branch.
func (b Branch) IsZero() bool { return b.name == "" }

func sortedByLength(texts []string) []string {
	sorted := slices.Clone(texts)
	slices.SortFunc(sorted, func(x, y string) int { return len(y) - len(x) })
	return sorted
}
