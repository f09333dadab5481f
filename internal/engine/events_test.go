package engine

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

var payloads = []Payload{&RunCreated{}, &RunState{}, &NodeState{}, &NodeIterations{}, &NodeAttempt{}, &Log{}}

// Who reads events goes by their version: it comes first, in events of each type.
func TestEventsSayTheirVersion(t *testing.T) {
	for _, p := range payloads {
		e := Event{Seq: 3, At: time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC), Run: "r", Node: &NodeName{Path: "/spec"}, Payload: p}
		text := toJSON(t, e)
		if want := `{"v":1,"type":"` + e.Type() + `","seq":3,"at":"2025-03-04T05:06:07Z","run":"r",`; !strings.HasPrefix(text, want) {
			t.Errorf("%s does not begin with %s", text, want)
		}
		var read map[string]any
		if err := json.Unmarshal([]byte(text), &read); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A payload's members stand beside those of the event, which it must not say again.
func TestPayloadsHaveOtherMembersThanEvents(t *testing.T) {
	taken := map[string]bool{"v": true, "type": true, "seq": true, "at": true, "run": true, "node": true}
	for _, p := range payloads {
		of := reflect.TypeOf(p).Elem()
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if taken[name] {
				t.Errorf("%s has the member %q", of, name)
			}
		}
	}
}
