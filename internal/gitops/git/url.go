package git

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"
)

// URL is the checked address of a repository. It prints without what may be secret in
// it; Raw alone gives that away.
type URL struct {
	raw   string
	shown string
	key   string
	// hidden are the texts that must not be shown, the longest first.
	hidden []string
}

// schemes are those that are passed on to git. It knows more, which run a program
// (ext::, fd::) or are deprecated (ftp, rsync).
var schemes = map[string]bool{"https": true, "http": true, "ssh": true, "git": true, "file": true}

// ParseURL checks an address as `git clone` takes it: https, http, ssh, git or file
// with "://", the short form [user@]host:path of ssh, or the path of a folder, which
// counts from dir.
func ParseURL(s, dir string) (URL, error) {
	switch {
	case s == "":
		return URL{}, errors.New("the address of the repository is empty")
	case strings.HasPrefix(s, "-"):
		return URL{}, errors.New("the address of a repository cannot begin with -: git would read an option; put ./ before a folder's name")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, isControl):
		return URL{}, errors.New("the address of the repository has characters that none can have: line ends or other control characters")
	}
	if scheme, rest, ok := strings.Cut(s, "://"); ok && isScheme(scheme) {
		return parseAbsolute(s, scheme, rest)
	}
	if i := strings.Index(s, "::"); i > 0 && isScheme(s[:i]) {
		return URL{}, fmt.Errorf("%s:: starts a program of this machine and is no address of a repository; use https:// or ssh://", s[:i])
	}
	if host, path, ok := cutShort(s); ok {
		return parseShort(s, host, path)
	}
	path := s
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	path = filepath.Clean(path)
	return URL{raw: path, shown: path, key: path}, nil
}

func parseAbsolute(s, scheme, rest string) (URL, error) {
	scheme = strings.ToLower(scheme)
	if !schemes[scheme] {
		return URL{}, fmt.Errorf("repositories are not reached by %s://; use https://, ssh:// or file://", scheme)
	}
	// Neither error shows the address: it may hold a password.
	u, err := url.Parse(s)
	if err != nil {
		return URL{}, errors.New("the address of the repository cannot be read: check its port and that special characters of its user name and password are percent-encoded")
	}
	decoded, err := url.PathUnescape(rest)
	if err != nil || !utf8.ValidString(decoded) || strings.ContainsFunc(decoded, isControl) {
		return URL{}, errors.New("the address of the repository has percent-encoded characters that none can have")
	}
	host := u.Hostname()
	if scheme != "file" && host == "" {
		return URL{}, errors.New("the address of the repository names no host")
	}
	user := u.User.Username()
	if strings.HasPrefix(host, "-") || strings.HasPrefix(user, "-") {
		return URL{}, errors.New("the host and the user of a repository's address cannot begin with -: ssh would read an option")
	}
	if u.Path == "" || u.Path == "/" {
		return URL{}, errors.New("the address names no repository: a path is missing behind the host")
	}
	if strings.HasPrefix(u.Path, "/-") && scheme == "ssh" {
		return URL{}, errors.New("the path of the repository cannot begin with -: a program there would read an option")
	}
	out := URL{raw: s}
	shown := *u
	password, has := u.User.Password()
	switch {
	case has:
		out.hide(password)
		if raw, _, ok := strings.Cut(rest, "@"); ok {
			out.hide(raw)
			if _, raw, ok := strings.Cut(raw, ":"); ok {
				out.hide(raw)
			}
		}
		shown.User = nil
		if scheme != "https" && scheme != "http" {
			shown.User = url.User(user)
		} else {
			out.hide(user)
		}
	case user != "" && (scheme == "https" || scheme == "http"):
		// Tokens are given in the place of the user name.
		out.hide(user)
		if raw, _, ok := strings.Cut(rest, "@"); ok {
			out.hide(raw)
		}
		shown.User = nil
	}
	if u.RawQuery != "" {
		out.hide(u.RawQuery)
		for _, values := range u.Query() {
			for _, v := range values {
				out.hide(v)
			}
		}
		shown.RawQuery = ""
	}
	if u.Fragment != "" {
		out.hide(u.Fragment)
		out.hide(u.EscapedFragment())
		shown.Fragment, shown.RawFragment = "", ""
	}
	out.shown = shown.String()
	bare := shown
	bare.User, bare.Scheme, bare.Host = nil, scheme, strings.ToLower(bare.Host)
	out.key = trimGit(bare.String())
	return out, nil
}

