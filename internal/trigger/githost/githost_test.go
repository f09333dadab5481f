package githost

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

// request has headers by pairs.
func request(body string, headers ...string) Request {
	return Request{Body: []byte(body), Header: func(name string) string {
		for i := 0; i+1 < len(headers); i += 2 {
			if strings.EqualFold(headers[i], name) {
				return headers[i+1]
			}
		}
		return ""
	}}
}

func TestOnlyWhoHasTheSecretIsBelieved(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	const body, secret = `{"a": 1}`, "It's a Secret to Everybody"
	hub := "sha256=" + hex.EncodeToString(mac([]byte(secret), []byte(body)))
	key := []byte("0123456789abcdef0123456789abcdef")
	signing := signingPrefix + base64.StdEncoding.EncodeToString(key)
	signed := func(id string, at time.Time) []string {
		seconds := strconv.FormatInt(at.Unix(), 10)
		sum := base64.StdEncoding.EncodeToString(mac(key, []byte(id+"."+seconds+"."+body)))
		return []string{"webhook-id", id, "webhook-timestamp", seconds, "webhook-signature", "v1,AAAA v1," + sum}
	}
	for _, tt := range []struct {
		name    string
		host    Host
		secret  string
		body    string
		headers []string
		want    error
	}{
		{"GitHub's signature fits", GitHub, secret, body, []string{"X-Hub-Signature-256", hub}, nil},
		{"GitHub's body was changed", GitHub, secret, body + " ", []string{"X-Hub-Signature-256", hub}, ErrForged},
		{"GitHub's secret is another", GitHub, "other", body, []string{"X-Hub-Signature-256", hub}, ErrForged},
		{"GitHub has signed nothing", GitHub, secret, body, nil, ErrUnsigned},
		{"GitHub's older signature is not enough", GitHub, secret, body, []string{"X-Hub-Signature", hub}, ErrUnsigned},
		{"a signature is no hexadecimal", GitHub, secret, body, []string{"X-Hub-Signature-256", "sha256=zz"}, ErrForged},
		{"a signature is of SHA-1", GitHub, secret, body, []string{"X-Hub-Signature-256", "sha1" + hub[6:]}, ErrForged},
		{"an empty secret is nobody's", GitHub, "", body, []string{"X-Hub-Signature-256", "sha256=" + hex.EncodeToString(mac(nil, []byte(body)))}, ErrForged},
		{"Bitbucket's signature fits", Bitbucket, secret, body, []string{"X-Hub-Signature", hub}, nil},
		{"Bitbucket's body was changed", Bitbucket, secret, "{}", []string{"X-Hub-Signature", hub}, ErrForged},
		{"Bitbucket has signed nothing", Bitbucket, secret, body, []string{"X-Hub-Signature-256", hub}, ErrUnsigned},
		{"GitLab's token is the secret", GitLab, secret, body, []string{"X-Gitlab-Token", secret}, nil},
		{"GitLab's token is another", GitLab, secret, body, []string{"X-Gitlab-Token", secret + "x"}, ErrForged},
		{"GitLab sends no token", GitLab, secret, body, nil, ErrUnsigned},
		{"GitLab has signed it", GitLab, signing, body, signed("one", now.Add(-time.Minute)), nil},
		{"GitLab has signed another body", GitLab, signing, "{}", signed("one", now), ErrForged},
		{"GitLab has signed it an hour ago", GitLab, signing, body, signed("one", now.Add(-time.Hour)), ErrStale},
		{"GitLab has signed it in an hour", GitLab, signing, body, signed("one", now.Add(time.Hour)), ErrStale},
		{"a signing token is not sent as a plain one", GitLab, signing, body, []string{"X-Gitlab-Token", signing}, ErrUnsigned},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := Verify(tt.host, tt.secret, request(tt.body, tt.headers...), now); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if err := Verify("gitea", secret, request(body), now); err == nil {
		t.Error("an unknown host was believed")
	}
}

// Each file of testdata has the headers and the body of a request, and what is read of it.
func TestWhatIsRead(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			archive := txtar.Parse(text)
			part := map[string]string{}
			for _, f := range archive.Files {
				part[f.Name] = string(f.Data)
			}
			host, _, _ := strings.Cut(filepath.Base(path), "_")
			var headers []string
			for line := range strings.Lines(part["headers"]) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
				headers = append(headers, name, value)
			}
			told, err := Read(Host(host), "x", request(part["body"], headers...))
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, e := range told.Events {
				if e.Delivery == "" {
					t.Error("an event has no delivery")
				}
				line, _ := json.Marshal(e.Event)
				got.Write(line)
				got.WriteString("\n")
			}
			if got.String() != part["want"] {
				t.Errorf("got\n%swant\n%s", got.String(), part["want"])
			}
			if want := strings.TrimSpace(part["repositories"]); want != "" && strings.Join(told.Repositories, " ") != want {
				t.Errorf("the repository is %q", told.Repositories)
			}
		})
	}
}

