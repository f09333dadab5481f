// Package githost reads the webhooks of Git hosts: whether a request comes from somebody
// who has the secret, and which events of a repository it tells of.
//
// It is given headers and bytes. It must not know servers, where secrets are kept, or what
// an event starts.
package githost

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/trigger"
)

// A Host is the kind of a Git host.
type Host string

// The hosts. Bitbucket is the cloud and the data center edition.
const (
	GitHub    Host = "github"
	GitLab    Host = "gitlab"
	Bitbucket Host = "bitbucket"
)

// Hosts are all kinds.
func Hosts() []Host { return []Host{GitHub, GitLab, Bitbucket} }

// A Request is what a host has sent.
type Request struct {
	// Header returns the value of a header, "" where there is none.
	Header func(name string) string
	// Body is as it was sent: signatures are of these bytes.
	Body []byte
}

// What is wrong with a request that is not believed.
var (
	ErrUnsigned = errors.New("the request carries no signature: give the webhook its secret at the Git host")
	ErrForged   = errors.New("the signature of the request does not fit: the secret at the Git host is another one")
	ErrStale    = errors.New("the request was signed too long ago")
)

// freshness is how far the time of a signed request may be from ours: the tolerance of the
// specification "Standard Webhooks".
const freshness = 5 * time.Minute

// signingPrefix begins the signing tokens of GitLab.
const signingPrefix = "whsec_"

// Verify tells why a request is not to be believed, nil where it is. What is compared is
// compared in constant time. Sources: "Validating webhook deliveries" of GitHub, "Webhooks"
// of GitLab, "Manage webhooks" of Bitbucket, and "Standard Webhooks".
func Verify(host Host, secret string, r Request, now time.Time) error {
	if secret == "" {
		return ErrForged // an empty secret is everybody's
	}
	switch host {
	case GitHub:
		return verifyHub(secret, r.Header("X-Hub-Signature-256"), r.Body)
	case Bitbucket:
		return verifyHub(secret, r.Header("X-Hub-Signature"), r.Body)
	case GitLab:
		// Whoever has a signing token is not taken at the word of the older header.
		if strings.HasPrefix(secret, signingPrefix) {
			return verifySigned(secret, r, now)
		}
		token := r.Header("X-Gitlab-Token")
		if token == "" {
			return ErrUnsigned
		}
		given, kept := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(secret))
		if subtle.ConstantTimeCompare(given[:], kept[:]) != 1 {
			return ErrForged
		}
		return nil
	}
	return fmt.Errorf("%q is no kind of a Git host", host)
}

// verifyHub reads "sha256=" and hexadecimal digits.
func verifyHub(secret, header string, body []byte) error {
	if header == "" {
		return ErrUnsigned
	}
	digits, ok := strings.CutPrefix(header, "sha256=")
	given, err := hex.DecodeString(digits)
	if !ok || err != nil || !hmac.Equal(given, mac([]byte(secret), body)) {
		return ErrForged
	}
	return nil
}

// verifySigned reads signatures of "Standard Webhooks": a list of "v1," and base64, over the
// identifier, the time and the body.
func verifySigned(secret string, r Request, now time.Time) error {
	id, at, signatures := r.Header("Webhook-Id"), r.Header("Webhook-Timestamp"), r.Header("Webhook-Signature")
	if id == "" || at == "" || signatures == "" {
		return ErrUnsigned
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, signingPrefix))
	if err != nil {
		return ErrForged
	}
	want := mac(key, []byte(id+"."+at+"."), r.Body)
	fits := false
	for s := range strings.FieldsSeq(signatures) {
		text, ok := strings.CutPrefix(s, "v1,")
		given, err := base64.StdEncoding.DecodeString(text)
		if ok && err == nil && hmac.Equal(given, want) {
			fits = true
		}
	}
	if !fits {
		return ErrForged
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > freshness {
		return ErrStale
	}
	return nil
}

func mac(key []byte, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, key)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// delivery identifies what was sent, so that it is known again: by what is signed, for
// whoever has seen a request can send it once more under another identifier. GitLab's plain
// token protects no body; whoever has it needs nothing old.
func delivery(host Host, secret string, r Request) string {
	if host == GitLab {
		if strings.HasPrefix(secret, signingPrefix) {
			return "id " + clip(r.Header("Webhook-Id"))
		}
		for _, name := range []string{"Idempotency-Key", "X-Gitlab-Event-UUID"} {
			if id := r.Header(name); id != "" {
				return "id " + clip(id)
			}
		}
	}
	return digest(r.Body)
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256 " + hex.EncodeToString(sum[:])
}

