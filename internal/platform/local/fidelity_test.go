package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/documented"
)

// TestAnswersHaveTheDocumentedShapes runs the conformance suite with a reader
// that compares every answer with the facts about the API, where they are.
func TestAnswersHaveTheDocumentedShapes(t *testing.T) {
	var operations []struct {
		Page     string
		Response *shape
	}
	documented.Operations(t, &operations)
	shapes := map[string]*shape{}
	for _, d := range operations {
		shapes[d.Page] = d.Response
	}
	platformtest.Run(t, func(t *testing.T) platform.Target {
		return &reader{Platform: open(t, local.Options{}), t: t, shapes: shapes}
	})
}

// A shape is what is documented of a value.
type shape struct {
	Type       string
	Properties map[string]*shape
	Required   []string
	Items      *shape
	Enum       []any
	OneOf      []*shape
	AnyOf      []*shape
}

// A reader is the embedded platform with every answer looked at.
type reader struct {
	*local.Platform
	t      *testing.T
	shapes map[string]*shape
}

func (r *reader) Do(ctx context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	response, err := r.Platform.Do(ctx, op, params, body)
	// Of these two the documentation shows a node in the place of a template.
	if op == platform.OpCreateTemplate || op == platform.OpUpdateTemplate {
		return response, err
	}
	if s := r.shapes[op]; err == nil && s != nil {
		var v any
		if err := json.Unmarshal(response.Body, &v); err != nil {
			r.t.Errorf("%s: %v", op, err)
		}
		if problem := s.fits("", v); problem != "" {
			r.t.Errorf("%s: %s", op, problem)
		}
	}
	return response, err
}

// fits returns what is wrong with a value. A property that is null counts as
// left out.
func (s *shape) fits(at string, v any) string {
	if alternatives := append(slices.Clone(s.OneOf), s.AnyOf...); len(alternatives) > 0 {
		var problems []string
		for _, alternative := range alternatives {
			problem := alternative.fits(at, v)
			if problem == "" {
				return ""
			}
			problems = append(problems, problem)
		}
		return strings.Join(problems, ", or ")
	}
	ok := true
	switch s.Type {
	case "object":
		object, isObject := v.(map[string]any)
		if !isObject {
			return fmt.Sprintf("%s is %T, documented is an object", at, v)
		}
		for _, name := range s.Required {
			if object[name] == nil {
				return fmt.Sprintf("%s.%s is missing", at, name)
			}
		}
		for name, property := range s.Properties {
			if object[name] == nil || name == "jobType" { // of jobs of either type only "cron" is documented
				continue
			}
			if problem := property.fits(at+"."+name, object[name]); problem != "" {
				return problem
			}
		}
		return ""
	case "array":
		list, isList := v.([]any)
		if !isList {
			return fmt.Sprintf("%s is %T, documented is an array", at, v)
		}
		for i, e := range list {
			if s.Items == nil {
				break
			}
			if problem := s.Items.fits(fmt.Sprintf("%s[%d]", at, i), e); problem != "" {
				return problem
			}
		}
		return ""
	case "string":
		_, ok = v.(string)
	case "integer", "number":
		_, ok = v.(float64)
	case "boolean":
		_, ok = v.(bool)
	}
	if !ok {
		return fmt.Sprintf("%s is %v, documented is a %s", at, v, s.Type)
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(e any) bool { return fmt.Sprint(e) == fmt.Sprint(v) }) {
		return fmt.Sprintf("%s is %v, documented is one of %v", at, v, s.Enum)
	}
	return ""
}
