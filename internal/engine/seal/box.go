package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
)

// A Box encrypts the values of one run. It is safe for concurrent use.
type Box struct {
	aead cipher.AEAD
	mac  []byte
}

const keySize = 32

// NewBox returns a box with a new key, and that key sealed for [OpenBox].
func NewBox(s Sealer) (box *Box, wrapped []byte, err error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, nil, fmt.Errorf("cannot make a key: %w", err)
	}
	if wrapped, err = s.Seal(key); err != nil {
		return nil, nil, err
	}
	box, err = newBox(key)
	return box, wrapped, err
}

// OpenBox returns the box whose key was sealed by the same Sealer.
func OpenBox(s Sealer, wrapped []byte) (*Box, error) {
	key, err := s.Open(wrapped)
	if err != nil {
		return nil, err
	}
	return newBox(key)
}

func newBox(key []byte) (*Box, error) {
	enc, err := hkdf.Key(sha256.New, key, nil, "values", keySize)
	if err != nil {
		return nil, err
	}
	mac, err := hkdf.Key(sha256.New, key, nil, "hashes", keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Box{aead: aead, mac: mac}, nil
}

// Seal encrypts a value. The label says where the value belongs; it is not
// secret, and a value does not open under another one.
func (b *Box) Seal(plain []byte, label string) []byte {
	return b.aead.Seal(nil, nil, plain, []byte(label))
}

// Open decrypts what Seal has encrypted under the same label.
func (b *Box) Open(sealed []byte, label string) ([]byte, error) {
	plain, err := b.aead.Open(nil, nil, sealed, []byte(label))
	if err != nil {
		return nil, errors.New("a sealed value is damaged or belongs elsewhere")
	}
	return plain, nil
}

// Hash returns a keyed hash: equal data gives equal hashes within one box, and
// nobody without the key can try out what the data was.
func (b *Box) Hash(data []byte) string {
	h := hmac.New(sha256.New, b.mac)
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil)[:16])
}
