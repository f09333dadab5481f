package main

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestEveryRequestIsAnsweredWithNothing(t *testing.T) {
	in, end := io.Pipe()
	address, out := io.Pipe()
	ended := make(chan error)
	go func() { ended <- serve(in, out) }()
	url, err := bufio.NewReader(address).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, strings.TrimSpace(url)+"/v1/things/1", strings.NewReader(`{"name": "a"}`))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if body, err := io.ReadAll(answer.Body); err != nil || string(body) != "{}" || answer.StatusCode != http.StatusOK {
		t.Errorf("got %d %s, %v", answer.StatusCode, body, err)
	}
	_ = end.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
