package platform

import (
	"slices"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// StartedMembers are the members of a node's output that identify what the node
// has started: a build, a job run, a backup; a restore; a copy of a repository.
var StartedMembers = []string{"id", "restoreId", "trackerId"}

// StartedIDs are the identifiers in an output of what the node has started.
func StartedIDs(output any) []string {
	var ids []string
	for _, name := range StartedMembers {
		if id := jsonvalue.String(output, name); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// A startKey names what operations are alike: those that start the same thing.
type startKey string

// startOf is the key of an operation.
func startOf(op string, path map[string]string) startKey {
	operation, _ := LookupOperation(op)
	parts := []string{op}
	for _, name := range operation.PathParameters() {
		parts = append(parts, path[name])
	}
	return startKey(strings.Join(parts, "\x00"))
}

// starts remembers what requests of this process have started, so that what came
// of one is not taken for what came of another one. A platform that remembers no
// tokens cannot tell them apart.
type starts struct {
	mu sync.Mutex
	// of has the identifiers of what a token has started; none while that is open.
	of map[startKey]map[string][]string
}

func (s *starts) begin(key startKey, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[startKey]map[string][]string{}
	}
	if s.of[key] == nil {
		s.of[key] = map[string][]string{}
	}
	if _, known := s.of[key][token]; !known {
		s.of[key][token] = nil
	}
}

func (s *starts) made(key startKey, token string, ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of[key][token] = ids
}

func (s *starts) refused(key startKey, token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.of[key], token)
}

// claim chooses among what was found, which is the request's when there is no
// other explanation. Else it returns the identifiers of those that may be, and
// whether other requests are open of which they may be as well.
func (s *starts) claim(key startKey, req NodeRequest, found []map[string]any) (item map[string]any, candidates []string, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := slices.Clone(req.Taken)
	for token, ids := range s.of[key] {
		if token != req.Token {
			taken = append(taken, ids...)
			open = open || ids == nil
		}
	}
	for _, f := range found {
		if id := jsonvalue.String(f, "id"); !slices.Contains(taken, id) {
			candidates, item = append(candidates, id), f
		}
	}
	if len(candidates) != 1 || open {
		return nil, candidates, open
	}
	if s.of == nil {
		s.of = map[startKey]map[string][]string{}
	}
	if s.of[key] == nil {
		s.of[key] = map[string][]string{}
	}
	s.of[key][req.Token] = candidates
	return item, candidates, false
}
