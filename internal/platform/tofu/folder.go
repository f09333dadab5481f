package tofu

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/filelock"
)

// Names in the folder of a state.
const (
	lockFile   = "lock"
	keyFile    = "key"           // the sealed passphrase of the state
	moduleFile = "main.tf.json"  // as long as OpenTofu is at it
	sealedFile = "module.sealed" // the module that was applied last, for a teardown
	stateFile  = "terraform.tfstate"
	planFile   = "confirmed.tfplan" // what somebody is asked about; OpenTofu encrypts it
	pidFile    = "pid"              // of the OpenTofu that is at it
)

// lockPoll is how often a lock that somebody holds is tried.
const lockPoll = 100 * time.Millisecond

// A folder holds one state.
type folder struct {
	dir    string
	sealer Sealer
}

func (d *Driver) folder(key string) *folder {
	sum := sha256.Sum256([]byte(key))
	return &folder{filepath.Join(d.options.Dir, hex.EncodeToString(sum[:16])), d.options.Sealer}
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

func (f *folder) hasState() bool {
	info, err := os.Stat(f.path(stateFile))
	return err == nil && info.Size() > 0
}

// lock waits for the folder, which it makes where there is none. The lock ends with
// the last process that has the file: this one, or the OpenTofu that it has started.
func (f *folder) lock(ctx context.Context, waiting func()) (*os.File, error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder of a state cannot be made: %w", err)
	}
	file, err := os.OpenFile(f.path(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the folder of a state cannot be locked: %w", err)
	}
	for {
		ok, err := filelock.Try(file, filelock.Exclusive)
		if ok {
			return file, nil
		}
		if err == nil {
			waiting()
			select {
			case <-ctx.Done():
				err = ctx.Err()
			case <-time.After(lockPoll):
				continue
			}
		}
		_ = file.Close()
		return nil, err
	}
}

// encryption is OpenTofu's configuration of how the state is encrypted; the first call
// makes the key. The lock is held.
func (f *folder) encryption() (string, error) {
	sealed, err := os.ReadFile(f.path(keyFile))
	var passphrase []byte
	switch {
	case err == nil:
		passphrase, err = f.sealer.Open(sealed)
	case errors.Is(err, fs.ErrNotExist) && f.hasState():
		return "", errors.New("the key of the state is gone, without which nobody can read it")
	case errors.Is(err, fs.ErrNotExist):
		random := make([]byte, 32)
		if _, err := rand.Read(random); err != nil {
			return "", err
		}
		passphrase = []byte(hex.EncodeToString(random))
		if sealed, err = f.sealer.Seal(passphrase); err == nil {
			err = f.write(keyFile, sealed)
		}
	}
	if err != nil {
		return "", fmt.Errorf("the key of a state: %w", err)
	}
	const method = "method.aes_gcm.nf"
	text, err := json.Marshal(map[string]any{
		// The passphrase is random, so that it needs no more iterations than OpenTofu asks for.
		"key_provider": map[string]any{"pbkdf2": map[string]any{"nf": map[string]any{"passphrase": string(passphrase), "iterations": 200000}}},
		"method":       map[string]any{"aes_gcm": map[string]any{"nf": map[string]any{"keys": "${key_provider.pbkdf2.nf}"}}},
		"state":        map[string]any{"method": method, "enforced": true},
		"plan":         map[string]any{"method": method, "enforced": true},
	})
	return string(text), err
}

// write replaces a file as a whole.
func (f *folder) write(name string, content []byte) error {
	temporary, err := os.CreateTemp(f.dir, ".new-*")
	if err != nil {
		return err
	}
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), f.path(name))
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
	}
	return err
}

// module puts the module in its place, and keeps it sealed for a teardown.
func (f *folder) module(text string) error {
	sealed, err := f.sealer.Seal([]byte(text))
	if err == nil {
		err = f.write(sealedFile, sealed)
	}
	if err == nil {
		err = f.write(moduleFile, []byte(text))
	}
	return err
}

// lastModule is the module that was applied last.
func (f *folder) lastModule() (string, error) {
	sealed, err := os.ReadFile(f.path(sealedFile))
	if err != nil {
		return "", err
	}
	text, err := f.sealer.Open(sealed)
	return string(text), err
}

// stopOther asks the OpenTofu of a process that is gone to end, and ends it hard when
// ctx is done.
func (f *folder) stopOther(ctx context.Context) error {
	text, err := os.ReadFile(f.path(pidFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return nil // the file was not written to its end: nobody is at it
	}
	// The number is that of somebody else where the lock is free.
	waiting := func() {}
	short, cancel := context.WithTimeout(ctx, lockPoll/2)
	defer cancel()
	lock, err := f.lock(short, waiting)
	if err == nil {
		return lock.Close()
	}
	interruptPID(pid)
	lock, err = f.lock(ctx, waiting)
	if err == nil {
		return lock.Close()
	}
	killPID(pid)
	if ctx.Err() != nil {
		return nil
	}
	return err
}
