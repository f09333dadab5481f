package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func fileKey(path string) *Key { return NewKey(KeyOptions{Path: path, Place: File}) }

func TestAKeyFileOpensWhatItSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "key")
	sealed, err := fileKey(path).Seal([]byte("correct horse"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("correct horse")) {
		t.Error("the sealed value can be read")
	}
	plain, err := fileKey(path).Open(sealed)
	if err != nil || string(plain) != "correct horse" {
		t.Errorf("opened %q, %v", plain, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %v", info.Mode().Perm())
	}
}

func TestManyProcessesAgreeOnOneKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	var wg sync.WaitGroup
	sealed := make([][]byte, 8)
	for i := range sealed {
		wg.Go(func() {
			var err error
			if sealed[i], err = fileKey(path).Seal([]byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range sealed {
		if _, err := fileKey(path).Open(s); err != nil {
			t.Error(err)
		}
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*"))
	if len(left) > 0 {
		t.Errorf("files left behind: %v", left)
	}
}

func TestAKeyFileThatCannotBeUsedIsNamed(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ name, content, want string }{
		{"a missing key", "", "is missing"},
		{"an empty file", "# nothing\n", "is empty"},
		{"something else", "hello\n", "cannot be used"},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, string(rune('a'+i)))
			if tt.content != "" {
				if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := fileKey(path).Open([]byte("x"))
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want one that says %q and names the file", err, tt.want)
			}
		})
	}
}

func TestBox(t *testing.T) {
	keys := fileKey(filepath.Join(t.TempDir(), "key"))
	box, wrapped, err := NewBox(keys)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenBox(keys, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	sealed := box.Seal([]byte("s3cret"), "node 1")
	if plain, err := again.Open(sealed, "node 1"); err != nil || string(plain) != "s3cret" {
		t.Errorf("opened %q, %v", plain, err)
	}
	if _, err := again.Open(sealed, "node 2"); err == nil {
		t.Error("a value opened under another label")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := again.Open(sealed, "node 1"); err == nil {
		t.Error("a damaged value opened")
	}
	if box.Hash([]byte("a")) != again.Hash([]byte("a")) || box.Hash([]byte("a")) == box.Hash([]byte("b")) {
		t.Error("hashes are not a function of the data")
	}
	other, _, err := NewBox(keys)
	if err != nil {
		t.Fatal(err)
	}
	if other.Hash([]byte("a")) == box.Hash([]byte("a")) {
		t.Error("two boxes give one hash")
	}
}
