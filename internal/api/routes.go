package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// routes is a tree of path segments. A segment that is spelt out wins over a
// parameter; where the spelt-out one leads nowhere the parameter is tried.
type routes struct {
	literal    map[string]*routes
	parameter  *routes
	operations map[string]*platform.Operation // by method
}

// teamPrefix stands before the path of an operation that names its team.
const teamPrefix = "/v1/teams/{teamId}"

func newRoutes() *routes {
	root := &routes{}
	for op := range platform.Operations() {
		root.add(op.Path, &op)
		if rest, ok := strings.CutPrefix(op.Path, "/v1/"); ok {
			root.add(teamPrefix+"/"+rest, &op)
		}
	}
	return root
}

func (r *routes) add(path string, op *platform.Operation) {
	for segment := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if strings.HasPrefix(segment, "{") {
			if r.parameter == nil {
				r.parameter = &routes{}
			}
			r = r.parameter
			continue
		}
		if r.literal == nil {
			r.literal = map[string]*routes{}
		}
		next := r.literal[segment]
		if next == nil {
			next = &routes{}
			r.literal[segment] = next
		}
		r = next
	}
	if r.operations == nil {
		r.operations = map[string]*platform.Operation{}
	}
	r.operations[op.Method] = op
}

// A match is where a request leads.
type match struct {
	operation *platform.Operation
	path      map[string]string
}

// find returns the operation of a method and an escaped path. Without one it
// returns the methods that the path has, sorted; none when nothing is there.
func (r *routes) find(method, escaped string) (match, []string) {
	segments := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		// An identifier holds no slash and is no step in a folder: what looks
		// like one is an attempt to get somewhere else.
		if err != nil || plain == "" || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\\x00") {
			return match{}, nil
		}
		segments[i] = plain
	}
	var methods []string
	op := r.walk(method, segments, &methods)
	if op == nil {
		slices.Sort(methods)
		return match{}, slices.Compact(methods)
	}
	// The operation's own path names the parameters; the team's stands before it.
	names := strings.Split(strings.TrimPrefix(op.Path, "/v1/"), "/")
	values := segments[len(segments)-len(names):]
	path := make(map[string]string, 4)
	for i, name := range names {
		if name, ok := strings.CutPrefix(name, "{"); ok {
			path[strings.TrimSuffix(name, "}")] = values[i]
		}
	}
	return match{operation: op, path: path}, nil
}

// walk goes down both ways; the depth of the tree, which no request can change,
// bounds the work.
func (r *routes) walk(method string, segments []string, methods *[]string) *platform.Operation {
	if len(segments) == 0 {
		if op := r.operations[method]; op != nil {
			return op
		}
		if method == http.MethodHead {
			if op := r.operations[http.MethodGet]; op != nil {
				return op
			}
		}
		for m := range r.operations {
			*methods = append(*methods, m)
		}
		return nil
	}
	if next := r.literal[segments[0]]; next != nil {
		if op := next.walk(method, segments[1:], methods); op != nil {
			return op
		}
	}
	if r.parameter != nil {
		return r.parameter.walk(method, segments[1:], methods)
	}
	return nil
}
