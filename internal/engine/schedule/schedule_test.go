package schedule

import (
	"strings"
	"testing"
)

func TestSchedule(t *testing.T) {
	tests := []struct {
		name  string
		given string
		skips string
		// when lists what happens: "a" succeeds, "a!" fails, "a?" becomes
		// unknown, "abort" asks for an abort.
		when string
		then string
		ends State
	}{
		{
			name:  "a sequence starts a step when the one before has succeeded",
			given: "seq\n a\n b",
			when:  "a b",
			then:  "start seq0|start a|a: success|start b|b: success|seq0 success",
			ends:  Success,
		},
		{
			name:  "a sequence stops at the first failure and leaves the rest untouched",
			given: "seq\n a\n b\n par\n  c",
			when:  "a!",
			then:  "start seq0|start a|a: failure|seq0 failure|b unreached because of seq0|par3 unreached because of seq0|c unreached because of par3",
			ends:  Failure,
		},
		{
			name:  "a parallel workflow starts all its steps and fails only after all have ended",
			given: "par\n a\n b\n c",
			when:  "b! a c",
			then:  "start par0|start a|start b|start c|b: failure|a: success|c: success|par0 failure",
			ends:  Failure,
		},
		{
			name:  "an empty workflow succeeds at once",
			given: "seq\n par",
			then:  "start seq0|start par1|par1 success|seq0 success",
			ends:  Success,
		},
		{
			name:  "nodes without a parent run one after the other",
			given: "project\nseq\n a",
			when:  "project a",
			then:  "start project|project: success|start seq1|start a|a: success|seq1 success",
			ends:  Success,
		},
		{
			name:  "a node in a parallel branch waits for what it refers to",
			given: "par\n a -> b\n b",
			when:  "b a",
			then:  "start par0|start b|b: success|start a|a: success|par0 success",
			ends:  Success,
		},
		{
			name:  "a node whose reference failed fails without being tried",
			given: "par\n a -> b\n b",
			when:  "b!",
			then:  "start par0|start b|b: failure|a failure because of b|par0 failure",
			ends:  Failure,
		},
		{
			name:  "the failure of a reference is passed on from node to node",
			given: "par\n a\n b -> a\n c -> b",
			when:  "a!",
			then:  "start par0|start a|a: failure|b failure because of a|c failure because of b|par0 failure",
			ends:  Failure,
		},
		{
			name:  "a reference inside of a call only has to end",
			given: "par\n a ~> b\n b",
			when:  "b! a",
			then:  "start par0|start b|b: failure|start a|a: success|par0 failure",
			ends:  Failure,
		},
		{
			name:  "a step whose turn has not come does not fail because of its references",
			given: "seq\n par\n  a\n  seq\n   b\n   c -> a",
			when:  "a! b",
			then:  "start seq0|start par1|start a|start seq3|start b|a: failure|b: success|c failure because of a|seq3 failure|par1 failure|seq0 failure",
			ends:  Failure,
		},
		{
			name:  "a skipped node counts as done",
			given: "seq\n a ?\n b",
			skips: "a",
			when:  "b",
			then:  "start seq0|a skipped by itself|a skipped|start b|b: success|seq0 success",
			ends:  Success,
		},
		{
			name:  "a skipped workflow skips all that is under it",
			given: "seq\n par ?\n  a\n  seq\n   b\n c",
			skips: "par1",
			when:  "c",
			then:  "start seq0|par1 skipped by itself|par1 skipped|a skipped because of par1|seq3 skipped because of par1|start c|b skipped because of seq3|c: success|seq0 success",
			ends:  Success,
		},
		{
			name:  "a node that is not skipped runs",
			given: "seq\n a ?",
			when:  "a",
			then:  "start seq0|start a|a: success|seq0 success",
			ends:  Success,
		},
		{
			name:  "whether a node is skipped is decided when what that depends on is there",
			given: "par\n a ? b\n b",
			skips: "a",
			when:  "b",
			then:  "start par0|start b|b: success|a skipped by itself|a skipped|par0 success",
			ends:  Success,
		},
		{
			name:  "a skipped node does not wait for its other references",
			given: "par\n a ? -> b\n b",
			skips: "a",
			when:  "b",
			then:  "start par0|a skipped by itself|start b|a skipped|b: success|par0 success",
			ends:  Success,
		},
		{
			name:  "a reference to a skipped node fails the node outside of calls",
			given: "seq\n a ?\n b -> a",
			skips: "a",
			then:  "start seq0|a skipped by itself|a skipped|b failure because of a|seq0 failure",
			ends:  Failure,
		},
		{
			name:  "a reference to a skipped node is fine inside of a call",
			given: "seq\n a ?\n b ~> a",
			skips: "a",
			when:  "b",
			then:  "start seq0|a skipped by itself|a skipped|start b|b: success|seq0 success",
			ends:  Success,
		},
		{
			name:  "a workflow is entered only when what it refers to has succeeded",
			given: "par\n project\n seq w -> project\n  a",
			when:  "project a",
			then:  "start par0|start project|project: success|start w|start a|a: success|w success|par0 success",
			ends:  Success,
		},
		{
			name:  "a node that refers to a step which will not be reached fails",
			given: "par\n seq\n  a\n  b\n c -> b",
			when:  "a!",
			then:  "start par0|start seq1|start a|a: failure|seq1 failure|b unreached because of seq1|c failure because of b|par0 failure",
			ends:  Failure,
		},
		{
			name:  "an unknown node stops its sequence and what refers to it, and nothing else",
			given: "par\n seq\n  a\n  b\n c -> b\n d ~> a\n e",
			when:  "a? e",
			then:  "start par0|start seq1|start e|start a|a: unknown|d halted because of a|seq1 unknown|b halted because of seq1|c halted because of b|e: success|par0 unknown",
			ends:  Unknown,
		},
		{
			name:  "an unknown weighs more than a failure, because it needs a person",
			given: "par\n a\n b",
			when:  "a? b!",
			then:  "start par0|start a|start b|a: unknown|b: failure|par0 unknown",
			ends:  Unknown,
		},
		{
			name:  "an abort starts nothing more and lets end what runs",
			given: "seq\n par\n  a\n  b\n  c -> b\n d",
			when:  "a abort b",
			then:  "start seq0|start par1|start a|start b|a: success|abort|c halted|b: success|par1 aborted|seq0 aborted|d halted because of seq0",
			ends:  Aborted,
		},
		{
			name:  "an abort that comes too late to stop anything changes nothing",
			given: "seq\n a",
			when:  "abort a",
			then:  "start seq0|start a|abort|a: success|seq0 success",
			ends:  Success,
		},
		{
			name:  "two references to one node are waited for once",
			given: "par\n a -> b b ~> b\n b",
			when:  "b a",
			then:  "start par0|start b|b: success|start a|a: success|par0 success",
			ends:  Success,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := draw(t, tt.given).rehearse(strings.Fields(tt.skips)...)
			for _, w := range strings.Fields(tt.when) {
				switch {
				case w == "abort":
					r.log = append(r.log, w)
					r.m.Abort()
					r.follow()
				case strings.HasSuffix(w, "!"):
					r.end(strings.TrimSuffix(w, "!"), Failure)
				case strings.HasSuffix(w, "?"):
					r.end(strings.TrimSuffix(w, "?"), Unknown)
				default:
					r.end(w, Success)
				}
			}
			want := strings.ReplaceAll(tt.then, "|", "\n")
			if got := r.said(); got != want {
				t.Errorf("what happened:\n%s\n\nwant:\n%s", got, want)
			}
			if got := r.m.Outcome(); got != tt.ends || !r.m.Done() {
				t.Errorf("the run stands at %v (done: %v), want %v", got, r.m.Done(), tt.ends)
			}
		})
	}
}

