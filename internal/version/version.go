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
// A build from a checkout takes them from what the Go command recorded.
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
	rev, dirty := commit, false
	if info, ok := debug.ReadBuildInfo(); ok && rev == "" {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				rev = s.Value
			case "vcs.modified":
				dirty = s.Value == "true"
			}
		}
	}
	rev = rev[:min(len(rev), 12)]
	if dirty && rev != "" {
		rev += "+changes"
	}
	return rev
}

// String describes the build of the named program in one line.
func String(program string) string {
	return fmt.Sprintf("%s %s (commit %s, templates up to %s, %s %s/%s)", program, Number(),
		cmp.Or(Commit(), "unknown"), Schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
