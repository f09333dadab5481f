package seal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/zalando/go-keyring"
)

// A SystemKeyring keeps texts for the user who is logged in. Calls may take as
// long as it takes somebody to unlock it.
type SystemKeyring interface {
	// Available tells at once, and without starting anything, whether there can
	// be a keyring at all.
	Available() bool
	Set(service, account, text string) error
	// Get fails with ErrNoEntry when there is no such text.
	Get(service, account string) (string, error)
	Delete(service, account string) error
}

// ErrNoEntry: the keyring has no such text.
var ErrNoEntry = errors.New("the keyring has no such entry")

// systemKeyring is the Keychain, the Credential Manager or the Secret Service.
type systemKeyring struct{}

// Available implements [SystemKeyring]. Where there is no session bus, the
// library would start one that outlives this process.
func (systemKeyring) Available() bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return true
	}
	folder := filepath.Join("/run/user", strconv.Itoa(os.Getuid()))
	for _, name := range []string{"bus", "dbus-session"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err == nil {
			return true
		}
	}
	return false
}

func (s systemKeyring) Set(service, account, text string) error {
	if !s.Available() {
		return errNoKeyring
	}
	return keyring.Set(service, account, text)
}

var errNoKeyring = errors.New("there is no keyring in this session")

func (s systemKeyring) Get(service, account string) (string, error) {
	if !s.Available() {
		return "", errNoKeyring
	}
	text, err := keyring.Get(service, account)
	return text, entryError(err)
}

func (s systemKeyring) Delete(service, account string) error {
	if !s.Available() {
		return errNoKeyring
	}
	return entryError(keyring.Delete(service, account))
}

func entryError(err error) error {
	if errors.Is(err, keyring.ErrNotFound) {
		return ErrNoEntry
	}
	return err
}

// LookUp reads a text that somebody else has put into a keyring, nil for the
// operating system's. It returns false where there is no such text and no keyring,
// or where NF_KEY says that the keyring is not used.
func LookUp(system SystemKeyring, service, account string) (string, bool, error) {
	if place, err := ParsePlace(os.Getenv(PlaceVariable)); err != nil || place == File {
		return "", false, err
	}
	if system == nil {
		system = systemKeyring{}
	}
	if !system.Available() {
		return "", false, nil
	}
	text, err := ask(keyringAnswer, func() (string, error) { return system.Get(service, account) })
	switch {
	case errors.Is(err, ErrNoEntry):
		return "", false, nil
	case err != nil:
		return "", false, fmt.Errorf("the keyring: %w", err)
	}
	return text, text != "", nil
}

// ask calls the keyring and gives up after a time. What was asked may still
// happen then.
func ask(within time.Duration, call func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := call()
		answers <- answer{text, err}
	}()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-timer.C:
		return "", fmt.Errorf("it has not answered within %s: is it locked?", within)
	}
}
