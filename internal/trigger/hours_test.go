package trigger_test

import (
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

func TestHoursLastUntilTheyEnd(t *testing.T) {
	begin := func(d time.Weekday, hour int) trigger.Mark {
		return trigger.Mark{Day: d, Minute: hour * 60, Begins: true}
	}
	end := func(d time.Weekday, hour int) trigger.Mark { return trigger.Mark{Day: d, Minute: hour * 60} }
	daily := []trigger.Mark{begin(time.Monday, 9), end(time.Monday, 18), begin(time.Tuesday, 9), end(time.Tuesday, 18)}
	workweek := []trigger.Mark{end(time.Friday, 18), begin(time.Monday, 9)}
	overSunday := []trigger.Mark{begin(time.Saturday, 9), end(time.Monday, 9)}
	for _, tt := range []struct {
		name  string
		marks []trigger.Mark
		at    string // in the week of Monday, 5 January 2026
		want  bool
	}{
		{"without hours there is no limit", nil, "2026-01-11T03:00:00Z", true},
		{"at the beginning", daily, "2026-01-05T09:00:00Z", true},
		{"before it", daily, "2026-01-05T08:59:59Z", false},
		{"just before the end", daily, "2026-01-05T17:59:59Z", true},
		{"at the end", daily, "2026-01-05T18:00:00Z", false},
		{"in the night between two days", daily, "2026-01-06T03:00:00Z", false},
		{"on a day without hours", daily, "2026-01-08T12:00:00Z", false},
		{"days later, where nothing has ended the hours", workweek, "2026-01-07T03:00:00Z", true},
		{"after the end of the work week", workweek, "2026-01-09T18:00:00Z", false},
		{"before its beginning, as the week before has left it", workweek, "2026-01-05T03:00:00Z", false},
		{"over the end of a week", overSunday, "2026-01-11T12:00:00Z", true},
		{"on the day of the other week in which they end", overSunday, "2026-01-05T08:00:00Z", true},
		{"the time of another zone is the same time", daily, "2026-01-05T11:30:00+03:00", false},
		{"hours that meet go on", []trigger.Mark{begin(time.Monday, 9), end(time.Monday, 12), begin(time.Monday, 12), end(time.Monday, 18)}, "2026-01-05T12:00:00Z", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, tt.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := trigger.Active(tt.marks, now); got != tt.want {
				t.Errorf("%v", got)
			}
		})
	}
}
