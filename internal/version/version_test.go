package version

import (
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

func TestStringNamesEverythingABugReportNeeds(t *testing.T) {
	want := regexp.MustCompile(`^nf-x \S+ \((commit|tag) \S+, templates up to v1\.2, go1\S+ \w+/\w+\)$`)
	if got := String("nf-x"); !want.MatchString(got) {
		t.Errorf("got %q", got)
	}
}

func TestTheLinkerDecides(t *testing.T) {
	defer func(n, c string) { number, commit = n, c }(number, commit)
	number, commit = "1.2.3", "0123456789abcdef0123"
	if Number() != "1.2.3" || Commit() != "0123456789ab" {
		t.Errorf("got %q %q", Number(), Commit())
	}
}

func TestWhereARevisionIsTakenFrom(t *testing.T) {
	for _, c := range []struct {
		name, version string
		settings      []debug.BuildSetting
		want          string
	}{
		{"a checkout", "(devel)", []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "false"}}, "0123456789ab"},
		{"a checkout with changes", "v0.0.0-20260102030405-0123456789ab+dirty",
			[]debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.modified", Value: "true"}}, "0123456789ab+changes"},
		{"a module before the first tag", "v0.0.0-20260102030405-0123456789ab", nil, "0123456789ab"},
		{"a module after a tag", "v1.2.4-0.20260102030405-0123456789ab", nil, "0123456789ab"},
		{"a module after a release candidate", "v1.2.3-rc.1.0.20260102030405-0123456789ab", nil, "0123456789ab"},
		{"a tag", "v1.2.3", nil, ""},
		{"a release candidate", "v1.2.3-rc-1", nil, ""},
		{"a tag that looks like a revision", "v1.2.3-beta-0123456789ab", nil, ""},
		{"nothing", "", nil, ""},
	} {
		if got := commitOf(&debug.BuildInfo{Main: debug.Module{Version: c.version}, Settings: c.settings}); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestABuildWithoutRevisionNamesItsTag(t *testing.T) {
	if got := describe("nf-x", "1.2.3", ""); !strings.HasPrefix(got, "nf-x 1.2.3 (tag v1.2.3, ") {
		t.Error(got)
	}
	if got := describe("nf-x", "dev", ""); !strings.HasPrefix(got, "nf-x dev (commit unknown, ") {
		t.Error(got)
	}
}
