package git

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
)

func TestAddressesThatAreRefused(t *testing.T) {
	for _, c := range []struct{ name, address, want string }{
		{"nothing", "", "is empty"},
		{"an option", "--upload-pack=touch /tmp/x", "cannot begin with -"},
		{"a program of this machine", "ext::sh -c touch% /tmp/x", "starts a program"},
		{"a file descriptor", "fd::3", "starts a program"},
		{"any other helper", "hg::https://example.com/x", "starts a program"},
		{"a scheme that git would look for a helper for", "evil://example.com/x", "not reached by evil://"},
		{"a deprecated scheme", "ftp://example.com/x", "not reached by ftp://"},
		{"a host that ssh would read as an option", "ssh://-oProxyCommand=touch/x", "cannot begin with -"},
		{"the same, encoded", "ssh://%2doProxyCommand=touch/x", ""},
		{"a user that ssh would read as an option", "ssh://-l@example.com/x", "cannot begin with -"},
		{"an option for the program on the other side", "ssh://example.com/-x", "cannot begin with -"},
		{"an option in the short form", "-oProxyCommand=touch:x", "cannot begin with -"},
		{"an option behind the user of the short form", "git@-oProxyCommand=touch:x", "cannot begin with -"},
		{"an option as path of the short form", "git@example.com:-x", "cannot begin with -"},
		{"a password in the short form", "git:hunter2@example.com:x", ""},
		{"a line end", "https://example.com/x\nhost=evil.example", "control characters"},
		{"an encoded line end", "https://example.com/x%0ahost=evil.example", "characters that none can have"},
		{"an encoded NUL", "https://example.com/x%00", "characters that none can have"},
		{"no host", "https:///x", "names no host"},
		{"no path", "https://example.com", "names no repository"},
		{"a port that is none", "https://user:hunter2@example.com:port/x", "cannot be read"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := ParseURL(c.address, "/srv")
			if err == nil {
				t.Fatalf("%q is taken, as %s", c.address, u)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %q, want %q in it", err, c.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestAddressesThatAreTaken(t *testing.T) {
	for _, c := range []struct{ address, shown, key string }{
		{"https://example.com/acme/infra.git", "https://example.com/acme/infra.git", "https://example.com/acme/infra"},
		{"https://Example.com/acme/infra/", "https://Example.com/acme/infra/", "https://example.com/acme/infra"},
		{"https://user:hunter2@example.com/acme/infra", "https://example.com/acme/infra", "https://example.com/acme/infra"},
		{"https://hunter2@example.com/acme/infra", "https://example.com/acme/infra", "https://example.com/acme/infra"},
		{"https://x-access-token:hunter%402@example.com/acme/infra", "https://example.com/acme/infra", "https://example.com/acme/infra"},
		{"https://example.com/acme/infra?token=hunter2", "https://example.com/acme/infra", "https://example.com/acme/infra"},
		{"ssh://git@example.com:2222/acme/infra.git", "ssh://git@example.com:2222/acme/infra.git", "ssh://example.com:2222/acme/infra"},
		{"ssh://git:hunter2@example.com/acme/infra.git", "ssh://git@example.com/acme/infra.git", "ssh://example.com/acme/infra"},
		{"git@example.com:acme/infra.git", "git@example.com:acme/infra.git", "ssh://example.com/acme/infra"},
		{"git://example.com/infra", "git://example.com/infra", "git://example.com/infra"},
		{"file:///srv/infra.git", "file:///srv/infra.git", "file:///srv/infra"},
		{"/srv/infra.git", "/srv/infra.git", "/srv/infra.git"},
		{"../infra.git", "/infra.git", "/infra.git"},
		{"./-infra", "/srv/-infra", "/srv/-infra"},
		{"./a:b", "/srv/a:b", "/srv/a:b"},
	} {
		u, err := ParseURL(c.address, "/srv")
		if err != nil {
			t.Errorf("%q: %v", c.address, err)
			continue
		}
		if u.String() != c.shown || u.Key() != c.key {
			t.Errorf("%q is shown as %q with the key %q, want %q and %q", c.address, u, u.Key(), c.shown, c.key)
		}
		for _, secret := range []string{"hunter2", "hunter@2", "hunter%402"} {
			text := fmt.Sprintf("%v %+v %#v %s %s", u, u, u, u, u.Redact("fatal: cannot reach '"+u.Raw()+"', secret "+secret))
			holds := u.Secret() && strings.Contains(strings.ReplaceAll(u.Raw(), "%40", "@"), strings.ReplaceAll(secret, "%40", "@"))
			if holds && strings.Contains(text, secret) {
				t.Errorf("%q shows its secret: %s", c.address, text)
			}
		}
	}
}

func TestPathsThatAreRefused(t *testing.T) {
	for _, p := range []string{
		"", "/", "-x.json", "/-x.json", "../x.json", "/../x.json", "a/../../x.json", "a/..", "./x.json", "a/./x.json", "a//x.json", "//x.json", "a/",
		`a\x.json`, `..\x.json`, "a\x00b", "a\nb", ".git/config", "a/.GIT/config", ".git ./config", "git~1/config", ".g\u200cit/config", ".git:x/config", "\xff.json",
	} {
		if got, err := ParsePath(p); err == nil {
			t.Errorf("%q is taken, as %q", p, got)
		}
	}
	for _, p := range []string{"/template.json", "release-flows/production.json", "a/.github/x.json", "..a/b..json", "a b/ü.json", ":(top)x.json", ".gitignore"} {
		if got, err := ParsePath(p); err != nil || got.String() != strings.TrimPrefix(p, "/") {
			t.Errorf("%q: %q, %v", p, got, err)
		}
	}
}

func TestBranchesThatAreRefused(t *testing.T) {
	for _, b := range []string{"", "refs/heads/", "a..b", "a b", "a~1", "a^", "a:b", "a?", "a*", "a[", `a\b`, "a@{1}", "a.", "a/.b", "a//b", "/a", "a/", "a.lock", "a.lock/b", "@", "a\x01"} {
		if got, err := ParseBranch(b); err == nil {
			t.Errorf("%q is taken, as %q", b, got)
		}
	}
	for _, b := range []string{"main", "refs/heads/main", "feature/x", "--force", "-", "ü", "a@b"} {
		if _, err := ParseBranch(b); err != nil {
			t.Errorf("%q: %v", b, err)
		}
	}
}

// No address that is taken is one that git, ssh or a helper reads as anything else, and
// none shows its password.
func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"https://u:p@example.com/x", "git@example.com:x", "ssh://-o/x", "ext::sh", "[::1]:x", "u@[::1]:x", "/srv/x", "-x", "file:///x", "https://u:p%40@h/x?t=s#f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURL(s, "/work")
		if err != nil {
			return
		}
		raw := u.Raw()
		if raw == "" || raw[0] == '-' || strings.ContainsFunc(raw, isControl) {
			t.Fatalf("%q is taken as %q", s, raw)
		}
		if scheme, _, ok := strings.Cut(raw, "::"); ok && isScheme(scheme) {
			t.Fatalf("%q starts a helper", raw)
		}
		if parsed, err := url.Parse(raw); err == nil && strings.Contains(raw, "://") && isScheme(raw[:strings.Index(raw, "://")]) {
			if !schemes[strings.ToLower(parsed.Scheme)] || strings.HasPrefix(parsed.Hostname(), "-") || strings.HasPrefix(parsed.User.Username(), "-") {
				t.Fatalf("%q is taken", raw)
			}
			if password, ok := parsed.User.Password(); ok && len(password) > 0 {
				shown, err := url.Parse(u.String())
				if err != nil {
					t.Fatal(err)
				}
				if _, shows := shown.User.Password(); shows || strings.Contains(u.Redact("at "+raw), password) && !strings.Contains(u.String()+"at ***", password) {
					t.Fatalf("%q is shown as %q", raw, u)
				}
			}
			return
		}
		if host, _, ok := cutShort(raw); ok && (strings.HasPrefix(host, "-") || strings.Contains(host, "@-")) {
			t.Fatalf("%q is taken", raw)
		}
	})
}

// No path that is taken leaves a repository or leads into Git's own folder.
func FuzzPaths(f *testing.F) {
	for _, s := range []string{"/a/b.json", "../a", "a/../b", ".git/x", ".GiT./x", "git~1", "-a", `a\b`, "a//b", ".\u200cgit/x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			return
		}
		path := p.String()
		if !filepath.IsLocal(filepath.FromSlash(path)) || filepath.ToSlash(filepath.Clean(path)) != path || strings.HasPrefix(path, "-") {
			t.Fatalf("%q is taken as %q", s, path)
		}
		for segment := range strings.SplitSeq(path, "/") {
			if strings.EqualFold(strings.TrimRight(segment, ". "), ".git") || segment == ".." {
				t.Fatalf("%q is taken", s)
			}
		}
	})
}
