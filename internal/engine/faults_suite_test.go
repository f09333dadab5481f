package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/faultproxy"
)

// wayVariable says how benches reach their platform: in this process, or, where it is
// badWay, as the hosted platform is reached, over a connection on which something goes
// wrong now and then. Processes that the tests start inherit it.
const (
	wayVariable = "NF_TEST_WAY"
	badWay      = "bad"
)

func overBadConnection() bool { return os.Getenv(wayVariable) == badWay }

// badConnection is a way on which no node fails three times.
func badConnection(t testing.TB) faultproxy.Options {
	// The processes of a test draw differently, and the same each time.
	which := fnv.New32()
	for _, name := range []string{victimRun, victimResume, victimRetry, victimPolicy, "NF_CRASH_AT"} {
		_, _ = io.WriteString(which, os.Getenv(name)+" ")
	}
	plan := faultproxy.Drawn(engine.Case(engine.Seed(t), int(which.Sum32())), 0.5, faultproxy.Late, faultproxy.Late, faultproxy.Reset, faultproxy.Reset, faultproxy.Lost,
		faultproxy.Lost, faultproxy.Truncated, faultproxy.Truncated, faultproxy.GaveUp, faultproxy.Replaced, faultproxy.Down, faultproxy.Limited)
	n := 0
	return faultproxy.Options{Delay: 5 * time.Millisecond, RetryAfter: 1, Storm: 1, Plan: func(r *http.Request) faultproxy.Fault {
		if n++; n%7 != 0 || r.Method == http.MethodPost && cannotBeTold(r.URL.Path) {
			return faultproxy.None
		}
		return plan(r)
	}}
}

// cannotBeTold tells whether nobody can find out if a request whose answer was lost has
// done its work, so that a person has to: the API lists no copies of repositories and no
// restarts, and what several processes start of one thing looks the same.
func cannotBeTold(path string) bool {
	return strings.HasSuffix(path, "/restart") || strings.HasSuffix(path, "/copies") ||
		os.Getenv(victimPolicy)+os.Getenv(victimKeep) != "" && (strings.HasSuffix(path, "/runs") || strings.HasSuffix(path, "/build"))
}

// patient goes on with a run that a bad connection has left unknown, as people do.
func (b *bench) patient(r engine.Result, err error) (engine.Result, error) {
	for tries := 0; overBadConnection() && err == nil && r.State == engine.StateUnknown && tries < 3; tries++ {
		r, err = b.engine.Resume(b.t.Context(), r.ID, engine.RunOptions{})
	}
	return r, err
}

// attemptsFor is how many attempts a node may take where it takes n of them in this
// process: what goes wrong on a bad connection costs some.
func attemptsFor(n int) int {
	if overBadConnection() {
		return n + 6
	}
	return n
}

// inThisProcessOnly are the tests that say nothing on another way, with the reason.
var inThisProcessOnly = map[string]string{
	"TestVictim":       "is a process that other tests start",
	"TestVictimInTown": "is a process that other tests start",

	"TestFaultsCrashPointsWithinLoops": "kills a run that copies a repository, and over the API nobody finds out whether that has begun",

	"TestFaultsTheSuiteOverABadConnection":               "runs the others",
	"TestFaultsOnTheWayToThePlatform":                    "has a way of its own",
	"TestFaultsAPlatformThatDoesNotAnswerOrAnswersTwice": "has a way of its own",
	"TestTheRunOfAnotherNodeIsNotTakenForALostOne":       "has a way of its own",
	"TestWaitingForTheRateLimitCostsNoAttempt":           "has a way of its own",
	"TestAnAbortEndsAWaitForTheRateLimit":                "has a way of its own",
	"TestAGlobalSecretIsAskedForOnce":                    "has a way of its own",
	"TestAPlanForecastsTheRequestsOfItsRun":              "has a way of its own",
	"TestAPlanForecastsTheRequestsOverTheAPI":            "has a way of its own",
	"TestFaultsAJournalWithATornTail":                    "looks at the platform's folder",
	"TestCheckAndRunRefuseTheSameReferences":             "asks no platform",
	"TestTheTownHasSixtyNodes":                           "asks no platform",
	"TestOpeningAHistoryOnAFullDiskSaysSo":               "asks no platform",
}

// TestFaultsTheSuiteOverABadConnection runs the tests that drive a platform once more,
// over the API and a connection on which something goes wrong: some of them, and all in
// the long form.
//
//	NF_TEST_WAY=bad go test ./internal/engine -run NAME
//
// runs one of them so.
func TestFaultsTheSuiteOverABadConnection(t *testing.T) {
	if overBadConnection() {
		t.Skip("this is a run of the suite over a bad connection")
	}
	suite := platformTests(t)
	for name := range inThisProcessOnly {
		if !slices.Contains(suite, name) {
			t.Errorf("there is no test %s any more", name)
		}
	}
	suite = slices.DeleteFunc(suite, func(name string) bool { return inThisProcessOnly[name] != "" })
	seed := engine.Seed(t)
	if n := engine.Rounds(4, len(suite)); n < len(suite) {
		engine.Case(seed, 0).Shuffle(len(suite), func(i, j int) { suite[i], suite[j] = suite[j], suite[i] })
		suite = suite[:n]
	}
	for _, name := range suite {
		t.Run(name, func(t *testing.T) {
			c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+name+"$", "-test.v", "-faults.seed="+strconv.FormatUint(seed, 10))
			c.Env = append(os.Environ(), wayVariable+"="+badWay)
			out, err := c.CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			} else if !strings.Contains(string(out), "--- PASS: "+name) && !strings.Contains(string(out), "--- SKIP: "+name) {
				t.Errorf("it did not run:\n%s", out)
			}
		})
	}
}

// platformTests are the names of the tests of this package, which are those that drive a
// platform with its operations. The tests of package engine itself drive one that knows
// nodes and no requests.
func platformTests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name.Name != "engine_test" {
			continue
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				names[f.Name.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}
