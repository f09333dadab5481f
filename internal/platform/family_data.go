package platform

import "context"

// dataFamily drives LoopData nodes: they hold data for others, and the platform has
// nothing to do for them.
type dataFamily struct{}

func (dataFamily) supports(string, any) error { return nil }

func (dataFamily) repeatable(NodeRequest) bool { return true }

func (dataFamily) find(context.Context, *Driver, NodeRequest) (Result, bool, error) {
	return Result{}, false, nil
}

func (dataFamily) preview(_ context.Context, _ *Driver, req NodeRequest) (Change, error) {
	return Change{Action: ActionRead, Desired: req.Spec, Output: dataOf(req)}, nil
}

func (dataFamily) start(_ context.Context, _ *Driver, req NodeRequest) (Result, error) {
	return Result{Action: ActionRead, Output: dataOf(req)}, nil
}

// dataOf is the data itself: an object, as references go by its names.
func dataOf(req NodeRequest) any {
	spec, _ := req.Spec.(map[string]any)
	if spec == nil {
		spec = map[string]any{}
	}
	return spec
}
