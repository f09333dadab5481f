package catalog_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestThePackageHasNoInitWork starts a process that links the package and asks the runtime what it initialised. Tables
// that the linker cannot lay out would make it build them at every start.
func TestThePackageHasNoInitWork(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a process")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "init runtime") {
		t.Fatalf("the runtime does not trace: %s", out)
	}
	for _, line := range strings.Split(string(out), "\n") {
		if strings.Contains(line, "internal/catalog ") {
			t.Errorf("the package does work when the process starts: %s", line)
		}
	}
}
