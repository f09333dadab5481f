package local

import (
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A check collects what is wrong with a specification, by property.
type check struct {
	spec    map[string]any
	details map[string]any
}

// The patterns and lengths are those of the operations' requests.
var (
	namePattern = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-zA-Z]((-|\s)?[a-zA-Z0-9]+((-|\s)[a-zA-Z0-9]+)*)?$`)
	})
	secretNamePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9]+((-|\s)[a-zA-Z0-9]+)*$`) })
	planPattern       = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$`) })
	portNamePattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z](-?[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*)?$`) })
	colorPattern      = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^#([a-fA-F0-9]{6}|[a-fA-F0-9]{3})$`) })
)

func (k *check) fail(property, format string, args ...any) {
	if k.details == nil {
		k.details = map[string]any{}
	}
	problems, _ := k.details[property].([]any)
	k.details[property] = append(problems, fmt.Sprintf(format, args...))
}

// err is the refusal that names every property; nil when all is well.
func (k *check) err() error {
	if len(k.details) == 0 {
		return nil
	}
	var parts []string
	for property, problems := range k.details {
		for _, problem := range problems.([]any) {
			parts = append(parts, fmt.Sprintf("%s %s", property, problem))
		}
	}
	slices.Sort(parts)
	return &platform.Error{Status: http.StatusBadRequest, ID: platform.ErrorValidation,
		Message: strings.Join(parts, "; "), Details: k.details}
}

// present tells whether a property stands there with a value.
func (k *check) present(path string) bool {
	v := jsonvalue.Get(k.spec, path)
	return v != nil && v != ""
}

func (k *check) required(paths ...string) {
	for _, path := range paths {
		if !k.present(path) {
			k.fail(path, "is missing")
		}
	}
}

func (k *check) name(pattern *regexp.Regexp, longest int) {
	k.pattern("name", pattern, 3, longest)
	k.required("name")
}

// pattern checks a string that need not be there.
func (k *check) pattern(path string, pattern *regexp.Regexp, shortest, longest int) {
	v := jsonvalue.Get(k.spec, path)
	if v == nil || v == "" {
		return
	}
	s, ok := v.(string)
	switch {
	case !ok:
		k.fail(path, "is not a string")
	case utf8.RuneCountInString(s) < shortest || utf8.RuneCountInString(s) > longest:
		k.fail(path, "is %s long; it takes %d to %d", characters(utf8.RuneCountInString(s)), shortest, longest)
	case !pattern.MatchString(s):
		k.fail(path, "is %q, which does not match %s", s, pattern)
	}
}

func (k *check) plan(path string) { k.pattern(path, planPattern(), 3, 100) }

func (k *check) text(path string, longest int) {
	v := jsonvalue.Get(k.spec, path)
	if v == nil {
		return
	}
	if s, ok := v.(string); !ok {
		k.fail(path, "is not a string")
	} else if n := utf8.RuneCountInString(s); n > longest {
		k.fail(path, "is %s long; it takes at most %d", characters(n), longest)
	}
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

func (k *check) oneOf(path string, values ...string) {
	v := jsonvalue.Get(k.spec, path)
	if v == nil || v == "" {
		return
	}
	if s, ok := v.(string); !ok || !slices.Contains(values, s) {
		k.fail(path, "is %v; it is one of %s", v, strings.Join(values, ", "))
	}
}

func (k *check) integer(path string, least, most int) {
	v := jsonvalue.Get(k.spec, path)
	if v == nil || v == "" {
		return
	}
	n, ok := jsonvalue.Number(k.spec, path)
	switch {
	case !ok || n != math.Trunc(n):
		k.fail(path, "is not a whole number")
	case n < float64(least) || n > float64(most):
		k.fail(path, "is %v; it is from %d to %d", n, least, most)
	}
}

// each visits the elements of an array with their path.
func (k *check) each(path string, visit func(at string)) {
	v := jsonvalue.Get(k.spec, path)
	if v == nil {
		return
	}
	list, ok := v.([]any)
	if !ok {
		k.fail(path, "is not an array")
		return
	}
	for i := range list {
		visit(fmt.Sprintf("%s.%d", path, i))
	}
}

// object checks that a property that is there is an object.
func (k *check) object(paths ...string) {
	for _, path := range paths {
		if v := jsonvalue.Get(k.spec, path); v != nil {
			if _, ok := v.(map[string]any); !ok {
				k.fail(path, "is not an object")
			}
		}
	}
}

// boolean checks that a property that is there is true or false.
func (k *check) boolean(paths ...string) {
	for _, path := range paths {
		switch jsonvalue.Get(k.spec, path).(type) {
		case nil, bool:
		default:
			k.fail(path, "is neither true nor false")
		}
	}
}
