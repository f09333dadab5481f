package local

import (
	"strings"
	"testing"
	"time"
)

func TestEnvironmentsAreNamedByConvention(t *testing.T) {
	now := time.Date(2024, 1, 31, 13, 1, 0, 0, time.UTC)
	long := "feature/" + strings.Repeat("a-very-long-branch-", 4)
	for _, tt := range []struct {
		name, format string
		pull         any
		branch, want string
	}{
		{"by the pull request", "pullRequestId", 439, "feature/x", "pr-439"},
		{"by the pull request, in short", "pr", 439, "feature/x", "pr-439"},
		{"by the pull request, of a push that has none", "pullRequestId", nil, "feature/x", ""},
		{"by the branch", "branch", nil, "feature/new-ui", "feature-new-ui"},
		{"by the branch, with other characters in it", "branchName", nil, "Fix_#12 (ü)", "fix-12"},
		{"by a branch without a letter", "branch", nil, "ветка", ""},
		{"by the time", "timestamp", 439, "feature/x", "24-01-31-1301"},
		{"by words, which nobody knows before", "words", 439, "feature/x", ""},
		{"by nothing", "", 439, "feature/x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := conventional(tt.format, tt.pull, tt.branch, now); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	one, other := conventional("branch", nil, long, now), conventional("branch", nil, long+"2", now)
	if len(one) > longestName || len(other) > longestName || one == other || !strings.HasPrefix(one, "feature-a-very-long") {
		t.Errorf("long branches: %q and %q", one, other)
	}
}

func FuzzConventionalNames(f *testing.F) {
	f.Add("branch", "feature/x")
	f.Fuzz(func(t *testing.T, format, branch string) {
		for _, pull := range []any{nil, 12} {
			name := conventional(format, pull, branch, time.Now())
			if len(name) > longestName || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") || strings.Contains(name, "--") ||
				strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				t.Errorf("%q", name)
			}
		}
	})
}
