package trigger

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/trigger/gitignore"
)

// Rules are what a trigger says.
type Rules struct {
	// Repository, Service and Account are what is watched; Service and Account may be
	// empty.
	Repository, Service, Account string
	// On are the branch rules by the kind of event that they are for. A kind that is
	// not there starts nothing; one with an empty list matches no branch.
	On map[Kind][]string
	// Labels are rules for the names of labels; nil takes any.
	Labels []string
	// Paths are path rules. With AllowList a change has to touch one of what they
	// name, without it something else.
	Paths     []string
	AllowList bool
	// Flags keep commits from starting a run whose message contains one; nil where
	// they are switched off.
	Flags []string
	// IgnoreDrafts leaves drafts of pull requests out.
	IgnoreDrafts bool
	// ManualOnly triggers are there to be chosen by people.
	ManualOnly bool
}

// DefaultFlags are the commit flags of a trigger that names none.
func DefaultFlags() []string {
	return []string{"[skip ci]", "[ci skip]", "[no ci]", "[skip nf]", "[nf skip]", "[northflank skip]", "[skip northflank]"}
}

// A Reason says in a word why an event starts nothing.
type Reason string

// The reasons.
const (
	OtherRepository Reason = "other-repository"
	OtherEvent      Reason = "other-event"
	OtherBranch     Reason = "other-branch"
	OtherPaths      Reason = "other-paths"
	OtherLabel      Reason = "other-label"
	CommitFlag      Reason = "commit-flag"
	Draft           Reason = "draft"
	Fork            Reason = "fork"
	Manual          Reason = "manual-only"
	NotAllowed      Reason = "not-allowed"
	Incomplete      Reason = "incomplete"
)

// A Decision is whether an event starts a run.
type Decision struct {
	Fires bool
	// Reason and Message say why not, Message for people.
	Reason  Reason
	Message string
}

