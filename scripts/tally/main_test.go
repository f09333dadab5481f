package main

import (
	"reflect"
	"strings"
	"testing"
)

func TestTally(t *testing.T) {
	cases := []struct {
		name   string
		events string
		want   counts
		again  failures
		says   []string
		hides  []string
	}{
		{
			name: "tests and subtests count once each, and what passed is not printed",
			events: `{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA/one"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":0.5}`,
			want: counts{passed: 2}, says: []string{"ok - p (0.5 s)"}, hides: []string{"chatter"},
		},
		{
			name: "a failed test is printed with its output and its package adds no second failure",
			events: `{"Action":"output","Package":"p","Test":"TestB","Output":"the reason\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}`,
			want: counts{failed: 1}, again: failures{tests: []string{"p TestB"}}, says: []string{"not ok - p TestB", "the reason"},
		},
		{
			name: "what failed is run once more as a whole",
			events: `{"Action":"fail","Package":"p","Test":"TestB/one"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}`,
			want: counts{failed: 2}, again: failures{tests: []string{"p TestB"}},
		},
		{
			name: "what drew by chance is run again with what it drew",
			events: `{"Action":"output","Package":"p","Test":"TestB/one","Output":"    b_test.go:80: draw this again with -faults.seed 17\n"}
{"Action":"fail","Package":"p","Test":"TestB/one"}
{"Action":"output","Package":"p","Test":"TestB/two","Output":"    b_test.go:80: draw this again with -faults.seed 17\n"}
{"Action":"fail","Package":"p","Test":"TestB/two"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}`,
			want: counts{failed: 3}, again: failures{tests: []string{"p TestB -faults.seed=17"}},
		},
		{
			name: "of a test that drew twice nothing is run again",
			events: `{"Action":"output","Package":"p","Test":"TestB/one","Output":"draw this again with -faults.seed 17\n"}
{"Action":"output","Package":"p","Test":"TestB/two","Output":"draw this again with -faults.seed 18\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}`,
			want: counts{failed: 1}, again: failures{tests: []string{"p TestB -faults.seed=17 -faults.seed=18"}, others: true},
		},
		{
			name: "a data race is not cleared by running the test again",
			events: `{"Action":"output","Package":"p","Test":"TestB","Output":"    testing.go:1490: race detected during execution of test\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}`,
			want: counts{failed: 1}, again: failures{tests: []string{"p TestB"}, others: true},
		},
		{
			name: "a data race of a process that a test started counts as one",
			events: `{"Action":"output","Package":"p","Test":"TestB","Output":"WARNING: DATA RACE\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"fail","Package":"p"}`,
			want: counts{failed: 1}, again: failures{tests: []string{"p TestB"}, others: true},
		},
		{
			name: "a skipped test is named with its reason",
			events: `{"Action":"output","Package":"p","Test":"TestC","Output":"no corpus here\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"pass","Package":"p"}`,
			want: counts{skipped: 1}, says: []string{"skip - p TestC", "no corpus here"},
		},
		{
			name: "a package that does not build is one failure, with the compiler's words",
			events: `{"ImportPath":"p [p.test]","Action":"build-output","Output":"p.go:1:1: no\n"}
{"ImportPath":"p [p.test]","Action":"build-fail"}
{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}`,
			want: counts{failed: 1}, again: failures{others: true}, says: []string{"not ok - p", "p.go:1:1: no"},
		},
		{
			name: "a panic that cuts tests off is one failure, with what they had said",
			events: `{"Action":"run","Package":"p","Test":"TestD"}
{"Action":"output","Package":"p","Test":"TestD","Output":"panic: oh\n"}
{"Action":"fail","Package":"p"}`,
			want: counts{failed: 1}, again: failures{others: true}, says: []string{"panic: oh"},
		},
		{
			name: "a package without tests counts for nothing",
			events: `{"Action":"output","Package":"p","Output":"?   \tp\t[no test files]\n"}
{"Action":"skip","Package":"p"}`,
			want: counts{}, hides: []string{"no test files"},
		},
		{
			name:   "a line that is no event is passed on",
			events: `go: cannot find main module`,
			want:   counts{}, says: []string{"cannot find main module"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			got, again, err := tally(strings.NewReader(c.events), &out)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("counts %+v, want %+v", got, c.want)
			}
			if !reflect.DeepEqual(again, c.again) {
				t.Errorf("failures %+v, want %+v", again, c.again)
			}
			for _, s := range c.says {
				if !strings.Contains(out.String(), s) {
					t.Errorf("output lacks %q:\n%s", s, out.String())
				}
			}
			for _, s := range c.hides {
				if strings.Contains(out.String(), s) {
					t.Errorf("output holds %q:\n%s", s, out.String())
				}
			}
		})
	}
}
