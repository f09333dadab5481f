package gitignore_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/trigger/gitignore"
)

var cases = []struct {
	name  string
	rules string
	named []string
	other []string
}{
	{"a name stands for files and folders of that name anywhere", "README.md", []string{"README.md", "docs/README.md", "README.md/x"}, []string{"README.mdx", "readme.md"}},
	{"a slash at the end names folders only", "node_modules/", []string{"node_modules/a", "web/node_modules/a/b"}, []string{"node_modules", "web/node_modules"}},
	{"a star takes what is in one name", "*.foo", []string{"a.foo", "b/c.foo", ".foo"}, []string{"a.foo.txt"}},
	{"a slash in the middle ties the rule to the root", "docs/*.md", []string{"docs/a.md"}, []string{"docs/a/b.md", "x/docs/a.md"}},
	{"a slash at the beginning ties the rule to the root", "/Dockerfile", []string{"Dockerfile"}, []string{"web/Dockerfile"}},
	{"two stars and a slash stand for any folders, and for none", "**/bar", []string{"bar", "a/bar", "a/b/bar/c"}, []string{"a/barn"}},
	{"a slash and two stars stand for all that is below", "docs/**", []string{"docs/a", "docs/a/b"}, []string{"docs"}},
	{"two stars between slashes stand for any folders", "a/**/b", []string{"a/b", "a/x/b", "a/x/y/b"}, []string{"a/xb", "x/a/b"}},
	{"other stars in a row are one", "a**b/c", []string{"ab/c", "axb/c"}, []string{"a/b/c"}},
	{"a later rule takes out what an earlier one names", "*.md\n!important.md", []string{"a.md"}, []string{"important.md", "x/important.md"}},
	{"nothing below a named folder is taken out", "docs/\n!docs/important.md", []string{"docs/important.md"}, nil},
	{"what is in a folder can be taken out of it", "docs/*\n!docs/important.md", []string{"docs/a.md"}, []string{"docs/important.md"}},
	{"a line with # in front is a comment", "# README.md\n\\#file", []string{"#file"}, []string{"README.md", "# README.md"}},
	{"a backslash takes what follows as it is", `\!a` + "\n" + `b\*`, []string{"!a", "b*"}, []string{"a", "bc"}},
	{"a backslash at the end names nothing", `a\`, nil, []string{"a", `a\`}},
	{"spaces at the end do not count unless quoted", "a  \nb\\ ", []string{"a", "b "}, []string{"a  ", "b"}},
	{"sets take one character", "a[0-9]\nb[!x-z]\nc[[:upper:]]\nd[]-]", []string{"a5", "ba", "cQ", "d]", "d-"}, []string{"aa", "by", "cq", "b/", "dx"}},
	{"a question mark takes one character", "a?c", []string{"abc"}, []string{"ac", "a/c"}},
	{"a set that does not end names nothing", "a[bc", nil, []string{"ab", "a[bc"}},
	{"an empty rule names nothing", "\n\n   \n/", nil, []string{"a", "/"}},
	{"lines of other systems end with a carriage return", "a\r\nb\r\n", []string{"a", "b"}, []string{"a\r"}},
}

func TestPathsAreNamedAsTheGuidesSay(t *testing.T) {
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			rules := gitignore.Compile([]string{tt.rules})
			for _, path := range tt.named {
				if !rules.Match(path) {
					t.Errorf("%q is not named", path)
				}
			}
			for _, path := range tt.other {
				if rules.Match(path) {
					t.Errorf("%q is named", path)
				}
			}
		})
	}
}

// git asks Git which of the paths a list of rules names.
func git(t testing.TB, dir, rules string, paths []string) map[string]bool {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, ".git", "info", "exclude"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "git", "check-ignore", "--no-index", "--stdin", "-z")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(strings.Join(paths, "\x00")+"\x00")
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != 1 { // 1: none
		t.Fatalf("%v: %s", err, said.String())
	}
	named := map[string]bool{}
	for path := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		named[path] = true
	}
	return named
}

// repository makes one to ask Git in.
func repository(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git to ask")
	}
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	cmd := exec.CommandContext(t.Context(), "git", "init", "-q", dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

func compare(t testing.TB, dir, rules string, paths []string) {
	t.Helper()
	want, got := git(t, dir, rules, paths), gitignore.Compile([]string{rules})
	for _, path := range paths {
		if got.Match(path) != want[path] {
			t.Errorf("%q names %q: %v, Git says %v", rules, path, got.Match(path), want[path])
		}
	}
}

func TestGitAgreesAboutTheCases(t *testing.T) {
	dir := repository(t)
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			var paths []string
			for _, path := range append(tt.named, tt.other...) {
				if !strings.HasPrefix(path, "/") && !strings.HasSuffix(path, "/") { // outside, or no file
					paths = append(paths, path)
				}
			}
			compare(t, dir, tt.rules, paths)
		})
	}
}

// TestGitAgreesAboutDrawnRules makes rules and paths of the same few parts, so that
// many of them meet.
func TestGitAgreesAboutDrawnRules(t *testing.T) {
	dir := repository(t)
	draw := rand.New(rand.NewPCG(7, 11))
	parts := []string{"a", "b", "ab", "/", "/", "*", "**", "**/", "/**", "?", "[ab]", "[!a]", "[^b]", "[a-b]", "[[:alpha:]]", `\*`, `\a`, "!", "#", " ", "]", "-", "[", "\\"}
	names := []string{"a", "b", "ab", "ba", "aab", "b*", "a b", "[", "-", "!a", "#", "]"}
	var paths []string
	for range 120 {
		var path []string
		for range 1 + draw.IntN(4) {
			path = append(path, names[draw.IntN(len(names))])
		}
		paths = append(paths, strings.Join(path, "/"))
	}
	for range 200 {
		var rules []string
		for range 1 + draw.IntN(3) {
			rule := ""
			for range 1 + draw.IntN(5) {
				rule += parts[draw.IntN(len(parts))]
			}
			rules = append(rules, rule)
		}
		compare(t, dir, strings.Join(rules, "\n"), paths)
	}
}

// Many stars in one rule take no time of their own.
func TestStarsDoNotMultiplyTheWork(t *testing.T) {
	rules := gitignore.Compile([]string{strings.Repeat("a*", 120) + "b", "x/" + strings.Repeat("**/a/", 60) + "b"})
	if rules.Match(strings.Repeat("a", 400)) || rules.Match("x/"+strings.Repeat("a/", 100)) {
		t.Error("named")
	}
}

func FuzzMatch(f *testing.F) {
	for _, tt := range cases {
		for _, path := range append(tt.named, tt.other...) {
			f.Add(tt.rules, path)
		}
	}
	f.Fuzz(func(t *testing.T, rules, path string) {
		if path == "" || strings.Contains(path, "/") {
			return
		}
		r := gitignore.Compile([]string{rules})
		if r.Match(path) && r.Empty() {
			t.Error("no rule names a path")
		}
		// The last rule decides.
		if !gitignore.Compile([]string{rules, "*"}).Match(path) {
			t.Error("a rule for all is not the last word")
		}
		if gitignore.Compile([]string{rules, "!*"}).Match(path) {
			t.Error("a rule that takes all out is not the last word")
		}
	})
}