func TestADeliveryIsKnownAgain(t *testing.T) {
	read := func(host Host, secret, body string, headers ...string) string {
		t.Helper()
		told, err := Read(host, secret, request(body, headers...))
		if err != nil || len(told.Events) == 0 {
			t.Fatal(told, err)
		}
		return told.Events[0].Delivery
	}
	const push = `{"ref": "refs/heads/main", "before": "1", "after": "2", "object_kind": "push", "repository": {"clone_url": "https://github.com/acme/shop.git"}}`
	// Whoever sends what was signed once more, under another identifier, tells nothing new.
	if read(GitHub, "x", push, "X-GitHub-Event", "push", "X-GitHub-Delivery", "one") != read(GitHub, "x", push, "X-GitHub-Event", "push", "X-GitHub-Delivery", "two") {
		t.Error("GitHub: the identifier of a delivery is not signed")
	}
	if read(GitHub, "x", push, "X-GitHub-Event", "push") == read(GitHub, "x", push+" ", "X-GitHub-Event", "push") {
		t.Error("GitHub: two bodies are one delivery")
	}
	if read(GitLab, "x", push, "Idempotency-Key", "one") != read(GitLab, "x", push+" ", "Idempotency-Key", "one") || read(GitLab, "x", push, "Idempotency-Key", "one") == read(GitLab, "x", push, "Idempotency-Key", "two") {
		t.Error("GitLab: the key says what is one delivery")
	}
	pull := func(title, hash string) string {
		return `{"pullrequest": {"id": 1, "title": "` + title + `", "source": {"branch": {"name": "x"}, "commit": {"hash": "` + hash + `"}}}, "repository": {"full_name": "acme/shop"}}`
	}
	first := read(Bitbucket, "x", pull("a", "1"), "X-Event-Key", "pullrequest:created")
	if first != read(Bitbucket, "x", pull("b", "1"), "X-Event-Key", "pullrequest:updated") || first == read(Bitbucket, "x", pull("a", "2"), "X-Event-Key", "pullrequest:updated") {
		t.Error("Bitbucket: an edit of the title is no push, and a push is none of the title")
	}
}

func TestAFormIsRead(t *testing.T) {
	body := url.Values{"payload": {`{"ref": "refs/heads/main", "after": "2", "repository": {"clone_url": "https://github.com/acme/shop.git"}}`}}.Encode()
	plain, _ := url.ParseQuery(body)
	for _, sent := range []string{body, plain.Get("payload")} { // the latter with the header of the former
		told, err := Read(GitHub, "x", request(sent, "Content-Type", "application/x-www-form-urlencoded", "X-GitHub-Event", "push"))
		if err != nil || len(told.Events) != 1 || told.Events[0].Branch != "main" {
			t.Errorf("%+v, %v", told, err)
		}
	}
}

func TestWhatIsNoJSONIsRefused(t *testing.T) {
	for _, host := range Hosts() {
		if _, err := Read(host, "x", request(`{"ref": `, "X-GitHub-Event", "push", "X-Event-Key", "repo:push")); err == nil {
			t.Errorf("%s: half a body was read", host)
		}
	}
}

func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range files {
		text, _ := os.ReadFile(path)
		for _, p := range txtar.Parse(text).Files {
			f.Add(string(p.Data), "push")
		}
	}
	f.Fuzz(func(t *testing.T, body, event string) {
		for _, host := range Hosts() {
			told, err := Read(host, "x", request(body, "X-GitHub-Event", event, "X-Event-Key", "repo:"+event))
			for _, e := range told.Events {
				if err == nil && (e.Kind == "" || e.Delivery == "" || e.SHA != "" && len(e.SHA) != 40 && len(e.SHA) != 64) {
					t.Fatalf("%+v", e)
				}
			}
		}
	})
}
