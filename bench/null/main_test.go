package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func TestEveryRequestIsAnsweredAtOnce(t *testing.T) {
	var in, out strings.Builder
	for _, body := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`,
		`{"jsonrpc":"2.0","method":"initialized","params":{}}`,
		`{"jsonrpc":"2.0","id":"a","method":"textDocument/completion","params":{}}`,
	} {
		fmt.Fprintf(&in, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	if err := serve(strings.NewReader(in.String()), &out); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if got := out.String(); strings.Count(got, "Content-Length") != 2 || !strings.Contains(got, `"id":1,"result":{"capabilities"`) || !strings.Contains(got, `"id":"a","result":{"kind":"full","items":[]}`) {
		t.Errorf("got %s", got)
	}
}
