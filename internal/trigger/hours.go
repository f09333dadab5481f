package trigger

import (
	"cmp"
	"slices"
	"time"
)

// A Mark is a time of the week at which hours begin or end.
type Mark struct {
	Day time.Weekday
	// Minute is that of the day, from 0 to 1440.
	Minute int
	Begins bool
}

// Active tells whether a time, in UTC, is within hours of the week. Hours last from a
// mark that begins some to the next one that ends them, be it days later: from Monday
// at nine to Friday at six, or from nine to six on each day. Without marks there are no
// hours to keep to. Source: "Active hours" in the guide on previews.
func Active(marks []Mark, now time.Time) bool {
	if len(marks) == 0 {
		return true
	}
	const day, week = 24 * 60, 7 * 24 * 60
	at := func(m Mark) int { return (int(m.Day)*day + m.Minute) % week }
	marks = slices.Clone(marks)
	// What ends at the minute at which other hours begin does not end those.
	slices.SortStableFunc(marks, func(a, b Mark) int {
		if by := cmp.Compare(at(a), at(b)); by != 0 || a.Begins == b.Begins {
			return by
		}
		if b.Begins {
			return -1
		}
		return 1
	})
	now = now.UTC()
	minute := int(now.Weekday())*day + now.Hour()*60 + now.Minute()
	last := marks[len(marks)-1] // of the week before
	for _, m := range marks {
		if at(m) > minute {
			break
		}
		last = m
	}
	return last.Begins
}
