// Package version says which build this is. It is shared by all binaries and
// must not import any other package of the project.
package version

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// Schema is the newest template version (the documents' apiVersion) that the
// compiled schemas describe.
const Schema = "v1.2"

// Set by the linker in releases: -ldflags "-X .../internal/version.number=1.2.3".
// Other builds take them from what the Go command recorded.
var (
	number string
	commit string
)

// Number returns the release, for example "1.2.3", or "dev" for a build from a
// checkout.
func Number() string {
	if number != "" {
		return number
	}
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "dev"
}

// Commit returns the revision that was built, shortened to twelve digits and
// with "+changes" when the checkout had uncommitted ones, or "" if unknown.
func Commit() string {
	info, ok := debug.ReadBuildInfo()
	if commit != "" || !ok {
		return commit[:min(len(commit), digits)]
	}
	return commitOf(info)
}

// digits of a revision are shown: as many as a pseudo-version has.
const digits = 12

// commitOf reads a revision from what the Go command has recorded: of a checkout, its state; of
// a module from a proxy only the version, which names the revision unless it is a tag
// (https://go.dev/ref/mod#pseudo-versions).
func commitOf(info *debug.BuildInfo) string {
	rev, dirty := "", false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			rev = s.Value[:min(len(s.Value), digits)]
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if rev == "" {
		return pseudoCommit(info.Main.Version)
	}
	if dirty {
		rev += "+changes"
	}
	return rev
}

// pseudoCommit is the revision that a pseudo-version ends with, as in
// v0.0.0-20260102030405-0123456789ab; "" for any other version.
func pseudoCommit(version string) string {
	version, _, _ = strings.Cut(version, "+")
	parts := strings.Split(version, "-")
	if len(parts) < 3 {
		return ""
	}
	rev, at := parts[len(parts)-1], parts[len(parts)-2]
	at = at[strings.LastIndexByte(at, '.')+1:]
	if len(rev) != digits || strings.Trim(rev, "0123456789abcdef") != "" || len(at) != 14 || strings.Trim(at, "0123456789") != "" {
		return ""
	}
	return rev
}

// String describes the build of the named program in one line.
func String(program string) string {
	return describe(program, Number(), Commit())
}

// describe names the tag where there is no revision: a module that was fetched by its tag
// carries nothing else, and the tag leads to the revision.
func describe(program, number, commit string) string {
	from := "commit " + cmp.Or(commit, "unknown")
	if commit == "" && number != "dev" {
		from = "tag v" + number
	}
	return fmt.Sprintf("%s %s (%s, templates up to %s, %s %s/%s)", program, number,
		from, Schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
