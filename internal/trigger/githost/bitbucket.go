package githost

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// bitbucketBody has the members of the payloads of Bitbucket's cloud ("Event payloads").
type bitbucketBody struct {
	Repository struct {
		FullName string `json:"full_name"`
		Links    struct {
			HTML struct {
				Href string `json:"href"`
			} `json:"html"`
		} `json:"links"`
	} `json:"repository"`
	Push struct {
		Changes []struct {
			New     *bitbucketRef     `json:"new"`
			Old     *bitbucketRef     `json:"old"`
			Commits []bitbucketCommit `json:"commits"`
		} `json:"changes"`
	} `json:"push"`
	PullRequest struct {
		ID          int           `json:"id"`
		Draft       bool          `json:"draft"`
		Source      bitbucketSide `json:"source"`
		Destination bitbucketSide `json:"destination"`
	} `json:"pullrequest"`
}

type bitbucketRef struct {
	Type   string          `json:"type"`
	Name   string          `json:"name"`
	Target bitbucketCommit `json:"target"`
}

type bitbucketCommit struct {
	Hash    string `json:"hash"`
	Message string `json:"message"`
}

type bitbucketSide struct {
	Branch struct {
		Name string `json:"name"`
	} `json:"branch"`
	Commit     bitbucketCommit `json:"commit"`
	Repository *struct {
		FullName string `json:"full_name"`
	} `json:"repository"`
}

// centerBody has those of Bitbucket's data center edition ("Event payload").
type centerBody struct {
	Repository centerRepository `json:"repository"`
	Changes    []struct {
		Ref struct {
			Name string `json:"displayId"`
			Type string `json:"type"`
		} `json:"ref"`
		From string `json:"fromHash"`
		To   string `json:"toHash"`
		Type string `json:"type"`
	} `json:"changes"`
	PullRequest struct {
		ID    int        `json:"id"`
		Draft bool       `json:"draft"`
		From  centerSide `json:"fromRef"`
		To    centerSide `json:"toRef"`
	} `json:"pullRequest"`
}

type centerSide struct {
	Name       string           `json:"displayId"`
	Commit     string           `json:"latestCommit"`
	Repository centerRepository `json:"repository"`
}

type centerRepository struct {
	ID    int64 `json:"id"`
	Links struct {
		Clone []struct {
			Href string `json:"href"`
			Name string `json:"name"`
		} `json:"clone"`
	} `json:"links"`
}

func (r centerRepository) addresses() []string {
	var http, others []string
	for _, l := range r.Links.Clone {
		if strings.HasPrefix(l.Name, "http") {
			http = append(http, l.Href)
		} else {
			others = append(others, l.Href)
		}
	}
	return addresses(append(http, others...)...)
}

func readBitbucket(event string, body []byte) (Told, error) {
	told := Told{What: event}
	switch event {
	case "repo:push", "pullrequest:created", "pullrequest:updated", "pullrequest:fulfilled", "pullrequest:rejected":
		err := readCloud(&told, body)
		return told, err
	case "repo:refs_changed", "pr:opened", "pr:from_ref_updated", "pr:merged", "pr:declined", "pr:deleted":
		err := readCenter(&told, body)
		return told, err
	}
	return told, nil
}

func readCloud(told *Told, body []byte) error {
	var b bitbucketBody
	if err := decode(body, &b); err != nil {
		return err
	}
	address := b.Repository.Links.HTML.Href
	if address == "" && b.Repository.FullName != "" {
		address = "https://bitbucket.org/" + b.Repository.FullName
	}
	told.Repositories = addresses(address)
	if told.What == "repo:push" {
		for _, c := range b.Push.Changes {
			switch {
			case c.New != nil && c.New.Type == "branch":
				e := Event{Event: trigger.Event{Kind: trigger.Push, Branch: c.New.Name, SHA: c.New.Target.Hash}}
				for _, one := range c.Commits { // the newest first
					e.Commits = append([]trigger.Commit{{SHA: one.Hash, Message: one.Message}}, e.Commits...)
				}
				if len(e.Commits) == 0 && c.New.Target.Message != "" {
					e.Commits = []trigger.Commit{{SHA: c.New.Target.Hash, Message: c.New.Target.Message}}
				}
				if c.Old != nil && c.Old.Type == "branch" {
					e.Before = c.Old.Target.Hash
				}
				told.Events = append(told.Events, e)
			case c.New == nil && c.Old != nil && c.Old.Type == "branch":
				told.Events = append(told.Events, Event{Event: trigger.Event{Kind: trigger.Deleted, Branch: c.Old.Name}})
			}
		}
		return nil
	}
	p := b.PullRequest
	e := Event{Event: trigger.Event{Branch: p.Source.Branch.Name, SHA: p.Source.Commit.Hash, PullRequestID: p.ID, Draft: p.Draft}, Into: p.Destination.Branch.Name}
	e.Fork = p.Source.Repository == nil || p.Destination.Repository == nil || p.Source.Repository.FullName != p.Destination.Repository.FullName
	switch told.What {
	case "pullrequest:created", "pullrequest:updated":
		e.Kind = trigger.PullRequest
		// An edit of the title is told like a push: what has this commit was told already. A
		// draft that is ready is news.
		e.Delivery = digest(fmt.Appendf(nil, "%s\x00%d\x00%s\x00%v", address, p.ID, p.Source.Commit.Hash, p.Draft))
	default:
		e.Kind = trigger.Closed
	}
	told.Events = append(told.Events, e)
	return nil
}

func readCenter(told *Told, body []byte) error {
	var b centerBody
	if err := decode(body, &b); err != nil {
		return err
	}
	if told.What == "repo:refs_changed" {
		told.Repositories = b.Repository.addresses()
		for _, c := range b.Changes {
			if c.Ref.Type != "BRANCH" {
				continue
			}
			e := Event{Event: trigger.Event{Kind: trigger.Push, Branch: c.Ref.Name, SHA: c.To}}
			if c.Type == "UPDATE" {
				e.Before = c.From
			}
			if c.Type == "DELETE" {
				e.Kind, e.SHA = trigger.Deleted, ""
			}
			told.Events = append(told.Events, e)
		}
		return nil
	}
	p := b.PullRequest
	told.Repositories = p.To.Repository.addresses()
	e := Event{Event: trigger.Event{Kind: trigger.PullRequest, Branch: p.From.Name, SHA: p.From.Commit, PullRequestID: p.ID, Draft: p.Draft, Fork: p.From.Repository.ID != p.To.Repository.ID}, Into: p.To.Name}
	if told.What != "pr:opened" && told.What != "pr:from_ref_updated" {
		e.Kind = trigger.Closed
	}
	told.Events = append(told.Events, e)
	return nil
}
