package githost

import "github.com/nf-lsp/nf-lsp/internal/trigger"

// githubBody has the members of GitHub's payloads that say what triggers ask for. Source:
// "Webhook events and payloads" of its documentation.
type githubBody struct {
	Action     string `json:"action"`
	Repository struct {
		CloneURL string `json:"clone_url"`
		HTMLURL  string `json:"html_url"`
		SSHURL   string `json:"ssh_url"`
		GitURL   string `json:"git_url"`
	} `json:"repository"`

	// push, delete
	Ref     string   `json:"ref"`
	RefType string   `json:"ref_type"`
	Before  string   `json:"before"`
	After   string   `json:"after"`
	Forced  bool     `json:"forced"`
	Deleted bool     `json:"deleted"`
	Commits []commit `json:"commits"`

	// pull_request
	PullRequest struct {
		Number int  `json:"number"`
		Draft  bool `json:"draft"`
		Head   struct {
			Ref  string          `json:"ref"`
			SHA  string          `json:"sha"`
			Repo *githubFullName `json:"repo"`
		} `json:"head"`
		Base struct {
			Ref  string          `json:"ref"`
			Repo *githubFullName `json:"repo"`
		} `json:"base"`
	} `json:"pull_request"`
	Label struct {
		Name string `json:"name"`
	} `json:"label"`

	Release struct {
		TagName string `json:"tag_name"`
	} `json:"release"`
	CheckSuite struct {
		HeadBranch string `json:"head_branch"`
		HeadSHA    string `json:"head_sha"`
		HeadCommit commit `json:"head_commit"`
	} `json:"check_suite"`
}

type githubFullName struct {
	FullName string `json:"full_name"`
}

// mostGitHubCommits is how many commits a payload lists at most.
const mostGitHubCommits = 2048

func readGitHub(event string, body []byte) (Told, error) {
	told := Told{What: event}
	var b githubBody
	if err := decode(body, &b); err != nil {
		return told, err
	}
	told.Repositories = addresses(b.Repository.CloneURL, b.Repository.HTMLURL, b.Repository.SSHURL, b.Repository.GitURL)
	e := Event{}
	switch event {
	case "push":
		branch, ok := branchOf(b.Ref)
		if !ok {
			return told, nil
		}
		e.Branch = branch
		if b.Deleted || nothing(b.After) {
			e.Kind = trigger.Deleted
			break
		}
		e.Kind, e.SHA = trigger.Push, b.After
		// Of a new branch and of one whose history was rewritten the commits are not all that differs.
		e.Commits, e.Paths = commits(b.Commits, !b.Forced && !nothing(b.Before) && len(b.Commits) < mostGitHubCommits)
	case "delete":
		if b.RefType != "branch" {
			return told, nil
		}
		e.Kind, e.Branch = trigger.Deleted, b.Ref
	case "pull_request":
		p := b.PullRequest
		e.Branch, e.SHA, e.PullRequestID, e.Draft = p.Head.Ref, p.Head.SHA, p.Number, p.Draft
		// The repository of a fork may be gone.
		e.Into = p.Base.Ref
		e.Fork = p.Head.Repo == nil || p.Base.Repo == nil || p.Head.Repo.FullName != p.Base.Repo.FullName
		switch b.Action {
		case "opened", "reopened", "synchronize", "ready_for_review":
			e.Kind, e.Before = trigger.PullRequest, b.Before // of a push alone
		case "labeled":
			e.Kind, e.LabelName = trigger.Label, b.Label.Name
		case "closed":
			e.Kind = trigger.Closed
		}
	case "release":
		if b.Action == "published" {
			e.Kind, e.Branch = trigger.Release, b.Release.TagName
		}
	case "check_suite":
		// Without a branch it is one of a fork.
		if b.Action == "completed" && b.CheckSuite.HeadBranch != "" {
			e.Kind, e.Branch, e.SHA = trigger.CheckSuite, b.CheckSuite.HeadBranch, b.CheckSuite.HeadSHA
			if m := b.CheckSuite.HeadCommit.Message; m != "" {
				e.Commits = []trigger.Commit{{SHA: b.CheckSuite.HeadSHA, Message: m}}
			}
		}
	}
	if e.Kind != "" {
		told.Events = append(told.Events, e)
	}
	return told, nil
}
