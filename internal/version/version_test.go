package version

import (
	"regexp"
	"testing"
)

func TestStringNamesEverythingABugReportNeeds(t *testing.T) {
	want := regexp.MustCompile(`^nf-x \S+ \(commit \S+, templates up to v1\.2, go1\S+ \w+/\w+\)$`)
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
