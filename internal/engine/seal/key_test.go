package seal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
)

// A ring is a keyring in memory.
type ring struct {
	mu     sync.Mutex
	texts  map[string]string
	absent bool          // there is none in this session
	locked chan struct{} // every call waits for it
	fails  error
	calls  int
}

func (r *ring) Available() bool { return !r.absent }

func (r *ring) enter() error {
	if r.locked != nil {
		<-r.locked
	}
	r.calls++
	return r.fails
}

func (r *ring) Set(service, account, text string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.enter(); err != nil {
		return err
	}
	if r.texts == nil {
		r.texts = map[string]string{}
	}
	r.texts[service+"/"+account] = text
	return nil
}

func (r *ring) Get(service, account string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.enter(); err != nil {
		return "", err
	}
	text, ok := r.texts[service+"/"+account]
	if !ok {
		return "", ErrNoEntry
	}
	return text, nil
}

func (r *ring) Delete(service, account string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.enter(); err != nil {
		return err
	}
	if _, ok := r.texts[service+"/"+account]; !ok {
		return ErrNoEntry
	}
	delete(r.texts, service+"/"+account)
	return nil
}

// A book is a register in memory.
type book struct {
	mu        sync.Mutex
	recipient string
	sealed    bool
}

func (b *book) Recipient() (string, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.recipient, b.sealed || b.recipient != "", nil
}

