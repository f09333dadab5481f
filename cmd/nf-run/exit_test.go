package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestExitCodesAreThoseOfTheContract(t *testing.T) {
	t.Setenv("NF_STATE", t.TempDir())
	for _, c := range []struct {
		name string
		args string
		want int
	}{
		{"a right template", "check ../../testdata/templates/payload.json", exitOK},
		{"a template with a mistake", "check ../../testdata/templates/payload-mistake.json", exitFailed},
		{"a file that is not there", "check none.json", exitFailed},
		{"no argument", "check", exitUsage},
		{"an unknown command", "explode", exitUsage},
		{"an unknown flag", "check --loud x", exitUsage},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, errOut bytes.Buffer
			if got := run(context.Background(), strings.Fields(c.args), strings.NewReader(""), &out, &errOut); got != c.want {
				t.Errorf("exit code %d, want %d\n%s%s", got, c.want, out.String(), errOut.String())
			}
		})
	}
}
