package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/diskfull"
)

// A Request is what another process asks the owner of a run for.
type Request struct {
	// Kind is what is asked for, such as "abort".
	Kind string `json:"kind"`
	// Node is the path of the node that it is about; empty for the run.
	Node string `json:"node,omitempty"`
	// Attempt is the attempt of the node that is meant; 0 where that does not matter.
	Attempt int `json:"attempt,omitempty"`
	// By is who asks, where that matters.
	By string `json:"by,omitempty"`
	// Reason is told to people.
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`

	name string
}

// Ask leaves a request for whoever owns the journal in dir, now or later.
func Ask(dir string, q Request) error {
	data, err := json.Marshal(q)
	if err != nil {
		return err
	}
	into := filepath.Join(dir, requestsName)
	f, err := os.CreateTemp(into, ".new-*")
	if err != nil {
		return fmt.Errorf("cannot leave a request for the run: %w", diskfull.Explain(dir, err))
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		name := fmt.Sprintf("%d-%s%s", q.At.UnixNano(), q.Kind, filepath.Base(f.Name())[len(".new"):])
		err = os.Rename(f.Name(), filepath.Join(into, name+".json"))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("cannot leave a request for the run: %w", diskfull.Explain(dir, err))
	}
	return nil
}

// Asked tells whether anything is asked of the journal in dir that was not done yet.
func Asked(dir string) (bool, error) {
	entries, err := os.ReadDir(filepath.Join(dir, requestsName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ".json") }), err
}

// Requests returns what was asked for and not yet marked as done, oldest first.
func (o *Owner) Requests() ([]Request, error) {
	entries, err := os.ReadDir(filepath.Join(o.dir, requestsName))
	if err != nil || len(entries) == 0 {
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return nil, err
	}
	var out []Request
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(o.dir, requestsName, e.Name()))
		if err != nil {
			return nil, err
		}
		q := Request{name: e.Name()}
		if err := json.Unmarshal(data, &q); err != nil {
			return nil, fmt.Errorf("a request for the run cannot be read: %w", err)
		}
		out = append(out, q)
	}
	slices.SortStableFunc(out, func(a, b Request) int { return a.At.Compare(b.At) })
	return out, nil
}

// Done marks a request as done. It is called once what it led to is durable.
func (o *Owner) Done(q Request) error {
	err := os.Remove(filepath.Join(o.dir, requestsName, q.name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
