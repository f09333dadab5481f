package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"filippo.io/age"
	"github.com/nf-lsp/nf-lsp/internal/diskfull"
)

// A Place is where a key is kept.
type Place string

// The places. Auto is the keyring where there is one that answers, else the file.
const (
	Auto    Place = "auto"
	File    Place = "file"
	Keyring Place = "keyring"
)

// PlaceVariable is the environment variable that says where a new key goes. It
// says nothing about a key that is there already.
const PlaceVariable = "NF_KEY"

// ParsePlace reads a place as people write it; empty is Auto.
func ParsePlace(s string) (Place, error) {
	switch p := Place(s); p {
	case "":
		return Auto, nil
	case Auto, File, Keyring:
		return p, nil
	}
	return "", fmt.Errorf("a key is kept in file, keyring or auto, not in %q", s)
}

// A Register remembers which key has sealed what is stored, so that none is made
// in its place and no other one taken for it.
type Register interface {
	// Recipient returns the public half of the key, empty when it is not known.
	// sealed tells whether anything was sealed, whoever did it.
	Recipient() (recipient string, sealed bool, err error)
	// Enter notes the public half of the key before anything is sealed with it.
	// When another one stands there already, that one is returned.
	Enter(recipient string) (standing string, err error)
}

// KeyOptions say how a key is found and made.
type KeyOptions struct {
	// Path is the key file. It holds the key, or says that the keyring does.
	Path string
	// Place is where a new key goes; empty is what PlaceVariable says.
	Place Place
	// System is the operating system's keyring; nil is [SystemKeyring].
	System SystemKeyring
	// Register may be nil: then every key file is the right one.
	Register Register
}

// A Key is a [Sealer] with an age identity. It is made when something is sealed
// for the first time; of several processes that do so at once one makes it and
// all use it. It is never made again where something was sealed already.
type Key struct {
	path     string
	place    Place
	system   SystemKeyring
	register Register
	mu       sync.Mutex
	id       *age.X25519Identity
	kept     Place
	entered  bool // the register knows it
}

// NewKey returns a key. It touches nothing yet.
func NewKey(o KeyOptions) *Key {
	k := &Key{path: o.Path, place: o.Place, system: o.System, register: o.Register}
	if k.system == nil {
		k.system = systemKeyring{}
	}
	return k
}

// Bounds of what the keyring may take. One that is locked asks its user, who has
// to come and type; that is not worth waiting for while there is a choice.
const (
	keyringChoice = 2 * time.Second
	keyringAnswer = 30 * time.Second
)

// keyringService is the name under which keys stand in the keyring; the account
// is the key's public half.
const keyringService = "nf-run"

// A KeyError says why a key cannot be used, and what helps.
type KeyError struct {
	// Path is the key file.
	Path string
	// Message names the file.
	Message string
	Err     error
}

// Error implements error.
func (e *KeyError) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap returns the reason.
func (e *KeyError) Unwrap() error { return e.Err }

func (k *Key) fail(err error, format string, args ...any) error {
	return &KeyError{Path: k.path, Message: fmt.Sprintf(format, args...), Err: err}
}

// Ready makes sure that something can be sealed, and makes the key where it has
// to. Afterwards neither the keyring nor the register is asked any more.
func (k *Key) Ready() error {
	_, err := k.identity(true)
	return err
}

// identity returns the key; create says that it may be made.
func (k *Key) identity(create bool) (*age.X25519Identity, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.id == nil {
		if err := k.load(create); err != nil {
			return nil, err
		}
	}
	if create && k.register != nil && !k.entered {
		standing, err := k.register.Enter(k.id.Recipient().String())
		if err != nil {
			return nil, err
		}
		if err := k.same(k.id, standing); err != nil {
			k.id = nil
			return nil, err
		}
		k.entered = true
	}
	return k.id, nil
}

// load finds the key, or makes it.
func (k *Key) load(create bool) error {
	text, err := k.read()
	if errors.Is(err, fs.ErrNotExist) {
		if text, err = k.missing(create); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	id, kept, err := k.parse(text)
	if err != nil {
		return err
	}
	if k.register != nil {
		recipient, _, err := k.register.Recipient()
		if err != nil {
			return err
		}
		if err := k.same(id, recipient); err != nil {
			return err
		}
	}
	k.id, k.kept = id, kept
	return nil
}

// same compares a key with the public half of the one that has sealed what is
// stored; empty is not known.
func (k *Key) same(id *age.X25519Identity, recipient string) error {
	if recipient == "" || recipient == id.Recipient().String() {
		return nil
	}
	return k.fail(nil, "the key of %s is not the one that has sealed what is stored: it is %s, and needed is %s; put the right key back",
		k.path, id.Recipient(), recipient)
}

// read returns the key file. A file that others can read is refused: its key may
// be known to them.
func (k *Key) read() (string, error) {
	info, err := os.Stat(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if err != nil {
		return "", k.fail(err, "cannot read the key of the stored secrets")
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return "", k.fail(nil, "the key file %s can be used by others than its owner (its mode is %04o): run chmod 600 %s", k.path, mode, k.path)
	}
	text, err := os.ReadFile(k.path)
	if err != nil {
		return "", k.fail(err, "cannot read the key of the stored secrets")
	}
	return string(text), nil
}

// missing makes the key file, unless something was sealed with a key that is
// gone.
func (k *Key) missing(create bool) (string, error) {
	gone := k.fail(nil, "the key of the stored secrets is missing: %s; put it back from a backup", k.path)
	if !create {
		return "", gone
	}
	if k.register != nil {
		recipient, sealed, err := k.register.Recipient()
		if err != nil {
			return "", err
		}
		if sealed || recipient != "" {
			// Somebody may have made the key since it was looked for.
			text, err := k.read()
			if errors.Is(err, fs.ErrNotExist) {
				return "", gone
			}
			return text, err
		}
	}
	text, err := k.make()
	if err != nil {
		return "", k.fail(diskfull.Explain(filepath.Dir(k.path), err), "cannot make the key of the stored secrets in %s", filepath.Dir(k.path))
	}
	return text, nil
}

// What stands in a key file: an identity, or this word and the public half of
// the one in the keyring.
const keyringWord = "keyring"

func (k *Key) parse(text string) (*age.X25519Identity, Place, error) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if rest, ok := strings.CutPrefix(line, keyringWord+" "); ok {
			id, err := k.fetch(strings.TrimSpace(rest))
			return id, Keyring, err
		}
		id, err := age.ParseX25519Identity(line)
		if err != nil {
			// The parser's own words can hold the line, which is the key.
			return nil, "", k.fail(nil, "the key in %s cannot be used: it is damaged or something else; put it back from a backup", k.path)
		}
		return id, File, nil
	}
	return nil, "", k.fail(nil, "the key file %s is empty; put it back from a backup", k.path)
}

