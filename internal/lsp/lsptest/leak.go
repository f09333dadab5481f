package lsptest

import (
	"runtime"
	"strings"
	"time"
)

// Leaks waits until no goroutine other than the caller's runs code of the
// named packages (import path fragments), and returns the stacks of those that
// still do when its patience ends.
func Leaks(packages ...string) []string {
	var left []string
	for end := time.Now().Add(Patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if left = running(packages); len(left) == 0 {
			return nil
		}
	}
	return left
}

func running(packages []string) []string {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var found []string
	for i, stack := range strings.Split(string(buf), "\n\n") {
		if i == 0 { // the caller
			continue
		}
		for _, p := range packages {
			if strings.Contains(stack, p) && !strings.Contains(stack, "testing.(*T).Run(") && !strings.Contains(stack, "testing.tRunner") {
				found = append(found, stack)
				break
			}
		}
	}
	return found
}
