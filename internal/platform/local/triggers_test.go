package local

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

func TestActiveHoursOfATemplate(t *testing.T) {
	for _, tt := range []struct {
		name, schedule string
		active, idle   string // on Monday, 5 January 2026
	}{
		{"in hours", `{"mon": {"startTime": 9, "endTime": 18}}`, "09:00", "18:00"},
		{"in minutes", `{"mon": {"startTime": 570, "endTime": 1080}}`, "09:30", "09:29"},
		{"over several days", `{"sun": {"startTime": 9}, "mon": {"endTime": 12}}`, "03:00", "12:00"},
		{"in a unit that nobody knows", `{"mon": {"startTime": 32400000, "endTime": 64800000}}`, "03:00", ""},
		{"not at all", `{}`, "03:00", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var document map[string]any
			if err := json.Unmarshal([]byte(`{"options": {"schedule": `+tt.schedule+`}}`), &document); err != nil {
				t.Fatal(err)
			}
			for clock, want := range map[string]bool{tt.active: true, tt.idle: false} {
				if clock == "" {
					continue
				}
				now, err := time.Parse(time.DateTime, "2026-01-05 "+clock+":00")
				if err != nil {
					t.Fatal(err)
				}
				if got := trigger.Active(activeHours(document), now); got != want {
					t.Errorf("at %s: %v", clock, got)
				}
			}
		})
	}
}
