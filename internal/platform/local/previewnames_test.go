package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

const shopURL, webURL = "https://github.com/acme/shop", "https://github.com/acme/web"

var noon = time.Date(2024, 1, 31, 13, 1, 0, 0, time.UTC)

func TestEnvironmentsAreNamedByConvention(t *testing.T) {
	long := "feature/" + strings.Repeat("a-very-long-branch-", 4)
	for _, tt := range []struct {
		name, format string
		pull         int64
		branch, want string
	}{
		{"by the pull request", "pullRequestId", 439, "feature/x", "pr-439"},
		{"by a pull request with a long number", "pullRequestId", 12345678, "feature/x", "pr-12345678"},
		{"by the pull request, in short", "pr", 439, "feature/x", "pr-439"},
		{"by the pull request, of a push that has none", "pullRequestId", 0, "feature/x", ""},
		{"by the branch", "branch", 0, "feature/new-ui", "feature-new-ui"},
		{"by the branch, with other characters in it", "branchName", 0, "Fix_#12 (ü)", "fix-12"},
		{"by a branch with a short name", "branch", 0, "qa", "qa-3f3ef7"},
		{"by a branch without a letter", "branch", 0, "ветка", ""},
		{"by the time", "timestamp", 439, "feature/x", "24-01-31-1301"},
		{"by words, which nobody knows before", "words", 439, "feature/x", ""},
		{"by nothing", "", 439, "feature/x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := conventionOf(tt.format).name(subject{branch: tt.branch, pull: tt.pull}, noon); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	one, other := byBranch.name(subject{branch: long}, noon), byBranch.name(subject{branch: long + "2"}, noon)
	if len(one) > longestName || len(other) > longestName || one == other || !strings.HasPrefix(one, "feature-a-very-long") {
		t.Errorf("long branches: %q and %q", one, other)
	}
}

// TestOneNameIsOneEnvironment asks for the environment of what the convention calls like
// one that is there.
func TestOneNameIsOneEnvironment(t *testing.T) {
	push := func(repository, branch string) (origin, map[string]any) {
		return origin{By: byTrigger, Kind: "push", Repository: "github.com/acme/" + repository, Branch: branch}, map[string]any{"repoUrl": "https://github.com/acme/" + repository, "branch": branch}
	}
	pull := func(repository string, number int, branch string) (origin, map[string]any) {
		o, commit := push(repository, branch)
		o.Kind, o.PullRequestID, commit["pullRequestId"] = "pull-request", number, number
		return o, commit
	}
	hook := func(_ origin, commit map[string]any) (origin, map[string]any) { return origin{By: byWebhook}, commit }
	nothing := func() (origin, map[string]any) { return origin{By: byWebhook}, nil }
	type run func() (origin, map[string]any)
	of := func(o origin, commit map[string]any) run { return func() (origin, map[string]any) { return o, commit } }
	const name, same, apart, refused = "it", "it", "another", "nothing"
	for _, tt := range []struct {
		name       string
		convention convention
		there      run
		asked      run
		want       string
	}{
		{"a pull request again, by its webhook", byPull, of(pull("shop", 12, "a")), of(hook(pull("shop", 12, "main"))), same},
		{"a pull request of another repository with the number", byPull, of(pull("shop", 12, "a")), of(pull("web", 12, "a")), apart},
		{"the branch of an environment that a webhook has made", byBranch, of(hook(push("shop", "a/b"))), of(push("shop", "a/b")), same},
		{"a pull request of a branch that has one", byBranch, of(push("shop", "a/b")), of(pull("shop", 12, "a/b")), same},
		{"a branch that is written alike", byBranch, of(push("shop", "a/b")), of(push("shop", "a-b")), apart},
		{"a branch that differs by its case", byBranch, of(push("shop", "a/b")), of(push("shop", "A/b")), apart},
		{"a branch that is written alike, by a webhook", byBranch, of(hook(push("shop", "a/b"))), of(hook(push("shop", "a-b"))), apart},
		{"a branch of another repository", byBranch, of(push("shop", "a/b")), of(push("web", "a/b")), apart},
		{"two pushes in a minute", byTime, of(push("shop", "a")), of(push("shop", "b")), apart},
		{"two webhooks in a minute", byTime, of(hook(push("shop", "a"))), of(hook(push("shop", "b"))), apart},
		{"a push in the minute of a webhook", byTime, of(hook(push("shop", "a"))), of(push("shop", "b")), apart},
		{"two webhooks that name no commit", byTime, nothing, nothing, apart},
		{"an event, for what somebody has made by hand", byPull, of(origin{By: byHand}, nil), of(pull("shop", 12, "a")), refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			made, its := tt.there()
			env := environment(name, previewState{Origin: made}, map[string]any{"vcsData": its})
			from, commit := tt.asked()
			ask := func(more ...*record) (string, error) {
				there := map[string]*record{name: env}
				for _, r := range more {
					there[r.id()] = r
				}
				return vacant(name, tt.convention, subjectOf(commit), from, there)
			}
			got, err := ask()
			switch {
			case tt.want == refused:
				if platform.StatusOf(err) != http.StatusConflict {
					t.Errorf("%q, %v", got, err)
				}
				return
			case err != nil || (got == name) != (tt.want == same) || !strings.HasPrefix(got, name):
				t.Fatalf("%q, %v", got, err)
			case tt.want == same || commit == nil:
				return
			}
			// It is found again under the name that it has got, which is no third one's.
			if again, err := ask(environment(got, previewState{Origin: from}, map[string]any{"vcsData": commit})); err != nil || again != got {
				t.Errorf("then %q, %v", again, err)
			}
			if third, err := ask(environment(got, previewState{Origin: made}, map[string]any{"vcsData": its})); err != nil || third == got || third == name {
				t.Errorf("where that is taken, %q, %v", third, err)
			}
		})
	}
}

// environment is the record of one.
func environment(name string, state previewState, spec map[string]any) *record {
	text, _ := json.Marshal(state)
	return &record{key: "previews/" + name, spec: spec, state: text}
}

func TestWordsAreDrawnUntilTheyAreFree(t *testing.T) {
	draws := func(list ...byte) *bytes.Buffer {
		var b bytes.Buffer
		for _, v := range list {
			b.Write([]byte{v, v, v, v, v})
		}
		return &b
	}
	taken := func(names ...string) func(string) bool {
		return func(name string) bool { return strings.Contains(" "+strings.Join(names, " ")+" ", " "+name+" ") }
	}
	for _, tt := range []struct {
		name   string
		random *bytes.Buffer
		taken  func(string) bool
		want   string
	}{
		{"the first", draws(0), taken(), "brave-badger"},
		{"the second, where the first are taken", draws(0, 17), taken("brave-badger"), "calm-canyon"},
		{"with digits, where many were taken", draws(0, 0, 0, 0, 0, 0, 0, 0, 16), taken("brave-badger"), "brave-badger-101010"},
		{"with other digits, where these are taken", draws(0, 0, 0, 0, 0, 0, 0, 0, 16, 32), taken("brave-badger", "brave-badger-101010"), "brave-badger-202020"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := words(tt.random, tt.taken); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	for _, adjective := range adjectives {
		for _, noun := range nouns {
			if len(adjective+"-"+noun+"-000000") > longestName {
				t.Errorf("%s-%s is too long", adjective, noun)
			}
		}
	}
}

// TestARunOfTheSameBranchesUpdatesWhatWasMadeByHand finds environments by the branches
// that somebody chooses.
func TestARunOfTheSameBranchesUpdatesWhatWasMadeByHand(t *testing.T) {
	commits := func(branches ...string) map[string]any {
		all := map[string]any{}
		for i, branch := range branches {
			all[fmt.Sprint("trigger", i)] = map[string]any{"repoUrl": shopURL, "branch": branch, "sha": branch}
		}
		return all
	}
	chosen := commits("a", "b")
	chosen["trigger0"].(map[string]any)["sha"] = "another"
	elsewhere := commits("a", "b")
	elsewhere["trigger1"].(map[string]any)["repoUrl"] = webURL
	for _, tt := range []struct {
		name    string
		by      string
		ending  string
		chosen  map[string]any
		nothing bool // is said about the triggers
		want    bool
	}{
		{"of the same branches, whatever the commits", byHand, "", chosen, false, true},
		{"of another branch", byHand, "", commits("a", "c"), false, false},
		{"of fewer branches", byHand, "", commits("a"), false, false},
		{"of another repository", byHand, "", elsewhere, false, false},
		{"of no branch that is said", byHand, "", chosen, true, false},
		{"of one that events have made", byTrigger, "", chosen, false, false},
		{"of one that is torn down", byHand, "a-run", chosen, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			env := environment("it", previewState{Origin: origin{By: tt.by}, Ending: tt.ending}, map[string]any{"triggers": commits("a", "b")})
			run := flowRun{origin: origin{By: byHand}}
			if !tt.nothing {
				run.triggers = jsonvalue.Pick(tt.chosen, []string{"trigger0"})
			}
			if got := run.again(env, tt.chosen); got != tt.want {
				t.Error(got)
			}
		})
	}
}

func FuzzConventionalNames(f *testing.F) {
	f.Add("branch", "feature/x")
	f.Fuzz(func(t *testing.T, format, branch string) {
		for _, pull := range []int64{0, 12} {
			name := conventionOf(format).name(subject{branch: branch, pull: pull}, time.Now())
			if len(name) > longestName || strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-") || strings.Contains(name, "--") ||
				strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || name != "" && len(name) < shortestName {
				t.Errorf("%q", name)
			}
		}
	})
}
