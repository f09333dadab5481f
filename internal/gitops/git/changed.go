package git

import (
	"context"
	"strings"
)

// ChangedFiles are the files in which a commit differs from an earlier one, from the root of
// the repository. It is nil where one of them is not here, or one does not follow the other.
func (r *Repository) ChangedFiles(ctx context.Context, before, after Hash) ([]string, error) {
	for _, h := range []Hash{before, after} {
		if _, ok := parseHash(string(h)); !ok {
			return nil, nil
		}
	}
	follows, known, err := r.follows(ctx, before, after)
	if err != nil || !known || !follows {
		return nil, err
	}
	// By the trees alone: what the cache has not fetched of files is not asked for.
	out, err := r.git(ctx, "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-commit-id", string(before), string(after), "--")
	if err != nil {
		return nil, err
	}
	paths := []string{}
	for path := range strings.SplitSeq(string(out), "\x00") {
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths, nil
}