func no(reason Reason, format string, args ...any) Decision {
	return Decision{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// Decide tells whether an event starts a run by a trigger's rules, and if not, why.
func Decide(r Rules, e Event) Decision {
	if d := Watches(r, e); !d.Fires {
		return d
	}
	branches, listens := r.On[e.Kind]
	switch {
	case r.ManualOnly:
		return no(Manual, "the trigger is for runs by hand only")
	case !listens:
		return no(OtherEvent, "the trigger does not listen to events of the kind %s", e.Kind)
	case e.Fork:
		// The services that build have one repository, which does not have the branch.
		return no(Fork, "the branch of the pull request is in another repository")
	case e.Kind != Release && !matchesAny(branches, e.Branch):
		return no(OtherBranch, "no %s rule matches the branch %q%s", ruleName(e.Kind), e.Branch, listed(branches))
	case e.Kind == Label && r.Labels != nil && !matchesAny(r.Labels, e.LabelName):
		return no(OtherLabel, "no rule matches the label %q%s", e.LabelName, listed(r.Labels))
	case r.IgnoreDrafts && e.Draft && e.Kind.OfPullRequest():
		return no(Draft, "the pull request is a draft")
	}
	if flag, message := flagged(r.Flags, e); flag != "" {
		return no(CommitFlag, "the commit %q carries the flag %q", firstLine(message), flag)
	}
	return changes(r, e)
}

// Watches tells whether an event is one of the repository that a trigger watches.
func Watches(r Rules, e Event) Decision {
	switch {
	case !SameRepository(r.Repository, e.Repository):
		return no(OtherRepository, "the trigger watches %s", RepositoryName(r.Repository))
	case r.Service != "" && e.Service != "" && r.Service != e.Service:
		return no(OtherRepository, "the trigger watches a repository of the service %s, not of %s", r.Service, e.Service)
	case r.Account != "" && e.Account != "" && !strings.EqualFold(r.Account, e.Account):
		return no(OtherRepository, "the trigger goes by the account %q, not by %q", r.Account, e.Account)
	}
	return Decision{Fires: true}
}

// Values are what `${refs.<trigger>...}` stands for in a run that an event has started.
func Values(r Rules, e Event) map[string]any {
	values := map[string]any{"repoUrl": r.Repository, "branch": e.Branch}
	if e.SHA != "" {
		values["sha"] = e.SHA
	}
	if e.Kind.OfPullRequest() && e.PullRequestID != 0 {
		values["pullRequestId"] = e.PullRequestID
	}
	return values
}

func ruleName(k Kind) string {
	if k.OfPullRequest() {
		return "pull request"
	}
	return "branch"
}

// listed shows rules in a message, which names a few of many.
func listed(rules []string) string {
	const shown = 5
	switch {
	case len(rules) == 0:
		return ": there is none"
	case len(rules) > shown:
		return fmt.Sprintf(" (%s and %d more)", strings.Join(rules[:shown], ", "), len(rules)-shown)
	}
	return " (" + strings.Join(rules, ", ") + ")"
}

func matchesAny(rules []string, name string) bool {
	return slices.ContainsFunc(rules, func(rule string) bool { return MatchBranch(rule, name) })
}

// MatchBranch tells whether a branch rule matches a branch. A star stands for any
// characters, slashes as well; all others for themselves. The guides call the rules
// regular expressions, and all that they show is this: "*" is every branch, "feature/*"
// every one that begins so.
func MatchBranch(rule, branch string) bool {
	first, rest, stars := strings.Cut(rule, "*")
	if !stars {
		return rule == branch
	}
	branch, ok := strings.CutPrefix(branch, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	for _, part := range parts[:len(parts)-1] {
		i := strings.Index(branch, part)
		if i < 0 {
			return false
		}
		branch = branch[i+len(part):]
	}
	return strings.HasSuffix(branch, parts[len(parts)-1])
}

// flagged returns the flag that keeps an event from starting a run, and the message
// that carries it: of a push the first of any commit, of a pull request that of its
// head.
func flagged(flags []string, e Event) (flag, message string) {
	commits := e.Commits
	if e.Kind.OfPullRequest() && len(commits) > 1 {
		commits = commits[len(commits)-1:]
	}
	for _, c := range commits {
		for _, flag := range flags {
			if flag != "" && strings.Contains(c.Message, flag) {
				return flag, c.Message
			}
		}
	}
	return "", ""
}

// changes goes by the path rules. What is not known to be left out is not.
func changes(r Rules, e Event) Decision {
	yes := Decision{Fires: true}
	rules := gitignore.Compile(r.Paths)
	if rules.Empty() || e.Paths == nil || e.Kind == Release {
		return yes
	}
	if r.AllowList {
		if slices.ContainsFunc(e.Paths, rules.Match) {
			return yes
		}
		if len(e.Paths) == 1 {
			return no(OtherPaths, "the one changed file, %q, is none that the path rules allow", e.Paths[0])
		}
		return no(OtherPaths, "none of the %d changed files is one that the path rules allow", len(e.Paths))
	}
	if len(e.Paths) == 0 || slices.ContainsFunc(e.Paths, func(path string) bool { return !rules.Match(path) }) {
		return yes
	}
	if len(e.Paths) == 1 {
		return no(OtherPaths, "the path rules ignore the one changed file, %q", e.Paths[0])
	}
	return no(OtherPaths, "the path rules ignore all of the %d changed files", len(e.Paths))
}

func firstLine(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	if runes := []rune(line); len(runes) > 72 {
		return string(runes[:72]) + "…"
	}
	return line
}

// Lists say whose events are listened to at all. An empty list admits everybody.
type Lists struct {
	// Accounts are owners of repositories, Repositories names such as
	// "github.com/acme/shop". A star stands for any characters; case does not matter.
	Accounts, Repositories []string
}

// Admit tells whether an event is listened to.
func (l Lists) Admit(e Event) Decision {
	name := RepositoryName(e.Repository)
	switch {
	case name == "":
		return no(Incomplete, "the event names no repository")
	case len(l.Accounts) > 0 && !matchesFolded(l.Accounts, Owner(e.Repository)):
		return no(NotAllowed, "the account %q is not on the list of those that are allowed", Owner(e.Repository))
	case len(l.Repositories) > 0 && !matchesFolded(l.Repositories, name):
		return no(NotAllowed, "the repository %s is not on the list of those that are allowed", name)
	}
	return Decision{Fires: true}
}

func matchesFolded(rules []string, name string) bool {
	return slices.ContainsFunc(rules, func(rule string) bool {
		if strings.Contains(rule, "/") && !strings.Contains(rule, "*") {
			return SameRepository(rule, name)
		}
		return MatchBranch(strings.ToLower(rule), name)
	})
}
