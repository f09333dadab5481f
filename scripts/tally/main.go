// Command tally reads the event stream of `go test -json` and says what a person needs of it: a line for each package,
// the output of each test that failed, the name of each that was skipped. It writes the counts to a file as
// "PASSED FAILED SKIPPED" and exits with 1 when anything failed, a package that did not build included. A second file
// receives the tests that failed and can be run once more, as lines "PACKAGE TEST [FLAG...]" without subtests: none where a
// package failed by something else than its tests, or where the race detector found something, which need not show twice.
// The flags are those by which a test said that it draws the same again.
//
// It is a tool of scripts/test and knows nothing of the module that it counts for.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// event is what `go doc test2json` describes, as far as it is needed here.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build events, which carry no Package
	Test        string
	Elapsed     float64 // seconds
	Output      string
	FailedBuild string
}

type counts struct{ passed, failed, skipped int }

// failures are the tests that failed, without subtests.
type failures struct {
	tests []string // "PACKAGE TEST [FLAG...]"
	// others says that something else than tests failed, or what running them again cannot clear: a data race.
	others bool
}

// drawn is how a test that draws by chance says what shows its failure again: a flag and its value.
var drawn = regexp.MustCompile(`draw this again with (-[a-z.]+) ([0-9]+)`)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go test -json ./... | tally COUNTS-FILE FAILURES-FILE")
		os.Exit(2)
	}
	total, failed, err := tally(os.Stdin, os.Stdout)
	if err == nil {
		err = os.WriteFile(os.Args[1], fmt.Appendf(nil, "%d %d %d\n", total.passed, total.failed, total.skipped), 0o644)
	}
	if err == nil {
		var lines []byte
		if !failed.others {
			for _, test := range failed.tests {
				lines = fmt.Appendln(lines, test)
			}
		}
		err = os.WriteFile(os.Args[2], lines, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(2)
	}
	if total.failed > 0 {
		os.Exit(1)
	}
}

// tally counts every test and subtest once. A package that fails without a failed test of its own (it did not build, it
// panicked, it ran out of time) counts as one failure.
func tally(in io.Reader, out io.Writer) (counts, failures, error) {
	var total counts
	var failed failures
	output := map[string][]string{} // by package and test, or by import path for builds
	failedIn := map[string]bool{}
	draws := map[string][]string{} // flags, by package and test without subtests
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Fprintln(out, lines.Text()) // not an event: the go command's own words
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			output[key] = append(output[key], e.Output)
			failed.others = failed.others || isOfRace(e.Output)
			if found := drawn.FindStringSubmatch(e.Output); found != nil {
				whole, _, _ := strings.Cut(e.Test, "/")
				whole = e.Package + " " + whole
				draws[whole] = append(draws[whole], found[1]+"="+found[2])
			}
		case "build-output":
			output[e.ImportPath] = append(output[e.ImportPath], e.Output)
		case "pass", "fail", "skip":
			if e.Test == "" {
				packageEnded(out, e, output, failedIn, &total)
				failed.others = failed.others || e.Action == "fail" && !failedIn[e.Package]
			} else {
				testEnded(out, e, output[key], failedIn, &total)
				if e.Action == "fail" && !strings.Contains(e.Test, "/") {
					flags := slices.Compact(draws[key])
					// Of a test that drew several times one flag cannot say all.
					failed.others = failed.others || len(flags) > 1
					failed.tests = append(failed.tests, strings.Join(append([]string{key}, flags...), " "))
				}
			}
			delete(output, key)
		}
	}
	return total, failed, lines.Err()
}

// isOfRace reports whether a line is the race detector's, or package testing's about what that found.
func isOfRace(line string) bool {
	return strings.Contains(line, "WARNING: DATA RACE") || strings.Contains(line, "race detected during execution of test")
}

func testEnded(out io.Writer, e event, output []string, failedIn map[string]bool, total *counts) {
	switch e.Action {
	case "pass":
		total.passed++
	case "skip":
		total.skipped++
		fmt.Fprintf(out, "skip - %s %s\n", e.Package, e.Test)
		write(out, output)
	case "fail":
		total.failed++
		failedIn[e.Package] = true
		fmt.Fprintf(out, "not ok - %s %s\n", e.Package, e.Test)
		write(out, output)
	}
}

func packageEnded(out io.Writer, e event, output map[string][]string, failedIn map[string]bool, total *counts) {
	if e.Action != "fail" {
		if e.Action == "pass" {
			fmt.Fprintf(out, "ok - %s (%.1f s)\n", e.Package, e.Elapsed)
		}
		return // "skip" of a package: it holds no tests
	}
	fmt.Fprintf(out, "not ok - %s (%.1f s)\n", e.Package, e.Elapsed)
	if failedIn[e.Package] {
		return
	}
	total.failed++
	write(out, output[e.FailedBuild])
	write(out, output[e.Package+" "])
	for key, rest := range output { // tests that a panic or a timeout cut off
		if len(key) > len(e.Package)+1 && key[:len(e.Package)+1] == e.Package+" " {
			write(out, rest)
		}
	}
}

func write(out io.Writer, lines []string) {
	for _, line := range lines {
		fmt.Fprint(out, "    ", line)
	}
}
