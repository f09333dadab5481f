// Package seal keeps secrets unreadable at rest.
//
// A [Sealer] encrypts few, long-lived values with a key that is kept apart from
// them. [Key] is the one for people's machines: an age identity in the keyring
// of the operating system or, where there is none, in a file that only its owner
// can read. A [Box] encrypts the many values of one run with a key of its own,
// which is sealed once and stored beside them.
//
// The package knows nothing of runs or templates: bytes in, bytes out.
package seal

import (
	"bytes"
	"fmt"
	"io"

	"filippo.io/age"
)

// A Sealer encrypts values. Implementations are safe for concurrent use.
type Sealer interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// Seal implements [Sealer]. The first value of all makes the key.
func (k *Key) Seal(plain []byte) ([]byte, error) {
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

// Open implements [Sealer].
func (k *Key) Open(sealed []byte) ([]byte, error) {
	id, err := k.identity(false)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	if err != nil {
		return nil, fmt.Errorf("cannot decrypt a stored secret with the key of %s: %w", k.path, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("a stored secret is damaged: %w", err)
	}
	return plain, nil
}
