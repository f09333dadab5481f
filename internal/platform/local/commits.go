package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// What events of repositories say of commits is remembered: which commit is the newest
// of a branch or a pull request, what its message says, which files were changed. No
// repository is asked.

const commitType = "git commit"

// mostCommits is how many commits of a repository are remembered, and how many branches
// and pull requests; the oldest are forgotten.
const mostCommits = 200

func commitsOf(repository string) string { return "git-commits/" + digest(repository) }
func headsOf(repository string) string   { return "git-heads/" + digest(repository) }

// digest is a name in the place of one that may hold anything.
func digest(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:10])
}

// noteCommit remembers what an event says of its commit.
func (c *call) noteCommit(e trigger.Event) error {
	repository := trigger.RepositoryName(e.Repository)
	if e.Kind.Ends() || e.Kind == trigger.Release { // a release's branch is its tag
		return nil
	}
	told := e.SHA != ""
	if !told {
		e.SHA = c.madeUp(e.Repository, e.Branch)
	}
	if err := c.noteEvent(commitsOf(repository), e.SHA, e, told); err != nil {
		return err
	}
	head := "branch " + e.Branch
	if e.Kind.OfPullRequest() {
		head = "pull request " + strconv.Itoa(e.PullRequestID)
	}
	return c.noteEvent(headsOf(repository), digest(head), e, told)
}

// noteEvent remembers an event under a name. told says that the event has named its
// commit, so that another one with the same name is of the same commit.
func (c *call) noteEvent(parent, id string, e trigger.Event, told bool) error {
	r, err := c.tx.load(parent + "/" + id)
	if err != nil {
		return err
	}
	if r != nil && told {
		// Another event of the same commit need not say as much.
		if before, err := eventOf(r); err == nil && before.SHA == e.SHA {
			if e.Paths == nil {
				e.Paths = before.Paths
			}
			if e.Commits == nil {
				e.Commits = before.Commits
			}
		}
	}
	text, err := json.Marshal(e)
	var spec map[string]any
	if err == nil {
		err = json.Unmarshal(text, &spec)
	}
	if err != nil {
		return err
	}
	if e.Paths != nil && spec["paths"] == nil { // none is not the same as not known
		spec["paths"] = []any{}
	}
	if r != nil {
		r.spec = spec
		return c.tx.save(r, nil, c.now)
	}
	oldest, err := c.tx.list(parent, page{newest: true, limit: 1, skip: mostCommits - 1})
	if err != nil {
		return err
	}
	for _, old := range oldest {
		if err := c.tx.remove(old.key); err != nil {
			return err
		}
	}
	return c.tx.create(&record{key: parent + "/" + id, parent: parent, typ: commitType, created: c.now, spec: spec}, nil)
}

func eventOf(r *record) (e trigger.Event, err error) {
	text, err := json.Marshal(r.spec)
	if err == nil {
		err = json.Unmarshal(text, &e)
	}
	if r.spec["paths"] != nil && e.Paths == nil {
		e.Paths = []string{}
	}
	return e, err
}

// commit is what is remembered of a commit, or of the newest one of a pull request or a
// branch; false where no event has told of it.
func (c *call) commit(repository, sha string, pullRequest int, branch string) (trigger.Event, bool, error) {
	repository = trigger.RepositoryName(repository)
	key := headsOf(repository) + "/" + digest("branch "+branch)
	switch {
	case sha != "":
		key = commitsOf(repository) + "/" + sha
	case pullRequest != 0:
		key = headsOf(repository) + "/" + digest("pull request "+strconv.Itoa(pullRequest))
	}
	r, err := c.tx.load(key)
	if err != nil || r == nil {
		return trigger.Event{}, false, err
	}
	e, err := eventOf(r)
	return e, err == nil, err
}

// head is the newest commit of a branch, or of a pull request where one is named: what
// events have told of it, else one that is made up and always the same.
func (c *call) head(repository string, pullRequest int, branch string) (string, error) {
	e, known, err := c.commit(repository, "", pullRequest, branch)
	if err != nil || known {
		return e.SHA, err
	}
	return c.madeUp(repository, branch), nil
}

// madeUp is a commit of a branch of which nobody has told.
func (c *call) madeUp(repository, branch string) string {
	if name := trigger.RepositoryName(repository); name != "" {
		repository = name
	}
	return hex.EncodeToString(c.derive("commit", repository+"@"+branch)[:20])
}

// getOwnCommit tells what is known of a commit of the repository that a service or a job
// builds from.
func getOwnCommit(job bool) handler {
	return func(c *call) (any, error) {
		owner, err := c.owner(job)
		if err != nil {
			return nil, err
		}
		if err := builds(c, owner); err != nil {
			return nil, err
		}
		pullRequest := 0
		if text := c.params.Query["pullRequestId"]; text != "" {
			if pullRequest, err = strconv.Atoi(text); err != nil || pullRequest < 1 {
				return nil, &platform.Error{Status: http.StatusBadRequest, Message: "pullRequestId is no number of a pull request"}
			}
		}
		branch := orDefault(c.params.Query["branch"], branchOf(owner))
		e, known, err := c.commit(repositoryOf(owner), c.params.Query["sha"], pullRequest, branch)
		if err != nil {
			return nil, err
		}
		if !known {
			return map[string]any{"known": false}, nil
		}
		text, err := json.Marshal(e)
		shown := map[string]any{}
		if err == nil {
			err = json.Unmarshal(text, &shown)
		}
		if e.Paths != nil && shown["paths"] == nil {
			shown["paths"] = []any{}
		}
		return jsonvalue.Merge(shown, map[string]any{"known": true}), err
	}
}
