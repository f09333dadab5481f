//go:build unix

package main

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
)

// encrypted serves an empty platform with a certificate that no system knows. It
// returns the server and a file with the certificate.
func encrypted(t *testing.T, token string) (server *httptest.Server, certificate string) {
	t.Helper()
	embedded := local.New(local.Options{Dir: t.TempDir()})
	handler, err := api.New(api.Options{Target: embedded, Tokens: []api.Token{{Name: "test", Value: token}}})
	if err != nil {
		t.Fatal(err)
	}
	server = httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(func() { server.Close(); _ = embedded.Close() })
	certificate = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(certificate, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return server, certificate
}

// planned plans the template of the web service on the hosted platform.
func planned(t *testing.T, program string, env ...string) (code int, says string) {
	t.Helper()
	template := filepath.Join(t.TempDir(), "web.json")
	if err := os.WriteFile(template, []byte(webTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "plan", template, "--target", "northflank", "--state", t.TempDir())
	cmd.Env = append(os.Environ(), append([]string{"NORTHFLANK_API_TOKEN=", "NORTHFLANK_API_HOST=", "HOME=" + t.TempDir(), "NF_KEY=file"}, env...)...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "s3cret-value") {
		t.Errorf("it shows the token: %s", out)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func TestTheCertificateOfACompanyIsTakenFromItsFile(t *testing.T) {
	server, certificate := encrypted(t, "s3cret-value")
	with := []string{"NORTHFLANK_API_TOKEN=s3cret-value", "NORTHFLANK_API_HOST=" + server.URL}
	if code, says := planned(t, "nf-run", with...); code != 1 || !strings.Contains(says, "certificate") {
		t.Errorf("without it: %d, %s", code, says)
	}
	if code, says := planned(t, "nf-run", append(with, "SSL_CERT_FILE="+certificate)...); code != 0 {
		t.Errorf("with it: %d, %s", code, says)
	}
}

// A proxy carries what is encrypted, and does not see the token.
func TestTheProxyOfTheEnvironmentIsUsed(t *testing.T) {
	server, certificate := encrypted(t, "s3cret-value")
	var mu sync.Mutex
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Method+" "+r.Host+" "+r.Header.Get("Authorization"))
		mu.Unlock()
		there, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = there.Close() }()
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = here.Close() }()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		_, _ = io.Copy(here, there)
	}))
	defer proxy.Close()
	code, says := planned(t, "nf-run", "NORTHFLANK_API_TOKEN=s3cret-value", "NORTHFLANK_API_HOST=https://example.com", "SSL_CERT_FILE="+certificate, "HTTPS_PROXY="+proxy.URL)
	if code != 0 {
		t.Fatalf("%d, %s", code, says)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(asked) == 0 {
		t.Error("the proxy was not used")
	}
	for _, a := range asked {
		if a != "CONNECT example.com:443 " {
			t.Errorf("the proxy was asked %q", a)
		}
	}
}

func TestATokenInTheKeyring(t *testing.T) {
	server, certificate := encrypted(t, "s3cret-value")
	ring := t.TempDir()
	entry := filepath.Join(ring, tokenService+"-"+url.QueryEscape(server.URL))
	if err := os.WriteFile(entry, []byte("s3cret-value"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"RING=" + ring, "NF_KEY=auto", "NORTHFLANK_API_HOST=" + server.URL, "SSL_CERT_FILE=" + certificate}
	for _, tt := range []struct {
		name string
		env  []string
		code int
		says string
	}{
		{"it is used", nil, 0, "create"},
		{"the environment's comes first", []string{"NORTHFLANK_API_TOKEN=wrong"}, 1, "no valid token"},
		{"it is not for another address", []string{"NORTHFLANK_API_HOST=https://api.example.com"}, 1, "there is no API token"},
		{"the keyring is left alone where NF_KEY says so", []string{"NF_KEY=file"}, 1, "there is no API token"},
		{"there is no keyring", []string{"RING=" + ring + "/none"}, 1, "there is no API token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, says := planned(t, "nf-run-keyring", append(env, tt.env...)...); code != tt.code || !strings.Contains(says, tt.says) {
				t.Errorf("exit code %d, want %d and %q: %s", code, tt.code, tt.says, says)
			}
		})
	}
}
