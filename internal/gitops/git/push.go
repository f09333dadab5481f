package git

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Push makes a commit the tip of a branch of the origin. It is never forced: where the
// branch has got commits that the pushed one does not follow, the error has the reason
// Moved, and where a hook or a rule of the other side says no, Refused. With noVerify no
// hook pre-push of the user's runs, as with "git push --no-verify".
func (r *Repository) Push(ctx context.Context, commit Hash, b Branch, noVerify bool) error {
	if _, ok := parseHash(string(commit)); !ok || b.IsZero() {
		return errors.New("a push needs a commit and a branch")
	}
	args := []string{"push", "--porcelain", "--no-follow-tags", "--recurse-submodules=no"}
	if noVerify {
		args = append(args, "--no-verify")
	}
	args = append(args, "--", "origin", string(commit)+":"+b.Ref())
	out, err := r.program.run(ctx, &call{gitDir: r.dir, url: r.url, network: true, hook: true, args: args})
	refused := pushed(string(out), b)
	if err != nil && refused == "" {
		var failed *Error
		if errors.As(err, &failed) && failed.Reason == Failed && strings.Contains(failed.Output, "pre-push") {
			failed.Reason, failed.Message = Refused, "the pre-push hook refused the push"
		}
		return err
	}
	if refused != "" {
		var output string
		var failed *Error
		if errors.As(err, &failed) {
			output = failed.Output
		}
		if moved(refused) {
			return &Error{Reason: Moved, Message: fmt.Sprintf("the branch %s of %s has moved meanwhile", b, r.url), Output: r.url.Redact(refused), Err: err}
		}
		return &Error{Reason: Refused, Message: fmt.Sprintf("%s refused the push to %s: %s", r.url, b, r.url.Redact(refused)), Output: output, Err: err}
	}
	// What was pushed is what the branch has now, as far as anybody knows.
	_, err = r.git(ctx, "update-ref", "--no-deref", b.tracking(), string(commit))
	return err
}

// pushed reads what push --porcelain says of a branch: "flag TAB from:to TAB summary".
// It returns the summary where the branch was not moved.
func pushed(out string, b Branch) string {
	for line := range strings.Lines(out) {
		fields := strings.SplitN(strings.TrimRight(line, "\r\n"), "\t", 3)
		if len(fields) == 3 && strings.HasSuffix(fields[1], ":"+b.Ref()) && fields[0] == "!" {
			return fields[2]
		}
	}
	return ""
}

// moved reports whether a refusal means that others were faster: git has seen it
// before it sent anything, or the server while it took the push.
func moved(summary string) bool {
	for _, s := range []string{"(fetch first)", "(non-fast-forward)", "(stale info)", "(needs force)", "cannot lock ref", "failed to update ref", "failed to lock", "incorrect old value", "reference already exists"} {
		if strings.Contains(summary, s) {
			return true
		}
	}
	return false
}
