package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"sync"
	"testing"
)

// desk answers operations by a table and takes down what it was asked.
type desk struct {
	mu      sync.Mutex
	asked   []string
	answers map[string]string // by operation and identifiers; what is not there is not found
	fail    error             // of the first question
}

func (d *desk) Name() string { return "desk" }

func (d *desk) Do(_ context.Context, op string, params Params, _ json.RawMessage) (Response, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	question := path.Base(op)
	for _, name := range []string{"projectId", "secretId"} {
		if id := params.Path[name]; id != "" {
			question += " " + id
		}
	}
	d.asked = append(d.asked, question)
	if err := d.fail; err != nil {
		d.fail = nil
		return Response{}, err
	}
	if answer, ok := d.answers[question]; ok {
		return Response{Status: 200, Body: json.RawMessage(`{"data":` + answer + `}`)}, nil
	}
	return Response{}, &Error{Status: 404, ID: ErrorNotFound, Message: "no " + question}
}

func preview(t *testing.T, ctx context.Context, d *Driver, project, name string) (Change, error) {
	t.Helper()
	return d.Preview(ctx, NodeRequest{Kind: "SecretGroup", ProjectID: project,
		Spec: map[string]any{"name": name, "secretType": "environment", "priority": 10.0}})
}

func TestAPlanAsksOnceForAProject(t *testing.T) {
	tests := map[string]struct {
		answers map[string]string
		ctx     context.Context
		asked   []string
		needs   []string
	}{
		"that is there": {
			map[string]string{"get-project shop": `{"id": "shop"}`}, WithLookups(t.Context()),
			[]string{"get-project-secret-details shop a", "get-project shop", "get-project-secret-details shop b", "get-project-secret-details shop c"}, nil,
		},
		"that is not, and then for nothing in it": {
			nil, WithLookups(t.Context()),
			[]string{"get-project-secret-details shop a", "get-project shop"}, []string{"projects/shop"},
		},
		"and each time where nothing is kept": {
			nil, t.Context(),
			[]string{"get-project-secret-details shop a", "get-project shop", "get-project-secret-details shop b", "get-project shop", "get-project-secret-details shop c", "get-project shop"}, []string{"projects/shop"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			target := &desk{answers: tt.answers}
			d := NewDriver(target)
			for _, name := range []string{"a", "b", "c"} {
				c, err := preview(t, tt.ctx, d, "shop", name)
				if err != nil || c.Action != ActionCreate || !slices.Equal(c.Needs, tt.needs) {
					t.Errorf("%s: %+v, %v", name, c, err)
				}
			}
			if !slices.Equal(target.asked, tt.asked) {
				t.Errorf("it was asked %q\nwant %q", target.asked, tt.asked)
			}
		})
	}
}

func TestAPlanAsksAgainWhereNobodyAnswered(t *testing.T) {
	target := &desk{fail: errors.New("no connection")}
	d, ctx := NewDriver(target), WithLookups(t.Context())
	u := use{OpGetProject, map[string]string{"projectId": "shop"}, "projects/shop"}
	if _, err := d.missing(ctx, u); err == nil {
		t.Fatal("an answer that did not come is taken for one")
	}
	if knownMissing(ctx, "projects/shop") {
		t.Error("what nobody has answered is known")
	}
	if gone, err := d.missing(ctx, u); err != nil || !gone {
		t.Errorf("got %v, %v", gone, err)
	}
}

func TestNodesOfAPlanThatAskAtOnceShareTheAnswer(t *testing.T) {
	target := &desk{answers: map[string]string{"get-project shop": `{"id": "shop"}`}}
	d, ctx := NewDriver(target), WithLookups(t.Context())
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := preview(t, ctx, d, "shop", fmt.Sprintf("node-%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	asked := 0
	for _, q := range target.asked {
		if q == "get-project shop" {
			asked++
		}
	}
	if asked != 1 {
		t.Errorf("it was asked %d times for the project", asked)
	}
}
