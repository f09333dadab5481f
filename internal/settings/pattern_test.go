package settings

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPatternsChooseFilesAsGitignoreDoes(t *testing.T) {
	tests := []struct{ name, pattern, matches, not string }{
		{"a name matches in every folder", "shop.json", "shop.json infra/shop.json a/b/shop.json", "myshop.json shop.json5 infra/shop.jsonc"},
		{"a slash at the front ties it to the root", "/shop.json", "shop.json", "infra/shop.json"},
		{"a slash in the middle does so too", "infra/shop.json", "infra/shop.json", "a/infra/shop.json shop.json"},
		{"a star stays in its folder", "infra/*.json", "infra/a.json infra/.json", "infra/b/a.json a.json"},
		{"a star without a slash matches everywhere", "*.json", "a.json infra/a.json", "a.jsonc"},
		{"a folder stands for all that is in it", "examples", "examples/a.json a/examples/b/c.json examples", "examples.json my/exampless/a.json"},
		{"a slash at the end means folders only", "examples/", "examples/a.json a/examples/b/c.json", "examples a/examples"},
		{"a rooted folder", "/examples/", "examples/a.json", "a/examples/b.json"},
		{"two stars lead through folders", "a/**/z.json", "a/z.json a/b/z.json a/b/c/z.json", "z.json b/a/z.json"},
		{"two stars in front", "**/infra/*.json", "infra/a.json x/y/infra/a.json", "infra/b/a.json"},
		{"two stars at the end are all that is in a folder", "a.json/**", "a.json/b.json a.json/b/c.json", "a.json"},
		{"a question mark is one character", "a?.json", "ab.json a1.json", "a.json abc.json a/.json"},
		{"a class", "a[0-9].json", "a1.json", "ax.json"},
		{"a class of others", "a[!0-9].json", "ax.json", "a1.json"},
		{"a backslash makes a star a star", `a\*.json`, "a*.json", "ab.json"},
		{"braces are braces", "{a,b}.json", "{a,b}.json", "a.json b.json"},
		{"spaces at the end count for nothing", "shop.json  ", "shop.json", "x.json"},
		{"a space with a backslash counts", `shop\ `, "shop /a.json", "shop/a.json"},
		{"a hash is a hash", "#a.json", "#a.json", "a.json"},
		{"other scripts", "größe/😀*.json", "größe/😀.json größe/😀x.json", "grösse/😀.json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := parsePattern(tt.pattern)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths(tt.matches) {
				if !p.matches(path) {
					t.Errorf("%q does not match %q", tt.pattern, path)
				}
			}
			for _, path := range paths(tt.not) {
				if p.matches(path) {
					t.Errorf("%q matches %q", tt.pattern, path)
				}
			}
		})
	}
}

// paths cuts a list at the spaces behind which a path begins.
func paths(list string) []string {
	if strings.HasPrefix(list, "shop /") {
		return []string{list}
	}
	return strings.Fields(list)
}

func TestOfSeveralPatternsTheLastThatMatchesCounts(t *testing.T) {
	var list patterns
	for _, text := range []string{"examples/", "!examples/live.json", "examples/live.json/"} {
		p, err := parsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	for path, want := range map[string]bool{"examples/a.json": true, "examples/live.json": false, "examples/live.json/a": true, "a.json": false} {
		if got := list.matches(path); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestPatternsThatCanOnlyBeASlip(t *testing.T) {
	tests := []struct{ name, pattern, message, better string }{
		{"nothing", "", "a pattern names files", ""},
		{"only slashes", "//", "a pattern names files", ""},
		{"taking back nothing", "!", "a pattern names files", ""},
		{"separators of Windows", `infra\shop.json`, "folders are separated by /", "infra/shop.json"},
		{"separators of Windows in one that takes back", `!a\b\c.json`, "folders are separated by /", "!a/b/c.json"},
		{"a drive", "C:/shop.json", "cannot name a drive", ""},
		{"a drive with separators of Windows", `C:\shop.json`, "folders are separated by /", "C:/shop.json"},
		{"the folder itself", "./shop.json", "a slash at the front", "/shop.json"},
		{"the folder itself in one that takes back", "!./shop.json", "a slash at the front", "!/shop.json"},
		{"the folder above", "../shop.json", `".." matches nothing`, ""},
		{"a folder above in the middle", "a/../shop.json", `".." matches nothing`, ""},
		{"a class that is not closed", "a[b.json", "not complete", ""},
		{"a backslash at the end", `a\`, "not complete", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parsePattern(tt.pattern)
			if err == nil || !strings.Contains(err.Error(), tt.message) {
				t.Fatalf("got %v", err)
			}
			var wrong *patternError
			if better := errors.As(err, &wrong) && wrong.better != ""; better != (tt.better != "") || better && wrong.better != tt.better {
				t.Errorf("better would be %+v", wrong)
			}
		})
	}
}

func TestThePatternForAFileMatchesItAlone(t *testing.T) {
	for _, path := range []string{
		"shop.json", "infra/shop.json", "a b/c d .json", "!a.json", "#a.json", "a*b?.json", "[a].json", "{a,b}.json",
		"ends with a space ", "größe/😀.json", `with\backslash.json`, "**/x.json",
	} {
		p, err := parsePattern(patternFor(path))
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		if !p.matches(path) || p.matches("other/"+path) || p.matches(strings.ReplaceAll(path, "*", "xy")) == strings.Contains(path, "*") {
			t.Errorf("%q becomes %q", path, patternFor(path))
		}
	}
}

func FuzzPatterns(f *testing.F) {
	for _, s := range []string{"a/**/b.json", "!x", `a\b`, "[!a-z]", "{a}", "/", "**", `\ `} {
		f.Add(s, "a/b.json")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		if p, err := parsePattern(text); err == nil {
			p.matches(path)
		}
		if path == "" || !utf8.ValidString(path) || strings.Trim(path, "/") != path || strings.Contains("/"+path+"/", "/../") || strings.Contains("/"+path, "/./") || strings.Contains(path, "//") {
			return
		}
		if p, err := parsePattern(patternFor(path)); err != nil || !p.matches(path) {
			t.Errorf("%q becomes %q: %v", path, patternFor(path), err)
		}
	})
}