// cutShort cuts [user@]host:path, as git does: where a colon stands before any slash.
func cutShort(s string) (host, path string, ok bool) {
	if runtime.GOOS == "windows" && len(s) > 1 && s[1] == ':' {
		return "", "", false // a drive
	}
	colon := strings.IndexByte(s, ':')
	if strings.HasPrefix(s, "[") { // [host:port]:path, [::1]:path
		end := strings.Index(s, "]:")
		if end < 0 {
			return "", "", false
		}
		colon = end + 1
	}
	if at := strings.Index(s, "@["); at >= 0 && at < colon {
		if end := strings.Index(s, "]:"); end > 0 {
			colon = end + 1
		}
	}
	if colon < 0 {
		return "", "", false
	}
	if slash := strings.IndexAny(s, `/\`); slash >= 0 && slash < colon {
		return "", "", false
	}
	return s[:colon], s[colon+1:], true
}

var errShortPassword = errors.New("the short form of an address is user@host:path, and has no password; give a key to ssh's agent or use https://")

// passwordIn reports whether the path of a short address is rather the password of
// user:password@host:path, which git would take for a path.
func passwordIn(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	_, host, ok := strings.Cut(first, "@")
	return ok && strings.Contains(host, ":")
}

func parseShort(s, host, path string) (URL, error) {
	bare := host
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		bare = host[at+1:]
		if strings.ContainsAny(host[:at], ":@") {
			return URL{}, errShortPassword
		}
	}
	bare = strings.Trim(bare, "[]")
	switch {
	case bare == "":
		return URL{}, errors.New("the address of the repository names no host")
	case strings.HasPrefix(bare, "-") || strings.HasPrefix(host, "-"):
		return URL{}, errors.New("the host of a repository's address cannot begin with -: ssh would read an option")
	case path == "":
		return URL{}, errors.New("the address names no repository: a path is missing behind the host")
	case passwordIn(path):
		return URL{}, errShortPassword
	case strings.HasPrefix(path, "-"):
		return URL{}, errors.New("the path of the repository cannot begin with -: a program there would read an option")
	case strings.ContainsAny(host, " \t"):
		return URL{}, errors.New("the address of the repository has a space in its host")
	}
	return URL{raw: s, shown: s, key: "ssh://" + strings.ToLower(bare) + "/" + trimGit(strings.TrimPrefix(path, "/"))}, nil
}

func trimGit(s string) string { return strings.TrimSuffix(strings.TrimRight(s, "/"), ".git") }

func isScheme(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || r == '+' || r == '-' || r == '.')) {
			return false
		}
	}
	return s != ""
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }

func (u *URL) hide(s string) {
	if s != "" {
		u.hidden = append(u.hidden, s)
	}
}

// String returns the address without passwords, tokens and queries.
func (u URL) String() string { return u.shown }

// GoString is String, so that no way of printing shows a secret.
func (u URL) GoString() string { return u.shown }

// Raw returns the address as it was given, with what is secret in it. It is for git
// and for sealed storage alone.
func (u URL) Raw() string { return u.raw }

// Secret reports whether something in the address may be a secret.
func (u URL) Secret() bool { return len(u.hidden) > 0 }

// Key is the same for all spellings of an address that surely mean one repository:
// with and without credentials, ".git" and a slash at the end.
func (u URL) Key() string { return u.key }

// IsZero reports whether there is no address.
func (u URL) IsZero() bool { return u.raw == "" }

// Redact takes what is secret in the address out of a text.
func (u URL) Redact(text string) string {
	if len(u.hidden) == 0 {
		return text
	}
	text = strings.ReplaceAll(text, u.raw, u.shown)
	for _, long := range sortedByLength(u.hidden) {
		text = strings.ReplaceAll(text, long, "***")
	}
	return text
}
