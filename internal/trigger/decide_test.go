package trigger_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

const shop = "https://github.com/acme/shop"

func onPush(patterns ...string) map[trigger.Kind][]string {
	return map[trigger.Kind][]string{trigger.Push: patterns, trigger.PullRequest: {}}
}

func onPull(patterns ...string) map[trigger.Kind][]string {
	return map[trigger.Kind][]string{trigger.Push: {}, trigger.PullRequest: patterns}
}

func pushed(branch string) trigger.Event {
	return trigger.Event{Kind: trigger.Push, Repository: shop, Branch: branch}
}

func pulled(branch string) trigger.Event {
	return trigger.Event{Kind: trigger.PullRequest, Repository: shop, Branch: branch, PullRequestID: 7}
}

func with(e trigger.Event, change func(*trigger.Event)) trigger.Event {
	change(&e)
	return e
}

func touching(paths ...string) trigger.Event {
	return with(pushed("main"), func(e *trigger.Event) { e.Paths = append([]string{}, paths...) })
}

func saying(e trigger.Event, messages ...string) trigger.Event {
	for _, m := range messages {
		e.Commits = append(e.Commits, trigger.Commit{Message: m})
	}
	return e
}

func TestWhichEventsStartARun(t *testing.T) {
	all := trigger.Rules{On: map[trigger.Kind][]string{trigger.Push: {"*"}, trigger.PullRequest: {"*"}}}
	rules := func(change func(*trigger.Rules)) trigger.Rules {
		r := all
		change(&r)
		return r
	}
	paths := func(allow bool, list ...string) trigger.Rules {
		return rules(func(r *trigger.Rules) { r.Paths, r.AllowList = list, allow })
	}
	flags := func(list ...string) trigger.Rules { return rules(func(r *trigger.Rules) { r.Flags = list }) }
	tests := []struct {
		name  string
		rules trigger.Rules
		event trigger.Event
		want  trigger.Reason // "" where a run starts
	}{
		// Source: "Build specific branches or pull requests".
		{"a star is every branch", trigger.Rules{On: onPush("*")}, pushed("feature/new/ui"), ""},
		{"a name is that branch", trigger.Rules{On: onPush("master")}, pushed("master"), ""},
		{"a name is no other branch", trigger.Rules{On: onPush("master")}, pushed("master2"), trigger.OtherBranch},
		{"names are compared by case", trigger.Rules{On: onPush("Master")}, pushed("master"), trigger.OtherBranch},
		{"a star behind a beginning is every branch that begins so", trigger.Rules{On: onPush("feature/*")}, pushed("feature/a/b"), ""},
		{"a star behind a slash wants the slash", trigger.Rules{On: onPush("feature/*")}, pushed("feature"), trigger.OtherBranch},
		{"stars may stand anywhere", trigger.Rules{On: onPush("*-v*.x")}, pushed("release-v1.x"), ""},
		{"what follows a star has to follow", trigger.Rules{On: onPush("*-v*.x")}, pushed("release-v1.y"), trigger.OtherBranch},
		{"a dot is a dot", trigger.Rules{On: onPush("v1.x")}, pushed("v1-x"), trigger.OtherBranch},
		{"one of several rules is enough", trigger.Rules{On: onPush("main", "dev")}, pushed("dev"), ""},
		{"without a branch rule no push counts", trigger.Rules{On: onPull("*")}, pushed("main"), trigger.OtherBranch},
		{"without a pull request rule no pull request counts", trigger.Rules{On: onPush("*")}, pulled("main"), trigger.OtherBranch},
		{"a pull request rule is for the branch", trigger.Rules{On: onPull("patch/*")}, pulled("patch/1"), ""},
		{"a pull request of another branch does not count", trigger.Rules{On: onPull("patch/*")}, pulled("feature/1"), trigger.OtherBranch},
		{"a trigger without a rule for the kind does not listen", trigger.Rules{On: map[trigger.Kind][]string{trigger.Push: {"*"}}}, pulled("main"), trigger.OtherEvent},

		{"drafts count", all, with(pulled("a"), func(e *trigger.Event) { e.Draft = true }), ""},
		{"drafts do not count where they are ignored", rules(func(r *trigger.Rules) { r.IgnoreDrafts = true }),
			with(pulled("a"), func(e *trigger.Event) { e.Draft = true }), trigger.Draft},
		{"what is no draft counts where they are ignored", rules(func(r *trigger.Rules) { r.IgnoreDrafts = true }), pulled("a"), ""},
		{"a pull request from a fork has its branch elsewhere", all, with(pulled("a"), func(e *trigger.Event) { e.Fork = true }), trigger.Fork},
		{"a trigger for people starts nothing", rules(func(r *trigger.Rules) { r.ManualOnly = true }), pushed("main"), trigger.Manual},

		// Source: "Trigger a build on changes to specific files or directories".
		{"a change that is ignored starts nothing", paths(false, "README.md"), touching("README.md"), trigger.OtherPaths},
		{"a change beside ignored ones starts a run", paths(false, "README.md"), touching("README.md", "main.go"), ""},
		{"all changes may be ignored by several rules", paths(false, "*.md", "docs/"), touching("README.md", "docs/a.png"), trigger.OtherPaths},
		{"an ignored folder holds what is taken out", paths(false, "docs/*", "!docs/api.md"), touching("docs/api.md"), ""},
		{"an allowed change starts a run", paths(true, "web/"), touching("README.md", "web/app.js"), ""},
		{"without an allowed change nothing starts", paths(true, "web/"), touching("README.md", "api/web.go"), trigger.OtherPaths},
		{"a list without rules leaves nothing out", paths(true), touching("README.md"), ""},
		{"a list of comments leaves nothing out", paths(true, "# web/"), touching("README.md"), ""},
		{"a commit without changes is not ignored", paths(false, "*"), touching(), ""},
		{"a commit without changes touches nothing allowed", paths(true, "*"), touching(), trigger.OtherPaths},
		{"where the changes are not known they count", paths(true, "web/"), pushed("main"), ""},

		// Source: "Skip CI with commit messages".
		{"a flag in the message keeps a push back", flags("[skip ci]"), saying(pushed("main"), "Fix a typo [skip ci]"), trigger.CommitFlag},
		{"a flag in any commit keeps a push back", flags("[skip ci]"), saying(pushed("main"), "A [skip ci]", "B"), trigger.CommitFlag},
		{"a flag in the head keeps a pull request back", flags("[skip ci]"), saying(pulled("a"), "A", "B\n\n[skip ci]"), trigger.CommitFlag},
		{"a flag in an earlier commit does not keep a pull request back", flags("[skip ci]"), saying(pulled("a"), "A [skip ci]", "B"), ""},
		{"flags need no brackets", flags("wip"), saying(pushed("main"), "still wip"), trigger.CommitFlag},
		{"other messages do not matter", flags("[skip ci]"), saying(pushed("main"), "skip ci"), ""},
		{"flags that are switched off do not matter", all, saying(pushed("main"), "A [skip ci]"), ""},
		{"an empty flag is none", flags(""), saying(pushed("main"), "A"), ""},
		{"a commit that is not known carries no flag", flags("[skip ci]"), pushed("main"), ""},

		{"another repository is not watched", rules(func(r *trigger.Rules) { r.Repository = "https://github.com/acme/web" }), pushed("main"), trigger.OtherRepository},
		{"another service is not watched", rules(func(r *trigger.Rules) { r.Service = "gitlab" }),
			with(pushed("main"), func(e *trigger.Event) { e.Service = "github" }), trigger.OtherRepository},
		{"a service that is not known may be the one", rules(func(r *trigger.Rules) { r.Service = "gitlab" }), pushed("main"), ""},
		{"another account is not the one", rules(func(r *trigger.Rules) { r.Account = "acme" }),
			with(pushed("main"), func(e *trigger.Event) { e.Account = "other" }), trigger.OtherRepository},
		{"accounts are the same in any case", rules(func(r *trigger.Rules) { r.Account = "acme" }),
			with(pushed("main"), func(e *trigger.Event) { e.Account = "Acme" }), ""},

		{"a label is looked for", trigger.Rules{On: map[trigger.Kind][]string{trigger.Label: {"*"}}, Labels: []string{"deploy*"}},
			trigger.Event{Kind: trigger.Label, Repository: shop, Branch: "a", LabelName: "deploy-preview"}, ""},
		{"another label is not the one", trigger.Rules{On: map[trigger.Kind][]string{trigger.Label: {"*"}}, Labels: []string{"deploy*"}},
			trigger.Event{Kind: trigger.Label, Repository: shop, Branch: "a", LabelName: "bug"}, trigger.OtherLabel},
		{"a release has no branch", trigger.Rules{On: map[trigger.Kind][]string{trigger.Release: nil}},
			trigger.Event{Kind: trigger.Release, Repository: shop, Branch: "v1.0.0"}, ""},
		{"what ends something starts nothing", all, trigger.Event{Kind: trigger.Closed, Repository: shop, Branch: "a"}, trigger.OtherEvent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.rules.Repository == "" {
				tt.rules.Repository = shop
			}
			got := trigger.Decide(tt.rules, tt.event)
			if got.Reason != tt.want || got.Fires != (tt.want == "") {
				t.Errorf("%+v, want %q", got, tt.want)
			}
			if got.Fires == (got.Message != "") {
				t.Errorf("says %q", got.Message)
			}
		})
	}
}

