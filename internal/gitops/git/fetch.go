package git

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// Fetch brings the tip of a branch here, without the contents of files, and returns its
// commit. The first time it comes without its history, later with what was added since. It
// is "" where the branch is not there: in an empty repository, or because it was deleted.
func (r *Repository) Fetch(ctx context.Context, b Branch) (Hash, error) {
	seen, err := r.Resolve(ctx, b)
	if err != nil {
		return "", err
	}
	if seen != "" {
		return r.fetch(ctx, b)
	}
	return r.fetch(ctx, b, "--depth=1")
}

// NotedIn returns the file of a bare repository that is written when a fetch into it has
// found a branch moved.
func NotedIn(dir string, b Branch) string {
	return filepath.Join(dir, filepath.FromSlash(b.tracking()))
}

// Follows reports whether a commit comes behind an earlier one. known is false where the
// earlier one is not here any more, so that nobody can tell. Where history ends here before
// the earlier one was found, the rest of it is fetched, without files and folders.
func (r *Repository) Follows(ctx context.Context, earlier, commit Hash) (follows, known bool, err error) {
	if earlier == commit {
		return true, true, nil
	}
	if follows, known, err = r.follows(ctx, earlier, commit); err != nil || follows || !known {
		return follows, known, err
	}
	shallow, err := r.Shallow(ctx)
	if err != nil || !shallow {
		return false, true, err
	}
	_, err = r.patiently(ctx, &call{gitDir: r.dir, url: r.url, network: true, args: []string{
		"fetch", "--quiet", "--unshallow", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", "--filter=tree:0", "--", "origin", string(commit),
	}})
	if err != nil {
		return false, false, err
	}
	return r.follows(ctx, earlier, commit)
}

// follows goes by what is here. It asks without the origin, from which a missing commit
// would be fetched.
func (r *Repository) follows(ctx context.Context, earlier, commit Hash) (follows, known bool, err error) {
	_, err = r.program.run(ctx, &call{gitDir: r.dir, quiet: true, env: []string{"GIT_NO_LAZY_FETCH=1"}, args: []string{"merge-base", "--is-ancestor", string(earlier), string(commit)}})
	var exit *exec.ExitError
	switch {
	case err == nil:
		return true, true, nil
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		return false, true, nil
	case errors.As(err, &exit):
		return false, false, nil
	}
	return false, false, err
}

// Deepen brings the history of a branch here, as far back as a number of commits.
func (r *Repository) Deepen(ctx context.Context, b Branch, commits int) (Hash, error) {
	return r.fetch(ctx, b, fmt.Sprintf("--depth=%d", max(commits, 1)))
}

func (r *Repository) fetch(ctx context.Context, b Branch, depth ...string) (Hash, error) {
	if b.IsZero() {
		return "", errors.New("no branch is named")
	}
	// The plus moves our own note of the branch, also where its history was rewritten;
	// whether that is followed is for the caller to decide.
	args := append([]string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", "--filter=blob:none"}, depth...)
	args = append(args, "--", "origin", "+"+b.Ref()+":"+b.tracking())
	_, err := r.patiently(ctx, &call{gitDir: r.dir, url: r.url, network: true, args: args})
	var failed *Error
	if errors.As(err, &failed) && failed.Reason == NoBranch {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return r.Resolve(ctx, b)
}

// Tips asks the origin for the commits of branches and fetches nothing. Branches that
// are not there are missing in the answer.
func (r *Repository) Tips(ctx context.Context, branches ...Branch) (map[Branch]Hash, error) {
	args := []string{"ls-remote", "--quiet", "--", "origin"}
	for _, b := range branches {
		args = append(args, b.Ref())
	}
	out, err := r.program.run(ctx, &call{gitDir: r.dir, url: r.url, network: true, args: args})
	if err != nil {
		return nil, err
	}
	tips := map[Branch]Hash{}
	for line := range strings.Lines(string(out)) {
		h, ref, _ := strings.Cut(strings.TrimSpace(line), "\t")
		hash, ok := parseHash(h)
		if name, is := strings.CutPrefix(ref, "refs/heads/"); ok && is {
			tips[Branch{name}] = hash
		}
	}
	for b := range tips { // ls-remote matches the ends of names
		found := false
		for _, asked := range branches {
			found = found || asked == b
		}
		if !found {
			delete(tips, b)
		}
	}
	return tips, nil
}
