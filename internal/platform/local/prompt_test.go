package local

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/wal"
)

const (
	putSecret  = platform.OpPutProjectSecret
	readSecret = platform.OpGetProjectSecretDetails
)

func prompt(t *testing.T, options Options) *Platform {
	t.Helper()
	options.Dir = t.TempDir()
	p := New(options)
	t.Cleanup(func() { _ = p.Close() })
	if _, err := p.Do(t.Context(), platform.OpCreateProject, platform.Params{}, []byte(`{"name": "Shop", "region": "europe-west"}`)); err != nil {
		t.Fatal(err)
	}
	return p
}

func putAndRead(t *testing.T, p *Platform, name, id string) (did, saw platform.Response, durable func() error, err error) {
	t.Helper()
	body := json.RawMessage(`{"name": "` + name + `", "secretType": "environment", "priority": 10, "secrets": {"variables": {"A": "b"}}}`)
	return p.DoAndRead(t.Context(), putSecret, platform.Params{Path: map[string]string{"projectId": "shop"}}, body,
		readSecret, platform.Params{Path: map[string]string{"projectId": "shop", "secretId": id}})
}

func TestAPutAndARead(t *testing.T) {
	t.Run("answer what they answer one after the other", func(t *testing.T) {
		p := prompt(t, Options{})
		did, saw, durable, err := putAndRead(t, p, "One", "one")
		if err != nil || durable == nil {
			t.Fatalf("durable is there: %v, %v", durable != nil, err)
		}
		if err := errors.Join(durable(), durable()); err != nil {
			t.Error(err)
		}
		again, err := p.Do(t.Context(), readSecret, platform.Params{Path: map[string]string{"projectId": "shop", "secretId": "one"}}, nil)
		if err != nil || string(again.Body) != string(saw.Body) || !strings.Contains(string(did.Body), `"id":"one"`) {
			t.Errorf("put answered %s, read %s and then %s, %v", did.Body, saw.Body, again.Body, err)
		}
	})
	t.Run("are durable when the platform is closed, whoever asks when", func(t *testing.T) {
		p := prompt(t, Options{})
		_, _, durable, err := putAndRead(t, p, "One", "one")
		if err := errors.Join(err, p.Close(), durable()); err != nil {
			t.Error(err)
		}
	})
	t.Run("are refused with the put", func(t *testing.T) {
		_, _, _, err := putAndRead(t, prompt(t, Options{}), "", "one")
		if platform.StatusOf(err) != 400 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("answer the put where there is nothing to read", func(t *testing.T) {
		did, saw, durable, err := putAndRead(t, prompt(t, Options{}), "One", "other")
		if err != nil || durable() != nil || len(did.Body) == 0 || len(saw.Body) != 0 {
			t.Errorf("put answered %s, read %s, %v", did.Body, saw.Body, err)
		}
	})
	t.Run("put up with faults as two operations", func(t *testing.T) {
		p := prompt(t, Options{Faults: []Fault{{Op: readSecret, Fail: "no", Status: 500}}})
		if _, _, _, err := putAndRead(t, p, "One", "one"); platform.StatusOf(err) != 500 {
			t.Errorf("got %v", err)
		}
	})
	t.Run("go by virtual time as two operations", func(t *testing.T) {
		p := prompt(t, Options{Virtual: true, Clock: time.Now})
		if _, _, durable, err := putAndRead(t, p, "One", "one"); err != nil || durable != nil {
			t.Errorf("got %v", err)
		}
	})
}

// TestADiskThatDoesNotTakeAWriteEndsTheWriting has the log brought to the disk through a
// file that cannot be.
func TestADiskThatDoesNotTakeAWriteEndsTheWriting(t *testing.T) {
	p := prompt(t, Options{})
	broken := wal.NewLog(t.TempDir() + "/none")
	p.store.writes.syncing.Lock()
	log := p.store.writes.log
	p.store.writes.log = broken
	p.store.writes.syncing.Unlock()

	_, _, durable, err := putAndRead(t, p, "One", "one")
	if err != nil {
		t.Fatalf("what is written and not yet on the disk was refused: %v", err)
	}
	if err := durable(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a write that did not reach the disk was reported as durable: %v", err)
	}
	p.store.writes.syncing.Lock()
	p.store.writes.log = log
	p.store.writes.syncing.Unlock()
	// What the log holds after a failed sync nobody can tell: nothing is added to it.
	if _, _, _, err := putAndRead(t, p, "Two", "two"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the platform goes on after its disk has failed: %v", err)
	}
	if _, err := p.Do(t.Context(), readSecret, platform.Params{Path: map[string]string{"projectId": "shop", "secretId": "one"}}, nil); err != nil {
		t.Errorf("what is there cannot be read: %v", err)
	}
}
