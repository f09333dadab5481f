// Command asker sends requests to an HTTP server over some connections, one after the other on each, and says how long
// they took.
//
//	asker BASE TOKEN METHOD PATH BODY CONNECTIONS COUNT RESOURCES
//
// TOKEN may be empty. In PATH and BODY, {n} is the number of a resource, another one each time, and {i} that of the
// request. Every answer has to have a status below 300. What is printed is JSON: the median and the 99th hundredth of the
// times in milliseconds, the requests a second, and the bytes of the last body.
//
// Requests are written by hand, so that the client takes as little of the machine as it can.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

type result struct {
	P50Ms     float64 `json:"p50Ms"`
	P99Ms     float64 `json:"p99Ms"`
	PerSecond float64 `json:"perSecond"`
	Bytes     int64   `json:"bytes"`
}

// An asker knows what to ask.
type asker struct {
	host, token, method, path, body string
	count, resources                int64
	next, bytes                     atomic.Int64
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "asker:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 8 {
		return errors.New("usage: asker BASE TOKEN METHOD PATH BODY CONNECTIONS COUNT RESOURCES")
	}
	base, err := url.Parse(args[0])
	if err != nil {
		return err
	}
	var numbers [3]int64
	for i, text := range args[5:] {
		if numbers[i], err = strconv.ParseInt(text, 10, 64); err != nil || numbers[i] < 1 {
			return fmt.Errorf("%q is no number that something can have", text)
		}
	}
	a := &asker{host: base.Host, token: args[1], method: args[2], path: args[3], body: args[4], count: numbers[1], resources: numbers[2]}
	r, err := a.measure(int(numbers[0]))
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(r)
}

// measure asks over some connections at once.
func (a *asker) measure(connections int) (result, error) {
	times := make([][]time.Duration, connections)
	errs := make([]error, connections)
	var all sync.WaitGroup
	begun := time.Now()
	for i := range connections {
		all.Go(func() { times[i], errs[i] = a.connection() })
	}
	all.Wait()
	spent := time.Since(begun)
	if err := errors.Join(errs...); err != nil {
		return result{}, err
	}
	sorted := slices.Concat(times...)
	slices.Sort(sorted)
	at := func(hundredth int) float64 {
		return float64(sorted[min(len(sorted)-1, len(sorted)*hundredth/100)].Nanoseconds()) / 1e6
	}
	return result{at(50), at(99), float64(len(sorted)) / spent.Seconds(), a.bytes.Load()}, nil
}

// connection asks as long as there is something to ask.
func (a *asker) connection() ([]time.Duration, error) {
	conn, err := net.Dial("tcp", a.host)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	var times []time.Duration
	for {
		i := a.next.Add(1) - 1
		if i >= a.count {
			return times, nil
		}
		text := a.request(i)
		begun := time.Now()
		if _, err := io.WriteString(conn, text); err != nil {
			return nil, err
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(answer.Body)
		times = append(times, time.Since(begun))
		_ = answer.Body.Close()
		if err != nil {
			return nil, err
		}
		if answer.StatusCode >= http.StatusMultipleChoices {
			return nil, fmt.Errorf("%s was answered with %s: %.300s", strings.SplitN(text, "\r\n", 2)[0], answer.Status, body)
		}
		a.bytes.Store(int64(len(body)))
	}
}

// request is the text of the i-th request. Resources are asked for in an order that jumps.
func (a *asker) request(i int64) string {
	const step = 7919 // a prime, so that all have their turn
	fill := strings.NewReplacer("{n}", strconv.FormatInt(i*step%a.resources, 10), "{i}", strconv.FormatInt(i, 10))
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nHost: %s\r\n", a.method, fill.Replace(a.path), a.host)
	if a.token != "" {
		fmt.Fprintf(&text, "Authorization: Bearer %s\r\n", a.token)
	}
	if body := fill.Replace(a.body); body != "" {
		fmt.Fprintf(&text, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	} else {
		text.WriteString("\r\n")
	}
	return text.String()
}
