package git

import (
	"context"
	"errors"
	"os/exec"
	"strings"
)

// A Proposal is what a pull request changes.
type Proposal struct {
	// Paths are the files that it changes, from the root of the repository; nil where they
	// are not known.
	Paths []string
	// Message is that of its last commit.
	Message string
}

// Proposed is what a branch has changed since it has left the one that it is to be merged
// into, up to a commit of it, its tip where that is empty. Where an earlier commit of
// the branch is given, only what comes behind that counts, unless history was rewritten.
// History is fetched without files and folders; no note of the branches is kept.
func (r *Repository) Proposed(ctx context.Context, branch, into Branch, before, head Hash) (p Proposal, err error) {
	tips, err := r.Tips(ctx, branch, into)
	if err != nil || tips[branch] == "" || tips[into] == "" {
		return p, err
	}
	if head == "" {
		head = tips[branch]
	}
	fetch := []string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance", "--filter=tree:0"}
	if _, err := r.patiently(ctx, &call{gitDir: r.dir, url: r.url, network: true, args: append(fetch, "--", "origin", branch.Ref(), into.Ref())}); err != nil {
		return p, err
	}
	message, err := r.here(ctx, "log", "--no-show-signature", "--max-count=1", "--format=%B", "--end-of-options", string(head))
	if err != nil || message == nil {
		return p, err
	}
	p.Message = strings.TrimSpace(string(message))
	if before != "" {
		if p.Paths, err = r.ChangedFiles(ctx, before, head); err != nil || p.Paths != nil {
			return p, err
		}
	}
	left, err := r.here(ctx, "merge-base", string(tips[into]), string(head))
	if err != nil {
		return p, err
	}
	if left == nil { // history ends here before the branches part
		shallow, err := r.Shallow(ctx)
		if err != nil || !shallow {
			return p, err
		}
		if _, err := r.patiently(ctx, &call{gitDir: r.dir, url: r.url, network: true, args: append(fetch, "--unshallow", "--", "origin", branch.Ref(), into.Ref())}); err != nil {
			return p, err
		}
		if left, err = r.here(ctx, "merge-base", string(tips[into]), string(head)); err != nil {
			return p, err
		}
	}
	if base, ok := parseHash(strings.TrimSpace(string(left))); ok {
		p.Paths, err = r.ChangedFiles(ctx, base, head)
	}
	return p, err
}

// here asks about what was fetched, and fetches nothing. It is nil where that does not have
// the answer.
func (r *Repository) here(ctx context.Context, args ...string) ([]byte, error) {
	out, err := r.program.run(ctx, &call{gitDir: r.dir, quiet: true, env: []string{"GIT_NO_LAZY_FETCH=1"}, args: args})
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, nil
	}
	return out, err
}