func (b *book) Enter(recipient string) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.recipient == "" {
		b.recipient = recipient
	}
	return b.recipient, nil
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestANewKeyGoesWhereItIsChosen(t *testing.T) {
	tests := []struct {
		name     string
		place    Place
		variable string
		ring     *ring
		want     Place
		fails    string
	}{
		{"into the keyring, where there is one", Auto, "", &ring{}, Keyring, ""},
		{"into the file, where there is no keyring", Auto, "", &ring{absent: true}, File, ""},
		{"into the file, where the keyring fails", Auto, "", &ring{fails: errors.New("no collection")}, File, ""},
		{"into the file, where that is said", File, "", &ring{}, File, ""},
		{"into the file, where the variable says so", "", "file", &ring{}, File, ""},
		{"into the keyring, where the variable says so", "", "keyring", &ring{}, Keyring, ""},
		{"nowhere, where the keyring is asked for and there is none", "", "keyring", &ring{absent: true}, "", "there is no keyring here"},
		{"nowhere, where the variable says something else", "", "vault", &ring{}, "", `NF_KEY: a key is kept in file, keyring or auto, not in "vault"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(PlaceVariable, tt.variable)
			path := filepath.Join(t.TempDir(), "key")
			made := NewKey(KeyOptions{Path: path, Place: tt.place, System: tt.ring})
			sealed, err := made.Seal([]byte("x"))
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("error %v, want one that says %q", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			// What was decided holds, whatever the next process is told.
			t.Setenv(PlaceVariable, "")
			again := NewKey(KeyOptions{Path: path, System: tt.ring})
			if plain, err := again.Open(sealed); err != nil || string(plain) != "x" {
				t.Errorf("opened %q, %v", plain, err)
			}
			if place, _, err := again.Where(); place != tt.want || err != nil {
				t.Errorf("it is in %q, %v; want %q", place, err, tt.want)
			}
			if inFile := strings.Contains(content(t, path), "AGE-SECRET-KEY-"); inFile != (tt.want == File) {
				t.Errorf("the file holds the key: %v", inFile)
			}
		})
	}
}

func TestAKeyringThatDoesNotAnswerIsGivenUp(t *testing.T) {
	locked := &ring{locked: make(chan struct{})}
	defer close(locked.locked)
	start := time.Now()
	_, err := ask(20*time.Millisecond, func() (string, error) { return locked.Get("a", "b") })
	if err == nil || !strings.Contains(err.Error(), "is it locked?") || time.Since(start) > 10*time.Second {
		t.Errorf("after %s: %v", time.Since(start), err)
	}
}

func TestAKeyThatIsGoneFromTheKeyringIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	r := &ring{}
	sealed, err := NewKey(KeyOptions{Path: path, Place: Keyring, System: r}).Seal([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	open := func() error {
		_, err := NewKey(KeyOptions{Path: path, System: r}).Open(sealed)
		return err
	}
	kept := r.texts
	for _, tt := range []struct {
		name string
		ring func()
		want string
	}{
		{"another one in its place", func() {
			other, _ := age.GenerateX25519Identity()
			r.texts = map[string]string{}
			for k := range kept {
				r.texts[k] = other.String()
			}
		}, "the keyring has another key than age1"},
		{"none", func() { r.texts = nil }, "is not in the keyring any more"},
		{"no keyring", func() { r.fails = errors.New("no session") }, "is in the keyring"},
	} {
		tt.ring()
		if err := open(); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v, want one that says %q and names the file", tt.name, err, tt.want)
		}
	}
}

func TestAKeyIsNeverMadeWhereSomethingWasSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	b := &book{}
	options := KeyOptions{Path: path, Place: File, Register: b}
	if err := NewKey(options).Ready(); err != nil {
		t.Fatal(err)
	}
	right := content(t, path)
	refused := func(what, want string) {
		t.Helper()
		_, err := NewKey(options).Seal([]byte("x"))
		var known *KeyError
		if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &known) || known.Path != path {
			t.Errorf("%s: error %v, want one that says %q", what, err, want)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	refused("a key that is gone", "is missing: "+path)
	if _, err := os.Stat(path); err == nil {
		t.Error("a key was made in the place of the one that is gone")
	}
	b.sealed, b.recipient = true, "" // as older versions leave it
	refused("a key that is gone and that nobody noted", "is missing")
	b.recipient = "age1other"
	if err := os.WriteFile(path, []byte(right), 0o600); err != nil {
		t.Fatal(err)
	}
	refused("another key", "is not the one that has sealed what is stored")
	for _, torn := range []int{len(right) - 20, len(right) - 60} {
		if err := os.WriteFile(path, []byte(right[:torn]), 0o600); err != nil {
			t.Fatal(err)
		}
		refused("half a key", "it is damaged")
		if _, err := NewKey(options).Seal([]byte("x")); strings.Contains(err.Error(), "AGE-SECRET-KEY-") {
			t.Errorf("the error shows a part of the key: %v", err)
		}
	}
}

func TestAKeyFileThatOthersCanUseIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing here")
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := fileKey(path).Ready(); err != nil {
		t.Fatal(err)
	}
	for mode, refused := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o644: true, 0o620: true} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		err := fileKey(path).Ready()
		if (err != nil) != refused {
			t.Errorf("mode %04o: %v", mode, err)
		}
		if refused && !strings.Contains(err.Error(), fmt.Sprintf("its mode is %04o): run chmod 600 %s", mode, path)) {
			t.Errorf("mode %04o: the error says no way out: %v", mode, err)
		}
	}
}

func TestManyProcessesAgreeOnOneKeyInTheKeyring(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	r, b := &ring{}, &book{}
	var wg sync.WaitGroup
	sealed := make([][]byte, 8)
	for i := range sealed {
		wg.Go(func() {
			var err error
			if sealed[i], err = NewKey(KeyOptions{Path: path, Place: Keyring, System: r, Register: b}).Seal([]byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range sealed {
		if _, err := NewKey(KeyOptions{Path: path, System: r, Register: b}).Open(s); err != nil {
			t.Error(err)
		}
	}
	if len(r.texts) != 1 {
		t.Errorf("%d keys are left in the keyring", len(r.texts))
	}
}

func TestAKeyMovesBetweenTheFileAndTheKeyring(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	r := &ring{}
	k := NewKey(KeyOptions{Path: path, Place: File, System: r, Register: &book{}})
	sealed, err := k.Seal([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []Place{Keyring, Keyring, File, Keyring} {
		if err := k.Move(to); err != nil {
			t.Fatal(err)
		}
		again := NewKey(KeyOptions{Path: path, System: r})
		if _, err := again.Open(sealed); err != nil {
			t.Errorf("in %s: %v", to, err)
		}
		if place, _, _ := again.Where(); place != to {
			t.Errorf("it is in %s, want %s", place, to)
		}
		if (len(r.texts) == 1) != (to == Keyring) || strings.Contains(content(t, path), "AGE-SECRET-KEY-") != (to == File) {
			t.Errorf("in %s: the keyring has %d keys, the file is\n%s", to, len(r.texts), content(t, path))
		}
	}
	r.fails = errors.New("locked")
	if err := NewKey(KeyOptions{Path: filepath.Join(t.TempDir(), "key"), Place: File, System: r}).Move(Keyring); err == nil {
		t.Error("a keyring that takes nothing took the key")
	}
}

func TestWithoutAKeyItIsNowhere(t *testing.T) {
	if place, recipient, err := fileKey(filepath.Join(t.TempDir(), "key")).Where(); place != "" || recipient != "" || err != nil {
		t.Errorf("%q, %q, %v", place, recipient, err)
	}
}
