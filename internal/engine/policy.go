package engine

// A Policy says what becomes of a run while others of its template go on.
type Policy string

// The policies.
const (
	// Allow lets runs go on at the same time.
	Allow Policy = "allow"
	// Queue lets the new run wait for all earlier ones.
	Queue Policy = "queue"
	// Forbid ignores the new run.
	Forbid Policy = "forbid"
	// Latest lets only the newest run wait.
	Latest Policy = "latest"
	// Replace aborts the earlier runs.
	Replace Policy = "replace"
)