// fetch reads the key from the keyring.
func (k *Key) fetch(recipient string) (*age.X25519Identity, error) {
	text, err := ask(keyringAnswer, func() (string, error) { return k.system.Get(keyringService, recipient) })
	switch {
	case errors.Is(err, ErrNoEntry):
		return nil, k.fail(nil, "the key of the stored secrets (%s) is not in the keyring any more, where %s says that it is", recipient, k.path)
	case err != nil:
		return nil, k.fail(err, "the key of the stored secrets is in the keyring, as %s says, and that cannot be used from here", k.path)
	}
	id, err := age.ParseX25519Identity(strings.TrimSpace(text))
	if err != nil || id.Recipient().String() != recipient {
		return nil, k.fail(nil, "the keyring has another key than %s, which %s names", recipient, k.path)
	}
	return id, nil
}

// make makes a key, in the place that was chosen. Of several processes that do
// so at once one wins, and all return what it wrote.
func (k *Key) make() (string, error) {
	place := k.place
	if place == "" {
		var err error
		if place, err = ParsePlace(os.Getenv(PlaceVariable)); err != nil {
			return "", fmt.Errorf("%s: %w", PlaceVariable, err)
		}
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", err
	}
	stored := false
	if place != File {
		switch err := k.store(id); {
		case err == nil:
			stored = true
		case place == Keyring:
			return "", err
		}
	}
	won, err := k.write(id, stored, false)
	if err != nil {
		return "", err
	}
	if !won && stored {
		_, _ = ask(keyringChoice, func() (string, error) { return "", k.system.Delete(keyringService, id.Recipient().String()) })
	}
	return k.read()
}

func (k *Key) store(id *age.X25519Identity) error {
	if !k.system.Available() {
		return errors.New("there is no keyring here")
	}
	_, err := ask(keyringChoice, func() (string, error) {
		return "", k.system.Set(keyringService, id.Recipient().String(), id.String())
	})
	return err
}

// write writes the key file as a whole. Without replace it returns false when
// there is one already.
func (k *Key) write(id *age.X25519Identity, inKeyring, replace bool) (won bool, err error) {
	text := fmt.Sprintf("# Opens the secrets that are stored beside this file. Keep it private.\n%s\n", id)
	if inKeyring {
		text = fmt.Sprintf("# The key of the secrets that are stored beside this file is in the keyring.\n%s %s\n", keyringWord, id.Recipient())
	}
	dir := filepath.Dir(k.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return false, err
	}
	if replace {
		err = os.Rename(f.Name(), k.path)
	} else {
		err = os.Link(f.Name(), k.path)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, syncDir(dir)
}

// syncDir makes what was written in a folder outlive a loss of power: a key that
// is gone with all that was sealed still there would be the worst of all.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some file systems cannot
		return err
	}
	return nil
}

// Where tells where the key is kept and its public half. Without a key there is
// none and no error.
func (k *Key) Where() (place Place, recipient string, err error) {
	id, err := k.identity(false)
	if err != nil {
		if _, statErr := os.Stat(k.path); errors.Is(statErr, fs.ErrNotExist) {
			return "", "", nil
		}
		return "", "", err
	}
	return k.kept, id.Recipient().String(), nil
}

// Move brings the key to another place. What was sealed with it stays as it is.
func (k *Key) Move(to Place) error {
	id, err := k.identity(true)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if to == k.kept {
		return nil
	}
	if to == Keyring {
		if err := k.store(id); err != nil {
			return k.fail(err, "the keyring cannot take the key")
		}
	}
	if _, err := k.write(id, to == Keyring, true); err != nil {
		return k.fail(diskfull.Explain(filepath.Dir(k.path), err), "cannot write the key file %s", k.path)
	}
	was := k.kept
	k.kept = to
	if was == Keyring {
		if _, err := ask(keyringAnswer, func() (string, error) {
			return "", k.system.Delete(keyringService, id.Recipient().String())
		}); err != nil && !errors.Is(err, ErrNoEntry) {
			return k.fail(err, "the key is in %s now, and could not be removed from the keyring", k.path)
		}
	}
	return nil
}
