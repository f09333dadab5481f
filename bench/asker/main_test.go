package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestEveryRequestIsSentOnceAndMeasured(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		seen[r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+string(body)]++
		mu.Unlock()
		_, _ = io.WriteString(w, "[]")
	}))
	defer server.Close()
	var out bytes.Buffer
	if err := run([]string{server.URL, "secret", "PUT", "/things/{n}", `{"n":{n}}`, "3", "30", "10"}, &out); err != nil {
		t.Fatal(err)
	}
	var r result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil || r.P50Ms <= 0 || r.P99Ms < r.P50Ms || r.PerSecond <= 0 || r.Bytes != 2 {
		t.Errorf("printed %s, %v", out.String(), err)
	}
	if len(seen) != 10 || seen[`PUT /things/7 Bearer secret {"n":7}`] != 3 {
		t.Errorf("the server saw %v", seen)
	}
}

func TestARefusalEndsTheMeasuring(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	err := run([]string{server.URL, "", "GET", "/things/{n}", "", "1", "5", "10"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "GET /things/0") || !strings.Contains(err.Error(), "404") {
		t.Errorf("got %v", err)
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{nil, {"http://127.0.0.1:1", "", "GET", "/", "", "0", "1", "1"}, {"http://127.0.0.1:1", "", "GET", "/", "", "1", "x", "1"}} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
