//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serving starts nf-run serve in a state folder and returns its address.
func serving(t *testing.T, dir string, args ...string) (*process, string) {
	t.Helper()
	p := startProcess(t, append([]string{"serve", "--state", dir, "--addr", "127.0.0.1:0", "--json"}, args...)...)
	if !p.lines.Scan() {
		t.Fatal("nf-run serve said nothing")
	}
	var first servingOutput
	if err := json.Unmarshal(p.lines.Bytes(), &first); err != nil || first.Version != 1 || first.PID != p.Process.Pid || first.State != dir {
		t.Fatalf("%v: %s", err, p.lines.Text())
	}
	return p, first.URL
}

// request sends one and returns the status and the body.
func request(t *testing.T, method, address, body string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestServeAnswersUntilItIsTold(t *testing.T) {
	t.Setenv("NF_KEY", "file")
	dir := t.TempDir()
	file := filepath.Join(dir, "tokens")
	if err := os.WriteFile(file, []byte("# who may\nci=s3cret-value\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, url := serving(t, dir, "--token-file", file)
	if status, body := request(t, "POST", url+"/v1/projects", `{"name":"Web shop"}`, "Authorization: Bearer s3cret-value"); status != 200 || !strings.Contains(body, `"id":"web-shop"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := request(t, "GET", url+"/v1/projects", ""); status != 401 {
		t.Errorf("without a token: %d", status)
	}
	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	var logged []string
	for p.lines.Scan() {
		logged = append(logged, p.lines.Text())
		if strings.Contains(p.lines.Text(), "s3cret-value") {
			t.Errorf("the log shows a token: %s", p.lines.Text())
		}
	}
	if err := p.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	var entry requestOutput
	if len(logged) != 2 || json.Unmarshal([]byte(logged[0]), &entry) != nil || entry.Caller != "ci" || entry.Operation != "team/projects/create-project" || entry.Status != 200 {
		t.Errorf("logged %q", logged)
	}

	// What was made is still there for the next server, and for runs.
	p, url = serving(t, dir)
	if _, body := request(t, "GET", url+"/v1/projects", ""); !strings.Contains(body, `"web-shop"`) {
		t.Errorf("after a restart: %s", body)
	}
	_ = p.Process.Kill()
}

// A request that is on its way when the server is told to end gets its answer.
func TestServeFinishesWhatItIsAt(t *testing.T) {
	t.Setenv("NF_KEY", "file")
	p, url := serving(t, t.TempDir())
	connection, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	body := `{"name":"Late project"}`
	fmt.Fprintf(connection, "POST /v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:5])
	time.Sleep(100 * time.Millisecond)
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Fprint(connection, body[5:])
	answer := make([]byte, 12)
	if _, err := io.ReadFull(connection, answer); err != nil || string(answer) != "HTTP/1.1 200" {
		t.Errorf("%v: %s", err, answer)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("after the signal: %v", err)
	}
}

// A server runs what has a schedule, without being asked.
func TestServeRunsCronJobs(t *testing.T) {
	t.Setenv("NF_KEY", "file")
	dir := t.TempDir()
	template := filepath.Join(dir, "cron.json")
	err := os.WriteFile(template, []byte(`{"apiVersion": "v1.2", "name": "cron", "project": {"spec": {"name": "Home", "region": "europe-west"}},
		"spec": {"kind": "Workflow", "spec": {"type": "sequential", "steps": [
			{"kind": "CronJob", "spec": {"name": "sweep", "schedule": "@every 1s", "concurrencyPolicy": "forbid", "backoffLimit": 0, "runOnSourceChange": "never", "activeDeadlineSeconds": 600,
				"billing": {"deploymentPlan": "nf-compute-10"}, "deployment": {"external": {"imagePath": "example/sweep:1"}}}}]}}}`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if code, out, errOut := ran(t, nil, "run", template, "--state", filepath.Join(dir, "state")); code != exitOK {
		t.Fatalf("%d\n%s%s", code, out, errOut)
	}
	_, url := serving(t, filepath.Join(dir, "state"))
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if _, body := request(t, "GET", url+"/v1/projects/home/jobs/sweep/runs", ""); strings.Count(body, `"runName"`) >= 2 {
			return
		} else if time.Now().After(end) {
			t.Fatalf("it has not run twice: %s", body)
		}
	}
}

// Who sends a request that never ends is cut off, and holds nobody else up.
func TestServeDoesNotWaitForSlowRequests(t *testing.T) {
	t.Parallel()
	_, url := serving(t, t.TempDir())
	address := strings.TrimPrefix(url, "http://")
	slow := make([]net.Conn, 50)
	for i := range slow {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := fmt.Fprintf(conn, "GET /v1/projects HTTP/1.1\r\nHost: %s\r\nX-Slow: ", address); err != nil {
			t.Fatal(err)
		}
		slow[i] = conn
	}
	if status, body := request(t, "GET", url+"/v1/projects", ""); status != http.StatusOK {
		t.Errorf("beside them: %d %s", status, body)
	}
	for _, conn := range slow {
		_ = conn.SetReadDeadline(time.Now().Add(headerTime + 20*time.Second))
		if n, err := io.Copy(io.Discard, conn); err != nil {
			t.Errorf("it is still open after %s: %d bytes, %v", headerTime, n, err)
		}
	}
}
