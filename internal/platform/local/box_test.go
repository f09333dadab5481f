package local

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A mirror seals by turning bytes around; its key is what it puts before them.
type mirror string

func (m mirror) Seal(plain []byte, label string) []byte {
	out := []byte(string(m) + label + "\n")
	for _, b := range plain {
		out = append(out, b^0x55)
	}
	return out
}

func (m mirror) Open(sealed []byte, label string) ([]byte, error) {
	rest, ok := bytes.CutPrefix(sealed, []byte(string(m)+label+"\n"))
	if !ok {
		return nil, errors.New("another key or another place")
	}
	plain := make([]byte, len(rest))
	for i, b := range rest {
		plain[i] = b ^ 0x55
	}
	return plain, nil
}

func mirrors(sealedKey []byte) (Box, []byte, error) {
	if sealedKey == nil {
		return mirror("key"), []byte("key"), nil
	}
	return mirror(sealedKey), nil, nil
}

const plantedGroup = `{"name": "group", "secretType": "environment", "priority": 1, "secrets": {"variables": {"A": "planted-secret"}}}`

func plant(t *testing.T, p *Platform) {
	t.Helper()
	for op, body := range map[string]string{platform.OpCreateOrUpdateProject: `{"name": "shop"}`} {
		if _, err := p.Do(t.Context(), op, platform.Params{}, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	in := platform.Params{Path: map[string]string{"projectId": "shop"}}
	if _, err := p.Do(t.Context(), platform.OpPutProjectSecret, in, []byte(plantedGroup)); err != nil {
		t.Fatal(err)
	}
	job := `{"name": "job", "billing": {"deploymentPlan": "nf-compute-10"}, "deployment": {"external": {"imagePath": "x:v1"}}, "backoffLimit": 0, "activeDeadlineSeconds": 60}`
	if _, err := p.Do(t.Context(), platform.OpPutManualJob, in, []byte(job)); err != nil {
		t.Fatal(err)
	}
	run := platform.Params{Path: map[string]string{"projectId": "shop", "jobId": "job"}, Token: "token"}
	if _, err := p.Do(t.Context(), platform.OpRunJob, run, []byte(`{"runtimeEnvironment": {"A": "planted-secret"}}`)); err != nil {
		t.Fatal(err)
	}
}

func group(ctx context.Context, p *Platform) (string, error) {
	r, err := p.Do(ctx, platform.OpGetProjectSecret, platform.Params{Path: map[string]string{"projectId": "shop", "secretId": "group"}}, nil)
	return string(r.Body), err
}

func readable(t *testing.T, dir string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	found := false
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(data, []byte("planted-secret"))
	}
	return found
}

func TestWhatIsStoredIsSealed(t *testing.T) {
	dir := t.TempDir()
	p := New(Options{Dir: dir, Boxer: mirrors})
	plant(t, p)
	if readable(t, dir) { // with its log still there
		t.Error("the secret can be read")
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if readable(t, dir) {
		t.Error("the secret can be read")
	}
	again := New(Options{Dir: dir, Boxer: mirrors})
	defer func() { _ = again.Close() }()
	if body, err := group(t.Context(), again); err != nil || !strings.Contains(body, "planted-secret") {
		t.Errorf("%s, %v", body, err)
	}
	// The answer to work that is not done twice is sealed too, and found again.
	run := platform.Params{Path: map[string]string{"projectId": "shop", "jobId": "job"}, Token: "token"}
	first, err := again.Do(t.Context(), platform.OpRunJob, run, []byte(`{}`))
	if err != nil || len(first.Body) == 0 {
		t.Errorf("%s, %v", first.Body, err)
	}
}

func TestASealedFolderNeedsItsKey(t *testing.T) {
	dir := t.TempDir()
	p := New(Options{Dir: dir, Boxer: mirrors})
	plant(t, p)
	_ = p.Close()
	for name, tt := range map[string]struct {
		boxer Boxer
		want  string
	}{
		"without one":                 {nil, "nobody gave the key"},
		"with one that cannot be had": {func([]byte) (Box, []byte, error) { return nil, nil, errors.New("the keyring is locked") }, "the keyring is locked"},
		"with another one":            {func([]byte) (Box, []byte, error) { return mirror("other"), nil, nil }, "another key"},
	} {
		p := New(Options{Dir: dir, Boxer: tt.boxer})
		if _, err := group(t.Context(), p); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		_ = p.Close()
	}
}

func TestAnOlderFolderIsSealedFromNowOn(t *testing.T) {
	dir := t.TempDir()
	p := New(Options{Dir: dir})
	plant(t, p)
	before, _ := group(t.Context(), p)
	secret := p.store.secret
	_ = p.Close()
	p = New(Options{Dir: dir, Boxer: mirrors})
	defer func() { _ = p.Close() }()
	if body, err := group(t.Context(), p); err != nil || body != before {
		t.Errorf("%s, %v; want %s", body, err, before)
	}
	if !bytes.Equal(p.store.secret, secret) {
		t.Error("the credentials are other ones now")
	}
	var stored []byte
	if err := p.store.writes.db.QueryRow("SELECT value FROM meta WHERE key = 'secret'").Scan(&stored); err != nil || bytes.Contains(stored, secret) {
		t.Errorf("the secret of the folder is not sealed: %v", err)
	}
}

func TestManyProcessesSealWithOneKey(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 8 {
		wg.Go(func() {
			p := New(Options{Dir: dir, Boxer: func(sealedKey []byte) (Box, []byte, error) {
				if sealedKey != nil {
					return mirrors(sealedKey)
				}
				mu.Lock()
				defer mu.Unlock()
				made++
				key := strings.Repeat("k", made)
				return mirror(key), []byte(key), nil
			}})
			defer func() { _ = p.Close() }()
			if _, err := p.Do(t.Context(), platform.OpCreateOrUpdateProject, platform.Params{}, []byte(`{"name": "shop"}`)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
