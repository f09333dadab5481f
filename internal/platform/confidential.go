package platform

import (
	"slices"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// SecretProperties returns where the spec of a kind holds secrets beside what its
// schema says, as JSON pointers with "*" for every member or element. A pointer to
// an object makes everything in it secret: environments hold secrets and settings
// alike, and which is which is not ours to tell.
func SecretProperties(kind string) []string {
	switch kind {
	case "JobRun":
		return jobSecrets
	case "Build", "BuildSource":
		return []string{"/buildOverrides"}
	}
	if r := resourceOf(kind); r != nil {
		return r.secret
	}
	return nil
}

// Expand returns the JSON pointers of what is there in v at patterns such as
// "/ports/*/security/credentials"; "*" stands for every member or element.
func Expand(v any, patterns []string) []string { return pointers(v, patterns) }

// OutputSecrets names the secret values of a node's output as JSON pointers; all of
// an output whose kind is not known.
func OutputSecrets(kind string, output map[string]any) []string {
	if r := resourceOf(kind); r != nil {
		return r.secrets(output)
	}
	switch kind {
	case "Build", "BuildSource":
		return pointers(output, buildSecrets)
	case "Release":
		return append(pointers(output, serviceSecrets), pointers(output, jobSecrets)...)
	case "Condition":
		return append(pointers(output, serviceSecrets), pointers(output, addonKind.secret)...)
	case "OpenTofu":
		outputs, ok := output["outputs"].(map[string]any)
		if !ok || len(output) > 1 {
			break
		}
		secret := []string{}
		for name, o := range outputs {
			if !jsonvalue.Bool(o, "sensitive") && jsonvalue.Get(o, "sensitive") != nil {
				continue
			}
			secret = append(secret, "/outputs/"+jsonvalue.EscapePointer(name)+"/value")
		}
		slices.Sort(secret)
		return secret
	}
	return []string{""}
}
