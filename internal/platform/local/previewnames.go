package local

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// longestName is how long the name of a resource may be, and so of an environment;
// shortestName how long that of a tag has to be, which each environment has.
const longestName, shortestName = 39, 3

// A convention is how a preview template names environments. Source: "Choose a naming
// convention".
type convention int

const (
	byWords convention = iota
	byPull
	byBranch
	byTime
)

// conventionOf reads the convention of a template. The values of the option are not
// documented: they are told apart by the words in them.
func conventionOf(format string) convention {
	switch format = strings.ToLower(format); {
	case strings.Contains(format, "pull") || strings.HasPrefix(format, "pr"):
		return byPull
	case strings.Contains(format, "branch"):
		return byBranch
	case strings.Contains(format, "time") || strings.Contains(format, "date"):
		return byTime
	}
	return byWords
}

// A subject is what an environment is for: a branch, or a pull request. It is empty where
// nobody has named a commit.
type subject struct {
	repository, branch string
	pull               int64
}

// subjectOf is that of a commit that a trigger stands for.
func subjectOf(commit any) subject {
	number, _ := jsonvalue.Number(commit, "pullRequestId")
	return subject{trigger.RepositoryName(jsonvalue.String(commit, "repoUrl")), jsonvalue.String(commit, "branch"), int64(number)}
}

// identity tells subjects apart.
func (s subject) identity() string {
	if s.pull != 0 {
		return fmt.Sprintf("%s#%d", s.repository, s.pull)
	}
	return s.repository + "@" + s.branch
}

// name is what the convention calls the environment of a subject, empty where the subject
// does not have what that takes.
func (v convention) name(s subject, now time.Time) string {
	switch v {
	case byPull:
		if s.pull > 0 {
			return fitted("pr-" + strconv.FormatInt(s.pull, 10))
		}
	case byBranch:
		return fitted(slugged(s.branch))
	case byTime:
		return now.UTC().Format("06-01-02-1504")
	}
	return ""
}

// one tells whether a name of the convention means one environment for two subjects.
func (v convention) one(a, b subject) bool {
	if a == (subject{}) || a.repository != b.repository {
		return false
	}
	if v == byPull {
		return a.pull == b.pull
	}
	return a.branch == b.branch
}

// environmentName is the name of the environment that a run makes or updates. One that
// nobody names is found by what it was made for, else called after what the naming
// convention says, where the run has that, else by random words, as are those that
// are made by hand. Sources: "Choose a naming convention", "Create a preview environment
// manually".
func (c *call) environmentName(owner *record, asked flowRun, given map[string]any) (string, error) {
	if name := platform.Slug(jsonvalue.String(c.body, "name")); name != "" {
		return name, nil
	}
	all, err := c.tx.all(owner.key + "/previews")
	if err != nil {
		return "", err
	}
	there := make(map[string]*record, len(all))
	for _, env := range all {
		there[env.id()] = env
		if asked.origin.same(stateOf[previewState](env).Origin) || asked.again(env, given) {
			return env.id(), nil
		}
	}
	if asked.origin.By != byHand {
		v, now := conventionOf(jsonvalue.String(owner.spec, "options.nameFormat")), c.tx.store.outside(c.now)
		if name, of := asked.named(v, given, now); name != "" {
			return vacant(name, v, of, asked.origin, there)
		}
	}
	return words(rand.Reader, func(name string) bool { return there[name] != nil }), nil
}

// again tells whether a run that somebody asks for is of the branches that an environment
// was made of by hand, which it updates.
func (run flowRun) again(env *record, given map[string]any) bool {
	state := stateOf[previewState](env)
	if run.origin.By != byHand || state.Origin.By != byHand || state.Ending != "" || len(run.triggers) == 0 {
		return false
	}
	return maps.EqualFunc(given, jsonvalue.Object(env.spec, "triggers"), func(a, b any) bool { return subjectOf(a) == subjectOf(b) })
}

// named is the name that a convention gives the environment of a run, and of what it
// takes that; empty where no commit has that. The time is there without one.
func (run flowRun) named(v convention, given map[string]any, now time.Time) (string, subject) {
	for _, ref := range slices.Sorted(maps.Keys(run.triggers)) {
		of := subjectOf(given[ref])
		if name := v.name(of, now); name != "" {
			return name, of
		}
	}
	if v == byTime {
		return v.name(subject{}, now), subject{}
	}
	return "", subject{}
}

// vacant is the name of the environment of a subject, told apart from those of other
// subjects that the convention calls the same.
func vacant(name string, v convention, of subject, from origin, there map[string]*record) (string, error) {
	identity := of.identity()
	if of == (subject{}) {
		identity = freshID()
	}
	for n, tried := 0, name; ; n++ {
		env := there[tried]
		if env == nil {
			return tried, nil
		}
		made := stateOf[previewState](env).Origin
		if made.By == byHand && from.By == byTrigger {
			return "", &platform.Error{Status: http.StatusConflict, ID: string(reasonByHand),
				Message: fmt.Sprintf("preview environment %q was made by hand, and is updated by hand", tried)}
		}
		its := subjectOf(env.spec["vcsData"])
		if made.By == byTrigger {
			its = subject{made.Repository, made.Branch, int64(made.PullRequestID)}
		}
		if v.one(of, its) {
			return tried, nil
		}
		tried = apart(name, identity+strings.Repeat("+", n))
	}
}

// slugged writes a branch with the letters, digits and hyphens of identifiers.
func slugged(branch string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(branch) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.TrimSuffix(b.String(), "-")
}

// fitted cuts a name that is too long for a resource. What is cut off stays in it as a
// digest: long branches that begin alike are not one environment. One that is too short
// gets a digest as well.
func fitted(name string) string {
	if len(name) <= longestName && len(name) >= shortestName || name == "" {
		return name
	}
	return apart(name, name)
}

// apart tells a name from the same name of something else.
func apart(name, from string) string {
	const digits = 6
	digest := sha256.Sum256([]byte(from))
	if most := longestName - digits - 1; len(name) > most {
		name = strings.TrimSuffix(name[:most], "-")
	}
	return name + "-" + hex.EncodeToString(digest[:])[:digits]
}

// words are two random ones, with digits behind them where all that were drawn are
// taken.
func words(random io.Reader, taken func(string) bool) string {
	for drawn := 0; ; drawn++ {
		var b [5]byte
		_, _ = io.ReadFull(random, b[:]) // that of the system never fails
		name := adjectives[int(b[0])%len(adjectives)] + "-" + nouns[int(b[1])%len(nouns)]
		if drawn >= 8 {
			name += "-" + hex.EncodeToString(b[2:])
		}
		if !taken(name) {
			return name
		}
	}
}
