package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// Remote is a repository elsewhere as a working copy knows it.
type Remote struct {
	// Name is the working copy's for it, such as "origin".
	Name string
	// Address is as it stands in the configuration: it may hold a password.
	Address string
}

// Remote finds a repository among the remotes of the working copy, whichever way it is
// reached; ok is false where it is none of them.
func (c *Copy) Remote(ctx context.Context, u URL) (r Remote, ok bool, err error) {
	out, err := c.program.run(ctx, &call{dir: c.root, quiet: true, args: []string{"config", "-z", "--get-regexp", `^remote\..*\.url$`}})
	var failed *Error
	if ctx.Err() != nil || errors.As(err, &failed) {
		return Remote{}, false, err
	}
	for entry := range strings.SplitSeq(string(out), "\x00") {
		key, address, _ := strings.Cut(entry, "\n")
		if remote, err := ParseURL(address, c.root); err == nil && anyScheme(remote.Key()) == anyScheme(u.Key()) {
			return Remote{strings.TrimSuffix(strings.TrimPrefix(key, "remote."), ".url"), address}, true, nil
		}
	}
	return Remote{}, false, nil
}

func anyScheme(key string) string {
	if _, rest, ok := strings.Cut(key, "://"); ok {
		return rest
	}
	return key
}

// ApprovePush runs the hook pre-push of the working copy for a commit of r that is to be the
// tip of a branch, in the place of before, which is "" where there is no branch. The error
// has the reason Refused where the hook says no.
//
// The hook finds the commit in the working copy, as at the prompt: what the commit adds is
// put there, beside all branches. Git takes it away some weeks later, unless it was pulled.
func (c *Copy) ApprovePush(ctx context.Context, r *Repository, to Remote, commit, before Hash, b Branch) error {
	path := c.hookPath(ctx, "pre-push")
	if path == "" {
		return nil
	}
	if err := c.take(ctx, r, commit, before); err != nil {
		return err
	}
	old := before
	if old == "" {
		old = Hash(strings.Repeat("0", len(commit)))
	}
	// Git runs it by its shell, in the folder in which its own hooks run. "git hook run" of
	// many versions gives a hook nothing to read.
	const alias = "nf-pre-push"
	_, err := c.program.run(ctx, &call{
		dir: c.root, network: true, hook: true, env: []string{"NF_HOOK=" + filepath.ToSlash(path)}, set: [][2]string{{"alias." + alias, `!exec "$NF_HOOK"`}},
		in:   strings.NewReader(fmt.Sprintf("%s %s %s %s\n", commit, commit, b.Ref(), old)),
		args: []string{alias, to.Name, to.Address},
	})
	var failed *Error
	if !errors.As(err, &failed) || failed.Reason == NotInstalled || failed.Reason == TimedOut {
		return err
	}
	return &Error{Reason: Refused, Message: "the hook pre-push of the working copy refused the push; nothing was pushed", Output: r.url.Redact(failed.Output), Err: err}
}

// take puts what a commit adds to another one into the working copy's objects, and that
// other one where it is not there yet. What the cache has not fetched stays where it is.
func (c *Copy) take(ctx context.Context, r *Repository, commit, before Hash) error {
	list := []string{"rev-list", "--objects", "--missing=allow-any", string(commit)}
	if before != "" {
		if _, err := c.program.run(ctx, &call{dir: c.root, quiet: true, args: []string{"cat-file", "-e", string(before) + "^{commit}"}}); err == nil {
			list = append(list, "^"+string(before))
		} else {
			list = append(list, "--no-walk", string(before))
		}
	}
	local := func(in []byte, args ...string) ([]byte, error) {
		return r.program.run(ctx, &call{gitDir: r.dir, env: []string{"GIT_NO_LAZY_FETCH=1"}, in: bytes.NewReader(in), args: args})
	}
	named, err := local(nil, list...)
	if err != nil {
		return err
	}
	pack, err := local(named, "pack-objects", "--quiet", "--stdout")
	if err != nil {
		return err
	}
	_, err = c.program.run(ctx, &call{dir: c.root, in: bytes.NewReader(pack), args: []string{"unpack-objects", "-q"}})
	return err
}
