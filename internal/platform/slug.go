package platform

import "strings"

// Slug returns the identifier that the platform gives a resource of a name:
// lower case, with hyphens for spaces.
func Slug(name string) string {
	fields := strings.Fields(strings.ToLower(name))
	return strings.Join(fields, "-")
}
