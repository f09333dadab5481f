package tofu

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// The oldest version that is taken: the first one that encrypts states was 1.7.
const oldest = 7

// find finds the program and looks at its version.
func find(o Options) (string, error) {
	if o.Refuse != "" {
		return "", unable("%s", o.Refuse)
	}
	name := o.Program
	if name == "" {
		name = "tofu"
	}
	path, err := exec.LookPath(name)
	if err != nil {
		if o.Program != "" {
			return "", unable("OpenTofu nodes need OpenTofu: NF_TOFU is %q, which cannot be started: %v", o.Program, err)
		}
		return "", unable("OpenTofu nodes need OpenTofu: install it (opentofu.org), or say where it lies in NF_TOFU")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "version", "-json")
	cmd.Env = environment(o.Environment, "")
	out, err := cmd.Output()
	var said struct {
		Version string `json:"terraform_version"`
	}
	if err == nil {
		err = json.Unmarshal(out, &said)
	}
	if err != nil {
		return "", unable("OpenTofu nodes need OpenTofu: %s does not say its version: %v", path, err)
	}
	if major, minor := numbers(said.Version); major < 1 || major == 1 && minor < oldest {
		return "", unable("OpenTofu nodes need OpenTofu 1.%d or newer, which encrypts states: %s is %s", oldest, path, said.Version)
	}
	return path, nil
}

func numbers(version string) (major, minor int) {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return 0, 0
	}
	major, _ = strconv.Atoi(parts[0])
	minor, _ = strconv.Atoi(parts[1])
	return major, minor
}

// unable says what keeps nodes from being carried out here.
func unable(format string, args ...any) error {
	return &platform.Error{ID: "no-opentofu", Message: fmt.Sprintf(format, args...)}
}

// environment is what OpenTofu gets to see: the credentials of its providers stand
// there, and what would lead it elsewhere or is not its business does not.
func environment(given []string, encryption string) []string {
	var out []string
	for _, v := range given {
		name, _, _ := strings.Cut(v, "=")
		switch {
		case strings.HasPrefix(name, "NF_"), strings.HasPrefix(name, "NORTHFLANK_"), strings.HasPrefix(name, "TF_CLI_ARGS"):
			continue
		}
		switch name {
		case "TF_WORKSPACE", "TF_DATA_DIR", "TF_ENCRYPTION", "TF_INPUT", "TF_IN_AUTOMATION":
			continue
		}
		out = append(out, v)
	}
	out = append(out, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1")
	if encryption != "" {
		out = append(out, "TF_ENCRYPTION="+encryption)
	}
	return out
}
