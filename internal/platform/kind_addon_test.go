package platform

import (
	"strings"
	"testing"
)

func TestConnectionDetailsThatAreSecretsAreMarkedUnderBothNames(t *testing.T) {
	output := map[string]any{
		"envs":    map[string]any{"HOST": "db.local", "PASSWORD": "word", "A/B": "word", "EMPTY": ""},
		"secrets": map[string]any{"password": "word", "nothing": ""},
	}
	if got := strings.Join(addonKind.secrets(output), " "); got != "/secrets /envs/A~1B /envs/PASSWORD" {
		t.Errorf("secret are %s", got)
	}
	if got := addonKind.secrets(map[string]any{}); len(got) > 0 {
		t.Errorf("an addon without connection details has the secrets %v", got)
	}
}