func TestWaitsForNamesWhatIsMissing(t *testing.T) {
	s := draw(t, "par\n a -> b c ~> b\n b\n c")
	r := &rehearsal{sketch: s, m: New(s.nodes), waits: true}
	r.m.Begin()
	r.follow()
	r.end("c", Success)
	if got, want := r.said(), "start par0\na waits\nstart b\nstart c\nc: success"; got != want {
		t.Errorf("what happened:\n%s\nwant:\n%s", got, want)
	}
	var names []string
	for _, i := range r.m.WaitsFor(r.index["a"]) {
		names = append(names, r.names[i])
	}
	if got := strings.Join(names, " "); got != "b" {
		t.Errorf("a waits for %q, want b", got)
	}
}

func TestAWorkflowThatCannotBeEnteredFailsWithItsSteps(t *testing.T) {
	s := draw(t, "seq\n a\n b")
	m := New(s.nodes)
	m.Begin()
	step, _ := m.Next()
	m.Ended(step.Node, Failure)
	if m.Outcome() != Failure || m.State(1) != Unreached || m.State(2) != Unreached {
		t.Errorf("outcome %v, steps %v and %v", m.Outcome(), m.State(1), m.State(2))
	}
}

func TestAnAbortTakesBackStepsThatNobodyBegan(t *testing.T) {
	s := draw(t, "par\n a\n b")
	m := New(s.nodes)
	m.Begin()
	step, _ := m.Next() // the workflow
	m.Entered(step.Node)
	if step, _ = m.Next(); step.Node != 1 {
		t.Fatalf("step %+v, want a", step)
	}
	m.Abort() // a was handed out, b was not
	for {
		step, ok := m.Next()
		if !ok {
			break
		}
		if step.Verb != Settled {
			t.Errorf("step %+v after the abort", step)
		}
	}
	m.Ended(1, Success)
	if m.State(2) != Halted || m.Outcome() != Aborted {
		t.Errorf("b is %v, the run %v", m.State(2), m.Outcome())
	}
}
