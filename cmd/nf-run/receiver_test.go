package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// receiver is what messages of scripts go to: "receiver ADDRESS LOG [STATUS...]" serves on
// a free port, writes its address to a file when it is ready, a line for each request to
// another, and answers with the statuses in order, the last for good. The status 0
// breaks the connection. It ends when its address file is gone.
func receiver() {
	statuses := os.Args[3:]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	log, err := os.OpenFile(os.Args[2], os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err == nil {
		err = os.WriteFile(os.Args[1]+".new", []byte("http://"+listener.Addr().String()), 0o600)
	}
	if err == nil {
		err = os.Rename(os.Args[1]+".new", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() {
		for {
			if _, err := os.Stat(os.Args[1]); err != nil {
				os.Exit(0)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	one := make(chan struct{}, 1)
	_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // ends with the script
		one <- struct{}{}
		defer func() { <-one }()
		body, _ := io.ReadAll(r.Body)
		line, _ := json.Marshal(map[string]string{"method": r.Method, "path": r.URL.RequestURI(), "body": string(body)})
		fmt.Fprintln(log, strings.ReplaceAll(string(line), `\"`, `"`))
		status := 200
		if len(statuses) > 0 {
			fmt.Sscan(statuses[0], &status)
			if len(statuses) > 1 {
				statuses = statuses[1:]
			}
		}
		if status == 0 {
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = c.Close()
			}
			return
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "it says "+r.URL.Path)
	}))
}
