package platform

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// VersionSatisfies tells whether an addon of a version is what a specification
// asks for: the version itself, or a selector that it falls under, such as
// "latest", "16-latest" or "7.0-latest".
func VersionSatisfies(version, wish string) bool {
	if version == wish || wish == "" || wish == "latest" {
		return true
	}
	prefix, ok := strings.CutSuffix(wish, "-latest")
	if year := firstNumber(version); ok && len(year) == 4 && strings.HasPrefix(year, prefix) {
		return true // versions that are dates: "20-latest"
	}
	return ok && (version == prefix || strings.HasPrefix(version, prefix+"."))
}

// CheckUpgrade refuses what the platform's upgrade path does not allow: going
// back, skipping a major version, or upgrading without the node's leave.
func CheckUpgrade(addonType, id, version, wish string, allowed bool) error {
	target := strings.TrimSuffix(wish, "-latest")
	problem := ""
	switch {
	case compareVersions(target, version) < 0:
		problem = fmt.Sprintf("cannot go back from %s to %s", version, wish)
	case majorStep(addonType, version, target) > 1:
		problem = fmt.Sprintf("cannot go from %s to %s at once: upgrades do not skip major versions", version, wish)
	case !allowed:
		problem = fmt.Sprintf("is %s and the template asks for %s: set options.upgradeOnVersionMismatch to true on the node to upgrade it, or ask for %s", version, wish, version)
	default:
		return nil
	}
	return &Error{
		Status:  http.StatusBadRequest,
		ID:      ErrorUnchangeable,
		Message: fmt.Sprintf("version of addon %q %s", id, problem),
		Details: map[string]any{"version": []any{problem}},
	}
}

// compareVersions compares dotted numbers; a part that is no number counts as
// zero. A version that is a prefix of the other counts as equal to it.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x - y
		}
	}
	return 0
}

// MajorUpgrade tells whether a change of an addon's version goes to another major one.
func MajorUpgrade(addonType, from, to string) bool { return majorStep(addonType, from, to) != 0 }

// majorStep counts the major versions from one version to another.
func majorStep(addonType, from, to string) int {
	majors := majorVersions(AddonType(addonType))
	i := slices.IndexFunc(majors, func(m string) bool { return isVersionOf(from, m) })
	j := slices.IndexFunc(majors, func(m string) bool { return isVersionOf(to, m) })
	if i >= 0 && j >= 0 {
		return j - i
	}
	if addonType == "minio" {
		return 0 // its versions are dates
	}
	x, _ := strconv.Atoi(firstNumber(from))
	y, _ := strconv.Atoi(firstNumber(to))
	return y - x
}

func isVersionOf(version, major string) bool {
	return version == major || strings.HasPrefix(version, major+".")
}

func firstNumber(version string) string {
	first, _, _ := strings.Cut(version, ".")
	return first
}

// majorVersions lists the versions between which data formats change, where
// they are more than the first number.
func majorVersions(addonType string) []string {
	switch addonType {
	case "mongodb":
		return []string{"4.2", "4.4", "5.0", "6.0", "7.0", "8.0"}
	case "mysql":
		return []string{"8.0", "8.4", "9"}
	case "rabbitmq":
		return []string{"3.12", "3.13", "4"}
	}
	return nil
}
