package githost

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// gitlabBody has the members of GitLab's payloads that say what triggers ask for. Source:
// "Webhook events" of its documentation.
type gitlabBody struct {
	ObjectKind string `json:"object_kind"`
	Project    struct {
		HTTPURL string `json:"git_http_url"`
		SSHURL  string `json:"git_ssh_url"`
		WebURL  string `json:"web_url"`
	} `json:"project"`

	// push
	Ref          string   `json:"ref"`
	Before       string   `json:"before"`
	After        string   `json:"after"`
	Commits      []commit `json:"commits"`
	TotalCommits int      `json:"total_commits_count"`

	// merge_request
	Attributes struct {
		IID            int    `json:"iid"`
		Action         string `json:"action"`
		SourceBranch   string `json:"source_branch"`
		TargetBranch   string `json:"target_branch"`
		SourceProject  int64  `json:"source_project_id"`
		TargetProject  int64  `json:"target_project_id"`
		Draft          bool   `json:"draft"`
		WorkInProgress bool   `json:"work_in_progress"`
		OldRev         string `json:"oldrev"`
		LastCommit     commit `json:"last_commit"`
	} `json:"object_attributes"`
	Labels  []gitlabLabel `json:"labels"`
	Changes struct {
		Labels *struct {
			Previous []gitlabLabel `json:"previous"`
			Current  []gitlabLabel `json:"current"`
		} `json:"labels"`
		Draft *struct {
			Current bool `json:"current"`
		} `json:"draft"`
	} `json:"changes"`

	// release
	Action string `json:"action"`
	Tag    string `json:"tag"`
	Commit commit `json:"commit"`
}

type gitlabLabel struct {
	Title string `json:"title"`
}

func readGitLab(body []byte) (Told, error) {
	var kind struct {
		ObjectKind string `json:"object_kind"`
	}
	if err := decode(body, &kind); err != nil {
		return Told{}, err
	}
	told := Told{What: kind.ObjectKind}
	switch kind.ObjectKind {
	case "push", "merge_request", "release":
	default: // of these some members are of other types
		return told, nil
	}
	var b gitlabBody
	if err := decode(body, &b); err != nil {
		return told, err
	}
	told.Repositories = addresses(b.Project.HTTPURL, b.Project.WebURL, b.Project.SSHURL)
	into, before := "", ""
	add := func(e trigger.Event) {
		told.Events = append(told.Events, Event{Event: e, Into: into, Before: before})
	}
	switch b.ObjectKind {
	case "push":
		branch, ok := branchOf(b.Ref)
		switch {
		case !ok:
		case nothing(b.After):
			add(trigger.Event{Kind: trigger.Deleted, Branch: branch})
		default:
			e := trigger.Event{Kind: trigger.Push, Branch: branch, SHA: b.After}
			e.Commits, e.Paths = commits(b.Commits, !nothing(b.Before) && b.TotalCommits == len(b.Commits))
			add(e)
		}
	case "merge_request":
		a := b.Attributes
		e := trigger.Event{
			Branch: a.SourceBranch, SHA: a.LastCommit.ID, PullRequestID: a.IID, Draft: a.Draft || a.WorkInProgress,
			Fork: a.SourceProject != a.TargetProject,
		}
		if a.LastCommit.Message != "" {
			e.Commits = []trigger.Commit{{SHA: a.LastCommit.ID, Message: a.LastCommit.Message}}
		}
		var labels []gitlabLabel
		switch ready := b.Changes.Draft != nil && !b.Changes.Draft.Current; a.Action {
		case "open", "reopen":
			e.Kind = trigger.PullRequest
			if a.Action == "open" {
				labels = b.Labels
			}
		case "update":
			// With an old revision it is a push; else something about it was edited.
			if a.OldRev != "" || ready {
				e.Kind = trigger.PullRequest
			}
			if c := b.Changes.Labels; c != nil {
				labels = slices.DeleteFunc(slices.Clone(c.Current), func(l gitlabLabel) bool { return slices.Contains(c.Previous, l) })
			}
		case "close", "merge":
			e.Kind = trigger.Closed
		}
		into, before = a.TargetBranch, a.OldRev
		if e.Kind != "" {
			add(e)
		}
		before = ""
		for _, l := range labels {
			e.Kind, e.LabelName = trigger.Label, l.Title
			add(e)
		}
	case "release":
		if b.Action == "create" {
			add(trigger.Event{Kind: trigger.Release, Branch: b.Tag, SHA: b.Commit.ID})
		}
	}
	return told, nil
}
