package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Filter is the filter through which Git keeps a file, by the attributes that a commit has
// on the way to it; empty where there is none.
func (r *Repository) Filter(ctx context.Context, commit Hash, p Path) (string, error) {
	if commit == "" {
		return "", nil
	}
	var paths []string
	segments := p.segments()
	for i := range segments {
		paths = append(paths, strings.Join(append(segments[:i:i], ".gitattributes"), "/"))
	}
	entries, err := r.readTree(ctx, string(commit), paths...)
	if err != nil {
		return "", err
	}
	var index strings.Builder
	for _, e := range entries {
		if e.kind == "blob" && e.mode != modeLink {
			fmt.Fprintf(&index, "%s %s\t%s\x00", e.mode, e.hash, e.name)
		}
	}
	if index.Len() == 0 {
		return "", nil
	}
	dir, err := os.MkdirTemp("", "nf-attributes-*")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	// An index of these files alone, for older versions of Git read attributes from nothing else.
	env := []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "index")}
	if _, err := r.program.run(ctx, &call{gitDir: r.dir, env: env, in: strings.NewReader(index.String()), args: []string{"update-index", "-z", "--index-info"}}); err != nil {
		return "", err
	}
	// What the cache has not fetched of them is fetched.
	out, err := r.program.run(ctx, &call{gitDir: r.dir, url: r.url, network: true, env: env, args: []string{"check-attr", "--cached", "-z", "filter", "--", p.String()}})
	return filterIn(out), err
}

// Filter is the filter through which Git would keep a file of the working copy; empty where
// there is none.
func (c *Copy) Filter(ctx context.Context, p Path) (string, error) {
	out, err := c.program.run(ctx, &call{dir: c.root, args: []string{"check-attr", "-z", "filter", "--", p.String()}})
	return filterIn(out), err
}

// filterIn reads "path NUL filter NUL value NUL".
func filterIn(out []byte) string {
	fields := strings.Split(string(out), "\x00")
	if len(fields) < 3 || fields[2] == "unspecified" || fields[2] == "unset" || fields[2] == "set" {
		return ""
	}
	return fields[2]
}

// Required tells whether a file may not be kept without a filter, as it is set in a folder.
func (p *Program) Required(ctx context.Context, folder, filter string) (bool, error) {
	if filter == "lfs" || filter == "git-crypt" { // also where their programs were never set up
		return true, nil
	}
	required, err := p.setting(ctx, folder, "--type=bool", "filter."+filter+".required")
	return required == "true", err
}
