package git

import (
	"fmt"
	"strings"
)

// Reason says why git did not do what it was asked for.
type Reason string

// The reasons that callers tell apart.
const (
	Failed         Reason = "failed"        // for a reason of its own
	NotInstalled   Reason = "not installed" // there is no git program
	TimedOut       Reason = "timed out"     // it took too long, and was ended
	Unauthorized   Reason = "unauthorized"  // credentials are missing, wrong or expired
	NotFound       Reason = "not found"     // there is no such repository, or it is hidden from this user
	Unreachable    Reason = "unreachable"   // the host does not answer
	UnknownHostKey Reason = "host key"      // ssh does not trust the host
	NoBranch       Reason = "no branch"     // the repository has no such branch
	NoFile         Reason = "no file"       // the commit has no such file
	NotAFile       Reason = "not a file"    // at the path stands a folder, a link or a submodule
	NoIdentity     Reason = "no identity"   // the user has told git no name and address
	NoSignature    Reason = "no signature"  // commits are to be signed, and could not be
	Moved          Reason = "moved"         // the branch has got other commits meanwhile
	Refused        Reason = "refused"       // a hook or a rule of the other side refused the push
	DiskFull       Reason = "disk full"     // there is no room on this machine
	Locked         Reason = "locked"        // another process of git holds a lock, or has left it behind
	Untrusted      Reason = "untrusted"     // the folder belongs to another user
	Corrupt        Reason = "corrupt"       // the repository on this machine is damaged
)

// Error says why git failed and what to do. It shows nothing that is secret in the
// address of the repository.
type Error struct {
	Reason  Reason
	Message string
	// Output is what git said, cleaned of secrets; it may be empty.
	Output string
	Err    error
}

func (e *Error) Error() string {
	if e.Output == "" {
		return e.Message
	}
	return e.Message + "\n" + indent(e.Output)
}

func (e *Error) Unwrap() error { return e.Err }

func indent(s string) string {
	return "  git: " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n  git: ")
}

// said maps what git, ssh and curl say, in English and lower case, to reasons. The first
// that is found counts. The texts are those of Git 2.20 to 2.50 and of OpenSSH 7 to 10.
var said = []struct {
	text    string
	reason  Reason
	message string
}{
	{"no space left on device", DiskFull, "the disk is full: nothing was changed; make room and try again"},
	{"disk quota exceeded", DiskFull, "the disk quota is used up: nothing was changed; make room and try again"},
	{"terminal prompts disabled", Unauthorized, "%s asks for credentials: store them in a credential helper (git config credential.helper), or use ssh"},
	{"could not read username", Unauthorized, "%s asks for credentials: store them in a credential helper (git config credential.helper), or use ssh"},
	{"could not read password", Unauthorized, "%s asks for credentials: store them in a credential helper (git config credential.helper), or use ssh"},
	{"authentication failed", Unauthorized, "%s refuses the credentials: they are wrong or have expired; renew them where your credential helper keeps them"},
	{"invalid username or password", Unauthorized, "%s refuses the credentials: they are wrong or have expired; renew them where your credential helper keeps them"},
	{"http basic: access denied", Unauthorized, "%s refuses the credentials: they are wrong or have expired; renew them where your credential helper keeps them"},
	{"returned error: 401", Unauthorized, "%s refuses the credentials: they are wrong or have expired; renew them where your credential helper keeps them"},
	{"returned error: 403", Unauthorized, "%s does not allow this: the credentials may read but not write, or not reach this repository"},
	{"permission denied (publickey", Unauthorized, "%s accepts none of your ssh keys: add one to the agent (ssh-add), and to your account there"},
	{"host key verification failed", UnknownHostKey, "ssh does not know the host of %s: connect to it once by hand and compare its key"},
	{"repository not found", NotFound, "there is no repository at %s, or the credentials do not reach it"},
	{"returned error: 404", NotFound, "there is no repository at %s, or the credentials do not reach it"},
	{"does not appear to be a git repository", NotFound, "there is no repository at %s: check the address"},
	{"' not found", NotFound, "there is no repository at %s, or the credentials do not reach it"},
	{"access denied or repository not exported", NotFound, "there is no repository at %s, or it is not served"},
	{"couldn't find remote ref", NoBranch, "%s has no such branch: check its name, or push it first"},
	{"could not resolve host", Unreachable, "the host of %s is not known: check the address and the network"},
	{"could not resolve hostname", Unreachable, "the host of %s is not known: check the address and the network"},
	{"connection refused", Unreachable, "the host of %s does not answer: check the address and the network"},
	{"connection timed out", Unreachable, "the host of %s does not answer: check the address and the network"},
	{"failed to connect", Unreachable, "the host of %s does not answer: check the address and the network"},
	{"network is unreachable", Unreachable, "the host of %s cannot be reached: check the network"},
	{"the remote end hung up unexpectedly", Unreachable, "the connection to %s was cut: try again"},
	{"early eof", Unreachable, "the connection to %s was cut: try again"},
	{"dubious ownership", Untrusted, "git does not trust a folder that belongs to somebody else: see safe.directory in git help config"},
	{"please tell me who you are", NoIdentity, "git does not know who you are: set user.name and user.email (git config --global user.email you@example.com)"},
	{"empty ident name", NoIdentity, "git does not know who you are: set user.name and user.email (git config --global user.email you@example.com)"},
	{"unable to auto-detect email address", NoIdentity, "git does not know who you are: set user.name and user.email (git config --global user.email you@example.com)"},
	{"no email was given and auto-detection is disabled", NoIdentity, "git does not know who you are: set user.name and user.email (git config --global user.email you@example.com)"},
	{"failed to sign the data", NoSignature, "the commit could not be signed: check user.signingKey and the agent; nothing was pushed"},
	{"couldn't load public key", NoSignature, "the commit could not be signed: ssh finds no key where user.signingKey says; nothing was pushed"},
	{"failed to write commit object", NoSignature, "the commit could not be written or signed; nothing was pushed"},
	{"shallow file has changed since we read it", Locked, "another git is at work in the cache of %s: try again"},
	{"cannot lock ref", Locked, "another git is at work in the cache of %s: try again"},
	{".lock': file exists", Locked, "another git is at work in the cache, or was cut short there: try again, and delete the lock that it names if no git runs"},
	{"object file is empty", Corrupt, "the cache of %s is damaged: delete its folder, it is fetched again (backups that stand in it are lost)"},
	{"bad object", Corrupt, "an object is missing in the cache of %s: fetch again"},
}

// explain makes an error of what git said.
func explain(u URL, words, stderr string, err error) *Error {
	stderr = strings.TrimSpace(u.Redact(stderr))
	lower := strings.ToLower(stderr)
	for _, s := range said {
		if strings.Contains(lower, s.text) {
			message := s.message
			if strings.Contains(message, "%s") {
				message = fmt.Sprintf(message, u.named())
			}
			return &Error{Reason: s.reason, Message: message, Output: stderr, Err: err}
		}
	}
	return &Error{Reason: Failed, Message: fmt.Sprintf("git %s failed (%v)", words, err), Output: stderr, Err: err}
}

func (u URL) named() string {
	if u.IsZero() {
		return "the repository"
	}
	return u.shown
}
