package engine

import "github.com/nf-lsp/nf-lsp/internal/engine/schedule"

// A State is the state of a run or a node, in the API's own words.
type State string

// The states.
const (
	// StatePending: it will run when what comes before has succeeded.
	StatePending State = "pending"
	// StateQueued runs wait for earlier runs of their template.
	StateQueued  State = "queued"
	StateRunning State = "running"
	// StateWaiting nodes were started and wait for what they started or check.
	StateWaiting State = "waiting"
	// StateApprovalWait nodes wait for people. Runs are in it when nothing else of them
	// goes on; nobody needs to execute them then.
	StateApprovalWait State = "approval_wait"
	// StateRetrying nodes have failed and will be tried again.
	StateRetrying State = "retrying"
	StateSuccess  State = "success"
	StateFailure  State = "failure"
	StateSkipped  State = "skipped"
	StateAborting State = "aborting"
	StateAborted  State = "aborted"
	// StateUnknown: whether the node did its work cannot be told; a person has
	// to look.
	StateUnknown State = "unknown"
)

// Ended tells whether nothing more happens by itself in this state.
func (s State) Ended() bool {
	switch s {
	case StateSuccess, StateFailure, StateSkipped, StateAborted, StateUnknown:
		return true
	}
	return false
}

// stateOf gives a scheduler's state its word. Nodes that were not reached stay
// pending: they would run after a retry.
func stateOf(s schedule.State) State {
	switch s {
	case schedule.Running:
		return StateRunning
	case schedule.Success:
		return StateSuccess
	case schedule.Failure:
		return StateFailure
	case schedule.Skipped:
		return StateSkipped
	case schedule.Unknown:
		return StateUnknown
	case schedule.Aborted:
		return StateAborted
	}
	return StatePending
}
