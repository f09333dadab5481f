// Command commits measures what the disk allows: `commits FOLDER N` makes N durable commits in a new folder below FOLDER,
// one after the other, in four ways in turns, and prints how many of each a second can have, as JSON.
//
//	append    half a kilobyte added to a file, and fsync
//	journal   two records added to a journal, as the outcome of one node and the intent of the next
//	resource  a resource put on the local platform
//	both      records added to a journal and, once they are written, a resource put; over when both are durable
//
// A run of a chain does nothing without the last of these for each node.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine/journal"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// rates are commits a second.
type rates struct {
	Append   float64 `json:"append"`
	Journal  float64 `json:"journal"`
	Resource float64 `json:"resource"`
	Both     float64 `json:"both"`
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "commits:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: commits FOLDER N")
	}
	count, err := strconv.Atoi(args[1])
	if err != nil || count < 1 {
		return fmt.Errorf("%q is no number of commits", args[1])
	}
	dir, err := os.MkdirTemp(args[0], "commits-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	r, err := measure(context.Background(), dir, count)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(r)
}

// turns is in how many parts the commits of each kind are made, so that what else the disk does meets all kinds.
const turns = 10

func measure(ctx context.Context, dir string, count int) (rates, error) {
	file, err := os.Create(filepath.Join(dir, "append"))
	if err != nil {
		return rates{}, err
	}
	defer func() { _ = file.Close() }()
	line := bytes.Repeat([]byte("x"), 512)
	add := func(int) error {
		if _, err := file.Write(line); err != nil {
			return err
		}
		return file.Sync()
	}

	owner, err := journal.Create(ctx, filepath.Join(dir, "run"), journal.Header{Run: "r", Key: []byte{1}}, nil)
	if err != nil {
		return rates{}, err
	}
	defer func() { _ = owner.Close() }()
	done := make(chan error)
	data := bytes.Repeat([]byte("x"), 200)
	note := func(i int, written func()) {
		now := time.Now()
		owner.Append(journal.Addition{
			Records: []journal.Record{
				{At: now, Type: "node.attempt", Node: i, Attempt: 1, Data: data},
				{At: now, Type: "node.attempt", Node: i + 1, Attempt: 1, Data: data},
			},
			Written: written, Done: func(err error) { done <- err }, Urgent: true,
		})
	}
	record := func(i int) error {
		note(i, nil)
		return <-done
	}

	target := local.New(local.Options{Dir: filepath.Join(dir, "local")})
	defer func() { _ = target.Close() }()
	if _, err := target.Do(ctx, platform.OpCreateProject, platform.Params{}, []byte(`{"name": "Bench", "region": "europe-west"}`)); err != nil {
		return rates{}, err
	}
	put := func(i int) error {
		body := fmt.Sprintf(`{"name": "node-%d", "secretType": "environment", "priority": 10, "secrets": {"variables": {"VALUE": "x"}}}`, i)
		_, err := target.Do(ctx, platform.OpPutProjectSecret, platform.Params{Path: map[string]string{"projectId": "bench"}}, []byte(body))
		return err
	}

	answer := make(chan error, 1)
	both := func(i int) error {
		note(i, func() { go func() { answer <- put(count + i) }() })
		if err := <-done; err != nil {
			return err
		}
		return <-answer
	}

	var spent [4]time.Duration
	for turn := range turns {
		for k, commit := range []func(int) error{add, record, put, both} {
			begun := time.Now()
			for i := turn * count / turns; i < (turn+1)*count/turns; i++ {
				if err := commit(i); err != nil {
					return rates{}, err
				}
			}
			spent[k] += time.Since(begun)
		}
	}
	rate := func(d time.Duration) float64 { return float64(count) / d.Seconds() }
	return rates{rate(spent[0]), rate(spent[1]), rate(spent[2]), rate(spent[3])}, nil
}
