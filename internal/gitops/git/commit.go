package git

import (
	"cmp"
	"context"
	"errors"
	"strings"
)

// Identity is who a commit is by, and how it is signed, as git has it in a folder.
type Identity struct {
	author, committer []string
	sign              bool
	format, key       string
	programs          [][2]string // that sign, where others are set than git's own
}

// Identity returns who the user is in a folder, as git there would write it into a
// commit: a working copy may have settings of its own.
func (p *Program) Identity(ctx context.Context, folder string) (Identity, error) {
	var who Identity
	for _, v := range []struct {
		variable, prefix string
		into             *[]string
	}{{"GIT_AUTHOR_IDENT", "GIT_AUTHOR", &who.author}, {"GIT_COMMITTER_IDENT", "GIT_COMMITTER", &who.committer}} {
		out, err := p.run(ctx, &call{dir: folder, args: []string{"var", v.variable}})
		if err != nil {
			return who, err
		}
		// Name <address> seconds zone
		name, rest, ok := strings.Cut(strings.TrimSpace(string(out)), " <")
		address, _, closed := strings.Cut(rest, ">")
		if !ok || !closed {
			return who, &Error{Reason: NoIdentity, Message: "git does not know who you are: set user.name and user.email (git config --global user.email you@example.com)"}
		}
		*v.into = []string{v.prefix + "_NAME=" + name, v.prefix + "_EMAIL=" + address}
	}
	sign, err := p.setting(ctx, folder, "--type=bool", "commit.gpgSign")
	if err != nil {
		return who, err
	}
	if who.sign = sign == "true"; who.sign {
		if who.format, err = p.setting(ctx, folder, "gpg.format"); err != nil {
			return who, err
		}
		if who.key, err = p.setting(ctx, folder, "user.signingKey"); err != nil {
			return who, err
		}
		for _, name := range []string{"gpg.program", "gpg." + cmp.Or(who.format, "openpgp") + ".program"} {
			program, err := p.setting(ctx, folder, name)
			if err != nil {
				return who, err
			}
			if program != "" {
				who.programs = append(who.programs, [2]string{name, program})
			}
		}
	}
	return who, nil
}

// setting reads one setting of git in a folder; "" where it is not set.
func (p *Program) setting(ctx context.Context, folder string, args ...string) (string, error) {
	out, err := p.run(ctx, &call{dir: folder, quiet: true, args: append([]string{"config", "--get"}, args...)})
	var failed *Error
	if ctx.Err() != nil || errors.As(err, &failed) {
		return "", err
	}
	return strings.TrimSpace(string(out)), nil
}

// Make makes a commit that changes one file of its parent and nothing else. The
// parent is "" for the first commit of a repository. No branch is moved.
func (r *Repository) Make(ctx context.Context, who Identity, parent Hash, p Path, content []byte, message string) (Hash, error) {
	if strings.TrimSpace(message) == "" {
		return "", errors.New("a commit needs a message")
	}
	blob, err := r.Save(ctx, content)
	if err != nil {
		return "", err
	}
	tree, err := r.put(ctx, parent, p, blob)
	if err != nil {
		return "", err
	}
	args := []string{"commit-tree", string(tree), "-F", "-"}
	if parent != "" {
		args = append(args, "-p", string(parent))
	}
	c := &call{gitDir: r.dir, args: args, in: strings.NewReader(strings.TrimRight(message, "\n") + "\n"), env: append(who.author, who.committer...)}
	if who.sign {
		c.args = append(c.args, "-S")
		if who.format != "" {
			c.set = append(c.set, [2]string{"gpg.format", who.format})
		}
		if who.key != "" {
			c.set = append(c.set, [2]string{"user.signingKey", who.key})
		}
		c.set = append(c.set, who.programs...)
		c.network = true // signing may wait for a passphrase
	}
	out, err := r.program.run(ctx, c)
	if err != nil {
		return "", err
	}
	h, ok := parseHash(strings.TrimSpace(string(out)))
	if !ok {
		return "", errors.New("git commit-tree answered with no name of a commit")
	}
	return h, nil
}
