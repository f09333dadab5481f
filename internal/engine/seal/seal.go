// Package seal keeps secrets unreadable at rest.
//
// A [Sealer] encrypts few, long-lived values with a key that is kept apart from
// them; [KeyFile] is the one that keeps an age identity in a file that only its
// owner can read. A [Box] encrypts the many values of one run with a key of its
// own, which is sealed once and stored beside them.
//
// The package knows nothing of runs or templates: bytes in, bytes out.
package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"filippo.io/age"
)

// A Sealer encrypts values. Implementations are safe for concurrent use.
type Sealer interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// A KeyFile is a Sealer whose key is an age identity in a file. The file is
// made when it is first needed to seal; to open, it must be there.
type KeyFile struct {
	path string
	mu   sync.Mutex
	id   *age.X25519Identity
}

// NewKeyFile returns the sealer of a key file. It touches nothing yet.
func NewKeyFile(path string) *KeyFile { return &KeyFile{path: path} }

// Seal implements Sealer.
func (k *KeyFile) Seal(plain []byte) ([]byte, error) {
	id, err := k.identity(true)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, id.Recipient())
	if err != nil {
		return nil, fmt.Errorf("cannot encrypt a secret: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("cannot encrypt a secret: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("cannot encrypt a secret: %w", err)
	}
	return out.Bytes(), nil
}

// Open implements Sealer.
func (k *KeyFile) Open(sealed []byte) ([]byte, error) {
	id, err := k.identity(false)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		return nil, fmt.Errorf("cannot decrypt a stored secret with the key in %s: %w", k.path, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("a stored secret is damaged: %w", err)
	}
	return plain, nil
}

func (k *KeyFile) identity(create bool) (*age.X25519Identity, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.id != nil {
		return k.id, nil
	}
	text, err := os.ReadFile(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil, fmt.Errorf("the key of the stored secrets is missing: %s", k.path)
		}
		if text, err = makeKey(k.path); err != nil {
			return nil, fmt.Errorf("cannot make the key of the stored secrets: %w", err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the key of the stored secrets: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, err := age.ParseX25519Identity(line)
		if err != nil {
			return nil, fmt.Errorf("the key in %s cannot be used: %w", k.path, err)
		}
		k.id = id
		return id, nil
	}
	return nil, fmt.Errorf("the key file %s is empty", k.path)
}

// makeKey writes a new key. Of several processes that do so at once one wins,
// and all return its key.
func makeKey(path string) ([]byte, error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = fmt.Fprintf(f, "# Opens the secrets that are stored beside this file. Keep it private.\n%s\n", id)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}