func TestAnEventGivesItsTriggerItsValues(t *testing.T) {
	r := trigger.Rules{Repository: shop}
	e := trigger.Event{Kind: trigger.PullRequest, Repository: "git@github.com:Acme/shop.git", Branch: "a", SHA: "1", PullRequestID: 7}
	if got, want := trigger.Values(r, e), map[string]any{"repoUrl": shop, "branch": "a", "sha": "1", "pullRequestId": 7}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	e.Kind = trigger.Push // to a branch with a pull request is none of it
	if got, want := trigger.Values(r, e), map[string]any{"repoUrl": shop, "branch": "a", "sha": "1"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

func TestAddressesOfOneRepositoryAreTheSame(t *testing.T) {
	for _, address := range []string{shop, shop + ".git", shop + "/", "github.com/acme/shop", "https://www.github.com/Acme/Shop", "git@github.com:acme/shop.git",
		"ssh://git@github.com:22/acme/shop.git", "https://user:word@github.com/acme/shop"} {
		if !trigger.SameRepository(shop, address) {
			t.Errorf("%s names %q", address, trigger.RepositoryName(address))
		}
	}
	for _, address := range []string{"", "github.com", "https://github.com/acme/shop2", "https://gitlab.com/acme/shop", "https://[", "::"} {
		if trigger.SameRepository(shop, address) || trigger.SameRepository(address, "") {
			t.Errorf("%s is the same", address)
		}
	}
}

func TestListsSayWhoIsListenedTo(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lists trigger.Lists
		want  bool
	}{
		{"nobody is kept out without a list", trigger.Lists{}, true},
		{"an account on the list", trigger.Lists{Accounts: []string{"Acme"}}, true},
		{"an account that is not", trigger.Lists{Accounts: []string{"other"}}, false},
		{"a repository on the list", trigger.Lists{Repositories: []string{"https://github.com/acme/shop"}}, true},
		{"a repository that a star stands for", trigger.Lists{Repositories: []string{"github.com/acme/*"}}, true},
		{"a repository that is not", trigger.Lists{Repositories: []string{"github.com/acme/web"}}, false},
		{"both have to admit", trigger.Lists{Accounts: []string{"acme"}, Repositories: []string{"gitlab.com/*"}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.lists.Admit(pushed("main")); got.Fires != tt.want {
				t.Errorf("%+v", got)
			}
		})
	}
	if got := (trigger.Lists{}).Admit(trigger.Event{}); got.Fires {
		t.Error("an event of nowhere is admitted")
	}
}

func FuzzMatchBranch(f *testing.F) {
	f.Add("feature/*", "feature/a")
	f.Add("*-v*.x", "release-v1.x")
	f.Fuzz(func(t *testing.T, rule, branch string) {
		if !trigger.MatchBranch("*"+rule, branch+rule) && !strings.Contains(rule, "*") {
			t.Error("a star does not stand for a beginning")
		}
		if !trigger.MatchBranch(rule+"*", rule+branch) {
			t.Error("a star does not stand for an end")
		}
		if trigger.MatchBranch(rule, branch) && !trigger.MatchBranch("*"+rule+"*", "x"+branch+"y") {
			t.Error("more stars match less")
		}
	})
}

func FuzzRepositoryName(f *testing.F) {
	f.Add("git@github.com:acme/shop.git")
	f.Add("https://github.com/acme/shop")
	f.Fuzz(func(t *testing.T, address string) {
		name := trigger.RepositoryName(address)
		if name != strings.ToLower(name) || name != "" && !strings.Contains(name, "/") {
			t.Errorf("%q names %q", address, name)
		}
	})
}
