package git

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// File is a file as a commit has it.
type File struct {
	// Mode is 100644, or 100755 for one that can be executed.
	Mode string
	Blob Hash
}

// entry is one entry of a tree.
type entry struct {
	mode, kind, name string
	hash             Hash
}

// readTree returns the entries of a tree, or of a commit's tree; with paths, those below it
// that are there, by their paths.
func (r *Repository) readTree(ctx context.Context, treeish string, paths ...string) ([]entry, error) {
	args := append([]string{"ls-tree", "-z", "--end-of-options", treeish}, paths...)
	out, err := r.program.run(ctx, &call{gitDir: r.dir, url: r.url, network: true, env: []string{"GIT_LITERAL_PATHSPECS=1"}, args: args})
	if err != nil {
		return nil, err
	}
	var entries []entry
	for line := range bytes.SplitSeq(out, []byte{0}) {
		head, name, ok := strings.Cut(string(line), "\t")
		fields := strings.Fields(head)
		if !ok || len(fields) != 3 {
			continue
		}
		h, ok := parseHash(fields[2])
		if !ok {
			return nil, fmt.Errorf("git ls-tree answered with %q, which names no object", fields[2])
		}
		entries = append(entries, entry{fields[0], fields[1], name, h})
	}
	return entries, nil
}

// File finds a file in a commit. The error has the reason NoFile where there is none,
// and NotAFile where the path ends at, or leads through, anything but folders and a file:
// a symbolic link is not followed, so that a path cannot leave the repository by one.
func (r *Repository) File(ctx context.Context, commit Hash, p Path) (File, error) {
	tree := string(commit)
	segments := p.segments()
	for i, segment := range segments {
		entries, err := r.readTree(ctx, tree)
		if err != nil {
			return File{}, err
		}
		e, ok := find(entries, segment)
		at := strings.Join(segments[:i+1], "/")
		switch last := i == len(segments)-1; {
		case !ok:
			return File{}, &Error{Reason: NoFile, Message: fmt.Sprintf("%s has no file %s at %s", r.url, p, commit.Short())}
		case last && e.kind == "blob" && e.mode != modeLink:
			return File{Mode: e.mode, Blob: e.hash}, nil
		case !last && e.kind == "tree":
			tree = string(e.hash)
		default:
			return File{}, notAFile(r.url, at, e, last)
		}
	}
	return File{}, &Error{Reason: NoFile, Message: "no path is named"}
}

const (
	modeLink   = "120000"
	modeFolder = "040000"
	modeFile   = "100644"
)

func notAFile(u URL, at string, e entry, last bool) error {
	what := "a file, and the path goes on behind it"
	switch {
	case e.mode == modeLink:
		what = "a symbolic link, which is not followed: name the file that it leads to"
	case e.kind == "commit":
		what = "a submodule: link the repository that it stands for"
	case last:
		what = "a folder: name a file in it"
	}
	return &Error{Reason: NotAFile, Message: fmt.Sprintf("in %s, %s is %s", u, at, what)}
}

func find(entries []entry, name string) (entry, bool) {
	for _, e := range entries {
		if e.name == name {
			return e, true
		}
	}
	return entry{}, false
}

// put returns the tree in which one file of a commit has another content, and nothing
// else is changed. The commit may be "" for an empty tree.
func (r *Repository) put(ctx context.Context, commit Hash, p Path, blob Hash) (Hash, error) {
	segments := p.segments()
	levels := make([][]entry, len(segments))
	tree := string(commit)
	mode := modeFile
	for i, segment := range segments {
		if tree == "" {
			continue
		}
		entries, err := r.readTree(ctx, tree)
		if err != nil {
			return "", err
		}
		levels[i], tree = entries, ""
		e, ok := find(entries, segment)
		last := i == len(segments)-1
		switch {
		case !ok:
		case last && e.kind == "blob" && e.mode != modeLink:
			mode = e.mode
		case !last && e.kind == "tree":
			tree = string(e.hash)
		default:
			return "", notAFile(r.url, strings.Join(segments[:i+1], "/"), e, last)
		}
	}
	hash, kind := blob, "blob"
	for i := len(segments) - 1; i >= 0; i-- {
		var in bytes.Buffer
		for _, e := range levels[i] {
			if e.name != segments[i] {
				fmt.Fprintf(&in, "%s %s %s\t%s\x00", e.mode, e.kind, e.hash, e.name)
			}
		}
		fmt.Fprintf(&in, "%s %s %s\t%s\x00", mode, kind, hash, segments[i])
		// The contents of the other files are not here.
		out, err := r.program.run(ctx, &call{gitDir: r.dir, in: &in, args: []string{"mktree", "-z", "--missing"}})
		if err != nil {
			return "", err
		}
		h, ok := parseHash(strings.TrimSpace(string(out)))
		if !ok {
			return "", fmt.Errorf("git mktree answered with no name of a tree")
		}
		hash, kind, mode = h, "tree", modeFolder
	}
	return hash, nil
}
