package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestEveryWayOfCommittingHasARate(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	if err := run([]string{dir, "20"}, &out); err != nil {
		t.Fatal(err)
	}
	var r rates
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Append <= 0 || r.Journal <= 0 || r.Resource <= 0 || r.Both <= 0 {
		t.Errorf("the rates are %+v", r)
	}
	if err := run([]string{dir, "none"}, &out); err == nil {
		t.Error("a number that is none was taken")
	}
}
