// Command analysis measures the analysis within one process: `analysis FILE` reads a template and then requests, a line
// each, from standard input, and answers each with a line of JSON.
//
//	check N            parse the text and find everything that is wrong with it, N times
//	EDIT N             N one-character edits at places all over the text, each with all findings of the new text, and
//	                   each taken back at once; EDIT is one of those below
//
// Times are of the monotonic clock. An edit that leaves another finding behind than it found ends the program: what is
// measured has to be right.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// answer is what a request has cost.
type answer struct {
	// Problems is the number of findings of the text as it is in the file.
	Problems int `json:"problems"`
	// Ns are the nanoseconds of each check, or of each edit.
	Ns []int64 `json:"ns"`
	// BackNs are those of taking each edit back.
	BackNs []int64 `json:"backNs,omitempty"`
	// CPUNs are the nanoseconds that the process has computed for all of Ns and BackNs, on all cores and collecting
	// garbage included: what other processes do shows less in them. 0 where the system does not say.
	CPUNs int64 `json:"cpuNs"`
	// Bytes and Allocations are those of one check, or of one edit with the way back.
	Bytes       uint64 `json:"bytes"`
	Allocations uint64 `json:"allocations"`
	// PeakKB is the most memory that the process has had in use until now; 0 where the system does not say.
	PeakKB int `json:"peakKB"`
}

func main() {
	// As nf-lsp does, which is what a process with the analysis in it that stays is.
	debug.SetGCPercent(300)
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: analysis FILE <requests")
		os.Exit(2)
	}
	if err := serve(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "analysis:", err)
		os.Exit(1)
	}
}

func serve(file string, requests io.Reader, answers io.Writer) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text := string(data)
	lines := bufio.NewScanner(requests)
	for lines.Scan() {
		what, count, _ := strings.Cut(lines.Text(), " ")
		times, err := strconv.Atoi(count)
		if err != nil || times < 1 {
			return fmt.Errorf("%q names no number of times", lines.Text())
		}
		a, err := measure(text, what, times)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(answers).Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

func measure(text, what string, times int) (*answer, error) {
	var before, after runtime.MemStats
	var cpuBefore, cpuAfter int64
	a := &answer{}
	switch what {
	case "check":
		runtime.ReadMemStats(&before)
		cpuBefore = cpu()
		for range times {
			begun := time.Now()
			a.Problems = len(analysis.NewSnapshot(syntax.Parse(text), nil, nil).Findings())
			a.Ns = append(a.Ns, time.Since(begun).Nanoseconds())
		}
		cpuAfter = cpu()
		runtime.ReadMemStats(&after)
	default:
		changes, err := changes(text, what, times)
		if err != nil {
			return nil, err
		}
		s := analysis.NewSnapshot(syntax.Parse(text), nil, nil)
		a.Problems = len(s.Findings())
		runtime.ReadMemStats(&before)
		cpuBefore = cpu()
		for _, c := range changes {
			begun := time.Now()
			s = analysis.NewSnapshot(s.Tree.Edit(c.there), s, nil)
			broken := len(s.Findings())
			a.Ns = append(a.Ns, time.Since(begun).Nanoseconds())

			begun = time.Now()
			s = analysis.NewSnapshot(s.Tree.Edit(c.back), s, nil)
			left := len(s.Findings())
			a.BackNs = append(a.BackNs, time.Since(begun).Nanoseconds())

			if c.breaks != (broken > a.Problems) || left != a.Problems {
				return nil, fmt.Errorf("%s at %d: %d findings, then %d, then %d", what, c.there.Range.Start, a.Problems, broken, left)
			}
		}
		cpuAfter = cpu()
		runtime.ReadMemStats(&after)
	}
	a.CPUNs = cpuAfter - cpuBefore
	a.Bytes = (after.TotalAlloc - before.TotalAlloc) / uint64(times)
	a.Allocations = (after.Mallocs - before.Mallocs) / uint64(times)
	a.PeakKB = peak()
	return a, nil
}

// change is an edit with the one that takes it back.
type change struct {
	there, back syntax.Edit
	// breaks tells whether there is more to find in the text in between.
	breaks bool
}

// changes are edits of one kind, evenly spread over the text.
func changes(text, what string, count int) ([]change, error) {
	var out []change
	for i := range count {
		c, err := next(text, len(text)/count*i, what)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// next is the first edit of the kind at or after an offset, or else the last one of the text.
func next(text string, from int, what string) (change, error) {
	kind, ok := kinds[what]
	if !ok {
		return change{}, fmt.Errorf("nothing is known of %q", what)
	}
	at := strings.LastIndex(text, kind.behind)
	if later := strings.Index(text[from:], kind.behind); later >= 0 {
		at = from + later
	}
	if at < 0 {
		return change{}, fmt.Errorf("the text holds no %q", kind.behind)
	}
	at += len(kind.behind) + kind.skip
	end := at + kind.remove
	return change{
		there:  syntax.Edit{Range: syntax.Range{Start: at, End: end}, NewText: kind.insert},
		back:   syntax.Edit{Range: syntax.Range{Start: at, End: at + len(kind.insert)}, NewText: text[at:end]},
		breaks: kind.breaks,
	}, nil
}

// kinds are the edits: some bytes behind something, what is typed or deleted, and whether there is more to find then.
var kinds = map[string]struct {
	behind string
	skip   int
	insert string
	remove int
	breaks bool
}{
	// A letter or a quote typed into a name, which no other node depends on.
	"letter": {behind: `"name": "`, skip: 1, insert: "x"},
	"quote":  {behind: `"name": "`, skip: 1, insert: `"`, breaks: true},
	// The brace deleted that closes an object, at the end of its line.
	"brace": {behind: "}\n", skip: -2, remove: 1, breaks: true},
	// A letter typed into a ref that others refer to, and into a reference.
	"ref":        {behind: `"ref": "`, skip: 1, insert: "x", breaks: true},
	"expression": {behind: "${refs.", skip: 1, insert: "x", breaks: true},
}

// peak reads the high-water mark of the process's memory in use, in KB.
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, os.ErrNotExist) {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kb, err := strconv.Atoi(fields[0])
	if err != nil {
		return 0
	}
	return kb
}
