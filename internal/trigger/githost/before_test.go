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