func clip(text string) string {
	if len(text) > 100 {
		return digest([]byte(text))
	}
	return text
}

// An Event is one that a request tells of.
type Event struct {
	trigger.Event
	// Delivery is the same whenever the same is told again.
	Delivery string
	// Before is the commit that the branch was at before a push, where the host tells it and
	// does not tell which files were changed since.
	Before string
	// Into is the branch that a pull request is to be merged into.
	Into string
}

// Told is what a request says.
type Told struct {
	// What is the host's word for it, such as "push".
	What string
	// Repositories are the addresses of the repository, in the forms that the host gives.
	Repositories []string
	// Events are those that triggers know. A request about a comment has none.
	Events []Event
}

// Read takes a request apart that was verified. What it does not know is no error and has
// no events: hosts add kinds.
func Read(host Host, secret string, r Request) (Told, error) {
	body := r.Body
	// What looks like JSON is read as that: who sends it by hand often says otherwise.
	form := len(body) > 0 && body[0] != '{'
	if media, _, _ := strings.Cut(r.Header("Content-Type"), ";"); form && strings.EqualFold(strings.TrimSpace(media), "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return Told{}, errors.New("the form of the request cannot be read")
		}
		body = []byte(form.Get("payload"))
	}
	var told Told
	var err error
	switch host {
	case GitHub:
		told, err = readGitHub(r.Header("X-GitHub-Event"), body)
	case GitLab:
		told, err = readGitLab(body)
	case Bitbucket:
		told, err = readBitbucket(r.Header("X-Event-Key"), body)
	default:
		return Told{}, fmt.Errorf("%q is no kind of a Git host", host)
	}
	if err != nil {
		return Told{}, err
	}
	base := delivery(host, secret, r)
	for i := range told.Events {
		e := &told.Events[i]
		if len(told.Repositories) > 0 {
			e.Repository = told.Repositories[0]
		}
		e.Service = service(host, e.Repository)
		if e.Delivery == "" {
			e.Delivery = base
			if i > 0 {
				e.Delivery += "#" + strconv.Itoa(i)
			}
		}
		if len(e.SHA) != 40 && len(e.SHA) != 64 {
			e.SHA = "" // a part of a name is none
		}
	}
	return told, nil
}

// service is the kind of the host as triggers name it, where that is known: one of
// somebody's own may be named either way.
func service(host Host, repository string) string {
	at, _, _ := strings.Cut(trigger.RepositoryName(repository), "/")
	switch {
	case host == GitHub && at == "github.com", host == GitLab && at == "gitlab.com", host == Bitbucket && at == "bitbucket.org":
		return string(host)
	}
	return ""
}

func decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return errors.New("the body of the request is not the JSON that the Git host documents: choose the content type application/json for the webhook")
	}
	return nil
}

// addresses keeps those that are there.
func addresses(all ...string) []string {
	var kept []string
	for _, a := range all {
		if a != "" {
			kept = append(kept, a)
		}
	}
	return kept
}

// branchOf returns the branch that a ref is; tags are none.
func branchOf(ref string) (string, bool) { return strings.CutPrefix(ref, "refs/heads/") }

// nothing tells whether a commit is the one of zeros, which stands for none.
func nothing(sha string) bool { return strings.Trim(sha, "0") == "" }

// A commit is one of a push, as GitHub and GitLab write it.
type commit struct {
	ID       string   `json:"id"`
	Message  string   `json:"message"`
	Added    []string `json:"added"`
	Modified []string `json:"modified"`
	Removed  []string `json:"removed"`
}

// commits are those of a push, the newest last, and the files that they have changed. Of a
// push whose commits are not all told, or do not add up to it, the files are not known.
func commits(list []commit, all bool) ([]trigger.Commit, []string) {
	var out []trigger.Commit
	seen := map[string]bool{}
	paths := []string{}
	for _, c := range list {
		out = append(out, trigger.Commit{SHA: c.ID, Message: c.Message})
		for _, some := range [][]string{c.Added, c.Modified, c.Removed} {
			for _, p := range some {
				if !seen[p] {
					seen[p] = true
					paths = append(paths, p)
				}
			}
		}
	}
	if !all || len(list) == 0 {
		return out, nil
	}
	return out, paths
}
