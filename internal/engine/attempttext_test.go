package engine

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// byTags is what encoding/json writes, which goes by the tags of the fields.
func byTags(t *testing.T, v any) string {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte{'\n'}))
}

func TestAnAttemptIsWrittenAsItsTagsSay(t *testing.T) {
	at := time.Date(2025, 3, 4, 5, 6, 7, 890_000, time.UTC)
	full := NodeAttempt{
		Phase: PhaseStarted, State: StateRetrying, Attempt: 2, MaxAttempts: 3, Input: json.RawMessage(`{"spec":{"name":"a<b>"}}`), Hash: "h",
		Again: true, Lookup: 1, Answer: answerDone, Action: platform.ActionApply, Output: json.RawMessage(`{"id":"a\u2028"}`),
		Subject: `service "a"`, Detail: "ends\nhere", Deadline: at, Error: &ErrorInfo{Code: 400, Message: "no <b>", Details: map[string]any{"x": []any{1.5}}}, NextAttempt: at.Add(time.Second),
		Approval: &Approval{Needed: 2, Given: []Decision{{By: "ada", At: at, Reason: "a<b>"}}, Rejected: &Decision{By: "bob", At: at}},
	}
	all := reflect.ValueOf(full)
	for i := range all.NumField() {
		if all.Field(i).IsZero() {
			t.Fatalf("the test does not fill %s", all.Type().Field(i).Name)
		}
	}
	cases := map[string]NodeAttempt{"every member": full, "none": {}}
	for i := range all.NumField() {
		var one NodeAttempt
		reflect.ValueOf(&one).Elem().Field(i).Set(all.Field(i))
		cases["only "+all.Type().Field(i).Name] = one
	}
	for name, p := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := marshal(&p)
			if want := byTags(t, &p); err != nil || string(got) != want {
				t.Errorf("got %s, %v\nwant %s", got, err, want)
			}
		})
	}
}

func TestAnAttemptThatIsNoJSONIsNotWritten(t *testing.T) {
	if text, err := marshal(&NodeAttempt{Error: &ErrorInfo{Details: map[string]any{"c": make(chan int)}}}); err == nil {
		t.Errorf("it is written as %s", text)
	}
}
