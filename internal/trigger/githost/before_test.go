package githost

import "testing"

// What changed files are looked up from is told only where a branch has gone on.
func TestBitbucketTellsTheCommitBefore(t *testing.T) {
	for _, tt := range []struct{ name, event, body, want string }{
		{"a push to the cloud", "repo:push", `{"push": {"changes": [{"old": {"type": "branch", "target": {"hash": "a1"}}, "new": {"type": "branch", "name": "main", "target": {"hash": "b2"}}}]}}`, "a1"},
		{"a new branch in the cloud", "repo:push", `{"push": {"changes": [{"old": null, "new": {"type": "branch", "name": "main", "target": {"hash": "b2"}}}]}}`, ""},
		{"a push to the data center", "repo:refs_changed", `{"changes": [{"ref": {"displayId": "main", "type": "BRANCH"}, "fromHash": "a1", "toHash": "b2", "type": "UPDATE"}]}`, "a1"},
		{"a new branch in the data center", "repo:refs_changed", `{"changes": [{"ref": {"displayId": "main", "type": "BRANCH"}, "fromHash": "0000", "toHash": "b2", "type": "ADD"}]}`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			told, err := readBitbucket(tt.event, []byte(tt.body))
			if err != nil || len(told.Events) != 1 || told.Events[0].Before != tt.want {
				t.Errorf("%+v, %v", told, err)
			}
		})
	}
}

// What a pull request changes is looked up between the branches and commits that are told.
func TestPullRequestsTellTheirBranchesAndWhatWasBefore(t *testing.T) {
	for _, tt := range []struct {
		name         string
		host         Host
		event, body  string
		into, before string
	}{
		{"one is opened at GitHub", GitHub, "pull_request", `{"action": "opened", "pull_request": {"number": 1, "head": {"ref": "x"}, "base": {"ref": "main"}}}`, "main", ""},
		{"one is pushed to at GitHub", GitHub, "pull_request", `{"action": "synchronize", "before": "a1", "after": "b2", "pull_request": {"number": 1, "head": {"ref": "x"}, "base": {"ref": "main"}}}`, "main", "a1"},
		{"one is opened at GitLab", GitLab, "", `{"object_kind": "merge_request", "object_attributes": {"iid": 1, "action": "open", "source_branch": "x", "target_branch": "main"}}`, "main", ""},
		{"one is pushed to at GitLab", GitLab, "", `{"object_kind": "merge_request", "object_attributes": {"iid": 1, "action": "update", "oldrev": "a1", "source_branch": "x", "target_branch": "main"}}`, "main", "a1"},
		{"one in Bitbucket's cloud", Bitbucket, "pullrequest:created", `{"pullrequest": {"id": 1, "source": {"branch": {"name": "x"}}, "destination": {"branch": {"name": "main"}}}}`, "main", ""},
		{"one in a data center", Bitbucket, "pr:opened", `{"pullRequest": {"id": 1, "fromRef": {"displayId": "x"}, "toRef": {"displayId": "main"}}}`, "main", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			told, err := Read(tt.host, "x", request(tt.body, "X-GitHub-Event", tt.event, "X-Event-Key", tt.event))
			if err != nil || len(told.Events) != 1 || told.Events[0].Into != tt.into || told.Events[0].Before != tt.before {
				t.Errorf("%+v, %v", told, err)
			}
		})
	}
}
