package trigger

import (
	"net/url"
	"strings"
)

// A Kind is what has happened in a repository.
type Kind string

// The kinds of events.
const (
	Push        Kind = "push"         // commits to a branch
	PullRequest Kind = "pull-request" // one was opened, or its branch was pushed to
	Label       Kind = "label"        // a label was put on a pull request
	Release     Kind = "release"      // one was published
	CheckSuite  Kind = "check-suite"  // one has ended
	Closed      Kind = "closed"       // a pull request was closed or merged
	Deleted     Kind = "deleted"      // a branch was deleted
)

// Kinds are all kinds, in the order of the constants.
func Kinds() []Kind { return []Kind{Push, PullRequest, Label, Release, CheckSuite, Closed, Deleted} }

// Ends tells whether the kind ends what others have started, and starts nothing.
func (k Kind) Ends() bool { return k == Closed || k == Deleted }

// OfPullRequest tells whether the event is one of a pull request.
func (k Kind) OfPullRequest() bool { return k == PullRequest || k == Label || k == Closed }

// A Commit is one of those that were pushed.
type Commit struct {
	SHA     string `json:"sha,omitempty"`
	Message string `json:"message"`
}

// An Event is what has happened in a repository.
type Event struct {
	Kind Kind `json:"event"`
	// Repository is its address, in any of the forms that Git takes.
	Repository string `json:"repoUrl"`
	// Service is the Git host's kind, such as "github"; empty where it is not known.
	Service string `json:"vcsService,omitempty"`
	// Account is the login of the linked account that heard of the event; empty where
	// it is not known.
	Account string `json:"accountLogin,omitempty"`
	// Branch is the one that was pushed to, without "refs/heads/"; of a pull request
	// the one that is to be merged; of a release its tag.
	Branch string `json:"branch"`
	SHA    string `json:"sha,omitempty"`
	// PullRequestID is the number of the pull request, 0 where there is none.
	PullRequestID int `json:"pullRequestId,omitempty"`
	// Draft says that the pull request is one.
	Draft bool `json:"draft,omitempty"`
	// Fork says that the branch of the pull request is in another repository.
	Fork bool `json:"fork,omitempty"`
	// LabelName is the label that was put on the pull request.
	LabelName string `json:"label,omitempty"`
	// Commits are those that were pushed, the last one last. Of a pull request the
	// last one is its head.
	Commits []Commit `json:"commits,omitempty"`
	// Paths are the files that the commits have changed, from the root of the
	// repository; nil where they are not known.
	Paths []string `json:"paths,omitempty"`
}

// SameRepository tells whether two addresses are those of one repository. Git hosts
// take the names in them in any case.
func SameRepository(a, b string) bool {
	a, b = RepositoryName(a), RepositoryName(b)
	return a != "" && a == b
}

// RepositoryName is what an address names, such as "github.com/acme/shop", in small
// letters; empty for an address that names nothing.
func RepositoryName(address string) string {
	address = strings.TrimSpace(address)
	host, path := "", ""
	if scheme, rest, ok := strings.Cut(address, "://"); ok {
		parsed, err := url.Parse(address)
		switch {
		case strings.EqualFold(scheme, "file"):
			path = rest
		case err == nil:
			host, path = parsed.Hostname(), parsed.Path
		}
	} else if before, after, ok := strings.Cut(address, ":"); ok && !strings.Contains(before, "/") {
		host, path = before[strings.LastIndexByte(before, '@')+1:], after // git@host:owner/name
	} else {
		host, path, _ = strings.Cut(address, "/")
	}
	path = strings.TrimSuffix(strings.Trim(path, "/"), ".git")
	if path == "" {
		return ""
	}
	return strings.ToLower(strings.TrimPrefix(host, "www.") + "/" + path)
}

// Owner is the account that a repository belongs to, from its address.
func Owner(address string) string {
	parts := strings.Split(RepositoryName(address), "/")
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}
